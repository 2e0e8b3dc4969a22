import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { customerAt, itemWith, shown, submitted, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const phone = { hasTouch: true, isMobile: true, viewport: { width: 320, height: 700 } };

// A picture of one dot.
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

let stage;
before(async () => {
    stage = await openStage();
});
after(() => stage?.close());

async function assertFits(page) {
    const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= width, `the page is ${wide} px wide`);
}

test('a customer with a phone posts a picture, answers, changes, takes back, and writes in private', async () => {
    const page = await customerAt(stage, 'facebook', phone);
    await picturedOnFailure(page, 'public-page', async () => {
        await page.getByTestId('file').setInputFiles({ name: 'modem.png', mimeType: 'image/png', buffer: png });
        await writeAs(page, 'Gino Sala', 'la spia è rossa, e una parola lunga: ' + 'a'.repeat(90));
        await assertFits(page);
        const post = itemWith(page, 'la spia è rossa');
        await shown(post.locator('img.picture'));
        assert.equal(await post.locator('img.picture').evaluate((image) => image.decode().then(() => image.naturalWidth)), 1);

        await post.locator('a.reply').click();
        await writeAs(page, 'Gino Sala', 'e adesso lampeggia');
        const comment = itemWith(page, 'e adesso lampeggia');
        await comment.locator('a.reply').click();
        await writeAs(page, 'Ida Costa', 'anche la mia');
        const classes = await itemWith(page, 'anche la mia').getAttribute('class');
        assert.ok(classes.includes('deeper'), 'an answer to a comment stands below it');

        await comment.getByText('Altro').click();
        await comment.getByTestId('edit-text').fill('adesso è spenta');
        await assertFits(page);
        await submitted(page, comment.getByTestId('edit'));
        const changed = itemWith(page, 'adesso è spenta');
        await shown(changed.locator('[data-mark=edited]'));

        await itemWith(page, 'anche la mia').getByText('Altro').click();
        await submitted(page, itemWith(page, 'anche la mia').getByTestId('delete'));
        await shown(changed);
        assert.equal(await itemWith(page, 'anche la mia').count(), 0);

        await writeAs(page, 'Gino Sala', 'il mio numero è 051 000000', 'direct_message');
        await shown(page.locator('.thread.private').filter({ hasText: 'il mio numero' }));
        await assertFits(page);
    });
});

test('what is being changed stays while others write', async () => {
    const page = await customerAt(stage, 'facebook');
    await writeAs(page, 'Lia Riva', 'un testo che cambio con calma');
    const mine = itemWith(page, 'un testo che cambio');
    await mine.getByText('Altro').click();
    await mine.getByTestId('edit-text').fill('un testo quasi pron');
    const other = await customerAt(stage, 'facebook');
    await writeAs(other, 'Ugo Neri', 'mi intrometto');
    await page.waitForResponse((answer) => answer.url().endsWith('/items') && answer.ok());
    await page.waitForResponse((answer) => answer.url().endsWith('/items') && answer.ok());
    assert.equal(await mine.getByTestId('edit-text').inputValue(), 'un testo quasi pron');
    await mine.getByText('Altro').click();
    await shown(itemWith(page, 'mi intrometto'));
});
