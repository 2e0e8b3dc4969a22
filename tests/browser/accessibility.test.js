// What axe knows of barriers: every page and state in both languages and both themes, and everything that opens over one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import axe from 'axe-core';

import { furnish, waitForCustomers } from './stage/furniture.js';
import { dialogs, goTo, openDialog, pagesOf } from './stage/pages.js';
import { logIn, shown } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';
import { allLines, empty, failing, goOffline, linesReady, loading } from './stage/states.js';

/** Every language in every theme; each language and each theme is looked at on a desktop and on a phone. */
const looks = [
    { language: 'it', colorScheme: 'light', width: 1440 }, { language: 'it', colorScheme: 'dark', width: 390 },
    { language: 'en', colorScheme: 'dark', width: 1440 }, { language: 'en', colorScheme: 'light', width: 390 },
];
/** What opens over a page has the page's colours: each language, theme and width once. */
const looksAtDialogs = [looks[0], { language: 'en', colorScheme: 'dark', width: 390 }];
const narrow = [390, 320];
const desktop = { width: 1440, height: 900 };
const roles = ['agent', 'supervisor', 'admin'];

let stage, pages, ticket, invitation;
before(async () => {
    stage = await openStage({ day: true });
    await waitForCustomers(stage.house);
    const things = await furnish(stage.house);
    pages = pagesOf(things);
    ticket = `/queue/due/${things.ticket}`;
    invitation = things.invitation.pathname + things.invitation.hash;
});
after(() => stage?.close());

test('the login page', async () => {
    const page = await stage.open({ reducedMotion: 'reduce' });
    await page.goto(stage.house.url);
    await shown(page.getByTestId('login-name'));
    await page.evaluate(axe.source);
    await assertAccessible(page, 'login');
});

for (const [name, path, ready] of [['link', () => invitation, 'link-password'], ['used-up link', () => '/access#used-up', 'link-bad'], ['accessibility', () => '/accessibility', 'accessibility']]) {
    test(`what ${name} opens before one is in`, async () => {
        const page = await stage.open({ reducedMotion: 'reduce' });
        await page.goto(stage.house.url + path());
        await shown(page.getByTestId(ready));
        await page.evaluate(axe.source);
        await assertAccessible(page, name);
    });
}

for (const role of roles) {
    test(`what the ${role} sees`, async () => {
        const page = await stage.open({ reducedMotion: 'reduce' });
        await page.goto(stage.house.url);
        await logIn(page, stage.house[role]);
        // Evaluated by the debugger: a script element would rightly be refused by the content security policy.
        await page.evaluate(axe.source);
        const barriers = [];
        for (const one of pages.filter((each) => each.role === role)) {
            await picturedOnFailure(page, `axe-${one.name}`, async () => {
                await goTo(page, one);
                barriers.push(...(await barriersOn(page, one.name)));
                for (const dialog of dialogs.filter(({ on }) => on === one.name)) {
                    await openDialog(page, dialog);
                    barriers.push(...(await barriersOn(page, `${one.name} ${dialog.name}`, looksAtDialogs)));
                    if (await page.locator('dialog[open]').count()) await page.keyboard.press('Escape');
                    await page.locator('dialog').waitFor({ state: 'detached' });
                }
            });
        }
        assert.deepEqual(barriers, []);
    });
}

async function atWork(prepare, path, ready) {
    const page = await stage.open({ reducedMotion: 'reduce' });
    await prepare(page);
    await page.goto(`${stage.house.url}/login?to=${path}`);
    await logIn(page, stage.house.agent);
    for (const each of ready) await shown(page.locator(each));
    await page.evaluate(axe.source);
    return page;
}

test('practice, read-only, out of hours and a new version, and then offline', async () => {
    const page = await atWork(allLines, ticket, linesReady);
    await picturedOnFailure(page, 'axe-lines', async () => {
        await assertAccessible(page, 'lines');
        await goOffline(page);
        await assertAccessible(page, 'offline');
    });
});

test('a queue that loads, that does not come, and that is empty', async () => {
    const page = await atWork(loading, '/queue/mine', ['.placeholders']);
    await picturedOnFailure(page, 'axe-list', async () => {
        await assertAccessible(page, 'loading');
        for (const [name, state, view, ready] of [['failed', failing, 'unassigned', '.strip.late'], ['empty', empty, 'mine', '.empty']]) {
            await state(page);
            await page.getByTestId(`view-${view}`).click();
            await shown(page.locator(ready));
            await assertAccessible(page, name);
        }
    });
});

const assertAccessible = async (page, name) => assert.deepEqual(await barriersOn(page, name), []);

async function barriersOn(page, name, inLooks = looks) {
    const told = new Set();
    for (const { language, colorScheme, width } of inLooks) {
        await speak(page, language);
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ ...desktop, width });
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        for (const { id, help, nodes } of violations) {
            told.add(`${name}, ${language}, ${colorScheme}: ${id}: ${help}\n  ${nodes.map(describe).join('\n  ')}`);
        }
        for (const button of await page.evaluate(buttonsOutOfSight)) told.add(`${name}, ${language}, ${width} px: ${button} lies beyond its table's edge`);
    }
    for (const width of narrow) {
        await page.setViewportSize({ ...desktop, width });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) told.add(`${name}: ${wide} px wide at ${width}`);
    }
    await page.setViewportSize(desktop);
    return [...told];
}

/** In the page: who looks for what a row offers does not think of moving its table sideways. */
function buttonsOutOfSight() {
    const beyond = (button) => button.getBoundingClientRect().right > button.closest('.frame').getBoundingClientRect().right;
    return [...document.querySelectorAll('.column-tools button')].filter(beyond).map((button) => button.textContent.trim());
}

/** Changes the language on the page as it is: a dialog that lies over the choice stays open, and changes too. */
async function speak(page, language) {
    await page.evaluate((chosen) => {
        const choice = document.querySelector('[data-testid=language] select, select[data-testid=language]');
        if (choice.value === chosen) return;
        choice.value = chosen;
        choice.dispatchEvent(new Event('change', { bubbles: true }));
    }, language);
    await page.waitForFunction((chosen) => document.documentElement.lang === chosen, language);
}

const describe = ({ target, failureSummary }) => `${target.join(' ')} (${failureSummary.replaceAll('\n', ' ')})`;
