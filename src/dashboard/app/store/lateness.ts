import { shallowReactive } from 'vue';

import { api, body } from '../api/client';
import type { Ticket } from '../api/types';
import { serverTime } from '../time/clock';
import { reasonOf } from './notices';

/** How late an answer was at an instant, in office time; both in milliseconds. */
interface Lateness {
    late: number;
    at: number;
}

/** Late by less than this with the office open: no closed stretch lies between, the wall clock tells the same. */
const certain = 30 * 60_000;

/** By brand and due time; `null` while the server is asked. */
const known = shallowReactive(new Map<string, Lateness | null>());

const keyOf = (ticket: Ticket): string => `${ticket.brand} ${ticket.due_at}`;

/** Office time since the ticket fell due, as far as the server has told it. */
export function latenessOf(ticket: Ticket, open: boolean, now: number): number | undefined {
    const told = known.get(keyOf(ticket));
    return told ? told.late + (open ? Math.max(0, now - told.at) : 0) : undefined;
}

/** Asks the calendar how late the ticket is, once, when a night or a lunch break may lie since its due time. */
export function learnLateness(ticket: Ticket, open: boolean, now: number): void {
    if (!ticket.due_at || known.has(keyOf(ticket))) return;
    if (open && now - Date.parse(ticket.due_at) < certain) return;
    known.set(keyOf(ticket), null);
    ask(ticket.brand, ticket.due_at, keyOf(ticket)).catch(reasonOf);
}

async function ask(brand: string, at: string, key: string): Promise<void> {
    const asked = serverTime();
    const query = { brand, at, until: new Date(asked).toISOString() };
    const { office_seconds_until: seconds } = await body(api.GET('/v1/office-hours', { params: { query } }));
    if (seconds !== null) known.set(key, { late: seconds * 1000, at: asked });
}

/** At an opening or closing what was told no longer holds. */
export function forgetLateness(): void {
    known.clear();
}
