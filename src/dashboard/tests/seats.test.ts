// Which element of the page shows which row of the list.
import { expect, test } from 'vitest';

import { seating } from '../app/components/seats';

const ids = (from: number, count = 5): number[] => Array.from({ length: count }, (_, at) => from + at);

test('a row that stays keeps its element, one that comes takes over the element of one that went', () => {
    const seat = seating();
    expect(seat(ids(1), true)).toEqual([0, 1, 2, 3, 4]);
    expect(seat(ids(3), true)).toEqual([2, 3, 4, 0, 1]);
});

test('after a leap no element is new, and none has to move', () => {
    const seat = seating();
    const before = seat(ids(1), true);
    expect(seat(ids(90_001), true)).toEqual(before);
    // Two more in sight than before: only they are new.
    expect(seat(ids(500, 7), true)).toEqual([...before, 5, 6]);
});

test('rows that change their order take their elements along', () => {
    const seat = seating();
    seat([7, 8, 9], true);
    expect(seat([9, 7, 8], true)).toEqual([2, 0, 1]);
});

test('while one of them has the focus those that come get elements of their own', () => {
    const seat = seating();
    seat(ids(1), false);
    expect(seat([3, ...ids(90_001, 3)], false)).toEqual([2, 5, 6, 7]);
});

test('no element is given twice', () => {
    const seat = seating();
    for (const from of [1, 3, 900, 2, 901, 4, 5000, 1]) {
        for (const reuse of [true, false]) {
            const seats = seat(ids(from, 3 + (from % 4)), reuse);
            expect(new Set(seats).size).toBe(seats.length);
        }
    }
});
