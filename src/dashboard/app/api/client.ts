import createClient, { type Middleware } from 'openapi-fetch';

import { learnServerTime } from '../time/clock';
import type { paths } from './schema';
import type { Problem, TimelineItem } from './types';

/** What went wrong with a request: the server's problem details, or `offline` when there was no answer. */
export class RequestFailed extends Error {
    constructor(
        readonly status: number,
        readonly code: Problem['code'] | 'offline',
        detail: string,
        readonly missed: TimelineItem[] = [],
        readonly retryAfterSeconds: number | null = null,
        /** What is wrong with single fields, by JSON pointer. */
        readonly errors: NonNullable<Problem['errors']> = [],
    ) {
        super(detail);
        this.name = 'RequestFailed';
    }
}

let csrfToken: string | null = null;
let whenSessionEnds: () => void = () => undefined;

export function useCsrfToken(token: string | null): void {
    csrfToken = token;
}

/** `callback` runs when the server no longer knows our session. */
export function onSessionEnd(callback: () => void): void {
    whenSessionEnds = callback;
}

/** The server said, in whatever way, that our session is over. */
export function sessionEnded(): void {
    whenSessionEnds();
}

let refusal = (): string => '';
let written: (answer: Response) => unknown = () => undefined;

/** As long as `why` says something, no change leaves: it is refused here with these words. Drafts go on, and so tell when it is over. */
export function refuseWritesWhile(why: () => string): void {
    refusal = why;
}

/** `callback` hears what the server answered to each change. */
export function whenWritten(callback: (answer: Response) => unknown): void {
    written = callback;
}

const isChange = (request: Request): boolean => request.method !== 'GET' && !/\/(compose\/preview|inspect|expand)$/.test(request.url);

const session: Middleware = {
    onRequest({ request }) {
        const why = isChange(request) && !/\/(drafts|session)\b/.test(request.url) ? refusal() : '';
        if (why) {
            return new Response(JSON.stringify({ status: 503, code: 'unavailable', detail: why }), {
                status: 503, headers: { 'Content-Type': 'application/problem+json', 'X-Not-Sent': 'yes' },
            });
        }
        if (request.method !== 'GET' && csrfToken) request.headers.set('X-CSRF-Token', csrfToken);
        return request;
    },
    onResponse({ request, response }) {
        learnServerTime(response.headers.get('Date'));
        if (isChange(request) && !response.headers.has('X-Not-Sent')) written(response);
        if (response.status === 401 && !/\/v1\/session(\/second-factor)?$/.test(request.url)) whenSessionEnds();
        return response;
    },
};

/** The typed client of the REST API; the browser adds the session cookie. */
// Lists answer spreadsheets too; here they are asked for as JSON.
export const api = createClient<paths, 'application/json' | 'application/problem+json'>({
    baseUrl: window.location.origin,
    credentials: 'same-origin',
    // Looked up at each call, so that a test may put its own server in its place.
    fetch: (request: Request) => globalThis.fetch(request),
});
api.use(session);

function problemOf(body: unknown, response: Response): RequestFailed {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
    const wait = Number(response.headers.get('Retry-After'));
    return new RequestFailed(
        response.status,
        problem.code ?? 'internal',
        problem.detail ?? problem.title ?? `${response.status} ${response.statusText}`,
        problem.missed ?? [],
        Number.isFinite(wait) && wait > 0 ? wait : null,
        problem.errors ?? [],
    );
}

/** The body of a successful answer (undefined for 204); throws {@link RequestFailed} for any other. */
export async function answer<Data>(
    request: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data | undefined> {
    let result: { data?: Data; error?: unknown; response: Response };
    try {
        result = await request;
    } catch (cause) {
        if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
        throw new RequestFailed(0, 'offline', cause instanceof Error ? cause.message : String(cause));
    }
    if (!result.response.ok) throw problemOf(result.error, result.response);
    return result.data;
}

/** Like {@link answer}, where the contract promises a body. */
export async function body<Data>(
    request: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
    const data = await answer(request);
    if (data === undefined) throw new RequestFailed(0, 'internal', 'the server answered without a body');
    return data;
}

/** A fresh Idempotency-Key; also works on plain HTTP, where `crypto.randomUUID` is missing. */
export function newKey(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The header that lets a POST be repeated without doing its work twice. */
export const idempotent = (): { 'Idempotency-Key': string } => ({ 'Idempotency-Key': newKey() });

/** All pages of a list, up to `most` items. */
export async function allPages<Item>(
    page: (cursor: { cursor?: string }) => Promise<{ items: Item[]; next_cursor: string | null }>, most = 1000,
): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
        const read: { items: Item[]; next_cursor: string | null } = await page(cursor ? { cursor } : {});
        items.push(...read.items);
        cursor = read.next_cursor;
    } while (cursor && items.length < most);
    return items;
}
