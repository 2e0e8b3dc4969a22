// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { LiveEvent } from '../app/api/types';
import { Connection } from '../app/live/connection';

class FakeSocket extends EventTarget {
    static all: FakeSocket[] = [];
    closed = false;
    constructor(readonly address: URL) {
        super();
        FakeSocket.all.push(this);
    }
    frame(event: Omit<Partial<LiveEvent>, 'data'> & { data?: object }): void {
        const data = JSON.stringify({ at: '2026-03-02T09:05:10Z', data: {}, ...event });
        this.dispatchEvent(new MessageEvent('message', { data }));
    }
    hello(): void {
        this.frame({ seq: 0, type: 'hello' });
    }
    break(code = 1006): void {
        this.dispatchEvent(Object.assign(new Event('close'), { code }));
    }
    close(): void {
        this.closed = true;
    }
}

const latest = (): FakeSocket => FakeSocket.all.at(-1)!;
const since = (): string | null => latest().address.searchParams.get('since');

let applied: number[];
let reloads: number;
let ended: boolean;
let log: { items: LiveEvent[]; last_seq: number } | null;
let connection: Connection;

beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'performance'] });
    FakeSocket.all = [];
    [applied, reloads, ended, log] = [[], 0, false, null];
    vi.stubGlobal('WebSocket', FakeSocket);
    vi.stubGlobal('fetch', () => (log
        ? Promise.resolve(Response.json({ ...log, next_cursor: null }))
        : Promise.reject(new TypeError('Failed to fetch'))));
    connection = new Connection(
        40,
        (events) => applied.push(...events.map(({ seq }) => seq)),
        () => Promise.resolve((reloads += 1) && 7),
        () => (ended = true),
    );
});
afterEach(() => {
    connection.stop();
    vi.useRealTimers();
});

test('a lost socket comes back with the last number seen, and its replay is applied once', async () => {
    expect(since()).toBe('40');
    latest().hello();
    latest().frame({ seq: 41, type: 'ticket.changed' });
    await vi.advanceTimersByTimeAsync(20);
    expect(connection.state.value).toBe('live');
    latest().break();
    expect(connection.state.value).toBe('connecting');
    await vi.advanceTimersByTimeAsync(800);
    expect(FakeSocket.all).toHaveLength(2);
    expect(since()).toBe('41');
    latest().hello();
    for (const seq of [41, 42]) latest().frame({ seq, type: 'ticket.changed' });
    await vi.advanceTimersByTimeAsync(20);
    expect(applied).toEqual([41, 42]);
});

test('a socket that goes silent for 45 seconds is given up', async () => {
    latest().hello();
    const silent = latest();
    await vi.advanceTimersByTimeAsync(44_000);
    silent.frame({ seq: 0, type: 'heartbeat' });
    await vi.advanceTimersByTimeAsync(44_000);
    expect(silent.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(silent.closed).toBe(true);
    expect(FakeSocket.all).toHaveLength(2);
});

test('a cable that is pulled is told after a second and a half, one that is put back at once is not', () => {
    latest().hello();
    const plugged = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    window.dispatchEvent(new Event('offline'));
    vi.advanceTimersByTime(1_000);
    plugged.mockReturnValue(true);
    vi.advanceTimersByTime(1_000);
    expect(connection.state.value).toBe('live');

    plugged.mockReturnValue(false);
    window.dispatchEvent(new Event('offline'));
    vi.advanceTimersByTime(1_500);
    expect(connection.state.value).toBe('offline');
    const cut = latest();
    expect(cut.closed).toBe(true);

    plugged.mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    expect(latest()).not.toBe(cut);
    latest().hello();
    expect(connection.state.value).toBe('live');
    plugged.mockRestore();
});

test('without a socket the event log is read every three seconds, until the socket is back', async () => {
    const event = { seq: 41, type: 'ticket.changed', at: '2026-03-02T09:05:10Z', data: {} };
    log = { items: [event], last_seq: 41 };
    latest().break();
    await vi.advanceTimersByTimeAsync(5_100);
    expect(connection.state.value).toBe('polling');
    expect(applied).toEqual([41]);
    log = null;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(connection.state.value).toBe('offline');
    latest().hello();
    expect(connection.state.value).toBe('live');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connection.state.value).toBe('live');
});

test('a reset loads everything again and goes on from there', async () => {
    latest().hello();
    latest().frame({ seq: 0, type: 'reset', data: { seq: 7 } });
    await vi.advanceTimersByTimeAsync(20);
    expect(reloads).toBe(1);
    latest().frame({ seq: 8, type: 'ticket.changed' });
    await vi.advanceTimersByTimeAsync(20);
    expect(applied).toEqual([8]);
});

test('when the session ends there is no further try', async () => {
    latest().hello();
    latest().break(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toBe(true);
    expect(FakeSocket.all).toHaveLength(1);
});
