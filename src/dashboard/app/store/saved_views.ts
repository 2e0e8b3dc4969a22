import { allPages, answer, api, body, idempotent } from '../api/client';
import type { TicketView } from '../api/types';
import { savedViews } from './views';

/** What a list of tickets is narrowed by, by the names of the API. */
export type Filters = Record<string, string>;

export async function readViews(): Promise<TicketView[]> {
    savedViews.value = await allPages((cursor) => body(api.GET('/v1/views', { params: { query: { ...cursor, limit: 100 } } })));
    return savedViews.value;
}

export async function addView(name: string, shared: boolean, filters: Filters): Promise<void> {
    await body(api.POST('/v1/views', { params: { header: idempotent() }, body: { name, shared, filters } }));
    await readViews();
}

export async function changeView({ id, revision }: TicketView, change: { name?: string; shared?: boolean; filters?: Filters }): Promise<void> {
    await body(api.PATCH('/v1/views/{id}', { params: { path: { id }, header: { 'If-Match': `"${revision}"` } }, body: change }));
    await readViews();
}

export async function removeView({ id }: TicketView): Promise<void> {
    await answer(api.DELETE('/v1/views/{id}', { params: { path: { id } } }));
    await readViews();
}
