// @vitest-environment jsdom
// Notifications of the system: only when they were asked for, only for one who looks elsewhere, and never a customer's words.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { LiveEvent } from '../app/api/types';
import { attend } from '../app/desk/attention';
import { wordsOf } from '../app/desk/notification_words';
import { loadNotifications, startNotifications, unread } from '../app/desk/notifications';
import { router } from '../app/router';
import { me } from '../app/store/session';
import { chooseSystem, systemOn, systemPermission } from '../app/store/system_notices';
import { learn } from '../app/store/tickets';
import { FakeSocket, openAt, prepare, settle } from './stage';
import type { FakeHouse } from './fake_house';

class FakeNotification {
    static permission: NotificationPermission = 'default';
    static answer: NotificationPermission = 'granted';
    static asked = 0;
    static raised: FakeNotification[] = [];
    static requestPermission(): Promise<NotificationPermission> {
        FakeNotification.asked++;
        FakeNotification.permission = FakeNotification.answer;
        return Promise.resolve(FakeNotification.answer);
    }
    onclick: (() => void) | null = null;
    closed = false;
    constructor(readonly title: string, readonly options: NotificationOptions) {
        FakeNotification.raised.push(this);
    }
    close(): void {
        this.closed = true;
    }
}

let house: FakeHouse;
let focused = false;
beforeEach(async () => {
    house = prepare();
    Object.assign(FakeNotification, { permission: 'default', answer: 'granted', asked: 0, raised: [] });
    vi.stubGlobal('Notification', FakeNotification);
    focused = false;
    vi.spyOn(document, 'hasFocus').mockImplementation(() => focused);
    await chooseSystem(false);
});
afterEach(() => {
    vi.restoreAllMocks();
    me.value = null;
});

const event = (type: string, ticket: number, data: object = {}, actor?: number): LiveEvent =>
    ({ seq: 1, type, at: '', ticket, data: data as LiveEvent['data'], ...(actor ? { actor } : {}) });
const assigned = (ticket: number, assignee = 1, actor = 2): LiveEvent => event('ticket.assigned', ticket, { assignee }, actor);
const mine = (text: string): number => {
    const id = house.write(text, { assignee: { id: 1, name: 'Chiara' } });
    learn(house.tickets.get(id)!);
    return id;
};

test('the browser is asked once, when it is wanted, and what it says is what counts', async () => {
    expect(FakeNotification.asked).toBe(0);
    FakeNotification.answer = 'denied';
    await chooseSystem(true);
    expect([systemOn.value, systemPermission.value, localStorage.getItem('sportello.system')]).toEqual([false, 'denied', 'off']);
    await chooseSystem(true);
    expect(FakeNotification.asked).toBe(1);
    FakeNotification.permission = 'granted';
    await chooseSystem(true);
    expect([systemOn.value, localStorage.getItem('sportello.system')]).toEqual([true, 'on']);
});

test('who works in another window is called for what is theirs, without the customer’s words', async () => {
    me.value = house.me;
    await chooseSystem(true);
    const id = mine('il mio codice è RSSMRA80A01H501U');
    attend([
        assigned(id), event('message.received', id), event('ticket.warned', id), event('ticket.breached', id),
        event('ticket.reminder', id, { agent: 1, text: 'chiamare Rossi' }),
    ]);
    expect(FakeNotification.raised.map((one) => one.options.body)).toEqual([
        `Il ticket #${id} è stato assegnato a te.`, `Il cliente del tuo ticket #${id} ha scritto di nuovo.`,
        `Il tuo ticket #${id} scade tra poco.`, `Il tuo ticket #${id} è scaduto.`, `C’è un promemoria per il ticket #${id}.`,
    ]);
    expect(new Set(FakeNotification.raised.map((one) => one.options.tag)).size).toBe(5);
    const push = vi.spyOn(router, 'push').mockResolvedValue(undefined);
    FakeNotification.raised[0]!.onclick!();
    expect(push).toHaveBeenCalledWith({ name: 'queue', params: { view: 'mine', ticket: id } });
    expect(FakeNotification.raised[0]!.closed).toBe(true);
});

test('nobody is called who did not ask for it, who has the page before their eyes, or for what is others’', async () => {
    me.value = house.me;
    const id = mine('ciao');
    attend([assigned(id)]);
    await chooseSystem(true);
    attend([assigned(id, 3), assigned(id, 1, 1), event('ticket.warned', house.write('altrui'))]);
    focused = true;
    attend([assigned(id)]);
    expect(FakeNotification.raised).toEqual([]);
});

test('given by a person or by the house: both are told, another change of a ticket is not', async () => {
    me.value = house.me;
    await chooseSystem(true);
    const id = mine('ciao');
    attend([{ ...assigned(id), type: 'ticket.changed' }, event('ticket.changed', id, { priority: 'high' }, 2)]);
    expect(FakeNotification.raised.map((one) => one.options.body)).toEqual([`Il ticket #${id} è stato assegnato a te.`]);
});

test('a browser that has them only for service workers does no harm', async () => {
    me.value = house.me;
    await chooseSystem(true);
    vi.stubGlobal('Notification', class {
        static permission = 'granted';
        constructor() {
            throw new TypeError('Illegal constructor');
        }
    });
    expect(() => attend([assigned(mine('ciao'))])).not.toThrow();
});

test('a mention calls with the words of the bell’s list', async () => {
    await chooseSystem(true);
    house.on('GET /v1/notifications', {
        items: [{ id: 9, kind: 'mention', by: { id: 2, name: 'Matteo' }, ticket: 4, at: house.time(), read_at: null }], unread: 1, next_cursor: null,
    });
    const page = await openAt(house, '/queue/due');
    startNotifications();
    await loadNotifications();
    FakeSocket.last?.frame({ seq: 1, type: 'agent.mentioned', at: house.time(), actor: 2, ticket: 4, data: { agents: [house.me.id] } });
    await vi.waitFor(async () => {
        await settle();
        expect(FakeNotification.raised.length).toBe(1);
    }, { timeout: 10_000 });
    expect(FakeNotification.raised[0]!.options).toMatchObject({ tag: 'notification-9', body: expect.stringContaining('Matteo') });
    page.unmount();
});

test('a reminder that came due stays in the bell’s list', async () => {
    const one = { id: 10, kind: 'reminder', reminder: 3, text: 'richiamare', by: { kind: 'agent', id: 1, name: 'Chiara' }, ticket: 4, at: house.time(), read_at: null } as const;
    house.on('GET /v1/notifications', { items: [], unread: 0, next_cursor: null });
    const page = await openAt(house, '/queue/due');
    startNotifications();
    await loadNotifications();
    expect(unread.value).toBe(0);
    house.on('GET /v1/notifications', { items: [one], unread: 1, next_cursor: null });
    FakeSocket.last?.frame({ seq: 1, type: 'ticket.reminder', at: house.time(), ticket: 4, data: { agent: house.me.id, reminder: 3, text: 'richiamare' } });
    await vi.waitFor(async () => {
        await settle();
        expect(unread.value).toBe(1);
    }, { timeout: 10_000 });
    expect(wordsOf(one)).toBe('Promemoria per #4: richiamare');
    page.unmount();
});
