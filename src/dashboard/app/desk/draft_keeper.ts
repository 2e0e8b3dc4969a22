import { watch } from 'vue';

import { api, answer, body, RequestFailed } from '../api/client';
import type { Draft } from '../api/types';
import { conflicts, draftKey, keep, keeper, keptOf, unsaved, type Kept, type Mode } from '../store/drafts';
import { connectionState, hear } from '../store/live';
import { reasonOf } from '../store/notices';
import { me } from '../store/session';
import { openId, ticketOf } from '../store/tickets';
import { painted } from '../time/paint';
import { iWrite } from './whereabouts';

const saveAfter = 500;
const tryAgainAfter = 10_000;
const modes: Mode[] = ['reply', 'note'];

const timers = new Map<string, number>();
const running = new Map<string, Promise<void>>();

const pathOf = (ticket: number, mode: Mode) => ({ id: ticket, mode });

function schedule(ticket: number, mode: Mode, wait: number): void {
    const key = draftKey(ticket, mode);
    clearTimeout(timers.get(key));
    timers.set(key, window.setTimeout(() => void save(ticket, mode), wait));
}

/** One write of a draft at a time, so that an older text never lands on a newer one. */
async function save(ticket: number, mode: Mode): Promise<void> {
    const key = draftKey(ticket, mode);
    clearTimeout(timers.get(key));
    timers.delete(key);
    while (running.has(key)) await running.get(key);
    const kept = keptOf(ticket, mode);
    if (!me.value || !kept.dirty || conflicts.has(key)) return;
    const done = write(ticket, mode, kept).catch((cause: unknown) => failed(cause, ticket, mode));
    running.set(key, done);
    await done;
    running.delete(key);
}

/** A draft that could not be saved stays here and is tried again; only a ticket that is gone for me ends it. */
function failed(cause: unknown, ticket: number, mode: Mode): void {
    reasonOf(cause);
    if (cause instanceof RequestFailed && cause.status === 412) return conflict(ticket, mode);
    if (cause instanceof RequestFailed && [400, 404, 422].includes(cause.status)) return;
    schedule(ticket, mode, tryAgainAfter);
}

async function write(ticket: number, mode: Mode, kept: Kept): Promise<void> {
    const params = { path: pathOf(ticket, mode), header: kept.base ? { 'If-Match': kept.base } : {} };
    if (!kept.text.trim()) {
        if (kept.base) await answer(api.DELETE('/v1/tickets/{id}/drafts/{mode}', { params: { path: pathOf(ticket, mode) } }));
        settled(ticket, mode, kept, { text: kept.text, base: '', at: '', dirty: false });
        return;
    }
    const visibility = ticketOf(ticket)?.visibility ?? 'public';
    let tag = '';
    const saved = await body(
        api.PUT('/v1/tickets/{id}/drafts/{mode}', { params, body: { text: kept.text, ...(mode === 'reply' ? { visibility } : {}) } })
            .then((result) => {
                tag = result.response.headers.get('ETag') ?? '';
                return result;
            }),
    );
    settled(ticket, mode, kept, { text: kept.text, base: tag, at: saved.updated_at, dirty: false });
}

/** What was typed while the request was on its way goes on from what is there now. */
function settled(ticket: number, mode: Mode, sent: Kept, saved: Kept): void {
    const present = keptOf(ticket, mode);
    if (present.text === sent.text) keep(ticket, mode, saved);
    else if (present.dirty) {
        keep(ticket, mode, { ...present, base: saved.base, at: saved.at });
        schedule(ticket, mode, saveAfter);
    }
}

async function read(ticket: number, mode: Mode): Promise<Kept | null> {
    let tag = '';
    try {
        const theirs = await body(
            api.GET('/v1/tickets/{id}/drafts/{mode}', { params: { path: pathOf(ticket, mode) } }).then((result) => {
                tag = result.response.headers.get('ETag') ?? '';
                return result;
            }),
        );
        return { text: theirs.text, base: tag, at: theirs.updated_at, dirty: false };
    } catch (cause) {
        if (cause instanceof RequestFailed && cause.status === 404) return null;
        throw cause;
    }
}

