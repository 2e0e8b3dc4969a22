// Facebook's deliveries from one program to the other: what is signed wakes the reading, and nothing else does harm.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { cookiesOf } from '../support/set_cookies.mjs';
import { openHouse } from './stage/house.js';

const page = '104000000000001';
const app = '100000000000001';
const secret = 'sim-app-secret';
const channel = 'telecom-italia-facebook';

/** The Page's channel knows its app, so its hook is on. */
function withHook(toml) {
    const line = `account = "${page}"\n`;
    assert.ok(toml.includes(line));
    return toml.replace(line, `${line}app_id = "${app}"\napp_secret = "env:HOOK_SECRET"\nverify_token = "env:HOOK_VERIFY"\n`);
}

let house, cookie, csrf;
before(async () => {
    process.env.HOOK_SECRET = secret;
    process.env.HOOK_VERIFY = 'our-verify-token';
    house = await openHouse({ polling: '1h', channels: withHook });
    const login = await fetch(`${house.url}/v1/session`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(house.agent),
    });
    assert.equal(login.status, 200);
    csrf = (await login.json()).csrf_token;
    cookie = cookiesOf(login.headers);
});
after(() => house?.close());

async function tickets() {
    const answer = await fetch(`${house.url}/v1/tickets?limit=100`, { headers: { cookie } });
    return (await answer.json()).items;
}

async function eventually(what, holds, seconds = 20) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
        if (await holds()) return;
    }
    assert.fail(`${what}, not within ${seconds} s`);
}

async function call(method, path, body) {
    const answer = await fetch(`${house.simulator}${path}`, {
        method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return text ? JSON.parse(text) : {};
}

const subscribe = (verifyToken) => call('POST', `/v25.0/${app}/subscriptions`, {
    access_token: `${app}|${secret}`, object: 'page', callback_url: `${house.url}/hooks/facebook/${channel}`,
    verify_token: verifyToken, fields: 'feed,messages,message_echoes',
});
const writes = async (text) => (await call('POST', '/control/posts', {
    platform: 'facebook', account: page, kind: 'post', author: `${text} Rossi`, text,
})).id;

test('the handshake wants our verify token', async () => {
    assert.equal((await subscribe('another')).error.code, 2200);
    assert.deepEqual(await subscribe('our-verify-token'), { success: true });
    const fields = 'feed,messages,message_echoes';
    const told = await call('POST', `/v25.0/${page}/subscribed_apps`, { access_token: `sim-facebook-${page}`, subscribed_fields: fields });
    assert.deepEqual(told, { success: true });
});

test('a delivery wakes the reading long before its time', async () => {
    await writes('sveglia');
    await eventually('the ticket', async () => (await tickets()).length === 1);
});

test('forged, doubled and disordered deliveries change nothing', async () => {
    await call('POST', '/control/webhooks', { platform: 'facebook', duplicates: 2, reorder: true, forge: true, together: true });
    for (const text of ['uno', 'due', 'tre']) await writes(text);
    await eventually('the tickets', async () => (await tickets()).length === 4);
    await eventually('all deliveries', async () => (await call('GET', '/control/webhooks')).waiting === 0);
    const { items } = await call('GET', '/control/webhooks');
    assert.ok(items.some(({ forged }) => forged));
    for (const { forged, status } of items) {
        assert.ok(forged ? status === 401 || status === 403 : status === 200, `${forged ? 'a forged' : 'a true'} delivery: ${status}`);
    }
    await sleep(500);
    assert.equal((await tickets()).length, 4);
});

test('a message whose answer was lost is confirmed by its echo, and goes once', async () => {
    await call('POST', '/control/webhooks', { platform: 'facebook' });
    await call('POST', '/control/posts', { platform: 'facebook', account: page, kind: 'direct_message', author: 'Ada Neri', text: 'mi richiamate?' });
    let ticket;
    await eventually('the ticket', async () => (ticket = (await tickets()).find(({ visibility }) => visibility === 'private')));
    await call('POST', '/control/faults', { platform: 'facebook', endpoint: 'direct_message', kind: 'cut_after', count: 1 });
    const answer = await fetch(`${house.url}/v1/tickets/${ticket.id}/replies`, {
        method: 'POST', headers: { 'content-type': 'application/json', cookie, 'x-csrf-token': csrf },
        body: JSON.stringify({ text: 'Certo, fra dieci minuti.', visibility: 'private' }),
    });
    assert.equal(answer.status, 202);
    const { id } = await answer.json();
    const delivery = async () => (await (await fetch(`${house.url}/v1/replies/${id}`, { headers: { cookie } })).json()).delivery;
    await eventually('the confirmation', async () => (await delivery()).state === 'published');
    const { items } = await call('GET', `/control/truth?platform=facebook&account=${page}`);
    const sent = items.filter(({ own, text }) => own && text.endsWith('Certo, fra dieci minuti.'));
    assert.equal(sent.length, 1);
    assert.equal((await delivery()).platform_id, sent[0].id);
});
