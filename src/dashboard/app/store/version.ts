import { watch } from 'vue';

import { connectionState, outdated } from './live';

const every = 5 * 60_000;
const atMostEvery = 60_000;
let looked = 0;

/**
 * Whether the server now hands out another dashboard than the one that runs here: its first page no longer names our script.
 * True before the log-in and for every role, and also when only the dashboard was deployed anew.
 */
export async function lookForNewVersion(): Promise<void> {
    const mine = document.querySelector('script[type=module][src]')?.getAttribute('src');
    if (!mine || outdated.value || document.hidden) return;
    looked = Date.now();
    const page = await fetch('/', { cache: 'no-cache' }).then((answer) => (answer.ok ? answer.text() : ''), () => '');
    if (page.includes('<script') && !page.includes(mine)) outdated.value = true;
}

const soon = (): void => {
    if (Date.now() - looked > atMostEvery) void lookForNewVersion();
};

/** From now on: now and then, on coming back to the tab, and after each time that the server was away. */
export function watchVersion(): void {
    window.setInterval(() => void lookForNewVersion(), every);
    document.addEventListener('visibilitychange', soon);
    watch(connectionState, (state, before) => {
        if (state === 'live' && before !== 'connecting') void lookForNewVersion();
    });
}
