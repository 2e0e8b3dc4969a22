import { shallowRef } from 'vue';

import { useTexts } from '../i18n';
import { firstScreenStands } from '../store/first_screen';
import { wordsFrom, type Wording } from './wordings';

/** Tables of wordings are long, and the first reason is seen well after the first screen: they come by themselves, after it. */
class Table {
    private readonly wordings = shallowRef<Wording[] | null>(null);
    /** It did not come: offline, or gone after an update. */
    readonly failed = shallowRef(false);
    private asked: Promise<void> | null = null;

    constructor(private readonly read: () => Promise<Wording[]>) {}

    load(): Promise<void> {
        this.asked ??= this.read().then(
            (wordings) => void (this.wordings.value = wordings),
            () => {
                this.asked = null;
                this.failed.value = true;
            },
        );
        return this.asked;
    }

    /** Null for a reason that is not in it, undefined until it is there. */
    find(reason: string): string | null | undefined {
        if (!this.wordings.value) {
            if (firstScreenStands.value) void this.load();
            return undefined;
        }
        return wordsFrom(this.wordings.value, reason);
    }
}

const tickets = new Table(async () => (await Promise.all([import('./reason_wordings'), useTexts('reasons')]))[0].wordings);
const office = new Table(async () => (await Promise.all([import('./office_wordings'), useTexts('office_reasons')]))[0].wordings);

export async function loadReasons(): Promise<void> {
    await Promise.all([tickets.load(), office.load()]);
}

/** Undefined while a table that may have it is on its way. */
function translated(reason: string): string | null | undefined {
    const words = tickets.find(reason);
    return words === null ? office.find(reason) : words;
}

/**
 * A reason or refusal of the server in the agent's language; as it was said where no table has it (a platform's own words, a newer
 * server), and until the tables are there: for what is told once.
 */
export function reasonNow(reason: string): string {
    return (reason && translated(reason)) || reason;
}

/** The same for what stays on the page: until the tables are there nothing is said, rather than something in another language. */
export function reasonWords(reason: string): string {
    const words = reason && translated(reason);
    return words === undefined && !tickets.failed.value && !office.failed.value ? '…' : words || reason;
}
