import { api, body, idempotent } from '../api/client';
import type { components } from '../api/schema';
import { t } from '../i18n';
import { reasonNow } from '../text/reasons';
import { serverTime } from '../time/clock';
import { tell, tellFailure } from './notices';
import { outcome, selected } from './selection';
import { refreshTickets, ticketOf } from './tickets';
import { remember } from './undo';

export type BulkChange = components['schemas']['BulkOrder']['change'];

/** One request for all that are chosen; each only if it is still as it stands here. Those that failed stay chosen. */
export async function changeSelected(change: BulkChange): Promise<void> {
    const items = [...selected].map((ticket) => ({ ticket, ...(ticketOf(ticket) ? { revision: ticketOf(ticket)!.revision } : {}) }));
    try {
        const result = await body(api.POST('/v1/tickets/bulk', { params: { header: idempotent() }, body: { items, change } }));
        const done = result.items.filter((one) => one.undo);
        outcome.value = { ...result, act: done.length ? remember({ takeBack: () => takeBack(done, change) }) : undefined };
        selected.clear();
        for (const one of result.items) if (one.status >= 400) selected.add(one.ticket);
        await refreshTickets(new Set(items.map((one) => one.ticket)));
    } catch (cause) {
        tellFailure(cause);
    }
}

type Done = components['schemas']['BulkResult']['items'][number];

/** What gives one ticket back what it had, as an order for many; labels by what came and what went. */
function wayBack({ undo }: Done, change: BulkChange): BulkChange {
    const { labels, ...fields } = undo ?? {};
    if (fields.snoozed_until && Date.parse(fields.snoozed_until) <= serverTime()) fields.snoozed_until = null;
    const gone = labels?.filter((one) => change.remove_labels?.includes(one)) ?? [];
    const come = labels ? change.add_labels?.filter((one) => !labels.includes(one)) ?? [] : [];
    return {
        ...fields,
        ...(gone.length ? { add_labels: gone } : {}),
        ...(come.length ? { remove_labels: come } : {}),
    } as BulkChange;
}

/** Makes what an action changed as it was, with one request for all that had the same; what somebody changed since stays. */
async function takeBack(done: Done[], change: BulkChange): Promise<void> {
    outcome.value = null;
    const groups = new Map<string, Done[]>();
    for (const one of done) {
        const back = JSON.stringify(wayBack(one, change));
        if (back !== '{}') groups.set(back, [...(groups.get(back) ?? []), one]);
    }
    const kept: string[] = [];
    let undone = 0;
    try {
        for (const [back, group] of groups) {
            const items = group.map(({ ticket, revision }) => ({ ticket, ...(revision === undefined ? {} : { revision }) }));
            const order = { items, change: JSON.parse(back) as BulkChange };
            const result = await body(api.POST('/v1/tickets/bulk', { params: { header: idempotent() }, body: order }));
            undone += result.changed;
            for (const one of result.items) {
                if ([409, 412].includes(one.status)) kept.push(`#${one.ticket}`);
                else if (one.status >= 400) tell(t('action.failed', { reason: reasonNow(one.detail ?? '') }), true);
            }
        }
    } catch (cause) {
        tellFailure(cause);
    }
    if (undone) tell(t('undo.many', { n: undone }));
    if (kept.length) tell(t('undo.keptMany', { tickets: kept.slice(0, 10).join(', '), n: kept.length }), true);
    await refreshTickets(new Set(done.map((one) => one.ticket)));
}
