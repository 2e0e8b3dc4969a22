import { computed, ref, shallowReactive, shallowRef, type ShallowRef } from 'vue';

import { api, body, RequestFailed } from '../api/client';
import type { Ticket } from '../api/types';
import { serverTime } from '../time/clock';
import { lean } from './lean';
import { reasonAndCode } from './notices';
import { me } from './session';
import { compare, viewOf, type ViewName } from './views';

const pageSize = 100;
const mostPages = 20;
/** From this many changed tickets on, one page is cheaper than the tickets one by one. */
const reloadFrom = 12;

/** Every ticket seen so far, in its newest revision, with what is being changed here laid over it. */
const known = shallowReactive(new Map<number, Ticket>());
/** Of those that are being changed here: how the server told them last, and what it has not confirmed yet. */
const pending = new Map<number, { told: Ticket; changes: Set<Partial<Ticket>> }>();

export const view = ref<ViewName>('due');
/** The ticket in the conversation pane: it keeps its place in the list until it is left. */
export const openId = ref<number | null>(null);
export const loading = ref(false);
export const failure = ref('');
/** While the agent is busy in the list (`list_hold.ts` knows), what is new waits behind a button instead of moving the rows. */
export const held = ref(false);

/** Of a view that only the server knows: what it said belongs there. */
const members = new Set<number>();
const ids = shallowRef<number[]>([]);
const waitingIds = shallowRef<number[]>([]);
/** Put in their place while a first page is on its way, which may not know of them yet. */
const placedMeanwhile = new Set<number>();
let nextCursor: string | null = null;
let generation = 0;

/** The list as it stands, by number: a row asks for its own ticket, so that a change of one is no work for the 100,000 others. */
export const rows: Readonly<ShallowRef<readonly number[]>> = ids;
export const freshCount = computed(() => waitingIds.value.length);

export function ticketOf(id: number): Ticket | undefined {
    return known.get(id);
}

/** Keeps the ticket unless a newer revision is known already; the line of a list leaves the details as they were. */
export function learn(ticket: Ticket): void {
    const before = toldOf(ticket.id);
    if (before && before.revision > ticket.revision) return;
    const told = lean({ ...before, ...ticket });
    const under = pending.get(ticket.id);
    if (under) under.told = told;
    known.set(ticket.id, under ? Object.assign({}, told, ...under.changes) as Ticket : told);
}

/** The ticket as the server told it last, without what it has not confirmed. */
export function toldOf(id: number): Ticket | undefined {
    return pending.get(id)?.told ?? known.get(id);
}

/**
 * Shows a change before the server has confirmed it. Nothing that was known is lost: what the server tells meanwhile is learned
 * underneath, and the answer's function takes the change away again, whether it came to pass or was refused.
 */
export function assume(id: number, change: Partial<Ticket>): () => void {
    const told = toldOf(id);
    if (!told) return () => undefined;
    const under = pending.get(id) ?? { told, changes: new Set() };
    under.changes.add(change);
    pending.set(id, under);
    const show = (): void => {
        if (pending.get(id) !== under) return;
        if (!under.changes.size) pending.delete(id);
        known.set(id, Object.assign({}, under.told, ...under.changes) as Ticket);
        place([id]);
    };
    show();
    return () => {
        under.changes.delete(change);
        show();
    };
}

function belongs(ticket: Ticket): boolean {
    const { holds } = viewOf(view.value);
    return holds ? holds(ticket, me.value?.id ?? 0, serverTime()) : members.has(ticket.id);
}

function ordered(candidates: number[]): number[] {
    if (viewOf(view.value).order === 'server') return candidates.filter((id) => known.has(id));
    return candidates
        .flatMap((id) => known.get(id) ?? [])
        .sort((left, right) => compare(view.value, left, right))
        .map((ticket) => ticket.id);
}

async function fetchPage(cursor: string | null): Promise<Ticket[]> {
    const query = { ...viewOf(view.value).query, ...(cursor ? { cursor } : {}), limit: pageSize };
    const mine = ++generation;
    const page = await body(api.GET('/v1/tickets', { params: { query } }));
    if (mine !== generation) throw new DOMException('a newer list was asked for', 'AbortError');
    nextCursor = page.next_cursor;
    page.items.forEach(learn);
    if (!cursor) members.clear();
    page.items.forEach(({ id }) => members.add(id));
    return page.items.flatMap((ticket) => known.get(ticket.id) ?? []).filter(belongs);
}

/** Loads the view's first page; old rows stay until the new ones are there, or, when none come, as far as they belong here. */
export const loadList = (): Promise<void> => load(showFirstPage);
/** The same for the view that is shown already, after events were missed. */
export const reloadList = (): Promise<void> => load(renewFirstPage);

async function load(present: (items: Ticket[]) => void): Promise<void> {
    loading.value = true;
    placedMeanwhile.clear();
    try {
        let items = await fetchPage(null);
        // What the server cannot sort out itself may stand further down.
        for (let page = 1; page < mostPages && !items.length && nextCursor; page++) items = await fetchPage(nextCursor);
        present(items);
        failure.value = '';
    } catch (cause) {
        if (cause instanceof DOMException) return;
        failure.value = reasonAndCode(cause);
        ids.value = ordered(ids.value.filter((id) => belongs(known.get(id) as Ticket)));
    }
    loading.value = false;
}

