// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import App from '../app/App.vue';
import { startKeys } from '../app/keys/commands';
import { router } from '../app/router';
import { leave } from '../app/store/live';
import { notices } from '../app/store/notices';
import { chooseTakeOnTyping } from '../app/store/typing_takes';
import { now } from '../app/time/clock';
import type { ReplyRoute } from '../app/api/types';
import { FakeHouse, type Asked } from './fake_house';

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
    static last: FakeSocket | null = null;
    constructor(readonly address: URL) {
        super();
        FakeSocket.last = this;
    }
    frame(event: object): void {
        this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(event) }));
    }
    close(): void {}
}

class NoObserver {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
}

let house: FakeHouse;
let page: VueWrapper;

async function serve(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const text = await request.text();
    const asked: Asked = {
        method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers,
        body: text ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
    const { status, body } = house.answer(asked);
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { 'Content-Type': type } });
}

async function settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await flushPromises();
}

/** Opens the dashboard at `path` as a browser would, with the socket connected. */
async function openAt(path: string): Promise<void> {
    await router.push(path);
    page = mount(App, { attachTo: document.body, global: { plugins: [router] } });
    await settle();
    FakeSocket.last?.frame({ seq: 0, type: 'hello', at: house.time(), data: { server_time: house.time() } });
    await settle();
}

/** An event of the live stream, and the frame in which it is painted. */
async function live(event: object): Promise<void> {
    FakeSocket.last?.frame(event);
    await vi.waitUntil(() => true);
    await new Promise((painted) => requestAnimationFrame(painted));
    await settle();
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    await settle();
}

const at = (id: string) => page.get(`[data-testid="${id}"]`);
const rowIds = (): number[] =>
    page.findAll('[data-testid="ticket-row"]').map((row) => Number(row.attributes('data-ticket-id')));
const writes = (): Asked[] => house.asked.filter(({ method }) => method !== 'GET');

enableAutoUnmount(afterEach);
startKeys();

// Parts that come late in a browser are there at once here.
beforeAll(() => Promise.all([
    import('../app/pages/QueuePage.vue'), import('../app/components/ticket/panes'), import('../app/components/ticket/TicketDialogs.vue'), import('../app/components/ticket/CustomerHistory.vue'),
]), 60_000);

beforeEach(() => {
    house = new FakeHouse();
    vi.stubGlobal('fetch', serve);
    vi.stubGlobal('WebSocket', FakeSocket);
    vi.stubGlobal('ResizeObserver', NoObserver);
    // jsdom has neither layout nor modal dialogs.
    Object.defineProperty(Element.prototype, 'clientHeight', { configurable: true, value: 720 });
    Object.defineProperty(Element.prototype, 'clientWidth', { configurable: true, value: 384 });
    HTMLElement.prototype.scrollTo = () => undefined;
    HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
        this.open = true;
    };
    HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
        this.open = false;
        this.dispatchEvent(new Event('close'));
    };
    // What the last test had still to store is stored before it is forgotten, and not in the middle of the next one.
    window.dispatchEvent(new Event('pagehide'));
    leave();
    localStorage.clear();
    sessionStorage.clear();
    now.value = Date.now();
});

test('without a session the login page comes first, and a wrong password is told', async () => {
    house.loggedIn = false;
    await openAt('/queue/mine');
    expect(router.currentRoute.value.fullPath).toBe('/login?to=/queue/mine');
    await at('login-name').setValue('chiara');
    await at('login-password').setValue('wrong');
    await page.get('form').trigger('submit');
    await settle();
    expect(page.get('[role="alert"].strip').text()).toBe('Utente o password non corretti.');

    await at('login-password').setValue('right');
    await page.get('form').trigger('submit');
    await vi.waitUntil(() => router.currentRoute.value.fullPath === '/queue/mine', 5000);
});

test('the list stands in the order of its due times', async () => {
    const later = house.write('domani', { dueIn: 50 });
    const late = house.write('ieri', { dueIn: -5 });
    await openAt('/queue/due');
    expect(rowIds()).toEqual([late, later]);
    const states = page.findAll('[data-testid="sla"]').map((clock) => clock.attributes('data-state'));
    expect(states).toEqual(['late', 'good']);
});

