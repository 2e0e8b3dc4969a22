import { shallowReactive, shallowRef } from 'vue';

import { api, body } from '../api/client';
import type { TimelineItem } from '../api/types';
import { reasonOf } from './notices';

const pageSize = 100;
const kept = 24;

export interface Timeline {
    items: TimelineItem[];
    /** Leads back in time; null when the beginning is shown. */
    earlier: string | null;
}

/** Timelines by ticket, the ones used last kept, so that going back and forth shows at once. */
const timelines = shallowReactive(new Map<number, Timeline>());
export const timelineFailure = shallowRef('');

export function timelineOf(ticket: number): Timeline | undefined {
    return timelines.get(ticket);
}

function keep(ticket: number, timeline: Timeline): void {
    timelines.delete(ticket);
    timelines.set(ticket, timeline);
    for (const oldest of timelines.keys()) {
        if (timelines.size <= kept) break;
        timelines.delete(oldest);
    }
}

const identity = (item: TimelineItem): string => `${item.kind} ${item.id}`;

/** The newest page joined to what was loaded of earlier times. */
export function joined(before: Timeline | undefined, page: Timeline): Timeline {
    const fresh = new Set(page.items.map(identity));
    const first = page.items[0];
    const overlap = before?.items.findIndex((item) => first && identity(item) === identity(first)) ?? -1;
    if (!before || overlap <= 0) return page;
    return {
        items: [...before.items.slice(0, overlap).filter((item) => !fresh.has(identity(item))), ...page.items],
        earlier: before.earlier,
    };
}

const asked = new Map<number, number>();

async function fetchTimeline(ticket: number): Promise<void> {
    const turn = (asked.get(ticket) ?? 0) + 1;
    asked.set(ticket, turn);
    const page = await body(
        api.GET('/v1/tickets/{id}/timeline', {
            params: { path: { id: ticket }, query: { from: 'end', limit: pageSize } },
        }),
    );
    // Two refreshes may overtake each other: the one asked for last is the newest.
    if (asked.get(ticket) !== turn) return;
    keep(ticket, joined(timelines.get(ticket), { items: page.items, earlier: page.next_cursor }));
}

/** Loads or renews the conversation of a ticket; what was shown stays when that fails. */
export async function loadTimeline(ticket: number): Promise<void> {
    try {
        await fetchTimeline(ticket);
        timelineFailure.value = '';
    } catch (cause) {
        timelineFailure.value = reasonOf(cause);
    }
}

/** Loads ahead what the next key press will show; a failure shows when it is opened. */
export async function prefetchTimeline(ticket: number): Promise<void> {
    if (timelines.has(ticket)) return;
    await fetchTimeline(ticket).catch(reasonOf);
}

export async function loadEarlier(ticket: number): Promise<void> {
    const before = timelines.get(ticket);
    if (!before?.earlier) return;
    try {
        const page = await body(
            api.GET('/v1/tickets/{id}/timeline', {
                params: { path: { id: ticket }, query: { from: 'end', cursor: before.earlier, limit: pageSize } },
            }),
        );
        keep(ticket, { items: [...page.items, ...before.items], earlier: page.next_cursor });
    } catch (cause) {
        timelineFailure.value = reasonOf(cause);
    }
}

/** The newest message of the customer that is on the screen: what a reply's stale guard is compared with. */
export function lastSeen(ticket: number): number | null {
    const inbound = timelines.get(ticket)?.items.filter((item) => item.kind === 'message' && item.direction === 'inbound');
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
