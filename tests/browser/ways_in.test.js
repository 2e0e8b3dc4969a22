// The ways in, by keyboard alone: an invitation, a password, a second factor, a recovery code; and what an admin does about people.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import axe from 'axe-core';

import { signIn } from './stage/furniture.js';
import { logIn, shown } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage;
before(async () => { stage = await openStage(); });
after(() => stage?.close());

const keys = async (page, ...pressed) => { for (const key of pressed) await page.keyboard.press(key); };
const closed = (page) => page.locator('dialog[open]').waitFor({ state: 'detached' });

/** Walks with Tab until the element has the focus, and presses. */
async function press(page, locator, key = 'Enter') {
    await shown(locator);
    for (let step = 0; step < 120; step++) {
        if (await locator.first().evaluate((element) => element === document.activeElement)) return keys(page, key);
        await keys(page, 'Tab');
    }
    return assert.fail(`Tab does not lead to ${locator}`);
}
async function type(page, id, text) {
    await press(page, page.getByTestId(id), 'Control+a');
    await page.keyboard.type(text);
}
async function accessible(page, name) {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ target }) => target.join(' ')).join(', ')}`), []);
}

/** The code that an authenticator app shows for a secret in Base32 (RFC 6238). */
function codeOf(secret, at = Date.now()) {
    let bits = '';
    for (const letter of secret.replace(/[\s=]/g, '')) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
    const hash = createHmac('sha1', key).update(counter).digest();
    const offset = hash.at(-1) & 15;
    return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('an invited person chooses a password, sets up a second factor, and comes in by recovery code', async () => {
    const admin = await stage.open({ reducedMotion: 'reduce' });
    const nora = await stage.open({ reducedMotion: 'reduce' });
    await picturedOnFailure(admin, 'ways-in-admin', () => picturedOnFailure(nora, 'ways-in', async () => {
        await admin.goto(`${stage.house.url}/login?to=/settings/people`);
        await logIn(admin, stage.house.admin);
        await press(admin, admin.getByTestId('person-add'));
        await type(admin, 'person-login', 'nora');
        await type(admin, 'person-name', 'Nora Ferri');
        await keys(admin, 'Enter');
        // Without a password the way in is the next thing.
        await press(admin, admin.getByTestId('access-make'));
        await shown(admin.getByTestId('access-link'));
        const link = await admin.getByTestId('access-link').textContent();

        await nora.goto(link);
        await shown(nora.getByTestId('link-password'));
        await type(nora, 'link-password', 'breve');
        await type(nora, 'link-again', 'altra');
        await keys(nora, 'Enter');
        await shown(nora.locator('[aria-invalid=true]'));
        await type(nora, 'link-password', 'una frase di nora');
        await type(nora, 'link-again', 'una frase di nora');
        await keys(nora, 'Enter');
        await shown(nora.getByTestId('link-done'));
        assert.ok(!nora.url().includes('#'), 'the used-up token stays in the address');
        await press(nora, nora.locator('main a.button'));
        await logIn(nora, { login: 'nora', password: 'una frase di nora' });

        await keys(nora, 'g', 'o');
        await press(nora, nora.locator('main .tab[href="/settings/account"]'));
        await press(nora, nora.getByTestId('factor-setup'));
        await type(nora, 'factor-password', 'una frase di nora');
        await keys(nora, 'Enter');
        await shown(nora.getByTestId('qr'));
        await accessible(nora, 'second factor');
        const secret = await nora.getByTestId('factor-secret').textContent();
        await type(nora, 'factor-code', codeOf(secret));
        await keys(nora, 'Enter');
        await shown(nora.getByTestId('recovery-codes'));
        await accessible(nora, 'recovery codes');
        const [recovery] = await nora.getByTestId('recovery-codes').locator('li').allTextContents();
        await press(nora, nora.getByTestId('codes-kept'));
        await closed(nora);
        await shown(nora.getByTestId('factor-renew'));

        const again = await stage.open({ reducedMotion: 'reduce' });
        await again.goto(`${stage.house.url}/login?to=/settings/account`);
        await type(again, 'login-name', 'nora');
        await type(again, 'login-password', 'una frase di nora');
        await keys(again, 'Enter');
        await shown(again.getByTestId('login-code'));
        await accessible(again, 'the code');
        await type(again, 'login-code', '000000');
        await keys(again, 'Enter');
        await shown(again.locator('main [role=alert]'));
        await type(again, 'login-code', recovery);
        await keys(again, 'Enter');
        await shown(again.getByTestId('factor-renew'));
        // From here the other place is logged out.
        await press(again, again.getByTestId('session-end'));
        await shown(nora.getByTestId('login-name'));
        await again.context().close();
        await nora.context().close();
    }));
});

test('an admin disables a person, makes a token of one scope, tells another system, and reads of it in the audit', async () => {
    const page = await stage.open({ reducedMotion: 'reduce' });
    const call = await signIn(stage.house.url, stage.house.admin);
    await call('POST', '/v1/agents', { login: 'piero', name: 'Piero Galli' });
    await picturedOnFailure(page, 'ways-in-administration', async () => {
        await page.goto(`${stage.house.url}/login?to=/settings/people`);
        await logIn(page, stage.house.admin);
        const row = page.getByTestId('table-row').filter({ hasText: 'Piero Galli' });
        await press(page, row.getByTestId('person-disable'));
        await shown(page.getByTestId('disable-consequences'));
        await press(page, page.getByTestId('form-submit'));
        await closed(page);
        await shown(row.getByTestId('person-enable'));

        await press(page, page.locator('main .tab[href="/settings/tokens"]'));
        await press(page, page.getByTestId('token-add'));
        await type(page, 'token-name', 'cruscotto');
        await press(page, page.getByTestId('scope-reports'), 'l');
        await press(page, page.getByTestId('form-submit'));
        await shown(page.getByTestId('token'));
        const token = await page.getByTestId('token').textContent();
        const asked = (path) => fetch(stage.house.url + path, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
        assert.equal(await asked('/v1/queue'), 200);
        assert.equal(await asked('/v1/customers'), 403);
        await keys(page, 'Escape');
        await closed(page);

        await press(page, page.locator('main .tab[href="/settings/webhooks"]'));
        await press(page, page.getByTestId('webhook-add'));
        await type(page, 'webhook-name', 'Magazzino');
        await type(page, 'webhook-url', 'https://hooks.example.com/sportello');
        await keys(page, 'Enter');
        await shown(page.getByTestId('webhook-secret'));
        await keys(page, 'Escape');
        await closed(page);
        await press(page, page.getByTestId('webhook-turn'));
        await press(page, page.getByTestId('webhook-log'));
        await type(page, 'replay-since', '0');
        await keys(page, 'Enter', 'Escape');
        await closed(page);

        await press(page, page.locator('main .tab[href="/settings/figures"]'));
        await press(page, page.getByTestId('per-person-sure'), ' ');
        await press(page, page.getByTestId('per-person-on'));
        await shown(page.getByTestId('per-person-off'));

        await press(page, page.locator('main .tab[href="/settings/audit"]'));
        await type(page, 'audit-action', 'webhook.created');
        await keys(page, 'Enter');
        await shown(page.getByTestId('table-row').filter({ hasText: 'webhook.created' }));
        await press(page, page.getByTestId('audit-details'));
        await shown(page.locator('dialog pre').filter({ hasText: 'Magazzino' }));
        await keys(page, 'Escape');
        await closed(page);

        await keys(page, 'g', 'r');
        await press(page, page.locator('main .tab[href="/reports/agents"]'));
        await shown(page.getByTestId('report-csv'));
        await page.context().close();
    });
});