test('a view that does not load says so, and keeps no row of the view before it', async () => {
    house.write('di nessuno', { dueIn: 50 });
    const mine = house.write('mio', { dueIn: 60, assignee: { id: 1, name: 'Chiara Conti' } });
    await openAt('/queue/due');
    expect(rowIds()).toHaveLength(2);
    const busy = { status: 503, headers: { 'Content-Type': 'application/problem+json' } };
    vi.stubGlobal('fetch', async (request: Request) =>
        request.url.includes('assignee=me') ? new Response('{"detail":"the database is busy"}', busy) : serve(request));
    await at('view-mine').trigger('click');
    await settle();
    expect(page.get('[role="alert"].strip').text()).toContain('the database is busy (503 internal)');
    expect(rowIds()).toEqual([mine]);
});

test('a message that comes in appears without reloading, and an open conversation grows', async () => {
    const first = house.write('non va la linea', { dueIn: 30 });
    await openAt(`/queue/due/${first}`);
    const second = house.write('nemmeno la mia', { dueIn: 20 });
    await live(house.tell('message.received', second));
    expect(rowIds()).toEqual([second, first]);

    house.say(first, 'ancora niente');
    await live(house.tell('message.received', first));
    expect(page.findAll('[data-testid="message"]').at(-1)?.text()).toContain('ancora niente');
});

test('an older revision never wins over a newer one', async () => {
    const id = house.write('prova');
    await openAt('/queue/due');
    house.change(id, { assignee: { id: 2, name: 'Matteo Ricci' } });
    await live(house.events.at(-1)!);
    expect(at('ticket-row').text()).toContain('Matteo Ricci');
    house.tickets.set(id, { ...house.tickets.get(id)!, revision: 1, assignee: null });
    await live(house.tell('ticket.changed', id));
    expect(at('ticket-row').text()).toContain('Matteo Ricci');
});

