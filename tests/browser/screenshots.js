// Pictures of every page, state and dialog, light and dark, on a desktop and a phone: node screenshots.js FOLDER [NAME…]
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { furnish, signIn, waitForCustomers } from './stage/furniture.js';
import { dialogs, openDialog, pagesOf, sessionsOf } from './stage/pages.js';
import { watchRequests } from './stage/requests.js';
import { openStage } from './stage/stage.js';
import { statesOf } from './stage/states.js';

const [folder, ...only] = process.argv.slice(2);
/** SCREENS="desktop-light phone-dark": only those. */
const screensWanted = process.env.SCREENS?.split(' ');
const wanted = (name) => !only.length || only.includes(name);
const screens = {
    desktop: { viewport: { width: 1440, height: 900 } },
    phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

let stage = await openStage({ day: true });
let taken = 0;
const failed = [];
try {
    await waitForCustomers(stage.house);
    const things = await furnish(stage.house);
    const pages = pagesOf(things);
    const sessions = await sessionsOf(stage);
    for (const [screen, options] of Object.entries(screens)) {
        for (const colorScheme of ['light', 'dark']) {
            if (screensWanted?.includes(`${screen}-${colorScheme}`) === false) continue;
            const into = join(folder, `${screen}-${colorScheme}`);
            mkdirSync(into, { recursive: true });
            const looks = { ...options, colorScheme, reducedMotion: 'reduce' };
            if (wanted('login')) await shoot(join(into, 'login.png'), looks, undefined, { path: '/login', ready: '[data-testid=login-name]' });
            const { pathname, hash } = things.invitation;
            if (wanted('access')) await shoot(join(into, 'access.png'), looks, undefined, { path: pathname + hash, ready: '[data-testid=link-password]' });
            if (wanted('access-bad')) await shoot(join(into, 'access-bad.png'), looks, undefined, { path: '/access#none', ready: '[data-testid=link-bad]' });
            for (const page of pages) {
                if (wanted(page.name)) await shoot(join(into, `${page.name}.png`), looks, sessions[page.role], page);
            }
            for (const state of statesOf(things)) {
                if (wanted(state.name)) await shoot(join(into, `${state.name}.png`), looks, sessions[state.role], state);
            }
            for (const dialog of dialogs) {
                if (!wanted(dialog.name)) continue;
                const page = pages.find(({ name }) => name === dialog.on);
                await shoot(join(into, `${dialog.on}-${dialog.name}.png`), looks, sessions[page.role], page, dialog);
            }
        }
    }
} finally {
    await stage.close().catch((cause) => failed.push(cause.message));
}
await shootPractice();
console.log(`${taken} pictures in ${folder}`);
for (const what of failed) console.error(what);
process.exitCode = failed.length ? 1 : 0;

/** A house for practice, before and after the log-in, with links into the CRM. */
async function shootPractice() {
    if (!['practice', 'practice-login'].some(wanted)) return;
    stage = await openStage({ day: true, practice: true, more: '[[crm_link]]\nname = "CRM"\nurl = "https://crm.example.com/{customer}"\n' });
    try {
        await waitForCustomers(stage.house, 3);
        const call = await signIn(stage.house.url, stage.house.agent);
        const { items: [{ id }] } = await call('GET', '/v1/tickets?status=active&limit=1');
        const ticket = { path: `/queue/due/${id}`, ready: '[data-testid=message]' };
        const { agent } = await sessionsOf(stage);
        for (const [screen, options] of Object.entries(screens)) {
            for (const colorScheme of ['light', 'dark']) {
                if (screensWanted?.includes(`${screen}-${colorScheme}`) === false) continue;
                const into = join(folder, `${screen}-${colorScheme}`);
                mkdirSync(into, { recursive: true });
                const looks = { ...options, colorScheme, reducedMotion: 'reduce' };
                if (wanted('practice-login')) await shoot(join(into, 'practice-login.png'), looks, undefined, { path: '/login', ready: '[data-testid=practice]' });
                if (wanted('practice')) await shoot(join(into, 'practice.png'), looks, agent, screen === 'phone' ? ticket : { ...ticket, ready: '[data-testid=crm-link]' });
            }
        }
    } finally {
        await stage.close().catch((cause) => failed.push(cause.message));
    }
}

async function shoot(file, looks, storageState, { path, ready, before, then, bare, holds }, dialog) {
    const page = await stage.open({ ...looks, ...(storageState ? { storageState } : {}) });
    page.setDefaultTimeout(10_000);
    await before?.(page);
    const settled = watchRequests(page, holds);
    try {
        await page.goto(stage.house.url + path);
        await page.locator(ready).first().waitFor();
        // What comes after the first screen has come too: the bell, and the server's reasons in the page's language.
        if (storageState && !bare) await page.getByTestId('notifications').waitFor({ state: 'attached' });
        if (dialog) await openDialog(page, dialog);
        await then?.(page);
        await page.evaluate(() => document.fonts.ready);
        await settled();
        await page.screenshot({ path: file });
        taken += 1;
    } catch (cause) {
        // A picture of something else under this name would be taken for what it is not.
        rmSync(file, { force: true });
        failed.push(`${file}: ${cause.message.split('\n')[0]}`);
    } finally {
        await page.context().close();
    }
}
