import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';

import { api, body, newKey, RequestFailed } from '../api/client';
import type { Preview, Ticket, TimelineItem } from '../api/types';
import { t } from '../i18n';
import { lastSeen, loadTimeline, timelineOf } from '../store/conversation';
import { draftOf, setDraft, type Mode } from '../store/drafts';
import { connectionState } from '../store/live';
import { reasonOf, tell } from '../store/notices';
import { limitOf } from '../store/office';
import { addNote, leavesAtOnce, sendReply } from '../store/work';
import { lengthOf } from '../text/budget';

const previewAfter = 300;
const noteLimit = 10_000;

/** How much room is left in one message, and what becomes of a text that does not fit. */
export interface Room {
    left: number;
    over: 'fits' | 'split' | 'refuse';
}

/** The cuts as the server would make them, asked for when typing stops and only when the text does not fit. */
function usePreview(ticket: () => Ticket, text: Ref<string>, room: ComputedRef<Room>): Ref<Preview | null> {
    const preview = ref<Preview | null>(null);
    let timer = 0;

    async function ask(asked: string): Promise<void> {
        const { platform, visibility, channel } = ticket();
        try {
            const request = { platform, visibility, channel, text: asked };
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
    /** The attempt under way: tried again with the same key, it cannot be published twice. */
    let attempt = { text: '', lastSeen: null as number | null, key: '' };

    const text = computed({
        get: () => draftOf(id, mode.value),
        set: (value: string) => setDraft(id, mode.value, value),
    });
    const room = computed<Room>(() => {
        if (mode.value === 'note') {
            const left = noteLimit - lengthOf(text.value, 'code_points');
            return { left, over: left < 0 ? 'refuse' : 'fits' };
        }
        const limit = limitOf(ticket().channel, ticket().visibility);
        if (!limit) return { left: Number.POSITIVE_INFINITY, over: 'fits' };
        const left = limit.limit - lengthOf(text.value, limit.counts);
        return { left, over: left < 0 ? limit.over : 'fits' };
    });
    const preview = usePreview(ticket, text, room);

    const obstacle = computed(() => {
        if (ticket().status === 'closed' && mode.value === 'reply') return t('composer.closed');
        if (connectionState.value === 'offline') return t('composer.offline');
        return room.value.over === 'refuse' ? t('composer.tooLong') : '';
    });
    /** A reply to a conversation that is not on the screen would pass the stale guard unread. */
    const readable = computed(() => mode.value === 'note' || timelineOf(id) !== undefined);
    const sendable = computed(() => !busy.value && !obstacle.value && readable.value && text.value.trim() !== '');

    function keyFor(what: string, seen: number | null): string {
        if (attempt.text !== what || attempt.lastSeen !== seen) attempt = { text: what, lastSeen: seen, key: newKey() };
        return attempt.key;
    }

    async function sendAs(seen: number | null): Promise<void> {
        const what = text.value.trim();
        if (mode.value === 'note') {
            await addNote(id, what, keyFor(what, null));
            tell(t('composer.noteSaved'));
        } else {
            const atOnce = leavesAtOnce(ticket());
            const key = keyFor(what, seen);
            await sendReply({ ticket: id, text: what, visibility: ticket().visibility, lastSeen: seen, key }, !atOnce);
            tell(t(atOnce ? 'composer.noUndo' : 'composer.accepted'));
        }
    }

    async function trySend(seen: number | null): Promise<boolean> {
        if (!sendable.value) return false;
        const sentIn = mode.value;
        busy.value = true;
        problem.value = '';
        try {
            await sendAs(seen);
            attempt = { text: '', lastSeen: null, key: '' };
            missed.value = [];
            setDraft(id, sentIn, '');
            return true;
        } catch (cause) {
            if (cause instanceof RequestFailed && cause.code === 'stale_reply') missed.value = cause.missed;
            else problem.value = t('composer.failed', { reason: reasonOf(cause) });
            return false;
        } finally {
            busy.value = false;
            void loadTimeline(id);
        }
    }

    /** Sends what is written, unless the customer wrote meanwhile; the text stays when it is refused. */
    const send = (): Promise<boolean> => trySend(lastSeen(id));

    /** The agent has seen that there is more and sends all the same. */
    function sendAnyway(): Promise<boolean> {
        const newest = missed.value.filter((item) => item.kind === 'message').at(-1);
        return trySend(newest?.id ?? lastSeen(id));
    }

    return { text, room, preview, busy, problem, missed, obstacle, sendable, send, sendAnyway };
}
