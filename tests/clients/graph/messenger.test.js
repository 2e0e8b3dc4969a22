// messaging-api-messenger: JSON bodies, multipart uploads, batches with a proof for each operation, subscriptions.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import messaging from 'messaging-api-messenger';

import { appId, appSecret, openPage, page, pageToken } from './stage/page.js';

const { MessengerBatch, MessengerClient } = messaging;

describe('messaging-api-messenger', () => {
    let house, client, person;
    before(async () => {
        house = await openPage('--require-appsecret-proof');
        client = new MessengerClient({ accessToken: pageToken, appId, appSecret, version: '25.0', origin: house.url });
        const message = await house.writes('direct_message', 'Buongiorno', { author: 'Anna Bruni' });
        person = (await house.truth(message)).author_id;
    });
    after(() => house.stop());

    test('tells who is who', async () => {
        assert.deepEqual(await client.getPageInfo(), { id: page, name: 'TIM' });
        const profile = await client.getUserProfile(person, { fields: ['id', 'first_name', 'last_name'] });
        assert.deepEqual(profile, { id: person, firstName: 'Anna', lastName: 'Bruni' });
    });

    test('sends text, and the metadata that comes back in echoes', async () => {
        const sent = await client.sendMessage(person, { text: 'Ecco a Lei 😀', metadata: 'outbox-1' }, { messagingType: 'RESPONSE' });
        assert.equal(sent.recipientId, person);
        const kept = await house.truth(sent.messageId);
        assert.equal(kept.text, 'Ecco a Lei 😀');
        assert.equal(kept.metadata, 'outbox-1');
        assert.deepEqual(await client.typingOn(person), { recipientId: person });
    });

    test('sends files by address, by upload and by what was stored', async () => {
        const byUrl = await client.sendImage(person, 'https://example.org/modem.jpg');
        assert.deepEqual((await house.truth(byUrl.messageId)).attachments, [{ type: 'image', url: 'https://example.org/modem.jpg', name: '' }]);
        const picture = Buffer.from('89504e470d0a1a0a', 'hex');
        const stored = await client.uploadImage(picture, { filename: 'modem.png', contentType: 'image/png', isReusable: true });
        const again = await client.sendImage(person, { attachmentId: stored.attachmentId });
        assert.equal((await house.truth(again.messageId)).attachments[0].name, 'modem.png');
        const large = Buffer.alloc(9 * 1024 * 1024, 1);
        await assert.rejects(client.uploadImage(large, { filename: 'x.png', contentType: 'image/png' }), /\(#100\)|413/);
        await assert.rejects(client.sendImage(person, 'https://cdn.unreachable.invalid/x.png'), /100 OAuthException/);
    });

    test('answers a comment in private once', async () => {
        const comment = await house.writes('post', 'Mi chiamate?');
        const sent = await client.sendText({ commentId: comment }, 'Le scriviamo qui');
        assert.ok(sent.messageId);
        await assert.rejects(client.sendText({ commentId: comment }, 'ancora'), /10900 OAuthException/);
    });

    test('sends several in one call', async () => {
        const answers = await client.sendBatch([
            MessengerBatch.sendText(person, 'uno'),
            MessengerBatch.sendText('123', 'a nessuno'),
            MessengerBatch.getUserProfile(person),
        ]);
        assert.deepEqual(answers.map(({ code }) => code), [200, 400, 200]);
        assert.ok(answers[0].body.messageId);
        assert.equal(answers[1].body.error.errorSubcode, 2018001);
    });

    test('keeps to the windows', async () => {
        await house.turnClock(25 * 3600);
        await assert.rejects(client.sendText(person, 'troppo tardi'), /Messenger API - 10 OAuthException \(#10\) This message is sent outside/);
        assert.ok((await client.sendText(person, 'a mano', { tag: 'HUMAN_AGENT' })).messageId);
        await assert.rejects(client.sendText(person, 'avviso', { tag: 'ACCOUNT_UPDATE' }), /100 OAuthException/);
        await house.turnClock(7 * 24 * 3600);
        await assert.rejects(client.sendText(person, 'a mano', { tag: 'HUMAN_AGENT' }), /10 OAuthException/);
        await house.writes('direct_message', 'eccomi', { author: 'Anna Bruni' });
        assert.ok((await client.sendText(person, 'bene')).messageId);
    });

    test('fails as the network fails, before and after the effect', async () => {
        const count = async () => (await house.control('GET', `truth?platform=facebook&account=${page}`)).items.length;
        const before = await count();
        await house.fault('direct_message', 'cut_before');
        await assert.rejects(client.sendText(person, 'mai'));
        assert.equal(await count(), before);
        for (const [kind, more] of [['cut_after'], ['5xx', { effect: true }], ['html', { effect: true }]]) {
            await house.fault('direct_message', kind, more);
            await assert.rejects(client.sendText(person, `forse ${kind}`));
        }
        assert.equal(await count(), before + 3);
    });

    test('subscribes, and is told with a signature over the bytes', async () => {
        const app = new MessengerClient({ accessToken: pageToken, appId, appSecret, version: '25.0', origin: house.url });
        const came = [];
        let wake;
        const listener = createServer((request, response) => {
            const asked = new URL(request.url, 'http://localhost');
            if (request.method === 'GET') return response.end(asked.searchParams.get('hub.challenge'));
            let body = Buffer.alloc(0);
            request.on('data', (part) => (body = Buffer.concat([body, part])));
            request.on('end', () => {
                came.push({ headers: request.headers, body });
                response.end();
                wake?.();
            });
        });
        await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve));
        try {
            const callbackUrl = `http://127.0.0.1:${listener.address().port}/hooks/facebook/tim`;
            assert.deepEqual(await app.createSubscription({ callbackUrl, verifyToken: 'v', fields: ['messages', 'feed'] }), { success: true });
            assert.equal((await app.getPageSubscription()).callbackUrl, callbackUrl);
            const proof = createHmac('sha256', appSecret).update(pageToken).digest('hex');
            await fetch(`${house.url}/v25.0/${page}/subscribed_apps?subscribed_fields=messages&access_token=${pageToken}&appsecret_proof=${proof}`, {
                method: 'POST',
            });
            const told = new Promise((resolve) => (wake = resolve));
            await house.writes('direct_message', 'città è 😀', { author: 'Anna Bruni' });
            await told;
            const [{ headers, body }] = came;
            const signature = (algorithm) => createHmac(algorithm, appSecret).update(body).digest('hex');
            assert.equal(headers['x-hub-signature-256'], `sha256=${signature('sha256')}`);
            assert.equal(headers['x-hub-signature'], `sha1=${signature('sha1')}`);
            assert.equal(JSON.parse(body).entry[0].messaging[0].message.text, 'città è 😀');
            assert.ok(body.includes('citt\\u00e0'));
        } finally {
            listener.closeAllConnections();
            listener.close();
        }
    });
});
