import { shallowRef } from 'vue';

import { firstScreenStands } from './first_screen';
import { atLeast } from './session';

/** What comes once the queue stands: drafts on the server, presence, notifications. */
export const desk = shallowRef<typeof import('../desk') | null>(null);
const afterFirstScreen = 1_500;

export function startDeskSoon(): void {
    window.setTimeout(() => {
        firstScreenStands.value = true;
        if (!desk.value && atLeast('agent')) void startDesk();
    }, afterFirstScreen);
}

export async function startDesk(): Promise<void> {
    // A chunk that is gone after an update, or no connection: the page works on without, and the next one tries again.
    const loaded = await import('../desk').catch(() => null);
    loaded?.startDesk();
    desk.value = loaded;
}