function showFirstPage(items: Ticket[]): void {
    const shown = new Set(items.map((ticket) => ticket.id));
    for (const id of [...placedMeanwhile, ...(openId.value === null ? [] : [openId.value])]) {
        const ticket = known.get(id);
        if (ticket && belongs(ticket)) shown.add(id);
    }
    placedMeanwhile.clear();
    ids.value = ordered([...shown]);
    waitingIds.value = [];
}

/** The first page as the bootstrap answer brought it. */
export function useFirstPage(items: Ticket[], cursor: string | null): void {
    items.forEach(learn);
    if (view.value !== 'due') return;
    nextCursor = cursor;
    renewFirstPage(items.filter(belongs));
}

/** The view that is shown already, read again: under the agent's hand the rows that stay do not move for those that are new. */
function renewFirstPage(items: Ticket[]): void {
    const before = ids.value;
    showFirstPage(items);
    if (!held.value || !before.length) return;
    const [here, shown] = [new Set(ids.value), new Set(before)];
    waitingIds.value = ids.value.filter((id) => !shown.has(id));
    ids.value = before.filter((id) => here.has(id));
}

export async function loadMore(): Promise<void> {
    if (!nextCursor || loading.value) return;
    loading.value = true;
    try {
        const seen = new Set(ids.value);
        const items = await fetchPage(nextCursor);
        ids.value = ordered([...ids.value, ...items.map((ticket) => ticket.id).filter((id) => !seen.has(id))]);
    } catch (cause) {
        if (cause instanceof DOMException) return;
        failure.value = reasonAndCode(cause);
    }
    loading.value = false;
}

/** Leaves a ticket: if it no longer belongs here, its row goes now. */
export function open(id: number | null): void {
    const left = openId.value;
    openId.value = id;
    if (left !== null && left !== id) place([left]);
}

/** A line that stands as it stood is no news to the list. */
function line(up: number[]): void {
    if (up.length !== ids.value.length || up.some((id, at) => id !== ids.value[at])) ids.value = up;
}

/** Puts changed tickets where they belong now; rows only move when the agent is not busy with the list. */
export function place(changed: number[]): void {
    const leaving = new Set<number>();
    const arriving: number[] = [];
    const shown = new Set(ids.value);
    for (const id of changed) {
        const ticket = known.get(id);
        if (!ticket) continue;
        if (loading.value) placedMeanwhile.add(id);
        if (!belongs(ticket)) {
            if (id !== openId.value) leaving.add(id);
        } else if (!shown.has(id)) {
            arriving.push(id);
        }
    }
    if (held.value) {
        const waiting = waitingIds.value.filter((id) => !leaving.has(id) && !arriving.includes(id));
        waitingIds.value = [...waiting, ...arriving];
        if (leaving.size) ids.value = ids.value.filter((id) => !leaving.has(id));
        return;
    }
    line(ordered([...ids.value.filter((id) => !leaving.has(id)), ...arriving]));
    if (waitingIds.value.length) waitingIds.value = waitingIds.value.filter((id) => !leaving.has(id) && !arriving.includes(id));
}

/** Brings in what waited behind the button. */
export function showFresh(): void {
    const shown = new Set(ids.value);
    line(ordered([...ids.value, ...waitingIds.value.filter((id) => !shown.has(id))]));
    if (waitingIds.value.length) waitingIds.value = [];
}

export async function fetchTicket(id: number): Promise<Ticket> {
    learn(await body(api.GET('/v1/tickets/{id}', { params: { path: { id } } })));
    return known.get(id) as Ticket;
}

/** A change made here: shown at once, and put in its place. */
export function changed(ticket: Ticket): void {
    learn(ticket);
    place([ticket.id]);
}

async function refetchQuietly(id: number): Promise<void> {
    try {
        await fetchTicket(id);
    } catch (cause) {
        // A ticket of another brand is none of ours; without a connection the next event or reload brings it.
        if (!(cause instanceof RequestFailed)) throw cause;
    }
}

/** Brings the tickets named by live events up to date. */
export async function refreshTickets(touched: Set<number>): Promise<void> {
    if (touched.size < reloadFrom) {
        await Promise.all([...touched].map(refetchQuietly));
        if (!viewOf(view.value).holds) return learnPage();
        place([...touched]);
        return;
    }
    if (openId.value !== null && touched.has(openId.value)) await refetchQuietly(openId.value);
    if (held.value) await learnPage();
    else await loadList();
}

/** Renews the view's first page without moving the rows under the agent's hand. */
async function learnPage(): Promise<void> {
    try {
        const items = await fetchPage(null);
        place([...new Set([...ids.value, ...items.map((ticket) => ticket.id)])]);
        failure.value = '';
    } catch (cause) {
        if (cause instanceof DOMException) return;
        failure.value = reasonAndCode(cause);
    }
}

/** The ticket `step` rows below the open one; from nowhere, the first. */
export function neighbour(step: number): number | null {
    const at = ids.value.indexOf(openId.value ?? -1);
    if (at < 0) return ids.value[0] ?? null;
    return ids.value[at + step] ?? null;
}

export function forgetTickets(): void {
    generation++;
    known.clear();
    pending.clear();
    ids.value = [];
    waitingIds.value = [];
    nextCursor = null;
    openId.value = null;
    loading.value = false;
    failure.value = '';
}