test('a reply carries what was seen, one key and the undo window, and shows its delivery', async () => {
    const id = house.write('non va', { platform: 'twitter', channel: 'tim-twitter' });
    await openAt(`/queue/due/${id}`);
    await at('composer-text').setValue('Ci pensiamo noi: tim.it');
    expect(at('composer-budget').attributes('data-left')).toBe(String(280 - 17 - 23));
    await press('Enter', { ctrlKey: true });

    const sent = writes().find(({ path }) => path.endsWith('/replies'))!;
    expect(sent.body).toEqual({ text: 'Ci pensiamo noi: tim.it', visibility: 'public', last_seen: 1, undo_seconds: 8 });
    expect(sent.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
    expect(at('delivery-state').attributes('data-state')).toBe('queued');
    expect(at('delivery-state').text()).toBe('Invio tra 8 s');
    expect((at('composer-text').element as HTMLTextAreaElement).value).toBe('');

    house.timelines.get(id)!.at(-1)!.delivery = { state: 'published', platform_id: '1' };
    await live(house.tell('reply.published', id));
    expect(at('delivery-state').text()).toBe('Pubblicata');
});

const unread = (id: number): string => page.find(`[data-ticket-id="${id}"] [data-testid="unread"] span`).exists()
    ? page.get(`[data-ticket-id="${id}"] [data-testid="unread"] span`).text() : '';

test('what was written before one first came to this browser counts as read, what comes after does not', async () => {
    const [one, two] = [house.write('uno', { dueIn: 10 }), house.write('due', { dueIn: 20 })];
    await openAt('/queue/due');
    expect([unread(one), unread(two)]).toEqual(['', '']);
    house.change(one, { message_count: 8, inbound_count: 5, last_inbound_at: house.time(1) });
    await live({ ...house.tell('ticket.changed', one) });
    expect([unread(one), unread(two)]).toEqual(['1', '']);
    expect(Number(localStorage.getItem('sportello.since.1'))).toBeGreaterThan(Date.now() - 60_000);
});

test('a row counts what came since one last looked, and U marks it unread until one looks again', async () => {
    // Not new in this browser.
    localStorage.setItem('sportello.since.1', '1');
    const [one, two] = [house.write('uno', { dueIn: 10 }), house.write('due', { dueIn: 20 })];
    await openAt(`/queue/due/${one}`);
    expect([unread(one), unread(two)]).toEqual(['', '1']);
    await router.push(`/queue/due/${two}`);
    await settle();
    expect([unread(one), unread(two)]).toEqual(['', '']);
    house.change(one, { message_count: 9, inbound_count: 3, last_inbound_at: house.time(1) });
    await live({ ...house.tell('ticket.changed', one) });
    expect([unread(one), unread(two)]).toEqual(['2', '']);
    await press('u');
    expect([unread(one), unread(two)]).toEqual(['2', '1']);
    await router.push(`/queue/due/${one}`);
    await settle();
    expect([unread(one), unread(two)]).toEqual(['', '1']);
    window.dispatchEvent(new Event('pagehide'));
    expect(localStorage.getItem('sportello.read.1')).toContain(`[${one},[3,`);
});

test('the first key of a reply takes a ticket of nobody, quietly and once; a note, somebody’s ticket and the switch do not', async () => {
    const id = house.write('non va');
    const his = house.write('lenta', { assignee: { id: 2, name: 'Matteo Ricci' } });
    const other = house.write('spenta');
    notices.value = [];
    const taken = (): string[] => writes().filter(({ path }) => path.endsWith('/take')).map(({ path }) => path);
    const type = async (data: string): Promise<void> => {
        const area = at('composer-text').element as HTMLTextAreaElement;
        area.value += data;
        area.dispatchEvent(new InputEvent('input', { data, bubbles: true }));
        await settle();
    };
    await openAt(`/queue/due/${id}`);
    await at('mode-note').trigger('click');
    await type('n');
    expect(taken()).toEqual([]);
    await at('mode-reply').trigger('click');
    await type('B');
    await type('u');
    expect(taken()).toEqual([`/v1/tickets/${id}/take`]);
    expect(page.find('[data-testid="take"]').exists()).toBe(false);
    expect(notices.value).toEqual([]);

    await router.push(`/queue/due/${his}`);
    await settle();
    await type('B');
    expect(taken()).toHaveLength(1);

    chooseTakeOnTyping(false);
    await router.push(`/queue/due/${other}`);
    await settle();
    await type('B');
    expect(taken()).toHaveLength(1);
    expect(localStorage.getItem('sportello.take-on-typing')).toBe('off');
    chooseTakeOnTyping(true);
    house.problem(`POST /v1/tickets/${other}/take`, 409, []);
    await type('u');
    await type('o');
    expect(taken()).toHaveLength(2);
    expect(notices.value).toHaveLength(1);
    expect((at('composer-text').element as HTMLTextAreaElement).value).toBe('Buo');
});

test('Z inside the undo window takes the reply back and the text is there again', async () => {
    const id = house.write('non va');
    await openAt(`/queue/due/${id}`);
    await at('composer-text').setValue('Arriviamo');
    await at('composer-send').trigger('submit');
    await settle();
    await press('z');
    expect(writes().at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/replies/2' });
    expect((at('composer-text').element as HTMLTextAreaElement).value).toBe('Arriviamo');
    expect(at('delivery-state').attributes('data-state')).toBe('cancelled');
});

test('when the customer wrote meanwhile nothing is sent, the text stays, and the agent decides', async () => {
    const id = house.write('non va');
    await openAt(`/queue/due/${id}`);
    house.say(id, 'ora va!');
    await at('composer-text').setValue('Mandiamo un tecnico');
    await at('composer-send').trigger('submit');
    await settle();
    expect(at('stale').text()).toContain('1 nuovo messaggio mentre scrivevi');
    expect((at('composer-text').element as HTMLTextAreaElement).value).toBe('Mandiamo un tecnico');
    expect(page.findAll('[data-kind="reply"]')).toHaveLength(0);

    await at('stale').findAll('button')[1]!.trigger('click');
    await settle();
    const [refused, accepted] = writes().filter(({ path }) => path.endsWith('/replies'));
    expect(accepted!.body['last_seen']).toBe(2);
    expect(accepted!.headers.get('Idempotency-Key')).not.toBe(refused!.headers.get('Idempotency-Key'));
    expect(page.findAll('[data-kind="reply"]')).toHaveLength(1);
});

test('a send that got no answer is tried again with the same key', async () => {
    const id = house.write('non va');
    await openAt(`/queue/due/${id}`);
    await at('composer-text').setValue('Eccoci');
    const keys: (string | null)[] = [];
    vi.stubGlobal('fetch', (request: Request) => {
        keys.push(request.headers.get('Idempotency-Key'));
        return Promise.reject(new TypeError('Failed to fetch'));
    });
    await at('composer-send').trigger('submit');
    await settle();
    vi.stubGlobal('fetch', serve);
    await at('composer-send').trigger('submit');
    await settle();
    expect(writes().at(-1)!.headers.get('Idempotency-Key')).toBe(keys[0]);
});

test('a text over the limit is cut by the server on X and refused on a Facebook page', async () => {
    const tweet = house.write('x', { platform: 'twitter', channel: 'tim-twitter' });
    const comment = house.write('f');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await openAt(`/queue/due/${tweet}`);
    await at('composer-text').setValue('parola '.repeat(60));
    await vi.advanceTimersByTimeAsync(301);
    vi.useRealTimers();
    await settle();
    expect(at('composer-budget').text()).toBe('2 messaggi');
    expect(at('composer-send').attributes('disabled')).toBeUndefined();

    await router.push(`/queue/due/${comment}`);
    await settle();
    await at('composer-text').setValue('parola '.repeat(1200));
    expect(at('composer-send').attributes('disabled')).toBeDefined();
});

test('keys move, take, note and solve without the mouse', async () => {
    const first = house.write('uno', { dueIn: 10 });
    const second = house.write('due', { dueIn: 20 });
    await openAt('/queue/due');
    await press('j');
    expect(router.currentRoute.value.params['ticket']).toBe(String(first));
    await press('j');
    expect(router.currentRoute.value.params['ticket']).toBe(String(second));
    await press('k');
    await press('a');
    expect(house.tickets.get(first)?.assignee?.id).toBe(1);
    await press('n');
    expect(document.activeElement).toBe(at('composer-text').element);
    await at('composer-text').setValue('chiamato il tecnico');
    await press('Enter', { ctrlKey: true });
    expect(page.get('[data-kind="note"]').text()).toContain('chiamato il tecnico');
    await press('Escape');
    await press('c');
    expect(house.tickets.get(first)?.status).toBe('solved');
    expect(writes().every(({ headers }) => headers.get('X-CSRF-Token') === 'csrf-1')).toBe(true);
});

test('the hand-over asks for a number and shows the code', async () => {
    const id = house.write('richiamatemi');
    await openAt(`/queue/due/${id}`);
    await press('h');
    await whenLoaded('handover-number');
    await at('handover-number').setValue('abc');
    await at('handover-note').setValue('guasto');
    await page.get('dialog form').trigger('submit');
    await settle();
    expect(writes()).toHaveLength(0);
    await at('handover-number').setValue('+39 051 123456');
    await page.get('dialog form').trigger('submit');
    await settle();
    expect(at('handover-reference').text()).toBe('S-7K3M');
    expect(at('handed-over').text()).toContain('S-7K3M');
});

test('hostile text stays text', async () => {
    const id = house.write('<img src=x onerror=alert(1)> {{ 1 + 1 }} javascript:alert(1)');
    await openAt(`/queue/due/${id}`);
    expect(at('message').text()).toContain('<img src=x onerror=alert(1)> {{ 1 + 1 }} javascript:alert(1)');
    expect(page.find('[data-testid="message"] img, [data-testid="message"] a').exists()).toBe(false);
});

test('while the office is closed the banner says when it opens and the clocks stand still', async () => {
    house.open = false;
    house.write('di notte', { dueIn: 14 * 60 + 25 });
    await openAt('/queue/due');
    expect(at('office-banner').text()).toMatch(/^Ufficio chiuso: riapre /);
    expect(at('sla').attributes('data-state')).toBe('paused');
    expect(at('sla').text()).toMatch(/^\d\d:\d\dUfficio chiuso, orologio fermo: mancano 2[45]:\d\d; riparte \d\d:\d\d$/);
    expect(at('mean-today').text()).toContain('38 min');
});

test('lateness is office time: the night between does not count, and closed hours stop it', async () => {
    house.open = false;
    house.write('da ieri', { dueIn: -15 * 60 });
    await openAt('/queue/due');
    expect(at('sla').attributes('data-state')).toBe('paused');
    expect(at('sla').text()).toContain('−10:00');
    now.value += 60_000;
    await settle();
    expect(at('sla').text()).toContain('−10:00');
});

test('many events at once cost one page, not a request for each ticket', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => house.write(`n. ${index}`, { dueIn: index }));
    await openAt('/queue/due');
    const before = house.asked.length;
    for (const id of ids) FakeSocket.last?.frame(house.tell('ticket.changed', id));
    await live(house.tell('ticket.changed', ids[0]!));
    expect(house.asked.slice(before).map(({ path }) => path)).toEqual(['/v1/tickets']);
});

