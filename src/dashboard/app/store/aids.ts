import { allPages, api, body, idempotent } from '../api/client';
import type { CannedReply, Macro, MacroOutcome, Reminder, Ticket } from '../api/types';
import { lastSeen, loadTimeline } from './conversation';
import { changed, fetchTicket } from './tickets';

/** The canned replies for a brand, those of all brands included; without one, all that I may use. */
export function readCanned(brand?: string): Promise<CannedReply[]> {
    return allPages((cursor) =>
        body(api.GET('/v1/canned-replies', { params: { query: { ...cursor, limit: 100, ...(brand ? { brand } : {}) } } })));
}

export function readMacros(brand?: string): Promise<Macro[]> {
    return allPages((cursor) =>
        body(api.GET('/v1/macros', { params: { query: { ...cursor, limit: 100, ...(brand ? { brand } : {}) } } })));
}

/** The text as it reads for a ticket; `missing` names what could not be filled in. */
export function expand(id: number, ticket: number): Promise<{ text: string; missing: string[] }> {
    return body(api.POST('/v1/canned-replies/{id}/expand', { params: { path: { id } }, body: { ticket } }));
}

/** Throws `RequestFailed`. */
export async function applyMacro(id: number, ticket: number): Promise<MacroOutcome> {
    const seen = lastSeen(ticket);
    const outcome = await body(
        api.POST('/v1/macros/{id}/apply', {
            params: { path: { id }, header: idempotent() },
            body: { ticket, ...(seen === null ? {} : { last_seen: seen }) },
        }),
    );
    await renew(ticket);
    return outcome;
}

export async function renew(id: number): Promise<void> {
    changed(await fetchTicket(id));
    await loadTimeline(id);
}

/** Makes the ticket a part of another; answers the one that goes on. Throws `RequestFailed`. */
export async function merge(id: number, into: number): Promise<Ticket> {
    const target = await body(
        api.POST('/v1/tickets/{id}/merge', { params: { path: { id }, header: idempotent() }, body: { into } }),
    );
    changed(target);
    await renew(id);
    return target;
}

/** A ticket of its own of these messages. Throws `RequestFailed`. */
export async function split(id: number, messages: number[]): Promise<Ticket> {
    const made = await body(
        api.POST('/v1/tickets/{id}/split', { params: { path: { id }, header: idempotent() }, body: { messages } }),
    );
    changed(made);
    await renew(id);
    return made;
}

export async function readReminders(): Promise<Reminder[]> {
    return (await body(api.GET('/v1/reminders'))).items;
}

export async function remind(ticket: number, at: string, text: string): Promise<void> {
    await body(
        api.POST('/v1/tickets/{id}/reminders', {
            params: { path: { id: ticket }, header: idempotent() }, body: { at, ...(text ? { text } : {}) },
        }),
    );
}
