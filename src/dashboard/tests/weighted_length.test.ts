import { describe, expect, test } from 'vitest';

import { lengthOf } from '../app/text/budget';
import { weightedLength } from '../app/text/weighted_length';
import published from './vectors/twitter-text-v3.json';

describe('the length as X counts it', () => {
    test.each(published.cases)('$description', ({ text, weightedLength: expected }) => {
        expect(weightedLength(text)).toBe(expected);
    });

    test.each([
        ['', 0],
        ['ciao', 4],
        ['perché', 6],
        ['perche\u0301', 6],
        ['Scrivi a https://www.tim.it/assistenza?x=1.', 9 + 23 + 1],
        ['vai su tim.it, grazie', 7 + 23 + 8],
        ['mail: aiuto@tim.it', 18],
        ['prezzo 12.50 euro', 17],
        ['© 2026', 6],
        ['🇮🇹', 2],
        ['5G+ “ok” …', 11],
    ])('%j weighs %i', (text, expected) => {
        expect(weightedLength(text)).toBe(expected);
    });
});

test('where code points are counted, an emoji of two counts two and an address counts its letters', () => {
    expect(lengthOf('🇮🇹 tim.it', 'code_points')).toBe(9);
    expect(lengthOf('🇮🇹 tim.it', 'weighted')).toBe(2 + 1 + 23);
});