test('a page that was left asks for nothing more', async () => {
    const first = house.write('uno', { dueIn: 10 });
    house.write('due', { dueIn: 20 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await openAt(`/queue/due/${first}`);
    page.unmount();
    const before = house.asked.length;
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    await settle();
    expect(house.asked.slice(before).map(({ path }) => path)).toEqual([]);
});

/** What makes the list hold still, and what lets it go again. */
const holds: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['is over it', () => page.get('.pane').trigger('pointerenter', { pointerType: 'mouse' }), () => page.get('.pane').trigger('pointerleave', { pointerType: 'mouse' })],
    ['has the focus in it', () => press('1'), async () => (document.activeElement as HTMLElement).blur()],
    ['has scrolled away from its top', () => scrolledTo(40), () => scrolledTo(0)],
];
async function scrolledTo(top: number): Promise<void> {
    const scroller = page.get('.scroller');
    Object.defineProperty(scroller.element, 'scrollTop', { configurable: true, value: top });
    await scroller.trigger('scroll');
}

test.each(holds)('while the agent %s, new rows wait behind a button, however long, and those that are there change', async (_, busy, idle) => {
    const first = house.write('uno', { dueIn: 30 });
    await openAt('/queue/due');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await busy();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    const second = house.write('due', { dueIn: 20 });
    await live(house.tell('ticket.created', second));
    house.change(first, { subject: 'Linea muta' });
    await live(house.tell('ticket.changed', first));
    expect(rowIds()).toEqual([first]);
    expect(at('ticket-row').text()).toContain('Linea muta');
    expect(page.get('.fresh').text()).toBe('1 nuovo');
    await idle();
    await settle();
    expect(rowIds()).toEqual([second, first]);
    expect(page.find('.fresh').exists()).toBe(false);
});

test.each([
    ['a click', () => page.get('.fresh').trigger('click')],
    ['Home', () => press('Home')],
])('%s brings in what waited, and the first row has the focus', async (_, asks) => {
    const first = house.write('uno', { dueIn: 30 });
    await openAt('/queue/due');
    await page.get('.pane').trigger('pointerenter', { pointerType: 'mouse' });
    const second = house.write('due', { dueIn: 20 });
    await live(house.tell('ticket.created', second));
    expect(rowIds()).toEqual([first]);
    await asks();
    await settle();
    expect(rowIds()).toEqual([second, first]);
    expect(document.activeElement?.getAttribute('data-ticket-id')).toBe(String(second));
});

test('what was missed while the connection was away waits as well', async () => {
    const first = house.write('uno', { dueIn: 30 });
    await openAt('/queue/due');
    await page.get('.pane').trigger('pointerenter', { pointerType: 'mouse' });
    const second = house.write('due', { dueIn: 20 });
    FakeSocket.last?.frame({ seq: 0, type: 'reset', at: house.time(), data: {} });
    await settle();
    expect(rowIds()).toEqual([first]);
    await page.get('.pane').trigger('pointerleave', { pointerType: 'mouse' });
    await settle();
    expect(rowIds()).toEqual([second, first]);
});

test('another view comes whole, also under the pointer', async () => {
    const first = house.write('uno', { dueIn: 30 });
    await openAt('/queue/due');
    await page.get('.pane').trigger('pointerenter', { pointerType: 'mouse' });
    await router.push('/queue/unassigned');
    await settle();
    expect(rowIds()).toEqual([first]);
    expect(page.find('.fresh').exists()).toBe(false);
});

test('a finger holds the list until what it did has had time to come', async () => {
    const first = house.write('uno', { dueIn: 30 });
    await openAt('/queue/due');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await page.get('.pane').trigger('pointerenter', { pointerType: 'touch' });
    await page.get('.pane').trigger('pointerleave', { pointerType: 'touch' });
    const second = house.write('due', { dueIn: 20 });
    await live(house.tell('ticket.created', second));
    expect(rowIds()).toEqual([first]);
    await vi.advanceTimersByTimeAsync(3_000);
    vi.useRealTimers();
    await settle();
    expect(rowIds()).toEqual([second, first]);
});

test('the arrows walk through the list without opening', async () => {
    const [first, second] = [house.write('uno', { dueIn: 1 }), house.write('due', { dueIn: 2 })];
    await openAt('/queue/due');
    await press('1');
    expect(document.activeElement?.getAttribute('data-ticket-id')).toBe(String(first));
    await press('ArrowDown');
    expect(document.activeElement?.getAttribute('data-ticket-id')).toBe(String(second));
    expect(router.currentRoute.value.params['ticket']).toBe('');
});

test('a lost session leads back to the login page', async () => {
    const id = house.write('ciao');
    await openAt('/queue/due');
    house.loggedIn = false;
    await router.push(`/queue/due/${id}`);
    await settle();
    expect(router.currentRoute.value.fullPath).toBe('/login?ended=1');
});

test('the language can be switched', async () => {
    house.write('ciao');
    await openAt('/queue/due');
    await at('language').setValue('en');
    await vi.waitFor(() => expect(at('view-due').text()).toBe('Due'), { timeout: 10_000 });
    expect(document.documentElement.lang).toBe('en');
    await at('language').setValue('it');
    await vi.waitFor(() => expect(at('view-due').text()).toBe('In scadenza'), { timeout: 10_000 });
});

// ---- ways to answer ----

const free = { price_class: 'free', micro_dollars: 0 } as const;
function route(kind: ReplyRoute['kind'], more: Partial<ReplyRoute> = {}): ReplyRoute {
    return {
        kind, open: true, until: null, price_class: 'free', price: free, price_with_url: null, why: null, instead: null, link: null,
        ticket: null, ...more,
    };
}

/** A comment on Facebook: in public, once in private, never in a conversation. */
function comment(text: string): number {
    return house.write(text, {
        routes: {
            message: 1, platform_id: 'p1', items: [
                route('public_reply'),
                route('private_message', { open: false, why: 'this person has never written to us in private', instead: 'public_reply' }),
                route('private_reply', { until: house.time(60) }),
                route('by_hand', { link: 'https://www.facebook.com/1' }),
            ],
        },
    });
}

const ways = (): Record<string, string | undefined> => Object.fromEntries(
    page.findAll('[data-route]').map((way) => [way.attributes('data-route'), way.attributes('data-open')]));

async function whenLoaded(id: string): Promise<void> {
    await vi.waitUntil(() => page.find(`[data-testid="${id}"]`).exists(), { timeout: 10_000 });
    await settle();
}

test('the composer tells which ways are open before anybody types, and a closed one says why', async () => {
    await openAt(`/queue/due/${comment('quanto costa?')}`);
    await whenLoaded('routes');
    expect(ways()).toEqual({ public_reply: 'true', private_message: 'false', private_reply: 'true', by_hand: 'true' });
    const closed = page.get('[data-route="private_message"]');
    expect(closed.text()).toContain('Questa persona non ci ha mai scritto in privato → In pubblico');
    await closed.trigger('click');
    expect(page.get('[data-route="public_reply"]').attributes('aria-pressed')).toBe('true');
    now.value += 61 * 60_000;
    await settle();
    expect(ways()['private_reply']).toBe('false');
});

test('the way that was chosen goes with the reply', async () => {
    await openAt(`/queue/due/${comment('quanto costa?')}`);
    await whenLoaded('routes');
    await page.get('[data-route="private_reply"]').trigger('click');
    expect(page.text()).toContain('Risposta privata: la legge solo il cliente');
    await at('composer-text').setValue('Dipende');
    await at('composer-send').trigger('submit');
    await settle();
    expect(writes().at(-1)!.body).toMatchObject({ text: 'Dipende', visibility: 'private', route: 'private_reply' });
});

test('the same text to the same message asks once more', async () => {
    const id = house.write('non va');
    house.append(id, { text: 'Arriviamo', delivery: { state: 'published' } });
    await openAt(`/queue/due/${id}`);
    await at('composer-text').setValue('Arriviamo');
    await at('composer-send').trigger('submit');
    await settle();
    expect(page.findAll('[data-kind="reply"]')).toHaveLength(1);
    await at('repeated').get('button').trigger('click');
    await settle();
    expect(writes().at(-1)!.body['confirm_duplicate']).toBe(true);
    expect(page.findAll('[data-kind="reply"]')).toHaveLength(2);
});

test('by hand: the text to copy, who answers, and the question when nothing was seen', async () => {
    const id = comment('quanto costa?');
    await openAt(`/queue/due/${id}`);
    await whenLoaded('routes');
    await at('composer-text').setValue('Dipende');
    await page.get('[data-route="by_hand"]').trigger('click');
    await whenLoaded('by-hand-text');
    expect((at('by-hand-text').element as HTMLTextAreaElement).value).toBe('Dipende');
    expect(page.findAll('a[href="https://www.facebook.com/1"]')).toHaveLength(1);
    await at('by-hand-start').trigger('submit');
    await whenLoaded('by-hand');
    expect(writes().at(-1)).toMatchObject({ path: `/v1/tickets/${id}/by-hand`, body: { text: 'Dipende', last_seen: 1 } });
    expect(at('by-hand').text()).toContain('Chiara Bianchi sta rispondendo a mano');

    house.change(id, { by_hand: { ...house.tickets.get(id)!.by_hand!, asked_at: house.time() } });
    await live(house.tell('by_hand.unseen', id));
    expect(at('by-hand').attributes('data-asked')).toBe('true');
    await at('by-hand-keep').trigger('click');
    await settle();
    expect(at('by-hand').attributes('data-asked')).toBe('false');
    await at('by-hand-give-up').trigger('click');
    await settle();
    expect(page.find('[data-testid="by-hand"]').exists()).toBe(false);
});

test('supervisors see replies of unknown outcome, and order a second copy twice', async () => {
    Object.assign(house.me, { role: 'supervisor' });
    house.uncertain = [{
        id: 7, ticket: 1000, channel: 'tim-twitter', route: 'public_reply', visibility: 'public', text: 'Arriviamo', part: 1, parts: 1,
        author: { kind: 'agent', id: 2, name: 'Matteo Ricci' }, permalink: null, created_at: house.time(-20), uncertain_since: house.time(-20),
        unresolved: true, doubled_at: null, delivery: { state: 'unknown', reason: 'the outcome is not known; the platform is being read back' },
    }];
    await openAt('/queue/due');
    await whenLoaded('uncertain-banner');
    expect(at('uncertain-banner').text()).toContain('1 risposta dall’esito incerto');
    await router.push('/uncertain');
    await whenLoaded('uncertain');
    expect(at('uncertain').text()).toContain('Arriviamo');
    await at('uncertain-decide').trigger('click');
    await settle();
    await page.get('input[value="resend"]').setValue();
    await at('decide').trigger('submit');
    await settle();
    expect(writes()).toHaveLength(0);
    expect(at('resend-warning').text()).toContain('comparirà due volte');
    await at('decide').trigger('submit');
    await settle();
    expect(writes().at(-1)).toMatchObject({ path: '/v1/replies/7/decision', body: { decision: 'resend', confirmed: true } });
});

test('agents are not told of what supervisors decide', async () => {
    await openAt('/queue/due');
    await settle();
    expect(house.asked.some(({ path }) => path === '/v1/replies')).toBe(false);
});
