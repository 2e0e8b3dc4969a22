// What comes out of the printer: the page's title and choices, its figures, plots and tables, and nothing that is pressed.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { furnish, waitForCustomers } from './stage/furniture.js';
import { pagesOf } from './stage/pages.js';
import { logIn, shown } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage, page, pages;
before(async () => {
    stage = await openStage({ day: true });
    await waitForCustomers(stage.house);
    pages = pagesOf(await furnish(stage.house));
    // A dark page at night is a white sheet of paper all the same.
    page = await stage.open({ reducedMotion: 'reduce', colorScheme: 'dark' });
    await page.goto(stage.house.url);
    await logIn(page, stage.house.supervisor);
});
after(() => stage?.close());

for (const name of ['supervision', 'volume', 'first-response', 'staffing']) {
    test(`${name} on paper`, async () => {
        const { path, ready } = pages.find((one) => one.name === name);
        await picturedOnFailure(page, `print-${name}`, async () => {
            await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
            await page.goto(stage.house.url + path);
            await shown(page.locator(ready));
            await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
            for (const gone of ['.bar', '.rail', '.tabs', '.button', 'button']) assert.equal(await page.locator(`${gone}:visible`).count(), 0, gone);
            assert.ok(await page.locator('main h1').isVisible());
            const told = await page.evaluate(() => {
                const shade = (colour) => Math.max(...colour.match(/\d+/g).slice(0, 3).map(Number));
                const hidden = [...document.querySelectorAll('main, main .frame, .body, .content, body')].filter((one) => getComputedStyle(one).overflowY !== 'visible');
                const dark = [...document.querySelectorAll('body, main, main section, main figure, main table')].map((one) => getComputedStyle(one).backgroundColor).filter((colour) => !/, 0\)$/.test(colour) && shade(colour) < 255);
                const pale = [...document.querySelectorAll('main h1, main td, main th, main dt')].map((one) => getComputedStyle(one).color).filter((colour) => shade(colour) > 0);
                // What a plot's axes are written in, as it is on the canvas: the darkest there is.
                const plots = [...document.querySelectorAll('main canvas')].map((canvas) => {
                    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                    let least = 255;
                    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) least = Math.min(least, Math.max(data[at], data[at + 1], data[at + 2]));
                    return least;
                });
                return { hidden: hidden.map((one) => one.className || one.tagName), dark, pale, plots: plots.filter((least) => least > 60) };
            });
            assert.deepEqual(told, { hidden: [], dark: [], pale: [], plots: [] });
            if (process.env.PRINTS) {
                mkdirSync(process.env.PRINTS, { recursive: true });
                await page.screenshot({ path: join(process.env.PRINTS, `${name}.png`), fullPage: true });
                await page.pdf({ path: join(process.env.PRINTS, `${name}.pdf`), format: 'A4' });
            }
        });
    });
}
