import { shallowRef } from 'vue';

import { api, body, RequestFailed } from '../api/client';
import type { Ticket, TicketChange } from '../api/types';
import { t } from '../i18n';
import { serverTime } from '../time/clock';
import { tell, tellFailure } from './notices';
import { changed, fetchTicket } from './tickets';

/** Something that was done here and can be made as it was. */
export interface Act {
    /** Tells itself what came of it. */
    takeBack: () => Promise<void>;
    /** What waits to be sent can be taken back only until then, in milliseconds since 1970. */
    readonly until?: number;
    /** The ticket whose reply it takes back. */
    readonly sentFor?: number;
}

/** What was done last; only that is undone by key, so that nobody has to guess what the key will do. */
export const lastAct = shallowRef<Act | null>(null);

export const isOpen = (act: Act): boolean => act.until === undefined || act.until > serverTime();

export function remember(act: Act): Act {
    lastAct.value = act;
    return act;
}

/** What one key sent and solved, one key takes back: the reply first, since it does not wait. */
export function joinToSending(sending: Act | null, ticket: number): void {
    const solving = lastAct.value;
    if (sending?.sentFor !== ticket || !solving || solving === sending) return;
    const { takeBack } = solving;
    solving.takeBack = async () => {
        if (isOpen(sending)) await sending.takeBack();
        await takeBack();
    };
}

export async function undoLast(): Promise<void> {
    const act = lastAct.value;
    lastAct.value = null;
    if (act && isOpen(act)) await act.takeBack();
    else tell(t('undo.nothing'));
}

type Kept = 'status' | 'assignee';

const valueOf = (ticket: Ticket, field: Kept): unknown => (field === 'assignee' ? ticket.assignee?.id ?? null : ticket[field]);

/** The change that gives the ticket back what it had; nobody can make it new again. */
function wayBack(before: Ticket, fields: Kept[]): TicketChange {
    const { status } = before;
    return {
        ...(fields.includes('status') && status !== 'closed' ? { status: status === 'new' ? 'open' : status } : {}),
        ...(fields.includes('assignee') ? { assignee: before.assignee?.id ?? null } : {}),
    };
}

/**
 * Keeps how a change of one ticket is taken back. A reply that was published since or a label that was added stands in no
 * way; who changed the very same thing does, and so does whoever is faster than this request.
 * @param what  what was done, in words
 */
export function rememberChange(before: Ticket, after: Ticket, fields: Kept[], what: string): Act {
    const id = after.id;
    const ticket = `#${id}`;
    return remember({
        async takeBack() {
            try {
                const now = await fetchTicket(id);
                const same = fields.every((field) => valueOf(now, field) === valueOf(after, field));
                if (!same) return tell(t('undo.changedSince', { ticket }), true);
                const header = { 'If-Match': `"${now.revision}"` };
                changed(await body(api.PATCH('/v1/tickets/{id}', { params: { path: { id }, header }, body: wayBack(before, fields) })));
                tell(t('undo.done', { what, ticket }));
            } catch (cause) {
                if (!(cause instanceof RequestFailed) || ![409, 412].includes(cause.status)) return tellFailure(cause);
                tell(t('undo.changedSince', { ticket }), true);
                await fetchTicket(id).then(changed, () => undefined);
            }
        },
    });
}
