import { computed, nextTick, ref, shallowRef } from 'vue';

import { RequestFailed } from './client';
import { reasonOf } from '../store/notices';
import { loadReasons, reasonNow } from '../text/reasons';

/** One form: what the server says of its fields stands at the fields, anything else above the button. */
export function useForm() {
    const busy = ref(false);
    const problem = ref('');
    const errors = shallowRef(new Map<string, string>());
    const element = shallowRef<HTMLElement | null>(null);

    /** What is wrong with the field of this JSON pointer, or below it. */
    function errorOf(pointer: string): string {
        for (const [at, detail] of errors.value) if (at === pointer || at.startsWith(`${pointer}/`)) return detail;
        return '';
    }

    /** Whether it worked; the first wrong field gets the focus when it did not. */
    async function submit(write: () => Promise<unknown>): Promise<boolean> {
        if (busy.value) return false;
        busy.value = true;
        problem.value = '';
        errors.value = new Map();
        try {
            await write();
            return true;
        } catch (cause) {
            // What is told here is a text of this moment: it waits for its words.
            await loadReasons();
            const failed = cause instanceof RequestFailed ? cause.errors : [];
            errors.value = new Map(failed.map(({ pointer, detail }) => [pointer, reasonNow(detail)]));
            problem.value = reasonOf(cause);
            await nextTick();
            element.value?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
            return false;
        } finally {
            busy.value = false;
        }
    }

    return { busy, problem, errors: computed(() => errors.value), errorOf, submit, element };
}
