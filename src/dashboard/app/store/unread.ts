import { ref, shallowReactive, watch } from 'vue';

import type { Ticket } from '../api/types';
import { serverTime } from '../time/clock';
import { me } from './session';
import { openId, ticketOf } from './tickets';

/** How a ticket stood when I last looked: what its customer had written so far, and when last. */
type Look = [messages: number, at: string];

const mostKept = 2_000;
/** By ticket, the latest look last; each row hears of its own ticket only. */
const looks = shallowReactive(new Map<number, Look>());
/** The open ticket that was marked unread: it stays so until it is left. */
const markedOpen = ref<number | null>(null);

/** One browser may serve several people: each has looked for themselves. */
const storageKey = (what = 'read'): string => `sportello.${what}.${me.value?.id ?? 0}`;
/** When I first came to this browser. What had been written by then counts as read: else a new browser would show the whole queue as unread. */
let since = 0;

function readSince(): void {
    since = Number(localStorage.getItem(storageKey('since'))) || serverTime();
    try {
        localStorage.setItem(storageKey('since'), String(since));
    } catch {
        // A full store: then it is since this page was opened.
    }
}

function read(): void {
    if (me.value) readSince();
    looks.clear();
    try {
        for (const [id, look] of JSON.parse(localStorage.getItem(storageKey()) ?? '[]') as [number, Look][]) looks.set(id, look);
    } catch {
        // Not ours to understand: everything is new again.
    }
}

let planned: number | undefined;

/** Not with the key that opens a ticket: thousands of entries are written whole. */
function storeSoon(): void {
    planned ??= window.setTimeout(store, 500);
}

function store(): void {
    window.clearTimeout(planned);
    planned = undefined;
    for (const oldest of looks.keys()) {
        if (looks.size <= mostKept) break;
        looks.delete(oldest);
    }
    try {
        localStorage.setItem(storageKey(), JSON.stringify([...looks]));
    } catch {
        // A full store: the page still knows.
    }
}

/** How many messages of the customer came since I last looked; what a colleague answered meanwhile is no news. */
export function unreadOf(ticket: Ticket): number {
    if (ticket.id === openId.value && markedOpen.value !== ticket.id) return 0;
    const look = looks.get(ticket.id);
    if (!look) return ticket.waiting_since ? neverLooked(ticket) : 0;
    return ticket.last_inbound_at > look[1] ? Math.max(1, ticket.inbound_count - look[0]) : 0;
}

/** Of a ticket from before my time only that there is something new, not how much of it. */
function neverLooked(ticket: Ticket): number {
    if (Date.parse(ticket.last_inbound_at) <= since) return 0;
    return Date.parse(ticket.created_at) > since ? ticket.inbound_count : 1;
}

export function markUnread(id: number): void {
    const ticket = ticketOf(id);
    if (!ticket) return;
    looks.set(id, [ticket.inbound_count - 1, '']);
    if (id === openId.value) markedOpen.value = id;
    storeSoon();
}

window.addEventListener('pagehide', () => planned !== undefined && store());
// At once: before anything of the next person is shown.
watch(() => me.value?.id, read, { immediate: true, flush: 'sync' });
watch(openId, () => (markedOpen.value = null));
watch(
    () => (openId.value === null ? undefined : ticketOf(openId.value)),
    (ticket) => {
        if (!ticket || markedOpen.value === ticket.id) return;
        looks.delete(ticket.id);
        looks.set(ticket.id, [ticket.inbound_count, ticket.last_inbound_at]);
        storeSoon();
    },
    { immediate: true },
);
