import { shallowRef, watch } from 'vue';

import { api, body } from '../api/client';
import type { LiveEvent } from '../api/types';
import { Connection, type ConnectionState } from '../live/connection';
import { learnServerTime, now } from '../time/clock';
import { forgetTimelines, loadTimeline, renewTimelines } from './conversation';
import { reasonOf } from './notices';
import { refreshOfficeIfTurned, refreshQueue, useOffice } from './office';
import { forget, setMe } from './session';
import { forgetTickets, loadList, openId, refreshTickets, useFirstPage, view } from './tickets';

export const connectionState = shallowRef<ConnectionState>('connecting');
/** The server was updated since this page was loaded. */
export const outdated = shallowRef(false);

const queueAtMostEvery = 2_000;
const queueAtLeastEvery = 60_000;

let connection: Connection | null = null;
let loadedBuild = '';
let queueAsked = 0;
let queueTimer = 0;

async function bootstrap(): Promise<number> {
    const first = await body(api.GET('/v1/bootstrap'));
    loadedBuild ||= first.build;
    learnServerTime(first.server_time);
    setMe(first.me, first.csrf_token);
    useOffice(first);
    useFirstPage(first.tickets.items, first.tickets.next_cursor);
    return first.seq;
}

function renewQueueSoon(): void {
    if (queueTimer) return;
    const wait = Math.max(0, queueAsked + queueAtMostEvery - Date.now());
    queueTimer = window.setTimeout(() => {
        queueTimer = 0;
        queueAsked = Date.now();
        refreshQueue().catch(reasonOf);
    }, wait);
}

/** Tickets named by events and not read again yet. */
let touched = new Set<number>();
let refreshing = false;

function apply(events: LiveEvent[]): void {
    for (const event of events) if (event.ticket !== undefined) touched.add(event.ticket);
    void refresh();
}

/** One refresh at a time: what happens meanwhile is read together in the next. */
async function refresh(): Promise<void> {
    if (refreshing) return;
    refreshing = true;
    while (touched.size) {
        const now = touched;
        touched = new Set();
        renewQueueSoon();
        await Promise.all([renewTimelines(now, openId.value), refreshTickets(now)]);
    }
    refreshing = false;
}

async function reload(): Promise<number> {
    const seq = await bootstrap();
    if (view.value !== 'due') await loadList();
    if (openId.value !== null) await loadTimeline(openId.value);
    return seq;
}

/** Loads the first screen and goes live. Throws `RequestFailed` with 401 when nobody is logged in. */
export async function enter(): Promise<void> {
    const seq = await bootstrap();
    connection?.stop();
    connection = new Connection(seq, apply, reload, leave);
    watch(connection.state, (state) => (connectionState.value = state), { immediate: true });
    watch(connection.build, (build) => (outdated.value ||= build !== '' && build !== loadedBuild));
    queueAsked = Date.now();
}

/** Drops everything that belongs to the session. */
export function leave(): void {
    connection?.stop();
    connection = null;
    connectionState.value = 'connecting';
    forgetTickets();
    forgetTimelines();
    forget();
}

watch(now, (time, before) => {
    if (!connection) return;
    if (Date.now() - queueAsked > queueAtLeastEvery) renewQueueSoon();
    if (Math.floor(time / 5000) !== Math.floor(before / 5000)) refreshOfficeIfTurned().catch(reasonOf);
});
