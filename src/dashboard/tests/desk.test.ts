// @vitest-environment jsdom
// What a desk does beside the queue: drafts on the server, colleagues at the same ticket, notifications.
import { flushPromises } from '@vue/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { startKeeper } from '../app/desk/draft_keeper';
import { resolve } from '../app/desk/draft_keeper';
import { isForMe } from '../app/desk/notifications';
import { conflicts, draftIsSent, draftKey, draftOf, forgetDrafts, keeper, keptOf, setDraft, unsaved } from '../app/store/drafts';
import { colleaguesAt, hearPresence, lockedBy } from '../app/store/presence';
import { me } from '../app/store/session';
import { openId } from '../app/store/tickets';
import { serverTime } from '../app/time/clock';
import type { LiveEvent } from '../app/api/types';
import type { FakeHouse } from './fake_house';
import { prepare, settle } from './stage';

/** The server's copies, with the ETag that each write renews. */
const copies = new Map<string, { text: string; tag: number; at: string }>();
let online = true;
/** Until when an answer with the list of drafts is held back. */
let listing = Promise.resolve();
let house: FakeHouse;
let writes = 0;

beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    house = prepare();
    me.value = house.me;
    copies.clear();
    online = true;
    listing = Promise.resolve();
    writes = 0;
    vi.stubGlobal('fetch', async (request: Request): Promise<Response> => {
        if (!online) throw new TypeError('no connection');
        const path = new URL(request.url).pathname;
        const answer = (status: number, body?: unknown, tag = 0): Response =>
            new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { ...(tag ? { ETag: `"${tag}"` } : {}), 'Content-Type': 'application/json' } });
        const listed = (key: string): object => {
            const [ticket, mode] = key.split('/');
            const { text, at } = copies.get(key)!;
            return { ticket: Number(ticket), mode, text, updated_at: at, visibility: null };
        };
        if (path === '/v1/drafts') {
            const items = [...copies.keys()].map(listed);
            await listing;
            return answer(200, { items, next_cursor: null });
        }
        const [, , , ticket, , mode] = path.split('/');
        const key = `${ticket}/${mode}`;
        const copy = copies.get(key);
        if (request.method === 'GET') return copy ? answer(200, listed(key), copy.tag) : answer(404, {});
        const asked = request.headers.get('If-Match');
        if (asked && asked !== `"${copy?.tag}"`) return answer(412, { code: 'precondition_failed', detail: 'changed' });
        writes++;
        if (request.method === 'DELETE') {
            copies.delete(key);
            return answer(204);
        }
        const { text } = (await request.json()) as { text: string };
        copies.set(key, { text, tag: writes + 100, at: new Date(writes * 1000).toISOString() });
        return answer(200, listed(key), writes + 100);
    });
    openId.value = null;
    forgetDrafts();
    startKeeper();
});

afterEach(() => {
    openId.value = null;
    vi.useRealTimers();
});

async function later(milliseconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await flushPromises();
    await settle();
}

test('what is typed is on the server half a second after the last key, in one write', async () => {
    for (const text of ['B', 'Bu', 'Buon']) setDraft(1, 'reply', text);
    await later(499);
    expect(writes).toBe(0);
    await later(1);
    expect(copies.get('1/reply')?.text).toBe('Buon');
    expect(writes).toBe(1);
    expect(keptOf(1, 'reply').dirty).toBe(false);
});

test('the browser’s store has what was typed a quarter of a second later, in one write', async () => {
    const stored = (): string => localStorage.getItem(draftKey(1, 'reply')) ?? '';
    setDraft(1, 'reply', 'Buongiorn');
    expect(stored()).toBe('');
    await later(150);
    setDraft(1, 'reply', 'Buongiorno');
    await later(100);
    expect(stored()).toContain('Buongiorno');
});

test.each([
    ['is left', () => window.dispatchEvent(new Event('pagehide'))],
    ['is hidden', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['asks what is not saved yet', () => unsaved()],
])('the last key press is in the browser’s store when the page %s', (_, happens) => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    setDraft(1, 'reply', 'fino all’ultimo tasto');
    setDraft(1, 'note', 'e la nota');
    happens();
    expect(localStorage.getItem(draftKey(1, 'reply'))).toContain('fino all’ultimo tasto');
    expect(localStorage.getItem(draftKey(1, 'note'))).toContain('e la nota');
    vi.restoreAllMocks();
});

test('a draft that is sent does not come back from the browser’s store', async () => {
    setDraft(1, 'reply', 'inviata');
    draftIsSent(1, 'reply', 'inviata');
    await later(300);
    window.dispatchEvent(new Event('pagehide'));
    expect(localStorage.getItem(draftKey(1, 'reply'))).toBeNull();
});

test('a draft begun on another device is there when the ticket is opened', async () => {
    copies.set('1/note', { text: 'di là', tag: 7, at: 'x' });
    openId.value = 1;
    await later(0);
    expect(draftOf(1, 'note')).toBe('di là');
    setDraft(1, 'note', 'di là e di qua');
    await later(500);
    expect(copies.get('1/note')?.text).toBe('di là e di qua');
});

