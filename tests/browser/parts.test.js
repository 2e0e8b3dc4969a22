// A reply that is longer than one message: its parts as cards that are changed where they stand, and what then is published.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agentAtWork, customerAt, itemWith, openTicket, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage, customer, page;
before(async () => {
    stage = await openStage();
    customer = await customerAt(stage, 'x');
    page = await agentAtWork(stage);
    // Nobody takes anything back here.
    await page.evaluate(() => localStorage.setItem('sportello.undo', '0'));
    await page.reload();
});
after(() => stage?.close());

const cards = () => page.getByTestId('part').evaluateAll((all) => all.map((card) => card.value));
/** The server has cut the text as it stands. */
const cutAgain = () => page.waitForResponse((answer) => answer.url().endsWith('/v1/compose/preview'));

test('a boundary is moved by keys, a card is rewritten, and the messages are published as the cards say', async () => {
    await picturedOnFailure(page, 'parts', async () => {
        await writeAs(customer, 'Anna Riva', 'il modem lampeggia rosso');
        await openTicket(page, 'lampeggia rosso');
        const words = Array.from({ length: 60 }, (_, at) => `parola${at + 10}`).join(' ');
        await page.getByTestId('composer-text').fill(words);
        await shown(page.getByTestId('part'));
        const [first, second] = await cards();
        assert.ok(first.length <= 274 && second, `${first} | ${second}`);
        const moving = first.split(' ').at(-1);

        await page.getByTestId('part').first().focus();
        const cut = cutAgain();
        await page.keyboard.press('Alt+ArrowUp');
        await page.waitForFunction((word) => document.querySelectorAll('[data-testid=part]')[1]?.value.startsWith(word), moving);
        await cut;
        assert.equal((await cards())[0], first.slice(0, -moving.length - 1));
        assert.ok((await cards())[1].startsWith(`${moving} `));

        const again = cutAgain();
        await page.getByTestId('part').first().fill(`Gentile Anna, ${first.slice(0, 200)}`);
        await again;
        await page.keyboard.press('Escape');
        const told = await cards();
        assert.match(told[0], /^Gentile Anna, parola10/);

        await page.getByTestId('composer-send').click();
        await shown(itemWith(customer, `(1/${told.length})`, true));
        for (const [at, card] of told.entries()) await shown(itemWith(customer, `${card} (${at + 1}/${told.length})`, true));
    });
});
