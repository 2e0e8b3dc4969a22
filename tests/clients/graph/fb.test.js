// fb: real DELETE, files as forms, and https://graph.facebook.com as its only address.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import facebook from 'fb';

import { openFront } from './stage/front.js';
import { appId, appSecret, openPage, page, pageToken } from './stage/page.js';

describe('fb', () => {
    let house, front, client;
    before(async () => {
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the front's certificate is nobody's; nothing else is reached here
        house = await openPage('--require-appsecret-proof');
        front = await openFront(house.url);
        client = new facebook.Facebook({ version: 'v25.0', appId, appSecret, accessToken: pageToken, proxy: front.url });
    });
    after(async () => {
        await front?.close();
        await house?.stop();
    });

    test('reads, and pages by what next says', async () => {
        assert.equal((await client.api('me', { fields: 'name' })).name, 'TIM');
        const post = await house.writes('post', 'Da voi funziona?');
        const written = [];
        for (let i = 0; i < 5; ++i) written.push(await house.writes('comment', `n${i}`, { in_reply_to: post, author: `P${i}` }));
        const seen = [];
        let answer = await client.api(`${post}/comments`, { limit: 2, fields: 'id' });
        for (;;) {
            seen.push(...answer.data.map(({ id }) => id));
            if (!answer.paging.next) break;
            const next = new URL(answer.paging.next);
            assert.equal(next.host, 'graph.facebook.com', 'links lead to where the client came from');
            next.searchParams.delete('access_token');
            answer = await client.api(`${next.pathname}${next.search}`);
        }
        assert.deepEqual(seen, written);
    });

    test('posts a picture, comments and deletes', async () => {
        const source = { value: Buffer.from('89504e470d0a1a0a', 'hex'), options: { filename: 'modem.png', contentType: 'image/png' } };
        const { post_id: post } = await client.api(`${page}/photos`, 'post', { caption: 'Il nuovo modem', source });
        assert.deepEqual((await house.truth(post)).attachments.map(({ type, name }) => [type, name]), [['image', 'modem.png']]);
        const { id } = await client.api(`${post}/comments`, 'post', { message: 'Vi piace?' });
        assert.deepEqual(await client.api(id, 'delete'), { success: true });
        assert.equal((await house.truth(id)).deleted, true);
        const [first, second] = await client.api('', 'post', {
            batch: [{ method: 'get', relative_url: post }, { method: 'get', relative_url: id }],
        });
        assert.deepEqual([first.code, second.code], [200, 400]);
    });

    test('lengthens a token and is told when one is over', async () => {
        const { access_token: app } = await client.api('oauth/access_token', {
            client_id: appId, client_secret: appSecret, grant_type: 'client_credentials',
        });
        assert.equal(app, `${appId}|${appSecret}`);
        const long = await client.api('oauth/access_token', {
            client_id: appId, client_secret: appSecret, grant_type: 'fb_exchange_token', fb_exchange_token: 'sim-facebook-user',
        });
        assert.equal(long.expires_in, 5_184_000);
        await house.control('POST', 'tokens', { platform: 'facebook', account: page, subcode: 460 });
        await assert.rejects(client.api('me'), (error) => {
            assert.equal(error.name, 'FacebookApiException');
            assert.equal(error.response.error.code, 190);
            assert.equal(error.response.error.error_subcode, 460);
            return true;
        });
        await house.control('POST', 'tokens', { platform: 'facebook', account: page, valid: true });
        assert.equal((await client.api('me')).id, page);
    });
});
