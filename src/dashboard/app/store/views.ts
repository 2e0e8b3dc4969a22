import type { Status, Ticket } from '../api/types';
import type { MessageKey } from '../i18n';

export const viewNames = ['due', 'mine', 'unassigned', 'closed'] as const;
export type ViewName = (typeof viewNames)[number];

interface ListQuery {
    status?: string;
    assignee?: 'me' | 'none';
    sort: 'due' | '-updated';
}

interface View {
    title: MessageKey;
    /** What the server is asked for. Its `due` lists only what waits in the queue: new or open, not snoozed. */
    query: ListQuery;
    /** The same, for tickets that change while the list stands. */
    holds(ticket: Ticket, myId: number, now: number): boolean;
    order: 'due' | 'updated';
}

const finished: Status[] = ['solved', 'closed'];
const isActive = (ticket: Ticket): boolean => !finished.includes(ticket.status);

export function isSnoozed(ticket: Ticket, now: number): boolean {
    return ticket.snoozed_until !== null && Date.parse(ticket.snoozed_until) > now;
}

function isQueued(ticket: Ticket, now: number): boolean {
    return (ticket.status === 'new' || ticket.status === 'open') && !isSnoozed(ticket, now);
}

export const views: Record<ViewName, View> = {
    due: {
        title: 'view.due',
        query: { sort: 'due' },
        holds: (ticket, _myId, now) => isQueued(ticket, now),
        order: 'due',
    },
    mine: {
        title: 'view.mine',
        query: { status: 'active', assignee: 'me', sort: '-updated' },
        holds: (ticket, myId) => isActive(ticket) && ticket.assignee?.id === myId,
        order: 'due',
    },
    unassigned: {
        title: 'view.unassigned',
        query: { assignee: 'none', sort: 'due' },
        holds: (ticket, _myId, now) => isQueued(ticket, now) && ticket.assignee === null,
        order: 'due',
    },
    closed: {
        title: 'view.closed',
        query: { status: finished.join(','), sort: '-updated' },
        holds: (ticket) => !isActive(ticket),
        order: 'updated',
    },
};

const dueOf = (ticket: Ticket): number => (ticket.due_at ? Date.parse(ticket.due_at) : Number.MAX_SAFE_INTEGER);
const urgencyOf = (ticket: Ticket): number => (ticket.priority === 'urgent' ? 0 : 1);

/** The order of a view, as the server sorts it; equal ones by number. */
export function compare(view: ViewName, left: Ticket, right: Ticket): number {
    if (views[view].order === 'updated') {
        return Date.parse(right.updated_at) - Date.parse(left.updated_at) || right.id - left.id;
    }
    return urgencyOf(left) - urgencyOf(right) || dueOf(left) - dueOf(right) || left.id - right.id;
}
