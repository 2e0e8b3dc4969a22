import { shallowReactive, watch } from 'vue';

import type { LiveEvent, Reply, TimelineItem, Visibility } from '../api/types';
import { serverTime } from '../time/clock';
import { timelineOf } from './conversation';
import { hear } from './live';
import { me } from './session';
import { assume, ticketOf } from './tickets';

/** A reply from the key press on until the server tells of it in the conversation. */
export interface Outgoing extends TimelineItem {
    /** Under which the server takes it in, and echoes it. */
    clientId: string;
    /** The server has it. */
    accepted: boolean;
}

const outgoing = shallowReactive(new Map<number, Outgoing[]>());
let lastId = 0;

const toldOf = (ticket: number, reply: number): boolean =>
    timelineOf(ticket)?.some((item) => item.kind === 'reply' && item.id === reply) ?? false;

function change(ticket: number, clientId: string, by: ((one: Outgoing) => Outgoing) | null): void {
    const rest = (outgoing.get(ticket) ?? []).flatMap((one) => (one.clientId !== clientId ? one : by ? by(one) : []));
    if (rest.length) outgoing.set(ticket, rest);
    else outgoing.delete(ticket);
}

/** The conversation as the server told it, and behind it what is on its way there. */
export function shownTimeline(ticket: number): (TimelineItem | Outgoing)[] | undefined {
    const told = timelineOf(ticket);
    const waiting = outgoing.get(ticket)?.filter((one) => !toldOf(ticket, one.id));
    return told && waiting?.length ? [...told, ...waiting] : told;
}

/** What the agent has written is in the conversation and the row from now on; not as sent, since nobody has it yet. */
export function showSending(ticket: number, text: string, visibility: Visibility, clientId: string): {
    accepted: (reply: Reply) => void; refused: () => void;
} {
    // What was told of meanwhile need not be remembered.
    outgoing.set(ticket, (outgoing.get(ticket) ?? []).filter((one) => !toldOf(ticket, one.id) && one.clientId !== clientId));
    const at = new Date(serverTime()).toISOString();
    const item: Outgoing = {
        kind: 'reply', id: --lastId, platform_id: null, at, text, visibility, delivery: { state: 'queued' },
        author: { kind: 'agent', id: me.value?.id ?? null, name: me.value?.name ?? '' }, clientId, accepted: false,
    };
    change(ticket, clientId, null);
    outgoing.set(ticket, [...(outgoing.get(ticket) ?? []), item]);
    const forget = ticketOf(ticket) ? assume(ticket, { last_message: { text, at, direction: 'outbound' } }) : (): void => undefined;
    return {
        accepted(reply) {
            change(ticket, clientId, (one) => ({ ...one, id: reply.id, at: reply.created_at, delivery: reply.delivery, accepted: true }));
            forget();
        },
        refused() {
            change(ticket, clientId, null);
            forget();
        },
    };
}

/** The server may tell everybody of a reply before it has answered the request: then it is the one that stands here already. */
function echoed(events: LiveEvent[]): void {
    for (const { cause, ticket, data } of events) {
        const { reply } = data as { reply?: number };
        if (cause && ticket !== undefined && reply !== undefined && outgoing.has(ticket)) change(ticket, cause, (one) => ({ ...one, id: reply }));
    }
}
hear(echoed);
// The next person at this browser sees nothing of it.
watch(() => me.value?.id, () => outgoing.clear(), { flush: 'sync' });
