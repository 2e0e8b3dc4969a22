// Facebook's own SDK for Node.js: cursors, objects, JSON bodies. Only the address that it calls is another one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import sdk from 'facebook-nodejs-business-sdk';

import { openPage, page, pageToken } from './stage/page.js';

const { FacebookAdsApi, FacebookAdsApiBatch, Page, PagePost } = sdk;

describe("Facebook's business SDK", () => {
    let house, own;
    before(async () => {
        house = await openPage();
        Object.defineProperty(FacebookAdsApi, 'GRAPH', { value: house.url });
        FacebookAdsApi.init(pageToken, 'en_US', false);
        own = new Page(page);
    });
    after(() => house.stop());

    test('reads the Page and walks its posts in both directions', async () => {
        const read = await own.read([Page.Fields.name, Page.Fields.id]);
        assert.equal(read.name, 'TIM');
        const written = [];
        for (let i = 0; i < 7; ++i) written.push(await house.writes('post', `n${i}`));
        const seen = [];
        let cursor = await own.getFeed(['id', 'message'], { limit: 3 });
        for (;;) {
            seen.push(...cursor.map(({ id }) => id));
            if (!cursor.hasNext()) break;
            cursor = await cursor.next();
        }
        assert.deepEqual(seen, written.reverse());
        cursor = await cursor.previous();
        assert.deepEqual(cursor.map(({ id }) => id), written.slice(3, 6));
    });

    test('publishes, comments, edits and deletes', async () => {
        const post = await own.createFeed([], { message: 'Siamo aperti' });
        assert.ok(post.id.startsWith(`${page}_`));
        const comment = await new PagePost(post.id).createComment(['id'], { message: 'Scriveteci qui' });
        assert.equal((await house.truth(comment.id)).in_reply_to, post.id);
        await new PagePost(post.id).update([], { message: 'Siamo aperti dalle 8' });
        assert.equal((await house.truth(post.id)).text, 'Siamo aperti dalle 8');
        const comments = await new PagePost(post.id).getComments(['message', 'from'], { filter: 'stream', summary: true });
        assert.equal(comments[0].from.id, page);
        assert.equal(comments.summary.total_count, 1);
        await new PagePost(post.id).delete([]);
        assert.equal((await house.truth(post.id)).deleted, true);
    });

    test('reads conversations and their messages', async () => {
        await house.writes('direct_message', 'Buongiorno', { author: 'Anna', attachments: [{ type: 'image', url: 'https://example.org/1.jpg' }] });
        const [thread] = await own.getConversations(['id', 'participants', 'messages{message,from,attachments}'], { platform: 'messenger' });
        assert.equal(thread.participants.data.length, 2);
        assert.equal(thread.messages.data[0].attachments.data[0].image_data.url, 'https://example.org/1.jpg');
    });

    test('sends a batch', async () => {
        const post = await house.writes('post', 'in blocco');
        const good = [];
        const bad = [];
        const batch = new FacebookAdsApiBatch(FacebookAdsApi.getDefaultApi());
        const take = [{}, (answer) => good.push(answer.body), (answer) => bad.push(answer.body)];
        batch.add('GET', [post], { fields: 'message' }, ...take);
        batch.add('GET', ['1_2'], {}, ...take);
        await batch.execute();
        assert.deepEqual(good, [{ message: 'in blocco', id: post }]);
        assert.equal(bad[0].error.code, 100);
    });

    test('gets errors of its own kind', async () => {
        await assert.rejects(own.read(['shoe_size']), (error) => {
            assert.equal(error.name, 'FacebookRequestError');
            assert.equal(error.status, 400);
            assert.equal(error.response.code, 100);
            assert.ok(error.response.fbtrace_id);
            return true;
        });
        await house.fault('read', '429', { retry_after_s: 90_000_000 });
        await assert.rejects(own.read(['name']), (error) => {
            assert.equal(error.status, 403);
            const usage = JSON.parse(error.headers['x-business-use-case-usage'])[page][0];
            assert.equal(usage.type, 'pages');
            assert.equal(usage.estimated_time_to_regain_access, 1_500_000);
            return true;
        });
    });
});
