import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { startSimulator } from './simulator.mjs';

let house;
let account;
const app = { appKey: 'sim-consumer-key', appSecret: 'sim-consumer-secret' };
const oauth2 = { clientId: 'sim-consumer-key', clientSecret: 'sim-consumer-secret' };
const callback = 'https://helpdesk.example.org/cb';

before(async () => {
    house = await startSimulator();
    account = await house.account();
});
after(() => house.stop());

/** A person opens the page that the library names, and clicks on the account. @return where the page sends back to */
async function grant(link) {
    const { pathname, search } = new URL(link);
    const page = await fetch(house.base + pathname + search);
    assert.match(await page.text(), new RegExp(`value="${account.account}"`));
    const sent = await fetch(house.base + pathname + search, { method: 'POST', body: new URLSearchParams({ account: account.account }), redirect: 'manual' });
    assert.equal(sent.status, 302);
    return new URL(sent.headers.get('location'));
}

test('OAuth 1.0a: request token, page, access token', async () => {
    const { url, oauth_token, oauth_token_secret } = await house.client(app).generateAuthLink(callback);
    const back = await grant(url);
    assert.equal(back.searchParams.get('oauth_token'), oauth_token);
    const temporary = house.client({ ...app, accessToken: oauth_token, accessSecret: oauth_token_secret });
    const { client, userId, screenName } = await temporary.login(back.searchParams.get('oauth_verifier'));
    assert.equal(userId, account.id);
    assert.equal(screenName, account.account);
    assert.equal((await client.v2.me()).data.id, account.id);
    await assert.rejects(temporary.login('again'), { code: 401 });
    await assert.rejects(house.client({ ...app, appSecret: 'wrong' }).generateAuthLink(callback), { code: 401 });
});

test('OAuth 2.0 with PKCE: page, token, scopes, rotation, revocation', async () => {
    const scope = ['tweet.read', 'users.read', 'offline.access'];
    const { url, codeVerifier, state } = house.client(oauth2).generateOAuth2AuthLink(callback, { scope });
    const back = await grant(url);
    assert.equal(back.searchParams.get('state'), state);
    const code = back.searchParams.get('code');
    const { client, accessToken, refreshToken, expiresIn } = await house.client(oauth2).loginWithOAuth2({ code, codeVerifier, redirectUri: callback });
    assert.equal(expiresIn, 7200);
    assert.equal((await client.v2.me()).data.id, account.id);
    await assert.rejects(client.v2.tweet('without tweet.write'), { code: 403 });
    await assert.rejects(house.client(oauth2).loginWithOAuth2({ code, codeVerifier, redirectUri: callback }), (error) => error.code === 400 && error.data.error === 'invalid_request');

    const renewed = await house.client(oauth2).refreshOAuth2Token(refreshToken);
    assert.notEqual(renewed.refreshToken, refreshToken);
    await assert.rejects(house.client(oauth2).refreshOAuth2Token(refreshToken), (error) => error.code === 400 && /token was invalid/.test(error.data.error_description));
    assert.equal((await renewed.client.v2.me()).data.id, account.id);
    await assert.rejects(house.client(accessToken).v2.me(), { code: 401 }, 'the old one died with the refresh');

    await house.client(oauth2).revokeOAuth2Token(renewed.accessToken);
    await assert.rejects(renewed.client.v2.me(), { code: 401 });
});

test('an access token ends after two hours of the simulated clock', async () => {
    await house.control('POST', 'x', { auto_grant: account.account });
    const { url, codeVerifier } = house.client(oauth2).generateOAuth2AuthLink(callback, { scope: ['tweet.read', 'users.read'] });
    const { pathname, search } = new URL(url);
    const sent = await fetch(house.base + pathname + search, { redirect: 'manual' });
    const code = new URL(sent.headers.get('location')).searchParams.get('code');
    const { client, refreshToken } = await house.client(oauth2).loginWithOAuth2({ code, codeVerifier, redirectUri: callback });
    assert.equal(refreshToken, undefined, 'without offline.access');
    await client.v2.me();
    await house.control('POST', 'clock', { advance_s: 7201 });
    await assert.rejects(client.v2.me(), { code: 401 });
    await house.control('POST', 'x', {});
});

