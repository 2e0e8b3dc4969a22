import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agentAtWork, customerAt, itemWith, messageWith, openTicket, rowWith, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const zalgo = `Z${'\u0335\u0321\u0356\u0342'.repeat(20)}a${'\u0334\u0348\u030b'.repeat(20)}`;
const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(9)"><script>alert(10)</script></svg>';
const family = '👩‍👩‍👧‍👦';
/** What a customer may send, and a piece of it by which it is found again. */
const texts = [
    { name: 'script', mark: 'uno:', text: 'uno: <script>alert(1)</script><img src=x onerror=alert(2)>' },
    { name: 'broken out', mark: 'due:', text: 'due: </p></article></div>"\'><svg/onload=alert(3)> {{ constructor.constructor("alert(4)")() }}' },
    { name: 'link', mark: 'tre:', text: 'tre: javascript:alert(5) data:text/html,<script>alert(6)</script> https://example.invalid/"onmouseover="alert(7)' },
    { name: 'direction', mark: 'quattro:', text: 'quattro: \u202egnirts desrever\u202c \u2067שלום\u2069 \u200fمرحبا' },
    { name: 'marks', mark: 'cinque:', text: `cinque: ${zalgo}` },
    { name: 'emoji', mark: 'sei:', text: `sei: ${family.repeat(12)} 🇮🇹🏴󠁧󠁢󠁥󠁮󠁧󠁿` },
    { name: 'many emoji', mark: 'otto:', text: `otto: ${'🔥'.repeat(1800)}` },
    { name: 'long word', mark: 'sette:', text: `sette: ${'w'.repeat(2000)}` },
];

let stage;
before(async () => { stage = await openStage(); });
after(() => stage?.close());

test('what customers write is shown as they wrote it and never runs', async () => {
    const page = await agentAtWork(stage);
    await picturedOnFailure(page, 'hostile', async () => {
        const customer = await customerAt(stage, 'facebook');
        for (const { name, mark, text } of texts) {
            await writeAs(customer, `Cliente <b onclick=alert(8)>${name}`, text);
            assert.equal(await itemWith(customer, mark).locator('.text').textContent(), text, `${name} on the public page`);
        }
        for (const { name, mark, text } of texts) {
            await openTicket(page, mark);
            const message = messageWith(page, mark);
            assert.equal(await message.locator('.plain').textContent(), text, `${name} in the dashboard`);
            for (const link of await message.locator('a').all()) {
                assert.match(await link.getAttribute('href'), /^https?:\/\/[^"<>\s]+$/);
            }
            const { inner, outer } = await page.evaluate(() => ({
                inner: document.documentElement.scrollWidth, outer: document.documentElement.clientWidth,
            }));
            assert.ok(inner <= outer, `${name} does not make the page wider`);
        }
        await page.bringToFront();
        await messageWith(page, 'sette:').hover();
    });
});

/** What no form of a platform lets through, and a changed or broken platform could send all the same. */
test('ten thousand emoji and a drawing that would run scripts are text and a file to save', async () => {
    const page = await agentAtWork(stage);
    await picturedOnFailure(page, 'hostile-files', async () => {
        const emoji = '😀'.repeat(10_000);
        await page.route('**/v1/tickets/*/timeline*', async (route) => {
            const answer = await route.fetch();
            const timeline = await answer.json();
            const message = timeline.items.find((one) => one.kind === 'message');
            const file = { id: 901, kind: 'file', media_type: 'image/svg+xml', bytes: svg.length, state: 'stored', reason: null, url: null };
            message.text = emoji;
            message.attachments = [
                { ...file, name: '<img src=x onerror=alert(11)>\u202egnp.svg', picture: false },
                { ...file, id: 902, name: 'finta.png', picture: true },
                { ...file, id: 903, name: 'link', kind: 'link', state: 'link', url: 'javascript:alert(12)', picture: false },
            ];
            await route.fulfill({ response: answer, json: timeline });
        });
        // A picture that is none: the server never calls it one, and where it did the browser would not run it.
        await page.route('**/v1/attachments/*/content', (route) => route.fulfill({ contentType: 'image/svg+xml', body: svg }));
        await rowWith(page, 'uno:').click();
        const files = page.getByTestId('attachment');
        await shown(files);
        assert.equal(await files.count(), 3);
        assert.equal(await files.nth(0).locator('img').count(), 0);
        assert.match(await files.nth(0).locator('a').getAttribute('download'), /svg$/);
        assert.equal(await files.nth(2).locator('a').count(), 0, 'a script is no address');
        assert.equal((await page.locator('.plain').first().textContent()).length, emoji.length);
        const { inner, outer } = await page.evaluate(() => ({ inner: document.documentElement.scrollWidth, outer: document.documentElement.clientWidth }));
        assert.ok(inner <= outer, 'the page is no wider');
    });
});
