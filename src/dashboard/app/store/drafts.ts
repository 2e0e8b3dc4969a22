import { shallowReactive } from 'vue';

import { me } from './session';

export type Mode = 'reply' | 'note';

/** A text as it stands here, and what is known of the server's copy. */
export interface Kept {
    text: string;
    /** The ETag of the server's copy that this one goes on from; empty: there is none. */
    base: string;
    /** When the server's copy was written. */
    at: string;
    /** The server does not have it yet. */
    dirty: boolean;
}

/** What is typed and not yet sent, per ticket and mode: here at once, even offline; on the server as soon as can be. */
const prefix = 'sportello.draft.';
const drafts = shallowReactive(new Map<string, Kept>());
/** Typed, and not yet in the browser's store: that is written a few times a second, not at every key. */
const waiting = new Set<string>();
const storeAfter = 250;
let timer: ReturnType<typeof setTimeout> | 0 = 0;
/** What another device wrote into the same draft meanwhile; the agent decides which stays. */
export const conflicts = shallowReactive(new Map<string, Kept>());

/** What keeps drafts on the server; it comes after the first screen, and until then they wait here. */
export const keeper = {
    changed(_ticket: number, _mode: Mode): void {},
    /** Nothing about this draft is on its way any more. */
    async settle(_ticket: number, _mode: Mode): Promise<void> {},
    async flush(): Promise<void> {},
};

/** One browser may serve several people: each finds only their own. */
const mine = (): string => `${prefix}${me.value?.id ?? 0}.`;
export const draftKey = (ticket: number, mode: Mode): string => `${mine()}${ticket}.${mode}`;

function stored(key: string): Kept | undefined {
    try {
        return JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | undefined ?? undefined;
    } catch {
        return undefined;
    }
}

export function keptOf(ticket: number, mode: Mode): Kept {
    const key = draftKey(ticket, mode);
    return drafts.get(key) ?? stored(key) ?? { text: '', base: '', at: '', dirty: false };
}

export function keep(ticket: number, mode: Mode, kept: Kept): void {
    const key = draftKey(ticket, mode);
    drafts.set(key, kept);
    waiting.delete(key);
    store(key, kept);
}

function store(key: string, kept: Kept): void {
    try {
        if (kept.text || kept.dirty) localStorage.setItem(key, JSON.stringify(kept));
        else localStorage.removeItem(key);
    } catch {
        // A full store: the page still has it, and the server will.
    }
}

/** Writes down what was typed just now: before anybody reads the store, and before the page may end. */
export function storeTyped(): void {
    clearTimeout(timer);
    timer = 0;
    for (const key of waiting) {
        const kept = drafts.get(key);
        if (kept) store(key, kept);
    }
    waiting.clear();
}

if (typeof window !== 'undefined') {
    window.addEventListener('pagehide', storeTyped);
    // The last word that a page on a phone is sure to hear.
    document.addEventListener('visibilitychange', () => {
        if (document.hidden) storeTyped();
    });
}

export function draftOf(ticket: number, mode: Mode): string {
    return keptOf(ticket, mode).text;
}

/** What is being typed: in the store a little later, so that no key press waits for the disk. */
export function setDraft(ticket: number, mode: Mode, text: string): void {
    const key = draftKey(ticket, mode);
    drafts.set(key, { ...keptOf(ticket, mode), text, dirty: true });
    waiting.add(key);
    if (!timer) timer = setTimeout(storeTyped, storeAfter);
    keeper.changed(ticket, mode);
}

/** The server has accepted `sent` as a reply or note, and with that dropped its copy; what was typed meanwhile stays. */
export function draftIsSent(ticket: number, mode: Mode, sent: string): void {
    conflicts.delete(draftKey(ticket, mode));
    const present = draftOf(ticket, mode).trimStart();
    const rest = present.startsWith(sent) ? present.slice(sent.length).trimStart() : present;
    keep(ticket, mode, { text: rest, base: '', at: '', dirty: rest !== '' });
    if (rest) keeper.changed(ticket, mode);
}

/** My drafts that the server does not have yet. */
export function unsaved(): [ticket: number, mode: Mode][] {
    storeTyped();
    return Object.keys(localStorage).flatMap((key) => {
        if (!key.startsWith(mine()) || !stored(key)?.dirty) return [];
        const [ticket, mode] = key.slice(mine().length).split('.');
        return [[Number(ticket), mode as Mode] as [number, Mode]];
    });
}

export function forgetDrafts(): void {
    drafts.clear();
    conflicts.clear();
    waiting.clear();
    clearTimeout(timer);
    timer = 0;
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
}
