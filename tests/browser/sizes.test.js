// What the whole dashboard weighs as it is built, without a browser: the first load is measured in budget.test.js.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../../src/dashboard/dist', import.meta.url));
const limits = { js: 280_000, css: 14_000 };
const files = readdirSync(built, { recursive: true }).map(String);
const ending = (end) => files.filter((name) => name.endsWith(`.${end}`));

for (const [kind, limit] of Object.entries(limits)) {
    test(`all .${kind} files together weigh less than ${limit / 1000} kB, packed`, () => {
        const sizes = ending(kind).map((name) => [gzipSync(readFileSync(join(built, name)), { level: 9 }).length, name]);
        const total = sizes.reduce((sum, [size]) => sum + size, 0);
        console.log(`all .${kind}: ${total} bytes in ${sizes.length} files`);
        const largest = sizes.sort(([a], [b]) => b - a).slice(0, 20).map((line) => line.join(' ')).join('\n');
        assert.ok(total > 0 && total <= limit, `${total} bytes, most of them in\n${largest}`);
    });
}

test('no fonts come along, and nothing is asked of another host', () => {
    assert.deepEqual(files.filter((name) => /\.(woff2?|ttf|otf|eot)$/.test(name)), []);
    for (const name of ending('css')) assert.doesNotMatch(readFileSync(join(built, name), 'utf8'), /@import|url\(\s*["']?(https?:)?\/\//, name);
    assert.doesNotMatch(readFileSync(join(built, 'index.html'), 'utf8'), /(src|href)="(https?:)?\/\//);
});
