// Logging in at a real OpenID provider (oidc-provider, unchanged): code flow with PKCE, state and nonce, and who is let in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser } from './browser.mjs';
import { openCounter, password } from './counter.mjs';

let counter;
before(async () => {
    counter = await openCounter();
});
after(() => counter?.stop());

const isCallback = (url) => url.startsWith(`${counter.url}/v1/oidc/callback`);

/** Up to the address with the code, which is not asked yet. */
function comeBack(browser, account, to = '/') {
    return browser.goThrough(`${counter.url}/v1/oidc/start?to=${encodeURIComponent(to)}`, account, isCallback);
}

async function me(browser) {
    const answer = await browser.ask(`${counter.url}/v1/me`);
    return answer.status === 200 ? answer.json() : answer.status;
}

async function refusal(browser, callback) {
    const answer = await browser.ask(callback);
    assert.equal(answer.status, 303);
    assert.equal(browser.cookie(counter.url, 'sportello'), undefined, 'no session was opened');
    return answer.headers.get('location');
}

/** The session of a log-in with a password. */
async function logIn(browser, login) {
    const answer = await browser.ask(`${counter.url}/v1/session`, { method: 'POST', json: { login, password } });
    assert.equal(answer.status, 200);
    return (await answer.json()).csrf_token;
}

async function asBoss(method, path, json) {
    const boss = new Browser();
    const token = await logIn(boss, 'boss');
    const answer = await boss.ask(`${counter.url}${path}`, { method, json, headers: { 'x-csrf-token': token } });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? undefined : answer.json();
}

async function idOf(login) {
    const { items } = await asBoss('GET', '/v1/agents');
    return items.find((agent) => agent.login === login).id;
}

test('the log-in page learns the provider', async () => {
    const ways = await (await fetch(`${counter.url}/v1/sign-in`)).json();
    assert.deepEqual(ways, { practice: false, oidc: { name: 'The provider', url: '/v1/oidc/start' } });
});

test('the provider is asked with PKCE, state and nonce', async () => {
    const answer = await new Browser().ask(`${counter.url}/v1/oidc/start`);
    const asked = new URL(answer.headers.get('location')).searchParams;
    assert.equal(asked.get('response_type'), 'code');
    assert.equal(asked.get('code_challenge_method'), 'S256');
    for (const name of ['code_challenge', 'state', 'nonce']) assert.equal(asked.get(name).length, 43, name);
});

test('a stranger is nobody here, and nobody is made of them', async () => {
    const before = (await asBoss('GET', '/v1/agents')).items.length;
    const browser = new Browser();
    assert.equal(await refusal(browser, await comeBack(browser, 'stranger')), '/login?refused=oidc_unknown_person');
    assert.equal((await asBoss('GET', '/v1/agents')).items.length, before);
});

test('an agent comes first by a verified address, then by the account', async () => {
    const chiara = await idOf('chiara');
    await asBoss('PATCH', `/v1/agents/${chiara}`, { email: 'Subject-of-Chiara@example.com' });
    for (let round = 0; round < 2; round += 1) {
        const browser = new Browser();
        const done = await browser.ask(await comeBack(browser, 'subject-of-chiara', '/queue/due'));
        assert.equal(done.headers.get('location'), '/queue/due');
        assert.equal((await me(browser)).login, 'chiara');
        // The second time the address does not count any more.
        await asBoss('PATCH', `/v1/agents/${chiara}`, { email: 'another@example.com' });
    }
    const { identities } = await asBoss('GET', `/v1/agents/${chiara}/access`);
    assert.equal(identities.length, 1);
    assert.equal(identities[0].subject, 'subject-of-chiara');
});

test('an address that nobody verified is not believed', async () => {
    await asBoss('PATCH', `/v1/agents/${await idOf('unverified-ugo')}`, { email: 'unverified-ugo@example.com' });
    const browser = new Browser();
    assert.equal(await refusal(browser, await comeBack(browser, 'unverified-ugo')), '/login?refused=oidc_unknown_person');
});

test('the configuration names people by their subject', async () => {
    const browser = new Browser();
    await browser.ask(await comeBack(browser, 'subject-of-matteo'));
    assert.equal((await me(browser)).login, 'matteo');
});

test('an admin is never found by an address, and links the account when logged in', async () => {
    await asBoss('PATCH', `/v1/agents/${await idOf('boss')}`, { email: 'subject-of-boss@example.com' });
    const stranger = new Browser();
    assert.equal(await refusal(stranger, await comeBack(stranger, 'subject-of-boss')), '/login?refused=oidc_unknown_person');

    const browser = new Browser();
    const token = await logIn(browser, 'boss');
    const begun = await browser.ask(`${counter.url}/v1/me/identities`, { method: 'POST', headers: { 'x-csrf-token': token } });
    const { url } = await begun.json();
    await browser.ask(await browser.goThrough(url, 'subject-of-boss', isCallback));
    const again = new Browser();
    await again.ask(await comeBack(again, 'subject-of-boss'));
    assert.equal((await me(again)).login, 'boss');
});

test('what one browser began no other ends, and a code counts once', async () => {
    const browser = new Browser();
    const callback = await comeBack(browser, 'subject-of-matteo');
    assert.equal(await refusal(new Browser(), callback), '/login?refused=oidc');
    const thief = new Browser();
    await thief.ask(`${counter.url}/v1/oidc/start`); // a log-in of its own, with another state
    assert.equal(await refusal(thief, callback), '/login?refused=oidc');
    const forged = callback.replace(/state=[^&]*/, 'state=guessed');
    await assert.doesNotReject(async () => {
        const second = new Browser();
        const own = await comeBack(second, 'subject-of-matteo');
        assert.equal(await refusal(second, own.replace(/code=[^&]*/, 'code=guessed')), '/login?refused=oidc');
    });
    assert.equal(await refusal(browser, forged), '/login?refused=oidc');
    assert.equal(await me(browser), 401);
});

test('a disabled person is not let in by the provider either', async () => {
    const matteo = await idOf('matteo');
    const browser = new Browser();
    await browser.ask(await comeBack(browser, 'subject-of-matteo'));
    assert.equal((await me(browser)).login, 'matteo');
    await asBoss('PATCH', `/v1/agents/${matteo}`, { disabled: true });
    assert.equal(await me(browser), 401);
    const again = new Browser();
    assert.equal(await refusal(again, await comeBack(again, 'subject-of-matteo')), '/login?refused=oidc_unknown_person');
});