test('without a connection nothing is lost, and it is saved when there is one again', async () => {
    online = false;
    setDraft(1, 'reply', 'scritto senza rete');
    await later(600);
    expect(draftOf(1, 'reply')).toBe('scritto senza rete');
    expect(unsaved()).toEqual([[1, 'reply']]);
    online = true;
    await later(10_000);
    expect(copies.get('1/reply')?.text).toBe('scritto senza rete');
    expect(unsaved()).toEqual([]);
});

test('two devices that change one draft: neither text is lost, and a person decides', async () => {
    setDraft(1, 'reply', 'mia');
    await later(500);
    copies.set('1/reply', { text: 'altra', tag: 999, at: 'dopo' });
    setDraft(1, 'reply', 'mia due');
    await later(500);
    expect(copies.get('1/reply')?.text).toBe('altra');
    expect(draftOf(1, 'reply')).toBe('mia due');
    expect(conflicts.get(draftKey(1, 'reply'))?.text).toBe('altra');
    resolve(1, 'reply', false);
    await later(0);
    expect(copies.get('1/reply')?.text).toBe('mia due');
    expect(conflicts.size).toBe(0);
});

test('the other text, once chosen, is the draft', async () => {
    copies.set('1/reply', { text: 'altra', tag: 999, at: 'dopo' });
    online = false;
    setDraft(1, 'reply', 'mia');
    online = true;
    openId.value = 1;
    await later(0);
    expect(conflicts.get(draftKey(1, 'reply'))?.text).toBe('altra');
    resolve(1, 'reply', true);
    expect(draftOf(1, 'reply')).toBe('altra');
});

test('what was sent does not come back from a write that was on its way', async () => {
    setDraft(1, 'reply', 'inviata');
    await keeper.settle(1, 'reply');
    draftIsSent(1, 'reply', 'inviata');
    await later(20_000);
    expect(copies.size).toBe(0);
    expect(draftOf(1, 'reply')).toBe('');
});

test.each([['inviata\nE ancora', 'E ancora'], ['tutt’altro', 'tutt’altro'], [' inviata ', '']])(
    'what was typed while a reply was on its way stays: %j', async (typed, rest) => {
        setDraft(1, 'reply', 'inviata');
        await keeper.settle(1, 'reply');
        setDraft(1, 'reply', typed);
        draftIsSent(1, 'reply', 'inviata');
        expect(draftOf(1, 'reply')).toBe(rest);
        await later(600);
        expect(copies.get('1/reply')?.text).toBe(rest || undefined);
    },
);

test('a list of drafts that is older than a draft’s saving does not take it away', async () => {
    let arrives = (): void => {};
    listing = new Promise((resolve) => (arrives = resolve));
    openId.value = 1;
    setDraft(1, 'reply', 'appena salvata');
    await later(600);
    expect(keptOf(1, 'reply').dirty).toBe(false);
    arrives();
    await later(0);
    expect(draftOf(1, 'reply')).toBe('appena salvata');
});

test('a draft sent from another device is gone here too', async () => {
    setDraft(1, 'reply', 'ciao');
    await later(500);
    copies.clear();
    openId.value = 1;
    await later(0);
    expect(draftOf(1, 'reply')).toBe('');
});

test('on a shared computer each person finds only their own drafts', () => {
    setDraft(1, 'reply', 'di Chiara');
    me.value = { ...house.me, id: 2 };
    expect(draftOf(1, 'reply')).toBe('');
});

test('colleagues are told once each, and a lease binds everybody but its holder until it ends', () => {
    const until = new Date(serverTime() + 60_000).toISOString();
    const frame = (lease: object | null): void => hearPresence({
        seq: 0, type: 'presence', at: '', ticket: 5,
        data: {
            ticket: 5, exclusive: true, lease, broken_by: null,
            people: [
                { agent: 2, name: 'Matteo', state: 'viewing' }, { agent: 2, name: 'Matteo', state: 'writing' },
                { agent: house.me.id, name: 'Chiara', state: 'writing' },
            ],
        } as unknown as LiveEvent['data'],
    });
    frame({ agent: 2, name: 'Matteo', until });
    expect(colleaguesAt(5)).toEqual([{ agent: 2, name: 'Matteo', state: 'writing' }]);
    expect(lockedBy(5)?.name).toBe('Matteo');
    frame({ agent: house.me.id, name: 'Chiara', until });
    expect(lockedBy(5)).toBeNull();
    frame({ agent: 2, name: 'Matteo', until: new Date(serverTime() - 120_000).toISOString() });
    expect(lockedBy(5)).toBeNull();
    hearPresence({ seq: 0, type: 'hello', at: '', data: {} });
    expect(colleaguesAt(5)).toEqual([]);
});

test('only what names me is a notification of mine', () => {
    const event = (type: string, data: object, actor = 2) => ({ seq: 1, type, at: '', actor, data: data as Record<string, never> });
    expect(isForMe(event('agent.mentioned', { agents: [1, 3] }), 1)).toBe(true);
    expect(isForMe(event('agent.mentioned', { agents: [3] }), 1)).toBe(false);
    expect(isForMe(event('reply.returned', { author: { id: 1 } }), 1)).toBe(true);
    expect(isForMe(event('reply.returned', { author: { id: 3 } }), 1)).toBe(false);
    expect(isForMe(event('message.received', {}), 1)).toBe(false);
});