test('a public client by forms, with a wrong verifier and a code that is too old', async () => {
    await house.control('POST', 'x', { auto_grant: account.account });
    const authorise = async () => {
        const query = new URLSearchParams({ response_type: 'code', client_id: oauth2.clientId, redirect_uri: callback, scope: 'users.read tweet.read offline.access', state: 's', code_challenge: 'plain-verifier', code_challenge_method: 'plain' });
        const sent = await fetch(`${house.base}/i/oauth2/authorize?${query}`, { redirect: 'manual' });
        return new URL(sent.headers.get('location')).searchParams.get('code');
    };
    const form = { grant_type: 'authorization_code', client_id: oauth2.clientId, redirect_uri: callback, code_verifier: 'plain-verifier' };
    assert.equal((await house.call('POST', '/2/oauth2/token', { form: { ...form, code: await authorise() } })).status, 200);
    assert.equal((await house.call('POST', '/2/oauth2/token', { form: { ...form, code: await authorise(), code_verifier: 'other' } })).status, 400);
    const code = await authorise();
    await house.control('POST', 'clock', { advance_s: 31 });
    assert.equal((await house.call('POST', '/2/oauth2/token', { form: { ...form, code } })).status, 400);
    await house.control('POST', 'x', {});
});

test('the app by itself reads in public, and nothing else', async () => {
    const client = await house.client(app).appLogin();
    assert.equal((await client.v2.userByUsername(account.account)).data.id, account.id);
    await client.v2.userMentionTimeline(account.id);
    await assert.rejects(client.v2.me(), { code: 403 });
    await assert.rejects(client.v2.listDmEvents(), { code: 403 });
    await assert.rejects(client.v2.tweet('x'), { code: 403 });
    await assert.rejects(house.client({ ...app, appSecret: 'wrong' }).appLogin(), { code: 403 });
});

test('429 with its limits, 401, the reply rule, 402, 503', async () => {
    const client = house.signed(account.account);
    await client.v2.me();
    await house.control('POST', 'faults', { platform: 'twitter', endpoint: 'read', kind: '429', count: 1, retry_after_s: 120 });
    await assert.rejects(client.v2.me(), (error) => {
        assert.equal(error.rateLimitError, true);
        assert.equal(error.rateLimit.remaining, 0);
        assert.ok(error.rateLimit.reset > 0);
        return error.code === 429;
    });
    await house.control('POST', 'faults', { platform: 'twitter', endpoint: 'read', kind: '5xx', count: 1 });
    await assert.rejects(client.v2.me(), { code: 503 });
    await house.control('POST', 'tokens', { platform: 'twitter', account: account.account, valid: false });
    await assert.rejects(client.v2.me(), (error) => error.isAuthError && error.code === 401);
    await house.control('POST', 'tokens', { platform: 'twitter', account: account.account, valid: true });

    const ours = (await client.v2.tweet('All is well')).data.id;
    const implicit = await house.customer(account.account, 'it is not', { in_reply_to: ours });
    const quoting = await house.customer(account.account, `look at them https://x.com/${account.account}/status/${ours}`, { in_reply_to: implicit });
    const named = await house.customer(account.account, `@${account.account} so bad`, { in_reply_to: ours });
    await house.control('POST', 'x', { reply_rule: 'mentioned' });
    const first = await client.v2.reply('Sorry', named);
    await client.v2.reply('(2/2) we are', first.data.id);
    await client.v2.reply('We see it', quoting);
    await assert.rejects(client.v2.reply('Sorry', implicit), (error) => error.code === 403 && /You can only reply to or quote/.test(error.data.detail));
    await house.control('POST', 'x', { credits: 0 });
    await assert.rejects(client.v2.tweet('no money'), { code: 402 });
    await house.control('POST', 'x', { suspended: account.account });
    await assert.rejects(client.v2.tweet('locked'), (error) => error.code === 403 && error.hasErrorCode(64));
    await house.control('POST', 'x', {});
});

test('limits of 15 minutes and of 24 hours in the headers of a write', async () => {
    const answer = await house.call('POST', '/2/tweets', { token: `sim-twitter-${account.account}`, body: { text: 'limits' } });
    assert.equal(answer.status, 201);
    for (const name of ['x-rate-limit-limit', 'x-rate-limit-remaining', 'x-rate-limit-reset', 'x-app-limit-24hour-limit', 'x-app-limit-24hour-remaining', 'x-app-limit-24hour-reset', 'x-user-limit-24hour-limit', 'x-user-limit-24hour-remaining', 'x-user-limit-24hour-reset']) {
        assert.ok(answer.headers.get(name), name);
    }
    const spent = await house.control('GET', 'x');
    assert.ok(spent.spent > 0);
});

