import { expect, test } from 'vitest';

import { countdown } from '../app/time/format';
import { slaOf } from '../app/time/sla';

const at = (time: string): string => `2026-03-02T${time}:00Z`;
const now = Date.parse(at('10:00'));
const openDay = { brand: 'tim', open: true, next_close: at('17:00'), next_open: '2026-03-03T08:00:00Z' };
const minutes = (left: number): number => left / 60_000;

test.each([
    ['good', at('10:40'), 40],
    ['soon', at('10:14'), 14],
    ['late', at('09:56'), -4],
] as const)('open: %s', (state, due, left) => {
    const sla = slaOf(due, openDay, now);
    expect(sla).toMatchObject({ state, paused: false });
    expect(minutes(sla.left)).toBe(left);
});

test('a due time after the night counts only office time', () => {
    const sla = slaOf('2026-03-03T08:20:00Z', openDay, Date.parse(at('16:30')));
    expect(minutes(sla.left)).toBe(30 + 20);
});

test('while the office is closed the clock stands still', () => {
    const closed = { brand: 'tim', open: false, next_open: at('12:00'), next_close: at('17:00') };
    const lefts = ['10:00', '11:00', '11:59'].map((time) => slaOf(at('12:25'), closed, Date.parse(at(time))));
    expect(lefts.map(({ left, paused }) => [minutes(left), paused])).toEqual([[25, true], [25, true], [25, true]]);
});

test('nobody waits: no clock', () => {
    expect(slaOf(null, openDay, now).state).toBe('none');
});

test.each([[4 * 60_000 + 12_000, '4:12'], [-252_000, '4:12'], [3_725_000, '1:02:05'], [900, '0:00']])(
    '%i ms reads %s',
    (left, words) => expect(countdown(left)).toBe(words),
);
