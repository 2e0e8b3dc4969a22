import { api, body, idempotent } from '../api/client';
import { loadTimeline } from './conversation';
import { tell, tellFailure } from './notices';
import { changed, fetchTicket } from './tickets';
import { t } from '../i18n';

async function renew(id: number): Promise<void> {
    changed(await fetchTicket(id));
    await loadTimeline(id);
}

/** The agent answers on the platform itself. Throws `RequestFailed`; the dialog shows it. */
export async function startByHand(id: number, text: string, lastSeen: number | null): Promise<void> {
    const seen = lastSeen === null ? {} : { last_seen: lastSeen };
    await body(
        api.POST('/v1/tickets/{id}/by-hand', { params: { path: { id }, header: idempotent() }, body: { text, ...seen } }),
    );
    tell(t('byHand.started'));
    await renew(id);
}

/** It is written, and will be seen. */
export async function keepByHand(id: number): Promise<void> {
    try {
        await body(api.POST('/v1/tickets/{id}/by-hand/keep', { params: { path: { id }, header: idempotent() } }));
        await renew(id);
    } catch (cause) {
        tellFailure(cause);
    }
}

/** It was not written after all. */
export async function giveUpByHand(id: number): Promise<void> {
    try {
        await body(api.DELETE('/v1/tickets/{id}/by-hand', { params: { path: { id } } }));
        await renew(id);
    } catch (cause) {
        tellFailure(cause);
    }
}
