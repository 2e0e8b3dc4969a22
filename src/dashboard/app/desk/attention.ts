import { watch } from 'vue';

import type { LiveEvent } from '../api/types';
import { t, type MessageKey } from '../i18n';
import { hear } from '../store/live';
import { tell } from '../store/notices';
import { officeOf } from '../store/office';
import { me } from '../store/session';
import { ring } from '../store/sound';
import { openId, ticketOf } from '../store/tickets';
import { callBack, ticketPlace } from './system_notices';

const againEvery = 2 * 60_000;
/** My tickets that are late or nearly so and that I have not looked at since: they ring again and again. */
const pressing = new Set<number>();

function isMine(ticket: number): boolean {
    return ticketOf(ticket)?.assignee?.id === me.value?.id;
}

/** Nobody is there to hear it while the office is closed. */
function ringFor(ticket: number | undefined): void {
    const brand = ticket === undefined ? undefined : ticketOf(ticket)?.brand;
    if (brand === undefined || officeOf(brand)?.open !== false) ring();
}

/** For one who does not have this page before their eyes. */
function call(words: MessageKey, ticket: number | undefined): void {
    if (ticket !== undefined) callBack(t(words, { ticket: `#${ticket}` }), `${words}-${ticket}`, ticketPlace(ticket));
}

/** What of the stream is for this agent in person: told in words where it is asked for, and rung for. */
export function attend(events: LiveEvent[]): void {
    const mine = me.value?.id;
    if (mine === undefined) return;
    for (const event of events) {
        const data = event.data as { assignee?: number | null; agent?: number; text?: string };
        switch (event.type) {
            case 'ticket.reminder':
                if (data.agent !== mine) break;
                tell(t('attention.reminder', { ticket: `#${event.ticket ?? ''}`, text: data.text ?? '' }), true);
                ring();
                call('attention.reminded', event.ticket);
                break;
            // The house's own assignments and those by a person are told under different names.
            case 'ticket.assigned':
            case 'ticket.changed':
                if (data.assignee !== mine || event.actor === mine) break;
                ringFor(event.ticket);
                call('attention.assigned', event.ticket);
                break;
            case 'message.received':
                if (event.ticket !== undefined && (isMine(event.ticket) || !ticketOf(event.ticket)?.assignee)) ringFor(event.ticket);
                if (event.ticket !== undefined && isMine(event.ticket)) call('attention.wrote', event.ticket);
                break;
            case 'ticket.warned':
            case 'ticket.breached':
                if (event.ticket === undefined || !isMine(event.ticket)) break;
                ringFor(event.ticket);
                call(event.type === 'ticket.warned' ? 'attention.warned' : 'attention.breached', event.ticket);
                if (event.ticket !== openId.value || document.hidden) pressing.add(event.ticket);
                break;
        }
    }
}

/** Looked at, answered, or somebody else's by now: it presses no longer. */
function seen(): void {
    if (!document.hidden && openId.value !== null) pressing.delete(openId.value);
    for (const ticket of pressing) if (!isMine(ticket) || !ticketOf(ticket)?.waiting_since) pressing.delete(ticket);
}

export function startAttention(): void {
    hear(attend);
    watch(openId, seen);
    document.addEventListener('visibilitychange', seen);
    window.setInterval(() => {
        seen();
        const [first] = pressing;
        if (first !== undefined) ringFor(first);
    }, againEvery);
}
