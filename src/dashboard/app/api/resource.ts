import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';

import { reasonAndCode, tellFailure } from '../store/notices';

/** What a page shows of the server: the last good value stays while it is asked again, and when that fails. */
export interface Resource<Value> {
    data: ShallowRef<Value | null>;
    failure: ShallowRef<string>;
    loading: ShallowRef<boolean>;
    reload(): Promise<void>;
}

/**
 * Reads at once, again when `key` changes (which drops the old value), and every `every` milliseconds while the page is seen.
 */
export function useResource<Value>(read: () => Promise<Value>, key?: () => unknown, every = 0): Resource<Value> {
    const data = shallowRef<Value | null>(null);
    const failure = shallowRef('');
    const loading = shallowRef(false);
    let turn = 0;

    async function reload(): Promise<void> {
        const mine = ++turn;
        loading.value = true;
        try {
            const value = await read();
            if (mine !== turn) return;
            data.value = value;
            failure.value = '';
        } catch (cause) {
            if (mine === turn) failure.value = reasonAndCode(cause);
        }
        if (mine === turn) loading.value = false;
    }

    if (key) {
        watch(key, () => {
            data.value = null;
            void reload();
        });
    }
    void reload();
    if (every) {
        const timer = window.setInterval(() => {
            if (!document.hidden) void reload();
        }, every);
        onScopeDispose(() => clearInterval(timer));
    }
    return { data, failure, loading, reload };
}

interface Page<Row> {
    items: Row[];
    next_cursor: string | null;
}

/** A list that is read again as far as it is shown; of which `more` puts the next page behind what is shown; what goes wrong then is told and leaves the list as it is. */
export function useList<Row>(
    page: (cursor?: string) => Promise<Page<Row>>, key?: () => unknown, every = 0,
): Resource<Page<Row>> & { more(): Promise<void> } {
    let shown: ShallowRef<Page<Row> | null> | null = null;

    async function read(): Promise<Page<Row>> {
        let whole = await page();
        while (whole.next_cursor && whole.items.length < (shown?.value?.items.length ?? 0)) {
            const next = await page(whole.next_cursor);
            whole = { ...next, items: [...whole.items, ...next.items] };
        }
        return whole;
    }
    const list = useResource(read, key, every);
    shown = list.data;

    async function more(): Promise<void> {
        const before = list.data.value;
        if (!before?.next_cursor) return;
        try {
            const next = await page(before.next_cursor);
            // Read anew meanwhile, or by another filter: what came stands behind something that is gone.
            if (list.data.value === before) list.data.value = { ...next, items: [...before.items, ...next.items] };
        } catch (cause) {
            tellFailure(cause);
        }
    }
    return { ...list, more };
}
