import type { Priority, Status, TimelineItem } from '../api/types';
import { t, type MessageKey } from '../i18n';

export const statusWords: Record<Status, MessageKey> = {
    new: 'status.new',
    open: 'status.open',
    pending: 'status.pending',
    on_hold: 'status.on_hold',
    solved: 'status.solved',
    closed: 'status.closed',
};

interface Change {
    assignee?: number | null;
    status?: Status;
    snoozed_until?: string | null;
}

/**
 * What an event of a ticket tells, in words, or nothing when the conversation shows the thing itself (a message, a
 * reply, a note, a hand-over).
 *
 * @param nameOf the name of an agent.
 */
export function eventWords(item: TimelineItem, nameOf: (agent: number) => string): string | null {
    const change = (item.data ?? {}) as Change;
    switch (item.type) {
        case 'ticket.created': return t('event.created');
        case 'ticket.woken': return t('event.woken');
        case 'ticket.assigned': return assigned(change, nameOf);
        case 'ticket.changed': return changed(change, nameOf);
        default: return null;
    }
}

function assigned(change: Change, nameOf: (agent: number) => string): string {
    return change.assignee ? t('event.assigned', { name: nameOf(change.assignee) }) : t('event.unassigned');
}

function changed(change: Change, nameOf: (agent: number) => string): string {
    const told: string[] = [];
    if (change.status) told.push(t('event.status', { status: t(statusWords[change.status]) }));
    if (change.assignee !== undefined) told.push(assigned(change, nameOf));
    if (change.snoozed_until !== undefined) told.push(t(change.snoozed_until ? 'event.snoozed' : 'event.woken'));
    return told.length ? told.join(' · ') : t('event.changed');
}

export const priorityWords: Record<Priority, MessageKey> = {
    low: 'priority.low', normal: 'priority.normal', high: 'priority.high', urgent: 'priority.urgent',
};
