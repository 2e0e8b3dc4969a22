/** What a key press can ask for. */
export type Command =
    | 'next' | 'previous' | 'reply' | 'note' | 'take' | 'take-next' | 'solve' | 'snooze' | 'handover' | 'undo'
    | 'search' | 'send' | 'send-and-next' | 'leave' | 'help' | 'focus-list' | 'focus-conversation' | 'focus-details'
    | 'go' | 'view-due' | 'view-mine' | 'view-unassigned' | 'view-closed';

/** The part of a keyboard event that decides; read by its meaning (`key`), never by its place on the keyboard. */
export interface KeyPress {
    key: string;
    ctrlKey: boolean;
    metaKey: boolean;
    altKey: boolean;
    shiftKey: boolean;
    isComposing: boolean;
    altGraph: boolean;
}

export interface KeyContext {
    /** The focus is in a field that takes text. */
    inField: boolean;
    /** A dialog or menu is open: it has the keys, all of them. */
    inDialog: boolean;
    /** `G` was pressed just before. */
    going: boolean;
    /** The agent has single keys switched on. */
    singleKeys: boolean;
}

const single: Record<string, Command> = {
    j: 'next', k: 'previous', r: 'reply', n: 'note', a: 'take', p: 'take-next', c: 'solve', s: 'snooze', h: 'handover',
    z: 'undo', f: 'search', '/': 'search', '?': 'help', g: 'go', '1': 'focus-list', '2': 'focus-conversation',
    '3': 'focus-details',
};
const afterGo: Record<string, Command> = {
    c: 'view-due', m: 'view-mine', d: 'view-unassigned', a: 'view-closed',
};
const isLetter = (key: string): boolean => /^[a-z]$/i.test(key);

/** The command of a key press, or null when the key belongs to the browser or to the field. */
export function commandOf(press: KeyPress, context: KeyContext): Command | null {
    if (press.isComposing || press.altKey || press.altGraph || context.inDialog) return null;
    if (press.ctrlKey || press.metaKey) {
        if (press.key !== 'Enter') return null;
        return press.shiftKey ? 'send-and-next' : 'send';
    }
    if (press.key === 'Escape') return 'leave';
    if (context.inField || !context.singleKeys) return null;
    // Shift+letter is kept free for further meanings; `?` and `/` need Shift on an Italian keyboard.
    if (press.shiftKey && isLetter(press.key)) return null;
    const key = press.key.toLowerCase();
    return (context.going ? afterGo[key] : single[key]) ?? null;
}

export function isField(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
