import { onScopeDispose, shallowRef, watch } from 'vue';

import { api, body, RequestFailed, sessionEnded } from '../api/client';
import type { LiveEvent } from '../api/types';
import { Connection, type ConnectionState } from '../live/connection';
import { learnServerTime, now } from '../time/clock';
import { firstScreenStands } from './first_screen';
import { forgetTimelines, loadTimeline, renewTimelines } from './conversation';
import { useHouse } from './house';
import { reasonOf } from './notices';
import { refreshOfficeIfTurned, refreshQueue, useOffice } from './office';
import { hearPresence } from './presence';
import { enterAsPhone, forget, setMe } from './session';
import { forgetTickets, openId, refreshTickets, reloadList, useFirstPage, view } from './tickets';
import { lastAct } from './undo';

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
    useHouse(first);
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

/** What other parts of the dashboard do with events. */
const listeners = new Set<(events: LiveEvent[]) => void>();

/** Runs `heard` for each batch of events from now on. */
export function hear(heard: (events: LiveEvent[]) => void): void {
    listeners.add(heard);
}

/** Runs `heard` for each batch of events while the component is on the page. */
export function useEvents(heard: (events: LiveEvent[]) => void): void {
    listeners.add(heard);
    onScopeDispose(() => listeners.delete(heard));
}

/** Something for the server that is in no log. */
export function sendFrame(frame: object): void {
    connection?.send(frame);
}

function apply(events: LiveEvent[]): void {
    for (const event of events) if (event.ticket !== undefined) touched.add(event.ticket);
    listeners.forEach((heard) => heard(events));
    void refresh();
}

/** One refresh at a time: what happens meanwhile is read together in the next. */
async function refresh(): Promise<void> {
    if (refreshing) return;
    refreshing = true;
    try {
        while (touched.size) {
            const now = touched;
            touched = new Set();
            renewQueueSoon();
            await Promise.all([renewTimelines(now, openId.value), refreshTickets(now)]);
        }
    } finally {
        refreshing = false;
    }
}

async function reload(): Promise<number> {
    const seq = await bootstrap();
    if (view.value !== 'due') await reloadList();
    if (openId.value !== null) await loadTimeline(openId.value);
    return seq;
}

/** Loads the first screen and goes live. Throws `RequestFailed` with 401 when nobody is logged in. */
export async function enter(): Promise<void> {
    connection?.stop();
    let seq = 0;
    try {
        seq = await bootstrap();
    } catch (cause) {
        if (!(cause instanceof RequestFailed) || cause.status !== 403) throw cause;
        await enterAsPhone();
        return;
    }
    firstScreenStands.value = false;
    connection = new Connection(seq, apply, reload, sessionEnded, hearPresence);
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
    lastAct.value = null;
}

watch(now, (time, before) => {
    if (!connection) return;
    if (Date.now() - queueAsked > queueAtLeastEvery) renewQueueSoon();
    if (Math.floor(time / 5000) !== Math.floor(before / 5000)) refreshOfficeIfTurned().catch(reasonOf);
});
