// @vitest-environment jsdom
// What an agent does is on the screen before the server has answered, never as done before it has, and gone again when it is refused.
import { enableAutoUnmount } from '@vue/test-utils';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { startKeys } from '../app/keys/commands';
import { router } from '../app/router';
import { draftOf } from '../app/store/drafts';
import { notices } from '../app/store/notices';
import { undoSeconds } from '../app/store/preferences';
import { chooseTakeOnTyping } from '../app/store/typing_takes';
import type { FakeHouse } from './fake_house';
import { FakeSocket, openAt, prepare, settle } from './stage';

enableAutoUnmount(afterEach);
beforeAll(async () => {
    startKeys();
    await Promise.all([import('../app/pages/QueuePage.vue'), import('../app/components/ticket/panes')]);
}, 60_000);
// Nothing is stored after the page is gone.
afterAll(() => void window.dispatchEvent(new Event('pagehide')));
let house: FakeHouse;
beforeEach(() => {
    house = prepare();
    notices.value = [];
    undoSeconds.value = 8;
    chooseTakeOnTyping(false);
});

const at = (name: string): HTMLElement | null => document.querySelector(`[data-testid=${name}]`);
const row = (id: number): string => document.querySelector(`[data-ticket-id="${id}"]`)?.textContent ?? '';
const replies = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-kind=reply]')];
const field = (): HTMLTextAreaElement => at('composer-text') as HTMLTextAreaElement;

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    await settle();
}

async function write(text: string): Promise<void> {
    field().focus();
    field().value = text;
    field().dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
}

/** Requests of this method wait until they are let go, one after the other; what is asked of the house happens then. */
function holdBack(method: string): () => Promise<void> {
    const ask = globalThis.fetch;
    const waiting: (() => void)[] = [];
    vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
        if (request.method === method && !request.url.includes('/drafts/')) await new Promise<void>((go) => waiting.push(go));
        return ask(request);
    });
    return async () => {
        expect(waiting.length).toBeGreaterThan(0);
        waiting.shift()!();
        await settle();
    };
}

const writes = (path: string) => house.asked.filter((request) => request.method !== 'GET' && request.path.endsWith(path));

test('a reply stands in the conversation from the key press on, as waiting for the server, and becomes the one that it told of', async () => {
    const id = house.write('il modem lampeggia');
    await openAt(house, `/queue/due/${id}`);
    const letGo = holdBack('POST');
    await write('Lo spenga per un minuto.');
    await press('Enter', { ctrlKey: true });
    expect(replies().map((one) => one.textContent)).toEqual([expect.stringContaining('Lo spenga per un minuto.')]);
    expect(at('delivery-state')!.textContent).toContain('In attesa del server');
    expect(at('undo')).toBeNull();
    expect(row(id)).toContain('Lo spenga per un minuto.');
    expect(field().value).toBe('');
    // Whatever becomes of this page, the text is not lost.
    expect(draftOf(id, 'reply')).toBe('Lo spenga per un minuto.');
    expect(notices.value).toEqual([]);
    const clientId = replies()[0]!.dataset['clientId'];
    await letGo();
    expect(writes('/replies').map((request) => request.headers.get('Idempotency-Key'))).toEqual([clientId]);
    expect(replies()).toHaveLength(1);
    expect(at('delivery-state')!.textContent).toContain('Invio tra');
    expect(draftOf(id, 'reply')).toBe('');
});

test('a reply that is refused is no longer shown, its text is back where it was written, and what was typed meanwhile behind it', async () => {
    const id = house.write('è arrivato il tecnico?');
    await openAt(house, `/queue/due/${id}`);
    house.say(id, 'anzi, è appena arrivato');
    const letGo = holdBack('POST');
    await write('Arriva domani.');
    await press('Enter', { ctrlKey: true });
    await write(' Buona giornata.');
    await letGo();
    expect(at('stale')).not.toBeNull();
    expect(replies()).toEqual([]);
    expect(row(id)).not.toContain('Arriva domani');
    expect(field().value).toBe('Arriva domani. Buona giornata.');
});

