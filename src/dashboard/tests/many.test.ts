// @vitest-environment jsdom
// Many tickets at once, views, and search, at the screen.
import { enableAutoUnmount } from '@vue/test-utils';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { startKeys } from '../app/keys/commands';
import { router } from '../app/router';
import { outcome, selected } from '../app/store/selection';
import { forgetTickets, loadList, refreshTickets, rows, view } from '../app/store/tickets';
import { compare, viewOf, viewTitle } from '../app/store/views';
import type { FakeHouse } from './fake_house';
import { openAt, prepare, settle } from './stage';

enableAutoUnmount(afterEach);
beforeAll(startKeys);
let house: FakeHouse;
beforeEach(() => {
    house = prepare();
    selected.clear();
    outcome.value = null;
    view.value = 'due';
});

const at = (name: string): HTMLElement | null => document.querySelector(`[data-testid=${name}]`);
const press = (key: string, shiftKey = false): boolean => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }));

async function until(name: string): Promise<HTMLElement> {
    for (let turn = 0; turn < 100; turn++) {
        const found = at(name);
        if (found) return found;
        await new Promise((later) => setTimeout(later, 20));
        await settle();
    }
    throw new Error(`${name} does not come`);
}

test('tickets chosen by key are changed together; those that failed say why and stay chosen', async () => {
    const [one, two] = [house.write('uno', { dueIn: 10 }), house.write('due', { dueIn: 20 })];
    await openAt(house, `/queue/due/${one}`);
    press('x');
    press('J', true);
    await until('bulk');
    expect([...selected].sort()).toEqual([one, two].sort());
    house.on('GET /v1/labels', { items: [], next_cursor: null });
    house.on('POST /v1/tickets/bulk', {
        changed: 1, failed: 1,
        items: [{ ticket: one, status: 200, revision: 2, undo: { priority: 'normal' } }, { ticket: two, status: 412, code: 'precondition_failed', detail: 'it was changed meanwhile' }],
    });
    at('bulk-action')!.click();
    await until('choice-filter');
    document.querySelector<HTMLElement>('[data-testid=choice][data-id=priority-high]')!.click();
    await until('bulk-outcome');
    const asked = house.asked.find((request) => request.path === '/v1/tickets/bulk')!.body as { items: object[]; change: object };
    expect(asked.change).toEqual({ priority: 'high' });
    expect(asked.items).toEqual([{ ticket: one, revision: 1 }, { ticket: two, revision: 1 }]);
    expect([...selected]).toEqual([two]);
    expect([...document.querySelectorAll('[data-testid=bulk-result]')].map((line) => line.textContent?.trim())).toEqual([`#${one}: Fatto`, `#${two}: it was changed meanwhile`]);
    house.on('POST /v1/tickets/bulk', { changed: 1, failed: 0, items: [{ ticket: one, status: 200, revision: 3, undo: { priority: 'high' } }] });
    at('bulk-undo')!.click();
    await settle();
    const undone = house.asked.filter((request) => request.path === '/v1/tickets/bulk').at(-1)!.body;
    expect(undone).toEqual({ items: [{ ticket: one, revision: 2 }], change: { priority: 'normal' } });
});

test('one reply to a selection says first whom it reaches, and is not sent to nobody', async () => {
    const one = house.write('uno');
    house.on('GET /v1/labels', { items: [], next_cursor: null });
    house.on('POST /v1/broadcasts/preview', { members: 1, eligible: 0, takes_seconds: 0, channels: [], not_eligible: [{ why: 'because of the moon', count: 1 }] });
    await openAt(house, `/queue/due/${one}`);
    press('x');
    await until('bulk');
    at('bulk-action')!.click();
    await until('choice-filter');
    document.querySelector<HTMLElement>('[data-testid=choice][data-id=reply]')!.click();
    const preview = await until('selection-preview');
    expect(preview.textContent).toContain('because of the moon');
    expect((at('form-submit') as HTMLButtonElement).disabled).toBe(true);
});

