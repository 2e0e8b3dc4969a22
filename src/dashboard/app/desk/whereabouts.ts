import { watch } from 'vue';

import { sendFrame } from '../store/live';
import { greeted } from '../store/presence';
import { openId } from '../store/tickets';

const viewingAfter = 1_000;
const awayAfter = 60_000;
/** The server forgets `writing` after ten seconds. */
const writingEvery = 5_000;

let at: number | null = null;
let timer = 0;
let wroteAt = 0;

function say(state: 'viewing' | 'writing' | 'gone'): void {
    if (at !== null) sendFrame({ type: 'presence', ticket: at, state });
}

function arrive(): void {
    clearTimeout(timer);
    const ticket = openId.value;
    if (ticket !== at) say('gone');
    at = null;
    wroteAt = 0;
    if (ticket === null || document.hidden) return;
    timer = window.setTimeout(() => {
        at = ticket;
        say('viewing');
    }, viewingAfter);
}

/** Tells colleagues which ticket I look at and where I write, while this page is seen. */
export function startWhereabouts(): void {
    watch(openId, arrive, { immediate: true });
    watch(greeted, arrive);
    document.addEventListener('visibilitychange', () => {
        clearTimeout(timer);
        if (!document.hidden) arrive();
        else timer = window.setTimeout(() => {
            say('gone');
            at = null;
        }, awayAfter);
    });
}

export function iWrite(ticket: number): void {
    if (ticket !== openId.value || Date.now() - wroteAt < writingEvery) return;
    wroteAt = Date.now();
    clearTimeout(timer);
    at = ticket;
    say('writing');
}
