/** What a key press can ask for. */
export type Command =
    | 'next' | 'previous' | 'reply' | 'note' | 'take' | 'take-next' | 'solve' | 'snooze' | 'handover' | 'undo'
    | 'search' | 'send' | 'send-and-next' | 'leave' | 'help' | 'focus-list' | 'focus-conversation' | 'focus-details'
    | 'go' | 'view-due' | 'view-mine' | 'view-unassigned' | 'view-overdue' | 'view-closed' | 'palette' | 'assign' | 'canned' | 'labels' | 'macro'
    | 'merge' | 'split' | 'priority' | 'remind' | 'customer' | 'go-links' | 'go-incidents' | 'go-phone' | 'go-supervision' | 'go-rota' | 'go-reports' | 'go-settings' | 'go-notifications' | 'go-alerts' | 'go-account' | 'go-audit' | 'views' | 'view-snoozed' | 'select' | 'extend-down' | 'extend-up' | 'bulk' | 'go-approvals' | 'continue' | 'attach' | 'mark-unread';

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
    /** Which key does what; the usual ones where nothing is said. */
    tables?: KeyTables;
}

const single: Record<string, Command> = {
    j: 'next', k: 'previous', r: 'reply', n: 'note', a: 'take', p: 'take-next', c: 'solve', s: 'snooze', h: 'handover',
    z: 'undo', v: 'views', i: 'attach', x: 'select', u: 'mark-unread', m: 'canned', l: 'labels', f: 'search', '/': 'search', '?': 'help', g: 'go', '1': 'focus-list', '2': 'focus-conversation',
    '3': 'focus-details',
};
const shifted: Record<string, Command> = { a: 'assign', m: 'macro', j: 'extend-down', k: 'extend-up', x: 'bulk', r: 'continue' };
const afterGo: Record<string, Command> = {
    c: 'view-due', m: 'view-mine', d: 'view-unassigned', e: 'view-overdue', x: 'view-snoozed', a: 'view-closed', i: 'go-incidents', p: 'go-phone',
    s: 'go-supervision', t: 'go-rota', r: 'go-reports', o: 'go-settings', n: 'go-notifications', v: 'go-approvals',
};
type KeyTable = Record<string, Command>;
export interface KeyTables {
    single: KeyTable;
    shifted: KeyTable;
    afterGo: KeyTable;
}
const usual: KeyTables = { single, shifted, afterGo };

/** Keys that the agent gave to commands, written as the map does: `Q`, `Shift Q`, `G Q`; empty for none. */
export type ChosenKeys = Partial<Record<Command, string>>;

/** The usual tables with what was chosen laid over them: a command has only its chosen key. */
export function tablesWith(chosen: ChosenKeys): KeyTables {
    const without = (table: KeyTable): KeyTable => Object.fromEntries(Object.entries(table).filter(([, command]) => chosen[command] === undefined));
    const tables = { single: without(single), shifted: without(shifted), afterGo: without(afterGo) };
    for (const [command, keys] of Object.entries(chosen) as [Command, string][]) {
        const key = keys.slice(keys.lastIndexOf(' ') + 1).toLowerCase();
        if (!key) continue;
        const table = keys.startsWith('G ') ? tables.afterGo : keys.startsWith('Shift ') ? tables.shifted : tables.single;
        table[key] = command;
    }
    return tables;
}

const isLetter = (key: string): boolean => /^[a-z]$/i.test(key);

/** The command of a key press, or null when the key belongs to the browser or to the field. */
export function commandOf(press: KeyPress, context: KeyContext): Command | null {
    if (press.isComposing || press.altKey || press.altGraph || context.inDialog) return null;
    if (press.ctrlKey || press.metaKey) {
        if (press.key.toLowerCase() === 'k' && !press.shiftKey) return 'palette';
        if (press.key !== 'Enter') return null;
        return press.shiftKey ? 'send-and-next' : 'send';
    }
    if (press.key === 'Escape') return 'leave';
    if (context.inField || !context.singleKeys) return null;
    const tables = context.tables ?? usual;
    // `?` and `/` need Shift on an Italian keyboard; a letter with Shift has a meaning of its own, or none.
    if (press.shiftKey && isLetter(press.key)) return tables.shifted[press.key.toLowerCase()] ?? null;
    const key = press.key.toLowerCase();
    return (context.going ? tables.afterGo[key] : tables.single[key]) ?? null;
}

export function isField(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
