// The whole life of a ticket, from a customer's post to the export, through a client whose types are the contract's.
// client.test.mjs generates ./contract.ts, compiles this strictly and runs it against the real server and simulator.
import createClient from 'openapi-fetch';

import type { components, paths } from './contract.js';

// Lists answer spreadsheets too; this client asks for JSON.
type Json = 'application/json' | 'application/problem+json';
type Client = ReturnType<typeof createClient<paths, Json>>;
type Ticket = components['schemas']['Ticket'];
export interface House {
    url: string;
    simulator: string;
    agent: { login: string; password: string };
}
export interface Story {
    ticket: Ticket;
    published: string;
    steps: string[];
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (let waited = 0; waited < 30_000; waited += 100) {
        const found = await look();
        if (found !== undefined) return found;
        await pause(100);
    }
    throw new Error(`${what}: not within 30 seconds`);
}

function expect(holds: boolean, what: string): asserts holds {
    if (!holds) throw new Error(`not so: ${what}`);
}

/** What a successful answer holds. */
function given<T>(answer: { data?: T; error?: unknown; response: Response }, what: string): T {
    if (answer.data === undefined) throw new Error(`${what}: ${answer.response.status} ${JSON.stringify(answer.error)}`);
    return answer.data;
}

/** Logs in as a person, and makes a token for a program. */
async function programFor(house: House): Promise<Client> {
    const person = createClient<paths, Json>({ baseUrl: house.url });
    const session = await person.POST('/v1/session', { body: house.agent });
    const csrf = given(session, 'log in').csrf_token;
    const cookie = (session.response.headers.get('set-cookie') ?? '').split(';', 1)[0];
    const made = await person.POST('/v1/tokens', {
        body: { name: 'life of a ticket' },
        headers: { Cookie: cookie, 'X-CSRF-Token': csrf },
    });
    const { token } = given(made, 'a token');
    return createClient<paths, Json>({ baseUrl: house.url, headers: { Authorization: `Bearer ${token}` } });
}

async function customerWrites(house: House, text: string): Promise<string> {
    const answer = await fetch(`${house.simulator}/control/posts`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ platform: 'twitter', account: 'TIM_Sportello', kind: 'mention', author: 'mara', text }),
    });
    return ((await answer.json()) as { id: string }).id;
}

export async function liveThrough(house: House): Promise<Story> {
    const steps: string[] = [];
    const client = await programFor(house);
    const path = (id: number) => ({ params: { path: { id } } });

    await customerWrites(house, '@TIM_Sportello my line is dead since this morning');
    const row = await eventually('the ticket', async () => {
        const list = given(await client.GET('/v1/tickets', { params: { query: { brand: 'tim', sort: '-updated' } } }), 'the list');
        return list.items.find(({ subject }) => subject.includes('line is dead'));
    });
    const id = row.id;
    steps.push('arrived');

    const shown = await client.GET('/v1/tickets/{id}', path(id));
    expect(given(shown, 'the ticket').status === 'new' || given(shown, 'the ticket').status === 'open', 'it waits');
    const routes = given(shown, 'the ticket').routes;
    expect(routes?.items.some(({ kind, open }) => kind === 'public_reply' && open) === true, 'it can be answered in public');

    const taken = given(await client.POST('/v1/tickets/{id}/take', path(id)), 'take');
    expect(taken.assignee !== null, 'somebody has it');
    const read = (await client.GET('/v1/tickets/{id}', path(id))).response.headers.get('ETag') ?? '';
    const asRead = { params: { path: { id }, header: { 'If-Match': read } } };
    given(await client.PATCH('/v1/tickets/{id}', { ...asRead, body: { priority: 'high', labels: ['guasto'] } }), 'change');
    const stale = await client.PATCH('/v1/tickets/{id}', { ...asRead, body: { priority: 'normal' } });
    expect(stale.response.status === 412 && stale.error?.code === 'precondition_failed', 'what was read is old');
    given(await client.POST('/v1/tickets/{id}/notes', { ...path(id), body: { text: 'Line test ordered' } }), 'note');
    steps.push('taken');

    const key = `the answer to ticket ${id}`; // what the request is for, so a program that starts again uses the same
    const order = {
        params: { path: { id }, header: { 'Idempotency-Key': key } },
        body: { text: 'We are on it: a technician looks at your line today.', visibility: 'public' as const },
    };
    const reply = given(await client.POST('/v1/tickets/{id}/replies', order), 'reply');
    const again = given(await client.POST('/v1/tickets/{id}/replies', order), 'the same reply');
    expect(reply.id === again.id, 'a repeat makes no second reply');
    const other = await client.POST('/v1/tickets/{id}/replies', { ...order, body: { ...order.body, text: 'Another text' } });
    expect(other.response.status === 422, 'a key is for one request');
    const published = await eventually('the reply on the platform', async () => {
        const now = given(await client.GET('/v1/replies/{id}', path(reply.id)), 'the reply');
        expect(now.delivery.state !== 'failed', 'it is published');
        return now.delivery.state === 'published' ? now.delivery.platform_id : undefined;
    });
    expect(typeof published === 'string', 'it has an id there');
    steps.push('answered');

    const timeline = given(await client.GET('/v1/tickets/{id}/timeline', { params: { path: { id }, query: { limit: 100 } } }), 'the story');
    const kinds = new Set(timeline.items.map(({ kind }) => kind));
    expect(kinds.has('message') && kinds.has('note') && kinds.has('reply'), 'all of it stands in the story');

    given(await client.PATCH('/v1/customers/{id}', { ...path(taken.customer.id), body: { contract_reference: 'TIM-0044-2231' } }), 'card');
    const found = await client.GET('/v1/customers', { params: { query: { contract_reference: 'TIM-0044-2231' } } });
    expect(given(found, 'customers').items.length === 1, 'the person is found by the contract');

    const view = await client.POST('/v1/views', { body: { name: 'Dead lines', filters: { label: 'guasto', brand: 'tim' } } });
    const seen = await client.GET('/v1/tickets', { params: { query: { view: given(view, 'a view').id } } });
    expect(given(seen, 'the view').items.some((one) => one.id === id), 'the view shows it');

    const bulk = await client.POST('/v1/tickets/bulk', {
        body: { items: [{ ticket: id }, { ticket: 999_999 }], change: { status: 'solved', status_reason: 'Line repaired' } },
    });
    const results = given(bulk, 'bulk');
    expect(results.changed === 1 && results.failed === 1 && results.items[1]?.status === 404, 'each has its own result');
    steps.push('solved');

    const sheet = await client.GET('/v1/tickets', { params: { query: { format: 'csv', label: 'guasto' } }, parseAs: 'text' });
    expect(String(sheet.data).includes('TIM') || String(sheet.data).includes(`${id},tim`), 'the list is a spreadsheet');
    const unchanged = await client.GET('/v1/brands', { headers: { 'If-None-Match': (await client.GET('/v1/brands')).response.headers.get('ETag') ?? '' } });
    expect(unchanged.response.status === 304, 'what is unchanged is not sent again');
    steps.push('exported');

    const ticket = given(await client.GET('/v1/tickets/{id}', path(id)), 'the ticket at the end');
    expect(ticket.status === 'solved' && ticket.first_response_at !== null, 'it is solved and was answered');
    return { ticket, published, steps };
}
