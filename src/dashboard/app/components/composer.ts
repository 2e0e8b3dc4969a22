import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';

import { api, body, newKey, RequestFailed } from '../api/client';
import type { Preview, ReplyRoute, RouteKind, Ticket, TimelineItem, Visibility } from '../api/types';
import { t } from '../i18n';
import { lastSeen, loadTimeline, timelineOf } from '../store/conversation';
import { draftIsSent, draftOf, keeper, setDraft, type Mode } from '../store/drafts';
import { connectionState } from '../store/live';
import { reasonOf, tell } from '../store/notices';
import { limitOf } from '../store/office';
import { colleaguesAt, lockedBy } from '../store/presence';
import { readOnly } from '../store/read_only';
import { addNote, leavesAtOnce, sendReply } from '../store/work';
import { taker } from '../store/typing_takes';
import { uploads, uploadsOf } from '../store/uploads';
import { lengthOf } from '../text/budget';
import { reasonWords } from '../text/reasons';

const previewAfter = 300;
const noteLimit = 10_000;

/** How much room is left in one message, and what becomes of a text that does not fit. */
export interface Room {
    left: number;
    over: 'fits' | 'split' | 'refuse';
}

/** The cuts as the server would make them, asked for when typing stops and only when the text does not fit. */
function usePreview(
    ticket: () => Ticket, visibility: Ref<Visibility>, text: Ref<string>, room: ComputedRef<Room>,
): Ref<Preview | null> {
    const preview = ref<Preview | null>(null);
    let timer = 0;

    async function ask(asked: string): Promise<void> {
        const { platform, channel } = ticket();
        try {
            const request = { platform, visibility: visibility.value, channel, text: asked };
            const answer = await body(api.POST('/v1/compose/preview', { body: request }));
            if (asked === text.value) preview.value = answer;
        } catch (cause) {
            // The local count still stands, and the server cuts again when the reply is sent.
            if (!(cause instanceof RequestFailed)) throw cause;
        }
    }

    watch([text, () => room.value.over], ([asked, over]) => {
        clearTimeout(timer);
        if (over === 'split') timer = window.setTimeout(() => void ask(asked), previewAfter);
        else preview.value = null;
    });
    onScopeDispose(() => clearTimeout(timer));
    return preview;
}

