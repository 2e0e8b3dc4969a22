import { api, body, idempotent } from '../api/client';
import type { TimelineItem } from '../api/types';
import { t } from '../i18n';
import { loadTimeline } from './conversation';
import { tell, tellFailure } from './notices';

/** The message with its personal data, or nothing when it is refused; each look is written into the ticket's story. */
export async function reveal(message: number): Promise<string | undefined> {
    try {
        return (await body(api.POST('/v1/messages/{id}/reveal', { params: { path: { id: message } } }))).text;
    } catch (cause) {
        tellFailure(cause);
        return undefined;
    }
}

/** It only looked like personal data. */
export async function release(ticket: number, message: number, number: number): Promise<void> {
    try {
        await body(api.POST('/v1/messages/{id}/personal-data/{number}/release', { params: { path: { id: message, number } } }));
        await loadTimeline(ticket);
    } catch (cause) {
        tellFailure(cause);
    }
}

/** Whether the last that was ordered about a message is that we like it. */
export const likes = (item: TimelineItem): boolean => item.hiding?.action === 'like' && item.hiding.state !== 'failed';

export async function like(ticket: number, item: TimelineItem): Promise<void> {
    const path = likes(item) ? '/v1/messages/{id}/unlike' : '/v1/messages/{id}/like';
    try {
        await body(api.POST(path, { params: { path: { id: item.id }, header: idempotent() } }));
        tell(t('message.ordered'));
        await loadTimeline(ticket);
    } catch (cause) {
        tellFailure(cause);
    }
}

/** Hides a customer's comment on its platform, or shows it to all again. */
export async function hideOrShow(ticket: number, item: TimelineItem): Promise<void> {
    const path = item.hidden ? '/v1/messages/{id}/unhide' : '/v1/messages/{id}/hide';
    try {
        await body(api.POST(path, { params: { path: { id: item.id }, header: idempotent() } }));
        tell(t('message.ordered'));
        await loadTimeline(ticket);
    } catch (cause) {
        tellFailure(cause);
    }
}
