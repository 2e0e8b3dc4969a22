import { shallowReactive, shallowRef } from 'vue';

import { answer, api, body, idempotent, RequestFailed } from '../api/client';
import type { Handover, NewHandover, Reply, RouteKind, Ticket, TicketChange, Visibility } from '../api/types';
import { t } from '../i18n';
import { serverTime, tick } from '../time/clock';
import { asChanged, asMine, atOnce } from './at_once';
import { lastSeen, loadTimeline } from './conversation';
import { setDraft } from './drafts';
import { undoSeconds } from './preferences';
import { tell, tellFailure } from './notices';
import { showSending } from './sending';
import { changed, fetchTicket, ticketOf } from './tickets';
import { remember, rememberChange } from './undo';

export async function take(id: number): Promise<boolean> {
    return attempt(async () => {
        const { before, after } = await atOnce(id, asMine(ticketOf(id)), () =>
            body(api.POST('/v1/tickets/{id}/take', { params: { path: { id }, header: idempotent() } })));
        tellTaken(before ?? { ...after, assignee: null }, after);
    }, id);
}

/** Who had it already has not taken it now. */
function tellTaken(before: Ticket, taken: Ticket): void {
    const words = t('action.taken');
    const isNews = before.assignee?.id !== taken.assignee?.id;
    tell(words, false, isNews ? rememberChange(before, taken, ['assignee'], words) : null);
}

/** Takes the most urgent ticket that waits for me; null when none does. */
export async function takeNext(): Promise<number | null> {
    let taken: Ticket | undefined;
    await attempt(async () => {
        taken = await answer(api.POST('/v1/tickets/next', { params: { header: idempotent() } }));
        if (!taken) return tell(t('action.nothingWaits'));
        changed(taken);
        tellTaken({ ...taken, assignee: null }, taken);
    });
    return taken?.id ?? null;
}

export async function change(id: number, asked: TicketChange): Promise<boolean> {
    return attempt(async () => {
        const { before, after } = await atOnce(id, asChanged(asked), (told) => {
            const header = told === undefined ? {} : { 'If-Match': `"${told.revision}"` };
            return body(api.PATCH('/v1/tickets/{id}', { params: { path: { id }, header }, body: asked }));
        });
        const words = doneWords(asked, after);
        if (!words) return;
        const fields = (['status', 'assignee'] as const).filter((field) => field in asked);
        tell(words, false, before ? rememberChange(before, after, fields, words) : null);
    }, id);
}

/** What is told of a change, and can be taken back; of others the screen says enough. */
function doneWords(asked: TicketChange, after: Ticket): string {
    if (asked.status) return t(asked.status === 'solved' ? 'action.solved' : 'action.reopened');
    if (asked.assignee === undefined) return '';
    return after.assignee ? t('action.assigned', { name: after.assignee.name }) : t('action.released');
}

/** Runs a write; a refused one is told, and the ticket read again, since somebody was faster. */
async function attempt(write: () => Promise<void>, id?: number): Promise<boolean> {
    try {
        await write();
        return true;
    } catch (cause) {
        tellFailure(cause);
        if (id !== undefined && cause instanceof RequestFailed && [409, 412].includes(cause.status)) {
            await fetchTicket(id).then(changed, () => undefined);
        }
        return false;
    }
}

export async function solveOrReopen(ticket: Ticket): Promise<boolean> {
    const solved = ticket.status === 'solved';
    return change(ticket.id, { status: solved ? 'open' : 'solved' });
}

/** Throws `RequestFailed`; the dialog shows it. */
export async function handOver(id: number, request: NewHandover): Promise<Handover> {
    const handover = await body(
        api.POST('/v1/tickets/{id}/handover', { params: { path: { id }, header: idempotent() }, body: request }),
    );
    changed(await fetchTicket(id));
    await loadTimeline(id);
    return handover;
}

/** A reply on its way: the same key as long as the same thing is tried again. */
export interface Draft {
    ticket: number;
    text: string;
    visibility: Visibility;
    lastSeen: number | null;
    key: string;
    /** Null: the usual one. */
    route: RouteKind | null;
    /** The same text went to the same message before, and goes once more. */
    again: boolean;
    /** Files that were uploaded for it. */
    attachments: number[];
}

/** Whether the answer would be late if it waited for the undo window. */
export function leavesAtOnce(ticket: Ticket): boolean {
    if (!ticket.due_at) return false;
    const left = Date.parse(ticket.due_at) - serverTime();
    return left > 0 && left <= undoSeconds.value * 1000;
}

/** The reply sent last, for one undo by key. */
export const lastReply = shallowRef<Reply | null>(null);

