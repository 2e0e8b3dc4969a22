import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { openHouse } from './house.js';

const flags = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
    // No name resolves: a request that leaves this machine cannot succeed unnoticed.
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
/** The longest that anything in these tests may take to appear, on a machine that is busy with other things. */
const patience = 30_000;

/**
 * A running house and a browser looking at it. Every page is watched: a request to another host, a dialog, a breach of
 * the content security policy or an uncaught error fails the test at `close`, whatever else it saw.
 */
/** @param options  of the house; `elsewhere` are origins that pages may lead to, whose own pages are not looked at */
export async function openStage(options) {
    const house = await openHouse(options);
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: flags, chromiumSandbox: false,
    }).catch(async (cause) => {
        await house.close();
        throw cause;
    });
    const offences = [];
    const elsewhere = options?.elsewhere ?? [];
    const hosts = [house.url, house.simulator, ...elsewhere].map((url) => new URL(url).host);
    const isElsewhere = (url) => elsewhere.some((origin) => url.startsWith(`${origin}/`));

    async function open(options = {}) {
        const context = await browser.newContext({
            locale: 'it-IT', timezoneId: 'Europe/Rome', viewport: { width: 1440, height: 900 }, ...options,
        });
        context.setDefaultTimeout(patience);
        await context.exposeFunction('offend', (what) => offences.push(what));
        await context.addInitScript(() => {
            document.addEventListener('securitypolicyviolation', (event) => {
                window.offend(`content security policy: ${event.violatedDirective} ${event.blockedURI}`);
            });
        });
        context.on('page', (page) => watch(page));
        return context.newPage();
    }

    function watch(page) {
        const from = (url) => {
            const { host, protocol } = new URL(url);
            if (host && !hosts.includes(host)) offences.push(`request to another host: ${protocol}//${host}`);
        };
        page.on('request', (request) => {
            if (!elsewhere.length || !isElsewhere(request.headers().referer ?? page.url())) from(request.url());
        });
        page.on('websocket', (socket) => from(socket.url()));
        page.on('pageerror', (error) => offences.push(`uncaught: ${error.stack ?? error.message}`));
        page.on('dialog', (dialog) => {
            offences.push(`dialog: ${dialog.message()}`);
            void dialog.dismiss();
        });
    }

    async function close() {
        await browser.close();
        await house.close();
        assert.deepEqual(offences, []);
    }

    return { house, open, close, offences };
}

/** Runs a test's steps and, if they fail, keeps a picture of what the page showed. */
export async function picturedOnFailure(page, name, steps) {
    try {
        await steps();
    } catch (cause) {
        const folder = join(tmpdir(), 'sportello-browser-failures');
        mkdirSync(folder, { recursive: true });
        const picture = join(folder, `${name}.png`);
        await page.screenshot({ path: picture, timeout: 5000 }).catch(() => {});
        cause.message += `\nThe page as it was: ${picture}`;
        throw cause;
    }
}
