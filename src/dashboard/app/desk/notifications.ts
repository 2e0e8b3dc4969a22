import { shallowRef } from 'vue';

import { answer, api, body, idempotent } from '../api/client';
import type { LiveEvent, Notification } from '../api/types';
import { hear } from '../store/live';
import { reasonOf } from '../store/notices';
import { me } from '../store/session';
import { ring } from '../store/sound';
import { placeOf, wordsOf } from './notification_words';
import { callBack } from './system_notices';

export const unread = shallowRef(0);
/** The newest ones; null before they have been read for the first time. */
export const notifications = shallowRef<Notification[] | null>(null);
export const failure = shallowRef('');

export async function loadNotifications(): Promise<void> {
    try {
        const page = await body(api.GET('/v1/notifications', { params: { query: { limit: 50 } } }));
        notifications.value = page.items;
        unread.value = page.unread;
        failure.value = '';
    } catch (cause) {
        failure.value = reasonOf(cause);
    }
}

/** All that was shown; the newest says which those are. */
export async function readAll(): Promise<void> {
    const newest = notifications.value?.[0];
    if (!newest || !unread.value) return;
    try {
        await answer(api.POST('/v1/notifications/read', { params: { header: idempotent() }, body: { until: newest.id } }));
        await loadNotifications();
    } catch (cause) {
        failure.value = reasonOf(cause);
    }
}

export async function readOne(id: number): Promise<void> {
    try {
        await answer(api.POST('/v1/notifications/{id}/read', { params: { path: { id }, header: idempotent() } }));
        await loadNotifications();
    } catch (cause) {
        failure.value = reasonOf(cause);
    }
}

/** Whether an event is told to me by a notification too. */
export function isForMe(event: LiveEvent, mine: number): boolean {
    const data = event.data as { agents?: number[]; author?: { id?: number } };
    if (event.actor === mine) return false;
    if (event.type === 'agent.mentioned') return data.agents?.includes(mine) ?? false;
    return ['reply.approved', 'reply.returned', 'reply.approval_changed'].includes(event.type) && data.author?.id === mine;
}

export function startNotifications(): void {
    void loadNotifications();
    hear((events) => {
        const mine = me.value?.id ?? 0;
        // A reminder is rung for and called out already (attention.ts): here it only joins the list.
        if (events.some((event) => event.type === 'ticket.reminder' && (event.data as { agent?: number }).agent === mine)) void loadNotifications();
        if (!events.some((event) => isForMe(event, mine))) return;
        ring();
        void loadNotifications().then(() => {
            const newest = notifications.value?.[0];
            if (newest && !newest.read_at) callBack(wordsOf(newest), `notification-${newest.id}`, placeOf(newest));
        });
    });
}