test('webhooks: the challenge, subscriptions, signed deliveries', async () => {
    const received = [];
    let answers = true;
    const listener = http.createServer((request, response) => {
        const url = new URL(request.url, 'http://localhost');
        if (request.method === 'GET') {
            const key = answers ? 'sim-consumer-secret' : 'wrong';
            const token = createHmac('sha256', key).update(url.searchParams.get('crc_token')).digest('base64');
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify({ response_token: `sha256=${token}` }));
            return;
        }
        const chunks = [];
        request.on('data', (chunk) => chunks.push(chunk));
        request.on('end', () => {
            received.push({ body: Buffer.concat(chunks), signature: request.headers['x-twitter-webhooks-signature'] });
            response.end();
        });
    });
    await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${listener.address().port}/hooks/twitter/acme`;
    const token = 'sim-twitter-app';
    const user = `sim-twitter-${account.account}`;
    try {
        answers = false;
        assert.equal((await house.call('POST', '/2/webhooks', { token, body: { url } })).status, 400);
        answers = true;
        const made = await house.call('POST', '/2/webhooks', { token, body: { url } });
        assert.equal(made.status, 200);
        const { id } = made.data.data;
        assert.equal((await house.call('POST', '/2/webhooks', { token, body: { url } })).status, 400);
        assert.equal((await house.call('GET', '/2/webhooks', { token })).data.data[0].id, id);
        assert.equal((await house.call('PUT', `/2/webhooks/${id}`, { token })).data.data.valid, true);
        const all = `/2/account_activity/webhooks/${id}/subscriptions/all`;
        assert.equal((await house.call('POST', all, { token: user })).data.data.subscribed, true);
        assert.equal((await house.call('POST', all, { token: user })).status, 400);
        assert.equal((await house.call('GET', all, { token: user })).data.data.subscribed, true);
        assert.equal((await house.call('GET', `${all}/list`, { token })).data.data.subscriptions[0].user_id, account.id);
        assert.equal((await house.call('GET', '/2/account_activity/subscriptions/count', { token })).data.data.subscriptions_count_all, '1');

        await house.control('POST', 'webhooks', { platform: 'twitter', duplicates: 1 });
        const post = await house.customer(account.account, `@${account.account} wake up`);
        await house.customer(account.account, 'in private', { kind: 'direct_message' });
        await house.control('DELETE', `posts/${post}`);
        for (let tries = 0; received.length < 6 && tries < 200; ++tries) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(received.length, 6, 'three events, each twice');
        for (const { body, signature } of received) {
            assert.equal(signature, `sha256=${createHmac('sha256', 'sim-consumer-secret').update(body).digest('base64')}`);
            assert.equal(JSON.parse(body).for_user_id, account.id);
        }
        const kinds = new Set(received.flatMap(({ body }) => Object.keys(JSON.parse(body)).filter((key) => key.endsWith('_events'))));
        assert.deepEqual([...kinds].sort(), ['direct_message_events', 'tweet_create_events', 'tweet_delete_events']);
        assert.equal((await house.call('DELETE', `/2/account_activity/webhooks/${id}/subscriptions/${account.id}/all`, { token })).data.data.subscribed, false);
        assert.equal((await house.call('DELETE', `/2/webhooks/${id}`, { token })).data.data.deleted, true);
    } finally {
        listener.close();
        listener.closeAllConnections?.();
    }
});

test('every refusal of the catalogue arrives as the library understands it', async () => {
    const client = house.signed(account.account);
    for (const [code, status] of [[32, 401], [64, 403], [88, 429], [130, 503], [187, 403], [226, 403], [326, 403], [402, 402], [403, 403], [429, 429], [503, 503]]) {
        await house.control('POST', 'faults', { platform: 'twitter', endpoint: 'read', kind: 'error', code, count: 1 });
        await assert.rejects(client.v2.me(), (error) => {
            assert.equal(error.code, status, `code ${code}`);
            if (code < 400) assert.ok(error.hasErrorCode(code), `code ${code}`);
            return true;
        });
    }
});
