// Pictures of every page and dialog, light and dark, on a desktop and a phone: node screenshots.js FOLDER [NAME…]
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { furnish, signIn, waitForCustomers } from './stage/furniture.js';
import { dialogs, openDialog, pagesOf, sessionsOf } from './stage/pages.js';
import { openStage } from './stage/stage.js';

const [folder, ...only] = process.argv.slice(2);
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
            for (const dialog of dialogs) {
                if (!wanted(dialog.name) || (screen === 'phone' && dialog.keys)) continue;
                const page = pages.find(({ name }) => name === dialog.on);
                await shoot(join(into, `${dialog.on}-${dialog.name}.png`), looks, sessions[page.role], page, dialog);
            }
        }
    }
} finally {
    await stage.close().catch((cause) => failed.push(cause.message));
}
await shootStates();
console.log(`${taken} pictures in ${folder}`);
for (const what of failed) console.error(what);
process.exitCode = failed.length ? 1 : 0;

/** What is seldom: a house for practice, before and after the log-in, links into the CRM, and a server that takes no changes. */
async function shootStates() {
    if (!['practice', 'practice-login', 'read-only'].some(wanted)) return;
    stage = await openStage({ day: true, practice: true, more: '[[crm_link]]\nname = "CRM"\nurl = "https://crm.example.com/{customer}"\n' });
    try {
        await waitForCustomers(stage.house, 3);
        const call = await signIn(stage.house.url, stage.house.agent);
        const { items: [{ id }] } = await call('GET', '/v1/tickets?status=active&limit=1');
        const ticket = { path: `/queue/due/${id}`, ready: '[data-testid=message]' };
        const { agent } = await sessionsOf(stage);
        for (const [screen, options] of Object.entries(screens)) {
            for (const colorScheme of ['light', 'dark']) {
                const into = join(folder, `${screen}-${colorScheme}`);
                mkdirSync(into, { recursive: true });
                const looks = { ...options, colorScheme, reducedMotion: 'reduce' };
                if (wanted('practice-login')) await shoot(join(into, 'practice-login.png'), looks, undefined, { path: '/login', ready: '[data-testid=practice]' });
                if (wanted('practice')) await shoot(join(into, 'practice.png'), looks, agent, screen === 'phone' ? ticket : { ...ticket, ready: '[data-testid=crm-link]' });
                if (wanted('read-only')) await shoot(join(into, 'read-only.png'), looks, agent, { ...ticket, ready: '[data-testid=read-only]', refuses: true });
            }
        }
    } finally {
        await stage.close().catch((cause) => failed.push(cause.message));
    }
}

async function shoot(file, looks, storageState, { path, ready, refuses = false }, dialog) {
    const page = await stage.open({ ...looks, ...(storageState ? { storageState } : {}) });
    page.setDefaultTimeout(10_000);
    if (refuses) await page.route(/\/readyz$/, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"detail": "The server is about to stop: send nothing new here."}' }));
    try {
        await page.goto(stage.house.url + path);
        await page.locator(ready).first().waitFor();
        if (dialog && !(await openDialog(page, dialog))) return;
        await page.evaluate(() => document.fonts.ready);
        await page.waitForTimeout(250);
        taken += 1;
    } catch (cause) {
        failed.push(`${file}: ${cause.message.split('\n')[0]}`);
    } finally {
        await page.screenshot({ path: file }).catch(() => {});
        await page.context().close();
    }
}