test('a reply that everybody is told of before its author has the answer stands there once', async () => {
    const id = house.write('il numero non è portato');
    await openAt(house, `/queue/due/${id}`);
    const ask = globalThis.fetch;
    let answer = (): void => {};
    vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
        const answered = await ask(request);
        if (request.url.endsWith('/replies')) await new Promise<void>((go) => (answer = go));
        return answered;
    });
    await write('Domani lo è.');
    await press('Enter', { ctrlKey: true });
    const cause = replies()[0]!.dataset['clientId'];
    const reply = house.timelines.get(id)!.at(-1)!.id;
    FakeSocket.last!.frame({ seq: 1, type: 'reply.accepted', at: house.time(), ticket: id, cause, data: { reply } });
    await new Promise((painted) => requestAnimationFrame(painted));
    await settle();
    expect(replies()).toHaveLength(1);
    expect(replies()[0]!.dataset['messageId']).toBe(String(reply));
    answer();
    await settle();
    expect(replies()).toHaveLength(1);
});

test('what is taken and solved shows at once; the second goes on from what the first came to', async () => {
    const id = house.write('linea muta');
    await openAt(house, `/queue/due/${id}`);
    const take = holdBack('POST');
    const solve = holdBack('PATCH');
    document.body.focus();
    await press('a');
    expect(row(id)).toContain('Chiara Bianchi');
    await press('c');
    expect(at('solve')!.textContent).toContain('Riapri');
    expect(notices.value).toEqual([]);
    await take();
    await solve();
    expect(house.tickets.get(id)).toMatchObject({ status: 'solved', assignee: { id: 1 } });
    expect(writes(`/tickets/${id}`)[0]!.headers.get('If-Match')).toBe('"2"');
    expect(notices.value.map((one) => one.text)).toEqual(['Preso in carico', 'Risolto']);
});

test('a change that is refused is taken back and told once; what the server told meanwhile stays', async () => {
    const id = house.write('fattura doppia', { labels: ['bolletta'] });
    await openAt(house, `/queue/due/${id}`);
    const letGo = holdBack('PATCH');
    await press('c');
    expect(at('solve')!.textContent).toContain('Riapri');
    house.change(id, { labels: ['bolletta', 'urgente'], assignee: { id: 2, name: 'Matteo Ricci' } });
    await letGo();
    expect(at('solve')!.textContent).toContain('Risolvi');
    expect(row(id)).toContain('Matteo Ricci');
    expect(notices.value.filter((one) => one.urgent)).toHaveLength(1);
    expect(house.tickets.get(id)!.status).toBe('new');
});

test('J before a view’s rows have come goes to the first of them, and nowhere for who went on meanwhile', async () => {
    const id = house.write('modem spento');
    const path = (): string => router.currentRoute.value.fullPath;
    await openAt(house, '/queue/closed');
    const letGo = holdBack('GET');
    await router.push('/queue/mine');
    await press('j');
    await router.push('/queue/due');
    await press('j');
    expect(path()).toBe('/queue/due');
    await letGo();
    expect(path(), 'that was the list of before').toBe('/queue/due');
    await letGo();
    expect(path()).toBe(`/queue/due/${id}`);
});

test('a label that was entered and saved before the labels came is the one that was typed', async () => {
    const label = { name: 'guasto', color: null, description: '', retired: false, updated_at: house.time(), revision: 1 };
    house.on('GET /v1/labels', { items: [label], next_cursor: null });
    const id = house.write('linea muta');
    await openAt(house, `/queue/due/${id}`);
    const letGo = holdBack('GET');
    document.body.focus();
    await press('l');
    await vi.waitUntil(() => at('choice-filter'), { timeout: 10_000 });
    const filter = at('choice-filter') as HTMLInputElement;
    filter.value = 'gua';
    filter.dispatchEvent(new Event('input', { bubbles: true }));
    filter.focus();
    await settle();
    await press('Enter');
    await press('Enter', { ctrlKey: true });
    expect(writes(`/tickets/${id}`)).toEqual([]);
    await letGo();
    expect(writes(`/tickets/${id}`).map(({ body }) => body)).toEqual([{ labels: ['guasto'] }]);
    expect(at('choice-filter')).toBeNull();
});