function conflict(ticket: number, mode: Mode): void {
    void read(ticket, mode).then((theirs) => {
        const here = keptOf(ticket, mode);
        if (!theirs) {
            keep(ticket, mode, { ...here, base: '', at: '' });
            schedule(ticket, mode, saveAfter);
        } else if (theirs.text === here.text) keep(ticket, mode, theirs);
        else conflicts.set(draftKey(ticket, mode), theirs);
    }, reasonOf);
}

const same = (left: Kept, right: Kept): boolean => left.text === right.text && left.base === right.base && left.dirty === right.dirty;

/** @param asked  the draft as it stood here when the list was asked for: the list knows nothing of what happened since */
async function compare(ticket: number, mode: Mode, asked: Kept, listed: Draft | undefined): Promise<void> {
    const before = keptOf(ticket, mode);
    if (running.has(draftKey(ticket, mode)) || !same(asked, before)) return;
    if (!listed) {
        // It was on the server and is no more: sent or thrown away on another device.
        if (!before.dirty) keep(ticket, mode, { text: '', base: '', at: '', dirty: false });
        else {
            keep(ticket, mode, { ...before, base: '', at: '' });
            schedule(ticket, mode, 0);
        }
        return;
    }
    if (before.at === listed.updated_at && before.base) {
        if (before.dirty) schedule(ticket, mode, 0);
        return;
    }
    const theirs = await read(ticket, mode);
    const here = keptOf(ticket, mode);
    if (!theirs || !same(before, here)) return;
    if (!here.dirty || theirs.text === here.text || !here.text) keep(ticket, mode, theirs);
    else conflicts.set(draftKey(ticket, mode), theirs);
}

/** What the server keeps for a ticket comes in; what is newer here goes out; what is both is asked. */
export async function pull(ticket: number): Promise<void> {
    const asked = modes.map((mode) => keptOf(ticket, mode));
    try {
        const { items } = await body(api.GET('/v1/drafts', { params: { query: { limit: 100 } } }));
        await Promise.all(modes.map((mode, at) =>
            compare(ticket, mode, asked[at] as Kept, items.find((one) => one.ticket === ticket && one.mode === mode))));
    } catch (cause) {
        // Offline nothing is lost: it is asked again when the connection is back.
        reasonOf(cause);
    }
}

/** The other device's text, or mine, which then takes its place. */
export function resolve(ticket: number, mode: Mode, useTheirs: boolean): void {
    const key = draftKey(ticket, mode);
    const theirs = conflicts.get(key);
    if (!theirs) return;
    conflicts.delete(key);
    if (useTheirs) keep(ticket, mode, theirs);
    else {
        keep(ticket, mode, { ...keptOf(ticket, mode), base: theirs.base, at: theirs.at, dirty: true });
        schedule(ticket, mode, 0);
    }
}

async function saveAll(): Promise<void> {
    await Promise.all(unsaved().map(([ticket, mode]) => save(ticket, mode)));
}

export function startKeeper(): void {
    keeper.changed = (ticket, mode) => {
        iWrite(ticket);
        schedule(ticket, mode, saveAfter);
    };
    keeper.settle = async (ticket, mode) => {
        const key = draftKey(ticket, mode);
        clearTimeout(timers.get(key));
        await running.get(key);
    };
    keeper.flush = saveAll;
    watch(openId, (id) => {
        if (id !== null) void painted().then(() => (id === openId.value ? pull(id) : undefined));
    }, { immediate: true });
    watch(connectionState, (state) => {
        if (state !== 'live') return;
        if (openId.value !== null) void pull(openId.value);
        void saveAll();
    });
    // A reply that a colleague returns is a draft of its author again.
    hear((events) => {
        for (const event of events) if (event.type === 'reply.returned' && event.ticket === openId.value && event.ticket !== undefined) void pull(event.ticket);
    });
    void saveAll();
}