test('operators among the words become filters, a customer by name too, and what names nothing is told', async () => {
    house.on('GET /v1/search', { items: [{ kind: 'customer', id: 77, text: 'Sara Greco', marks: [] }], next_cursor: null });
    house.on('GET /v1/views', { items: [], next_cursor: null });
    await openAt(house, '/search');
    const box = document.querySelector<HTMLInputElement>('[data-testid=search-words]')!;
    box.value = 'marca:tim cliente:"Sara Greco" stato:aperto linea canale:boh';
    box.dispatchEvent(new Event('input'));
    document.querySelector('form[role=search]')!.dispatchEvent(new Event('submit', { cancelable: true }));
    await vi.waitUntil(() => router.currentRoute.value.query['q'] === 'linea', { timeout: 5000 });
    expect(router.currentRoute.value.query).toEqual({ q: 'linea', brand: 'tim', customer: '77', status: 'open' });
    await settle();
    const query = house.asked.filter(({ path }) => path === '/v1/tickets').at(-1)!.query;
    expect([query.get('q'), query.get('brand'), query.get('customer')]).toEqual(['linea', 'tim', '77']);
    expect(document.querySelector('[data-testid=search-unknown]')!.textContent).toContain('canale:boh');
});

test('a search asks with what stands in the address, and marks what it found as text', async () => {
    const id = house.write('il <b>modem</b> non va');
    house.on('GET /v1/search', { items: [], next_cursor: null });
    house.on('GET /v1/views', { items: [], next_cursor: null });
    house.on('GET /v1/tickets', {
        items: [{ ...house.tickets.get(id)!, match: { kind: 'message', id: 1, at: house.time(), author: 'Sara', visibility: 'public', text: '😀 <b>modem</b> guasto', marks: [{ at: 5, length: 5 }] } }],
        next_cursor: null,
    });
    await openAt(house, '/search?q=modem&brand=tim&status=active');
    const found = await until('search-result');
    const asked = house.asked.filter((request) => request.path === '/v1/tickets').at(-1)!.query;
    expect([asked.get('q'), asked.get('brand'), asked.get('status')]).toEqual(['modem', 'tim', 'active']);
    expect(found.querySelector('mark')?.textContent).toBe('modem');
    expect(found.querySelector('b')).toBeNull();
});

test('views of a brand and a label sort out what changes; of a saved one only the server knows', () => {
    const ticket = house.tickets.get(house.write('uno', { labels: ['adsl'] }))!;
    expect(viewOf('brand-tim').holds?.(ticket, 1, Date.now())).toBe(true);
    expect(viewOf('brand-ti').holds?.(ticket, 1, Date.now())).toBe(false);
    expect(viewOf('label-adsl').holds?.(ticket, 1, Date.now())).toBe(true);
    expect(viewOf('label-due-parole').query.label).toBe('due-parole');
    expect(viewOf('v-12')).toEqual({ query: { view: 12 }, order: 'server' });
    expect(viewOf('snoozed').holds?.({ ...ticket, snoozed_until: house.time(10) }, 1, Date.now())).toBe(true);
    expect(viewOf('snoozed').query).toEqual({ status: 'active', snoozed: true, sort: '-updated' });
    expect(viewTitle('v-12')).toBe('Vista 12');
    expect(compare('label-adsl', ticket, { ...ticket, id: ticket.id + 1 })).toBeGreaterThan(0);
});

test('what came while the agent is busy in the list is said once, and Home brings it in and goes to the first row', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const old = house.write('vecchio', { dueIn: 30 });
    await openAt(house, `/queue/due/${old}`);
    const row = document.querySelector<HTMLElement>(`[data-ticket-id="${old}"]`)!;
    row.focus();
    row.dispatchEvent(new Event('pointermove', { bubbles: true }));
    const urgent = [house.write('urgente', { dueIn: 5 }), house.write('quasi', { dueIn: 6 })];
    await refreshTickets(new Set(urgent));
    await settle();
    expect(rows.value).toEqual([old]);
    expect(at('announced')!.textContent).toBe('');
    await vi.advanceTimersByTimeAsync(2_500);
    row.dispatchEvent(new Event('pointermove', { bubbles: true }));
    await vi.advanceTimersByTimeAsync(2_500);
    await settle();
    expect(at('announced')!.textContent).toContain('2');
    row.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true, cancelable: true }));
    await settle();
    expect(rows.value).toEqual([...urgent, old]);
    expect((document.activeElement as HTMLElement).dataset['ticketId']).toBe(String(urgent[0]));
    vi.useRealTimers();
});

test('a ticket that came while an older list was on its way keeps its row', async () => {
    forgetTickets();
    const first = house.write('prima', { dueIn: 10 });
    const ask = globalThis.fetch;
    let arrives = (): void => {};
    const held = new Promise<void>((resolve) => (arrives = resolve));
    vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
        const answer = await ask(request);
        if (new URL(request.url).pathname === '/v1/tickets') await held;
        return answer;
    });
    const loading = loadList();
    await settle();
    const second = house.write('dopo', { dueIn: 20 });
    await refreshTickets(new Set([second]));
    arrives();
    await loading;
    expect(rows.value).toEqual([first, second]);
});