/** What the composer of one ticket does; `ticket` stays the same as long as the composer lives. */
export function useComposer(ticket: () => Ticket, mode: Ref<Mode>) {
    const id = ticket().id;
    const busy = ref(false);
    const problem = ref('');
    const missed = ref<TimelineItem[]>([]);
    /** The same text went to the same message before: sent again only when the agent says so. */
    const repeated = ref(false);
    /** Colleagues who are answering too: sent only when the agent says so. */
    const crowd = ref('');
    /** Placeholders of a canned reply that had no value: a person fills them in, or the reply does not leave. */
    const unfilled = ref<string[]>([]);
    const picked = ref<RouteKind | null>(null);
    const usual = computed<RouteKind>(() => (ticket().visibility === 'private' ? 'private_message' : 'public_reply'));
    /** The way the answer goes: the agent's choice, else the usual one for this ticket. */
    const route = computed<RouteKind>(() => picked.value ?? usual.value);
    const visibility = computed<Visibility>(() => (route.value.startsWith('private') ? 'private' : 'public'));
    const chosenRoute = computed(() => ticket().routes?.items.find((one) => one.kind === route.value));
    /** The attempt under way: tried again with the same key, it cannot be published twice. */
    let attempt = { text: '', lastSeen: null as number | null, key: '' };

    /** What is being sent and stands in the conversation already. It stays in the draft until the server has it, and out of the field. */
    const leaving = ref<{ mode: Mode; text: string }>({ mode: 'reply', text: '' });
    function leavingNow(): string {
        const { mode: sentIn, text: what } = leaving.value;
        return sentIn === mode.value && draftOf(id, sentIn).startsWith(what) ? what : '';
    }
    const text = computed({
        get: () => draftOf(id, mode.value).slice(leavingNow().length),
        set: (value: string) => setDraft(id, mode.value, leavingNow() + value),
    });
    const takes = taker(ticket);
    /** A key in the field has changed the text. */
    function typed(): void {
        if (mode.value === 'reply') takes();
    }
    const room = computed<Room>(() => {
        if (mode.value === 'note') {
            const left = noteLimit - lengthOf(text.value, 'code_points');
            return { left, over: left < 0 ? 'refuse' : 'fits' };
        }
        const limit = limitOf(ticket().channel, visibility.value);
        if (!limit) return { left: Number.POSITIVE_INFINITY, over: 'fits' };
        const left = limit.limit - lengthOf(text.value, limit.counts);
        const over = route.value === 'private_reply' ? 'refuse' : limit.over; // there is only one
        return { left, over: left < 0 ? over : 'fits' };
    });
    const preview = usePreview(ticket, visibility, text, room);

    function choose(chosen: ReplyRoute): void {
        picked.value = chosen.kind;
        repeated.value = false;
        if (chosen.kind === 'invitation' && chosen.link && !text.value.includes(chosen.link)) {
            text.value = `${text.value.trimEnd()} ${chosen.link}`.trim();
        }
    }

    const obstacle = computed(() => {
        if (ticket().status === 'closed' && mode.value === 'reply') return t('composer.closed');
        if (connectionState.value === 'offline') return t('composer.offline');
        if (readOnly.value) return t('composer.readOnly');
        const lock = mode.value === 'reply' ? lockedBy(id) : null;
        if (lock) return t('composer.locked', { name: lock.name });
        const gap = mode.value === 'reply' ? unfilled.value.find((name) => text.value.includes(`{${name}}`)) : undefined;
        if (gap) return t('composer.unfilled', { place: `{${gap}}` });
        const way = mode.value === 'reply' ? chosenRoute.value : undefined;
        if (way && !way.open) return reasonWords(way.why ?? '');
        if (way?.ticket) return t('route.elsewhere', { ticket: `#${way.ticket}` });
        return room.value.over === 'refuse' ? t('composer.tooLong') : '';
    });
    /** A reply to a conversation that is not on the screen would pass the stale guard unread. */
    const readable = computed(() => mode.value === 'note' || timelineOf(id) !== undefined);
    const sendable = computed(() => !busy.value && !obstacle.value && readable.value && text.value.trim() !== '');

    function keyFor(what: string, seen: number | null): string {
        if (attempt.text !== what || attempt.lastSeen !== seen) attempt = { text: what, lastSeen: seen, key: newKey() };
        return attempt.key;
    }

    async function sendAs(what: string, seen: number | null, again: boolean): Promise<void> {
        if (mode.value === 'note') {
            await addNote(id, what, keyFor(what, null));
            tell(t('composer.noteSaved'));
        } else {
            const atOnce = leavesAtOnce(ticket());
            const key = again ? newKey() : keyFor(`${what} ${uploadsOf(id).map((one) => one.id).join()}`, seen);
            const draft = { ticket: id, text: what, visibility: visibility.value, lastSeen: seen, key };
            const reply = await sendReply({ ...draft, route: picked.value, again, attachments: uploadsOf(id).map((one) => one.id) }, !atOnce);
            uploads.delete(id);
            if (reply.delivery.state === 'awaiting_approval') tell(t('delivery.awaiting_approval'));
            else tell(t(atOnce ? 'composer.noUndo' : 'composer.accepted'));
        }
    }

    async function trySend(seen: number | null, again = false, alone = false): Promise<boolean> {
        if (!sendable.value) return false;
        const sentIn = mode.value;
        const others = colleaguesAt(id).filter((one) => one.state === 'writing').map((one) => one.name);
        crowd.value = sentIn === 'reply' && !alone && others.length ? others.join(', ') : '';
        if (crowd.value) return false;
        busy.value = true;
        problem.value = '';
        repeated.value = false;
        try {
            // A draft on its way must not come back after what it became was accepted.
            await keeper.settle(id, sentIn);
            const what = text.value.trim();
            leaving.value = { mode: sentIn, text: text.value };
            await sendAs(what, seen, again);
            attempt = { text: '', lastSeen: null, key: '' };
            missed.value = [];
            draftIsSent(id, sentIn, what);
            return true;
        } catch (cause) {
            if (cause instanceof RequestFailed && cause.code === 'stale_reply') missed.value = cause.missed;
            else if (cause instanceof RequestFailed && cause.code === 'duplicate_text') repeated.value = true;
            else problem.value = t('composer.failed', { reason: reasonOf(cause) });
            return false;
        } finally {
            leaving.value = { mode: sentIn, text: '' };
            busy.value = false;
            void loadTimeline(id);
        }
    }

    /** Sends what is written, unless the customer wrote meanwhile; the text stays when it is refused. */
    const send = (): Promise<boolean> => trySend(lastSeen(id));

    /** The agent has seen that there is more and sends all the same. */
    function sendAnyway(): Promise<boolean> {
        const newest = missed.value.filter((item) => item.kind === 'message').at(-1);
        return trySend(newest?.id ?? lastSeen(id), false, true);
    }

    /** The agent knows that the same text went there before. */
    const sendAgain = (): Promise<boolean> => trySend(lastSeen(id), true, true);
    /** The agent knows that a colleague is answering too. */
    const sendAside = (): Promise<boolean> => trySend(lastSeen(id), false, true);

    return {
        text, typed, room, preview, unfilled, busy, problem, missed, repeated, route, visibility, obstacle, sendable, choose, send, sendAnyway, sendAgain, sendAside, crowd,
    };
}

export type Composer = ReturnType<typeof useComposer>;
