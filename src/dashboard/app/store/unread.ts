import { ref, shallowReactive, watch } from 'vue';

import type { Ticket } from '../api/types';
import { me } from './session';
import { openId, ticketOf } from './tickets';

/** How a ticket stood when I last looked: its messages so far, and when its customer had last written. */
type Look = [messages: number, at: string];

const mostKept = 2_000;
/** By ticket, the latest look last; each row hears of its own ticket only. */
const looks = shallowReactive(new Map<number, Look>());
/** The open ticket that was marked unread: it stays so until it is left. */
const markedOpen = ref<number | null>(null);

/** One browser may serve several people: each has looked for themselves. */
const storageKey = (): string => `sportello.looks.${me.value?.id ?? 0}`;

function read(): void {
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

/** How many messages of a waiting customer came since I last looked; what a colleague answered meanwhile counts with them. */
export function unreadOf(ticket: Ticket): number {
    if (ticket.id === openId.value && markedOpen.value !== ticket.id) return 0;
    const look = looks.get(ticket.id);
    if (!look) return ticket.waiting_since ? ticket.message_count : 0;
    return ticket.last_inbound_at > look[1] ? Math.max(1, ticket.message_count - look[0]) : 0;
}

export function markUnread(id: number): void {
    const ticket = ticketOf(id);
    if (!ticket) return;
    looks.set(id, [ticket.message_count - 1, '']);
    if (id === openId.value) markedOpen.value = id;
    storeSoon();
}

window.addEventListener('pagehide', () => planned !== undefined && store());
watch(() => me.value?.id, read, { immediate: true });
watch(openId, () => (markedOpen.value = null));
watch(
    () => (openId.value === null ? undefined : ticketOf(openId.value)),
    (ticket) => {
        if (!ticket || markedOpen.value === ticket.id) return;
        looks.delete(ticket.id);
        looks.set(ticket.id, [ticket.message_count, ticket.last_inbound_at]);
        storeSoon();
    },
    { immediate: true },
);
