import { expect, test } from 'vitest';

import { parseTweet } from 'twitter-text';

import { chance, text } from '../../../tests/clients/twitter-text/texts.mjs';
import { weightedLength } from '../app/text/weighted_length';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);

test('the count in the browser is never below that of X, and the same wherever the browser knows the characters', () => {
    const random = chance(seed);
    let over = 0;
    const texts = Array.from({ length: 20_000 }, () => text(random));
    for (const each of texts) {
        const theirs = parseTweet(each).weightedLength;
        const ours = weightedLength(each);
        expect(ours, `SEED=${seed}: ${JSON.stringify(each)}`).toBeGreaterThanOrEqual(theirs);
        over += ours > theirs ? 1 : 0;
    }
    expect(over / texts.length, `SEED=${seed}`).toBeLessThan(0.001);
}, 60_000);
