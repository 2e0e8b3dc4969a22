import { api, body, idempotent } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../i18n';
import { tell, tellFailure } from './notices';
import { outcome, selected } from './selection';
import { refreshTickets, ticketOf } from './tickets';

export type BulkChange = components['schemas']['BulkOrder']['change'];

/** One request for all that are chosen; each only if it is still as it stands here. Those that failed stay chosen. */
export async function changeSelected(change: BulkChange): Promise<void> {
    const items = [...selected].map((ticket) => ({ ticket, ...(ticketOf(ticket) ? { revision: ticketOf(ticket)!.revision } : {}) }));
    try {
        const result = await body(api.POST('/v1/tickets/bulk', { params: { header: idempotent() }, body: { items, change } }));
        outcome.value = result;
        selected.clear();
        for (const one of result.items) if (one.status >= 400) selected.add(one.ticket);
        await refreshTickets(new Set(items.map((one) => one.ticket)));
    } catch (cause) {
        tellFailure(cause);
    }
}

/** Makes what the last action changed as it was; what somebody changed since stays as it is. */
export async function undoBulk(): Promise<void> {
    const done = outcome.value?.items.filter((one) => one.undo) ?? [];
    outcome.value = null;
    let failed: unknown;
    for (const { ticket, revision, undo } of done) {
        const header = revision === undefined ? {} : { 'If-Match': `"${revision}"` };
        await body(api.PATCH('/v1/tickets/{id}', { params: { path: { id: ticket }, header }, body: undo as never })).catch((cause: unknown) => {
            failed = cause;
        });
    }
    if (failed) tellFailure(failed);
    else tell(t('bulk.undone'));
    await refreshTickets(new Set(done.map((one) => one.ticket)));
}
