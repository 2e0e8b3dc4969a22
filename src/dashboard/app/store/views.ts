import { shallowRef } from 'vue';

import type { Status, Ticket, TicketView } from '../api/types';
import { t, type MessageKey } from '../i18n';
import { brandName } from './office';

export const viewNames = ['due', 'mine', 'unassigned', 'overdue', 'snoozed', 'closed'] as const;
export type FixedView = (typeof viewNames)[number];
/** The keys that lead there, unless the agent chose others. */
export const viewKeys: Record<FixedView, string> = { due: 'G C', mine: 'G M', unassigned: 'G D', overdue: 'G E', snoozed: 'G X', closed: 'G A' };
/** One of the fixed views; or `brand-ID`, `label-NAME`, `v-ID` for one that was saved. */
export type ViewName = string;
/** What the address of a view may look like. */
export const viewPattern = `${viewNames.join('|')}|brand-[^/]+|label-[^/]+|v-\\d+`;
/** Those that I may use, once somebody asked for them. */
export const savedViews = shallowRef<TicketView[]>([]);

interface ListQuery {
    view?: number;
    brand?: string;
    label?: string;
    status?: string;
    assignee?: 'me' | 'none';
    overdue?: boolean;
    snoozed?: boolean;
    sort?: 'due' | '-updated';
}

interface View {
    /** What the server is asked for. Its `due` lists only what waits in the queue: new or open, not snoozed. */
    query: ListQuery;
    /** The same, for tickets that change while the list stands; without it only the server knows. */
    holds?(ticket: Ticket, myId: number, now: number): boolean;
    order: 'due' | 'updated' | 'server';
}

const finished: Status[] = ['solved', 'closed'];
const isActive = (ticket: Ticket): boolean => !finished.includes(ticket.status);

export function isSnoozed(ticket: Ticket, now: number): boolean {
    return ticket.snoozed_until !== null && Date.parse(ticket.snoozed_until) > now;
}

function isQueued(ticket: Ticket, now: number): boolean {
    return (ticket.status === 'new' || ticket.status === 'open') && !isSnoozed(ticket, now);
}

const views: Record<FixedView, View> = {
    due: {
        query: { sort: 'due' },
        holds: (ticket, _myId, now) => isQueued(ticket, now),
        order: 'due',
    },
    mine: {
        query: { status: 'active', assignee: 'me', sort: '-updated' },
        holds: (ticket, myId) => isActive(ticket) && ticket.assignee?.id === myId,
        order: 'due',
    },
    unassigned: {
        query: { assignee: 'none', sort: 'due' },
        holds: (ticket, _myId, now) => isQueued(ticket, now) && ticket.assignee === null,
        order: 'due',
    },
    overdue: {
        query: { overdue: true, sort: 'due' },
        holds: (ticket, _myId, now) => isQueued(ticket, now) && ticket.due_at !== null && Date.parse(ticket.due_at) <= now,
        order: 'due',
    },
    snoozed: {
        query: { status: 'active', snoozed: true, sort: '-updated' },
        holds: (ticket, _myId, now) => isActive(ticket) && isSnoozed(ticket, now),
        order: 'updated',
    },
    closed: {
        query: { status: finished.join(','), sort: '-updated' },
        holds: (ticket) => !isActive(ticket),
        order: 'updated',
    },
};

export const isFixed = (name: ViewName): name is FixedView => name in views;

export function viewOf(name: ViewName): View {
    if (isFixed(name)) return views[name];
    const [kind, what] = [name.slice(0, name.indexOf('-')), name.slice(name.indexOf('-') + 1)];
    if (kind === 'v') return { query: { view: Number(what) }, order: 'server' };
    if (kind === 'brand') {
        return { query: { brand: what, sort: 'due' }, holds: (ticket, _myId, now) => ticket.brand === what && isQueued(ticket, now), order: 'due' };
    }
    return {
        query: { label: what, status: 'active', sort: '-updated' },
        holds: (ticket) => isActive(ticket) && ticket.labels.includes(what), order: 'updated',
    };
}

const titles: Record<FixedView, MessageKey> = {
    due: 'view.due', mine: 'view.mine', unassigned: 'view.unassigned', overdue: 'view.overdue', snoozed: 'view.snoozed', closed: 'view.closed',
};

export function viewTitle(name: ViewName): string {
    if (isFixed(name)) return t(titles[name]);
    const what = name.slice(name.indexOf('-') + 1);
    if (name.startsWith('brand-')) return brandName(what);
    if (name.startsWith('label-')) return what;
    return savedViews.value.find((one) => one.id === Number(what))?.name ?? t('view.saved', { n: what });
}

const dueOf = (ticket: Ticket): number => (ticket.due_at ? Date.parse(ticket.due_at) : Number.MAX_SAFE_INTEGER);
const urgencyOf = (ticket: Ticket): number => (ticket.priority === 'urgent' ? 0 : 1);

/** The order of a view, as the server sorts it; equal ones by number. */
export function compare(view: ViewName, left: Ticket, right: Ticket): number {
    if (viewOf(view).order === 'updated') {
        return Date.parse(right.updated_at) - Date.parse(left.updated_at) || right.id - left.id;
    }
    return urgencyOf(left) - urgencyOf(right) || dueOf(left) - dueOf(right) || left.id - right.id;
}
