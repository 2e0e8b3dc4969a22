// Our weighted length is that of X's own package: on 100,000 texts made to be hard. SEED replays a run.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import twitter from 'twitter-text';

import { tables } from './generate.mjs';
import { chance, text } from './texts.mjs';

const programs = process.env.SPORTELLO_TEST_BIN ?? fileURLToPath(new URL('../../../build/test/bin', import.meta.url));
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 32);

function ourLengths(texts) {
    const { status, stdout, error } = spawnSync(path.join(programs, 'text_length'), {
        input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
        maxBuffer: 1 << 28,
        encoding: 'utf8',
    });
    assert.equal(status, 0, `text_length ended with ${status ?? error}`);
    return stdout.trimEnd().split('\n').map(Number);
}

const theirLength = (text) => twitter.parseTweet(text).weightedLength;

/** The shortest text, cut from this one at either end or inside, on which the two still differ. */
function shrink(text) {
    let points = [...text];
    for (let size = points.length >> 1; size > 0; size >>= 1) {
        for (let at = 0; at + size <= points.length; ) {
            const less = points.filter((_, place) => place < at || place >= at + size);
            const [ours] = ourLengths([less.join('')]);
            if (ours !== theirLength(less.join(''))) points = less;
            else at += size;
        }
    }
    return points.join('');
}

test('the lengths of 100,000 texts are those of twitter-text', (t) => {
    t.diagnostic(`SEED=${seed}`);
    const random = chance(seed);
    const texts = Array.from({ length: 100_000 }, () => text(random));
    const ours = ourLengths(texts);
    assert.equal(ours.length, texts.length);
    const wrong = texts.findIndex((text, at) => ours[at] !== theirLength(text));
    if (wrong >= 0) {
        const short = shrink(texts[wrong]);
        const escaped = JSON.stringify(short).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
        assert.fail(`SEED=${seed}: ${escaped} (${short}) is ${ourLengths([short])[0]} here and ${theirLength(short)} there`);
    }
});

test('two texts in five hold a link, one in five an emoji of several code points', () => {
    const random = chance(1);
    const texts = Array.from({ length: 2_000 }, () => text(random));
    const share = (holds) => texts.filter(holds).length / texts.length;
    assert.ok(share((text) => twitter.extractUrls(text.normalize()).length > 0) > 0.4);
    assert.ok(share((text) => /\u200d|\u20e3|[\u{1F3FB}-\u{1F3FF}]/u.test(text)) > 0.2);
});

for (const { path: file, write } of tables) {
    test(`${path.basename(file)} is what the generator writes`, () => {
        assert.equal(readFileSync(file, 'utf8'), write(), 'run: npm run generate');
    });
}
