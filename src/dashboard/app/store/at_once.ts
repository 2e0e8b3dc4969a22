import type { Ticket, TicketChange } from '../api/types';
import { agentName } from './office';
import { me } from './session';
import { assume, changed, toldOf } from './tickets';

/** The last change of each ticket that has not been answered. */
const turns = new Map<number, Promise<unknown>>();

/** One change of a ticket at a time: each goes on from what the one before came to, or the server would take it for somebody else's. */
function inTurn<Result>(id: number, write: () => Promise<Result>): Promise<Result> {
    const mine = (turns.get(id) ?? Promise.resolve()).then(write);
    const ended = mine.then(() => undefined, () => undefined);
    turns.set(id, ended);
    void ended.then(() => {
        if (turns.get(id) === ended) turns.delete(id);
    });
    return mine;
}

/**
 * Shows a change of a ticket at once and has it written; when the server refuses it, all is as the server told it last.
 * @param write  gets the ticket as the server told it last
 */
export async function atOnce(
    id: number, shown: Partial<Ticket>, write: (before: Ticket | undefined) => Promise<Ticket>,
): Promise<{ before: Ticket | undefined; after: Ticket }> {
    const forget = assume(id, shown);
    try {
        return await inTurn(id, async () => {
            const before = toldOf(id);
            const after = await write(before);
            changed(after);
            return { before, after };
        });
    } finally {
        forget();
    }
}

const isNew = (ticket: Ticket | undefined): boolean => ticket?.status === 'new';

/** What a ticket looks like that I have just taken. */
export function asMine(ticket: Ticket | undefined): Partial<Ticket> {
    if (!me.value) return {};
    return { assignee: { id: me.value.id, name: me.value.name }, ...(isNew(ticket) ? { status: 'open' } : {}) };
}

/** What a change looks like before the server has said what else comes of it. */
export function asChanged({ assignee, status, ...rest }: TicketChange): Partial<Ticket> {
    const { status_reason: _why, aside, ...fields } = rest;
    return {
        ...fields,
        ...(aside === undefined ? {} : { aside: aside || null }),
        ...(status === undefined ? {} : { status }),
        // Nobody waits for an answer any more.
        ...(status === 'solved' ? { waiting_since: null, due_at: null, overdue: false } : {}),
        ...(assignee === undefined ? {} : { assignee: assignee === null ? null : { id: assignee, name: agentName(assignee) } }),
    };
}
