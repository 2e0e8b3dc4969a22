// @vitest-environment jsdom
import { expect, test } from 'vitest';

import type { LiveEvent } from '../app/api/types';
import { retryAfter } from '../app/live/connection';
import { FrameBuffer } from '../app/live/frames';

const event = (seq: number): LiveEvent => ({ seq, type: 'ticket.changed', at: '2026-03-02T09:05:10Z', ticket: seq, data: {} });

function buffer(since: number) {
    const batches: number[][] = [];
    const frames: (() => void)[] = [];
    const kept = new FrameBuffer(since, (events) => batches.push(events.map(({ seq }) => seq)), (run) => frames.push(run));
    return { kept, batches, paint: () => frames.splice(0).forEach((run) => run()) };
}

test('all events of one frame arrive as one batch, in order', () => {
    const { kept, batches, paint } = buffer(0);
    for (let seq = 1; seq <= 2000; seq++) kept.push(event(seq));
    expect(batches).toEqual([]);
    paint();
    expect(batches).toEqual([Array.from({ length: 2000 }, (_, index) => index + 1)]);
});

test('numbers may skip, and an event seen before is dropped', () => {
    const { kept, batches, paint } = buffer(5);
    for (const seq of [5, 6, 6, 9, 7, 10]) kept.push(event(seq));
    paint();
    expect(batches).toEqual([[6, 9, 10]]);
    expect(kept.lastSeq).toBe(10);
});

test('a replay after a lost connection is applied once', () => {
    const { kept, batches, paint } = buffer(0);
    kept.push(event(1));
    paint();
    for (const seq of [1, 2]) kept.push(event(seq));
    paint();
    expect(batches).toEqual([[1], [2]]);
});

test('after a reset the numbers start anew and what waited is forgotten', () => {
    const { kept, batches, paint } = buffer(900);
    kept.push(event(901));
    kept.restart(3);
    kept.push(event(4));
    paint();
    expect(batches).toEqual([[4]]);
});

test('retries double from half a second to fifteen, spread by half either way', () => {
    expect([0, 1, 2, 10].map((failures) => retryAfter(failures, 0.5))).toEqual([500, 1000, 2000, 15_000]);
    expect(retryAfter(0, 0)).toBe(250);
    expect(retryAfter(10, 0.999)).toBeLessThan(22_500);
});
