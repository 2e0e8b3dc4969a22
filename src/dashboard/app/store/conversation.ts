import { shallowReactive, shallowRef } from 'vue';

import { api, body } from '../api/client';
import type { TimelineItem } from '../api/types';
import { reasonAndCode, reasonOf } from './notices';

const pageSize = 100;
const kept = 24;

/** Timelines by ticket, the ones used last kept, so that going back and forth shows at once. */
const timelines = shallowReactive(new Map<number, TimelineItem[]>());
export const timelineFailure = shallowRef('');

export function timelineOf(ticket: number): TimelineItem[] | undefined {
    return timelines.get(ticket);
}

function keep(ticket: number, items: TimelineItem[]): void {
    timelines.delete(ticket);
    timelines.set(ticket, items);
    for (const oldest of timelines.keys()) {
        if (timelines.size <= kept) break;
        timelines.delete(oldest);
    }
}

/** The whole conversation, oldest first; all but a few fit one page. */
async function readAll(ticket: number): Promise<TimelineItem[]> {
    const items: TimelineItem[] = [];
    let cursor: string | null = null;
    do {
        const query: { limit: number; cursor?: string } = { limit: pageSize, ...(cursor ? { cursor } : {}) };
        const request = api.GET('/v1/tickets/{id}/timeline', { params: { path: { id: ticket }, query } });
        const page = await body(request);
        items.push(...page.items);
        cursor = page.next_cursor;
    } while (cursor);
    return items;
}

const asked = new Map<number, number>();

async function fetchTimeline(ticket: number): Promise<void> {
    const turn = (asked.get(ticket) ?? 0) + 1;
    asked.set(ticket, turn);
    const items = await readAll(ticket);
    // Two refreshes may overtake each other: the one asked for last is the newest.
    if (asked.get(ticket) === turn) keep(ticket, items);
}

/** Loads or renews the conversation of a ticket; what was shown stays when that fails. */
export async function loadTimeline(ticket: number): Promise<void> {
    try {
        await fetchTimeline(ticket);
        timelineFailure.value = '';
    } catch (cause) {
        timelineFailure.value = reasonAndCode(cause);
    }
}

/** Loads ahead what the next key press will show; a failure shows when it is opened. */
export async function prefetchTimeline(ticket: number): Promise<void> {
    if (timelines.has(ticket)) return;
    await fetchTimeline(ticket).catch(reasonOf);
}

/** The newest message of the customer that is on the screen: what a reply's stale guard is compared with. */
export function lastSeen(ticket: number): number | null {
    const inbound = timelines.get(ticket)?.filter((item) => item.kind === 'message' && item.direction === 'inbound');
    return inbound?.at(-1)?.id ?? null;
}

/** A cached conversation that changed while nobody looked is dropped, the open one renewed. */
export async function renewTimelines(touched: Set<number>, open: number | null): Promise<void> {
    for (const ticket of touched) if (ticket !== open) timelines.delete(ticket);
    if (open !== null && touched.has(open)) await loadTimeline(open);
}

export function forgetTimelines(): void {
    timelines.clear();
    asked.clear();
    timelineFailure.value = '';
}
