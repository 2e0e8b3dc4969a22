import { locale, t, type MessageKey } from '../i18n';
import { now } from '../time/clock';
import { shortTime } from '../time/format';

/** One wording of the server, its values as named groups, and the text that says the same here. */
export interface Wording {
    said: RegExp;
    words: MessageKey;
}

const instant = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;

/** `<at>` and `<due>` stand for instants. */
export function withTimes(said: RegExp): RegExp {
    return new RegExp(said.source.replace(/(?<!\?)<(at|due)>/g, `(?<$1>${instant})`));
}

const instants = new Set(['at', 'due']);

/** A value as it is told: an instant in the office's time, a number as one (it also chooses the plural). */
function told(name: string, value: string): string | number {
    if (instants.has(name)) return shortTime(Date.parse(value), now.value, locale());
    return name === 'n' ? Number(value) : value;
}

/** A reason or refusal of the server in the agent's language and the office's time; null for one that is not in this table. */
export function wordsFrom(table: Wording[], reason: string): string | null {
    for (const { said, words } of table) {
        const found = said.exec(reason);
        if (!found) continue;
        const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, told(name, value)]);
        return t(words, Object.fromEntries(values) as Record<string, string | number>);
    }
    return null;
}
