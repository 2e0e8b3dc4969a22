import { reactive } from 'vue';

export type Mode = 'reply' | 'note';

/** What is typed and not yet sent, per ticket and mode; survives a reload, not a log-out. */
const prefix = 'sportello.draft.';
const drafts = reactive(new Map<string, string>());

const keyOf = (ticket: number, mode: Mode): string => `${prefix}${ticket}.${mode}`;

export function draftOf(ticket: number, mode: Mode): string {
    const key = keyOf(ticket, mode);
    return drafts.get(key) ?? sessionStorage.getItem(key) ?? '';
}

export function setDraft(ticket: number, mode: Mode, text: string): void {
    const key = keyOf(ticket, mode);
    drafts.set(key, text);
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
}

export function forgetDrafts(): void {
    drafts.clear();
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
}