/** Until when replies wait in their undo window, in milliseconds since 1970. */
const sendAt = shallowReactive(new Map<number, number>());

export function sendAtOf(reply: number): number | undefined {
    return sendAt.get(reply);
}

/** Asks for the undo window of a reply that was sent from another tab or before a reload. */
export async function learnSendAt(id: number): Promise<void> {
    sendAt.set(id, 0);
    try {
        const reply = await body(api.GET('/v1/replies/{id}', { params: { path: { id } } }));
        sendAt.set(id, Date.parse(reply.send_at));
    } catch (cause) {
        // Without the window the reply shows as queued, which it is.
        if (!(cause instanceof RequestFailed)) throw cause;
    }
}

/** Throws `RequestFailed`; 409 `stale_reply` carries what was missed. */
export async function sendReply(draft: Draft, undoable: boolean): Promise<Reply> {
    const shown = showSending(draft.ticket, draft.text, draft.visibility, draft.key);
    const reply = await body(
        api.POST('/v1/tickets/{id}/replies', {
            params: { path: { id: draft.ticket }, header: { 'Idempotency-Key': draft.key } },
            body: {
                text: draft.text,
                visibility: draft.visibility,
                last_seen: draft.lastSeen,
                undo_seconds: undoable ? undoSeconds.value : 0,
                ...(draft.route && draft.route !== 'by_hand' ? { route: draft.route } : {}),
                ...(draft.attachments.length ? { attachments: draft.attachments } : {}),
                ...(draft.again ? { confirm_duplicate: true } : {}),
            },
        }),
    ).catch((cause: unknown) => {
        shown.refused();
        throw cause;
    });
    lastReply.value = reply;
    sendAt.set(reply.id, Date.parse(reply.send_at));
    shown.accepted(reply);
    remember({ takeBack: () => undoReply(reply), sentFor: reply.ticket, get until() { return sendAtOf(reply.id) ?? 0; } });
    tick();
    return reply;
}

/** Throws `RequestFailed`. */
export async function addNote(ticket: number, text: string, key: string): Promise<void> {
    await body(
        api.POST('/v1/tickets/{id}/notes', {
            params: { path: { id: ticket }, header: { 'Idempotency-Key': key } },
            body: { text },
        }),
    );
}

/** Takes a reply back inside its undo window and puts its text where it was written. */
export async function undoReply(reply: Pick<Reply, 'id' | 'ticket' | 'text'>): Promise<void> {
    try {
        await body(api.DELETE('/v1/replies/{id}', { params: { path: { id: reply.id } } }));
        sendAt.set(reply.id, 0);
        setDraft(reply.ticket, 'reply', reply.text);
        tell(t('composer.undone'));
    } catch (cause) {
        if (cause instanceof RequestFailed && cause.status === 409) tell(t('composer.tooLate'), true);
        else tellFailure(cause);
    }
    if (lastReply.value?.id === reply.id) lastReply.value = null;
    await loadTimeline(reply.ticket);
}

/**
 * Tries a failed reply again, from the part that failed. What the customer wrote meanwhile is read first, and shown.
 * `again`: send although the same text went there since. Answers whether that is asked.
 */
export async function retryReply(id: number, ticket: number, again: boolean): Promise<boolean> {
    let repeated = false;
    try {
        const seen = lastSeen(ticket);
        const order = { ...(seen === null ? {} : { last_seen: seen }), ...(again ? { confirm_duplicate: true } : {}) };
        await body(api.POST('/v1/replies/{id}/retry', { params: { path: { id }, header: idempotent() }, body: order }));
        tell(t('delivery.retried'));
    } catch (cause) {
        repeated = cause instanceof RequestFailed && cause.code === 'duplicate_text';
        tellFailure(cause);
    }
    await loadTimeline(ticket);
    return repeated;
}

/** Ends the undo window of a reply. */
export async function sendNow(reply: Pick<Reply, 'id' | 'ticket'>): Promise<void> {
    try {
        await body(api.POST('/v1/replies/{id}/now', { params: { path: { id: reply.id }, header: idempotent() } }));
        sendAt.set(reply.id, serverTime());
        tell(t('composer.leavesNow'));
    } catch (cause) {
        tellFailure(cause);
    }
    await loadTimeline(reply.ticket);
}

export type Decision = { decision: 'resend' | 'published' | 'discard'; platform_id?: string; confirmed?: boolean };

/** Throws `RequestFailed`. */
export async function decide(ticket: number, reply: number, decision: Decision): Promise<void> {
    await body(
        api.POST('/v1/replies/{id}/decision', {
            params: { path: { id: reply }, header: idempotent() },
            body: decision,
        }),
    );
    await loadTimeline(ticket);
}
