// The other button of the log-in page: at a real OpenID provider (oidc-provider, as tests/clients/oidc has it) and back.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { shown } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const counter = await import('../clients/oidc/counter.mjs').catch(() => null);
const skip = counter ? false : 'tests/clients/oidc has no node_modules: npm ci there';

let stage, provider;
before(async () => {
    if (!counter) return;
    const port = await freePort();
    provider = await counter.openProvider(`http://127.0.0.1:${port}/v1/oidc/callback`);
    process.env.OIDC_SECRET = 'known to both, with signs: %+/&';
    stage = await openStage({
        port, elsewhere: [provider.issuer],
        more: `[oidc]\nissuer = "${provider.issuer}"\nclient_id = "sportello"\nclient_secret = "env:OIDC_SECRET"\nname = "Azienda"\n[oidc.people]\n"subject-of-chiara" = "chiara"\n`,
    });
});
after(async () => {
    await stage?.close();
    await provider?.stop();
});

async function freePort() {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const { port } = server.address();
    await new Promise((closed) => server.close(closed));
    return port;
}

/** At the provider: who one is, and that the counter may know. */
async function pass(page, account) {
    await page.locator('input[name=login]').fill(account);
    await page.locator('input[name=password]').fill('any');
    await page.keyboard.press('Enter');
    await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' });
    await page.locator('[type=submit]').first().click();
}

test('the button leads to the provider and back to the page that was wanted', { skip }, async () => {
    const page = await stage.open();
    await picturedOnFailure(page, 'openid', async () => {
        await page.goto(`${stage.house.url}/settings/account`);
        await shown(page.getByTestId('login-oidc').filter({ hasText: 'Azienda' }));
        await page.getByTestId('login-oidc').click();
        await pass(page, 'subject-of-chiara');
        await shown(page.getByTestId('factor-state'));
        await shown(page.getByTestId('availability').filter({ hasText: 'Chiara' }));
        assert.equal(new URL(page.url()).pathname, '/settings/account');
    });
});

test('whom the provider knows and we do not comes back to the log-in page and is told so', { skip }, async () => {
    const page = await stage.open();
    await picturedOnFailure(page, 'openid-stranger', async () => {
        await page.goto(stage.house.url);
        await page.getByTestId('login-oidc').click();
        await pass(page, 'a-stranger');
        await shown(page.getByTestId('login-refusal'));
        await shown(page.getByTestId('login-name'));
    });
});
