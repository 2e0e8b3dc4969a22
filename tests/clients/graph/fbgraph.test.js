// fbgraph: everything in the query, forms, POST for DELETE, absolute `next` links.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import graph from 'fbgraph';

import { appId, appSecret, openPage, page, pageToken } from './stage/page.js';

const call = (verb, ...args) =>
    new Promise((resolve, reject) => graph[verb](...args, (error, answer) => (error ? reject(error) : resolve(answer))));
const get = (path, parameters) => (parameters ? call('get', path, parameters) : call('get', path));

describe('fbgraph', () => {
    let house;
    before(async () => {
        house = await openPage('--require-appsecret-proof');
        graph.setGraphUrl(house.url);
        graph.setVersion('25.0');
        graph.setAppSecret(appSecret);
        graph.setAccessToken(pageToken);
    });
    after(() => house.stop());

    test('reads who it is and what people wrote', async () => {
        assert.deepEqual(await get('/me', { fields: 'id,name' }), { id: page, name: 'TIM' });
        const post = await house.writes('post', 'La linea è giù 😢 100% a/b');
        const row = (await get(`/${page}/feed`, { fields: 'id,message,from,created_time' })).data.find(({ id }) => id === post);
        assert.equal(row.message, 'La linea è giù 😢 100% a/b');
        assert.equal(row.from.name, 'Mario Rossi');
        assert.match(row.created_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
        await house.writes('comment', 'anche qui', { in_reply_to: post, author: 'Anna' });
        const whole = await get(`/${post}`, { fields: 'comments.limit(5).summary(true){id,from,message}' });
        assert.equal(whole.comments.data[0].message, 'anche qui');
        assert.equal(whole.comments.summary.total_count, 1);
    });

    test('follows next links to the end, with the proof that they lack', async () => {
        const post = await house.writes('post', 'Da voi funziona?');
        const written = [];
        for (let i = 0; i < 11; ++i) written.push(await house.writes('comment', `n${i}`, { in_reply_to: post, author: `P${i}` }));
        const seen = [];
        let pages = 0;
        let answer = await get(`/${post}/comments`, { limit: 4, filter: 'stream', fields: 'id' });
        for (; ; answer = await get(answer.paging.next)) {
            ++pages;
            seen.push(...answer.data.map(({ id }) => id));
            if (!answer.paging?.next) break;
        }
        assert.equal(pages, 3);
        assert.deepEqual(seen, written);
    });

    test('answers, edits, hides, likes and deletes', async () => {
        const post = await house.writes('post', 'Guasto');
        const { id } = await call('post', `/${post}/comments`, { message: 'Ci guardiamo & rispondiamo' });
        assert.equal((await house.truth(id)).text, 'Ci guardiamo & rispondiamo');
        assert.deepEqual(await call('post', `/${id}`, { message: 'Risolto' }), { success: true });
        assert.equal((await house.truth(id)).text, 'Risolto');
        const own = await call('post', `/${page}/feed`, { message: 'Siamo aperti' });
        const rude = await house.writes('comment', '!#?', { in_reply_to: own.id });
        assert.deepEqual(await call('post', `/${rude}`, { is_hidden: true }), { success: true });
        assert.equal((await house.truth(rude)).hidden, true);
        assert.deepEqual(await call('post', `/${rude}/likes`, {}), { success: true });
        assert.deepEqual(await call('del', `/${rude}/likes`), { success: true });
        assert.deepEqual(await call('del', `/${id}`), { success: true });
        assert.equal((await house.truth(id)).deleted, true);
        await assert.rejects(get(`/${id}`), { code: 100, error_subcode: 33, type: 'GraphMethodException' });
    });

    test('asks for several things at once', async () => {
        const posts = [await house.writes('post', 'uno'), await house.writes('post', 'due')];
        const both = await get('/', { ids: posts.join(','), fields: 'message' });
        assert.deepEqual(posts.map((id) => both[id].message), ['uno', 'due']);
        const answers = await call('batch', [
            { method: 'GET', relative_url: `${posts[0]}?fields=message` },
            { method: 'POST', relative_url: `${posts[1]}/comments`, body: 'message=eccoci' },
            { method: 'GET', relative_url: '1_2' },
        ]);
        assert.deepEqual(answers.map(({ code }) => code), [200, 200, 400]);
        assert.equal(JSON.parse(answers[0].body).message, 'uno');
        assert.ok(JSON.parse(answers[1].body).id);
        assert.equal(JSON.parse(answers[2].body).error.code, 100);
        assert.ok(answers[0].headers.some(({ name }) => name === 'ETag'));
    });

    test('is told what is wrong', async () => {
        await assert.rejects(get('/me', { fields: 'id,shoe_size' }), { code: 100, message: '(#100) Unknown fields: shoe_size.' });
        graph.setAppSecret('another');
        await assert.rejects(get('/me'), { code: 104 });
        graph.setAppSecret(null);
        await assert.rejects(get('/me'), { code: 100, message: 'API calls from the server require an appsecret_proof argument' });
        graph.setAppSecret(appSecret);
        for (const [code, kind, more] of [[4, '429'], [190, '401'], [2, '5xx'], [32, 'error', { code: 32 }], [613, 'error', { code: 613 }]]) {
            await house.fault('read', kind, more);
            await assert.rejects(get('/me'), { code });
        }
        await house.fault('read', 'cut_before');
        await assert.rejects(get('/me'), { message: 'Error processing https request' });
        for (const kind of ['garbled', 'html']) { // which this client takes for a form
            await house.fault('read', kind);
            assert.equal((await get('/me')).id, undefined);
        }
        assert.equal((await get('/me')).id, page);
    });

    test('signs in with a code, lengthens the token, finds the Page, and is out when it ends', async () => {
        graph.setAccessToken(null);
        const back = 'http://localhost/back';
        const dialog = new URL(graph.getOauthUrl({ client_id: appId, redirect_uri: back, state: 'xyz', scope: 'pages_show_list' }));
        const shown = await fetch(`${house.url}${dialog.pathname}${dialog.search}`);
        assert.equal(shown.status, 200);
        const form = new URLSearchParams({ client_id: appId, redirect_uri: back, state: 'xyz', action: 'allow', page });
        for (const scope of ['pages_show_list', 'pages_read_engagement', 'pages_manage_engagement']) form.append('scope', scope);
        const granted = await fetch(`${house.url}${dialog.pathname}`, { method: 'POST', body: form, redirect: 'manual' });
        const landed = new URL(granted.headers.get('location'));
        assert.equal(landed.searchParams.get('state'), 'xyz');

        const app = { client_id: appId, client_secret: appSecret };
        await assert.rejects(call('authorize', { ...app, redirect_uri: `${back}/`, code: landed.searchParams.get('code') }), { code: 100 });
        const short = await call('authorize', { ...app, redirect_uri: back, code: landed.searchParams.get('code') });
        assert.equal(graph.getAccessToken(), short.access_token);
        const long = await call('extendAccessToken', { ...app });
        assert.equal(long.expires_in, 5_184_000);
        const { data } = await get('/me/accounts');
        assert.deepEqual(data.map(({ id, name }) => [id, name]), [[page, 'TIM']]);

        await house.turnClock(61 * 24 * 3600);
        await assert.rejects(get('/me'), { code: 190, error_subcode: 463, type: 'OAuthException' });
        await assert.rejects(call('extendAccessToken', { ...app }), { code: 190 });
        graph.setAccessToken(data[0].access_token);
        assert.equal((await get('/me')).name, 'TIM');
    });
});
