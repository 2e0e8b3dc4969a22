import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checked, hasDocument } from './openapi.mjs';
import { startSimulator } from './simulator.mjs';

let house;
let account;
let client;
const fields = {
    'tweet.fields': ['attachments', 'author_id', 'conversation_id', 'created_at', 'entities', 'in_reply_to_user_id', 'note_tweet', 'referenced_tweets', 'edit_controls', 'public_metrics', 'lang', 'reply_settings', 'possibly_sensitive', 'display_text_range'],
    'user.fields': ['created_at', 'description', 'profile_image_url', 'protected', 'public_metrics', 'receives_your_dm', 'verified'],
    'media.fields': ['alt_text', 'duration_ms', 'height', 'preview_image_url', 'type', 'url', 'variants', 'width'],
    expansions: ['author_id', 'attachments.media_keys', 'in_reply_to_user_id', 'referenced_tweets.id', 'referenced_tweets.id.author_id', 'entities.mentions.username'],
};

before(async () => {
    house = await startSimulator('--rate-limits', '10');
    account = await house.account();
    client = house.bearer(account.account);
});
after(async () => {
    client = undefined;
    await house.stop();
});

test('the account, users and their absence', async () => {
    const me = await client.v2.me({ 'user.fields': fields['user.fields'] });
    assert.equal(me.data.id, account.id);
    await house.customer(account.account, `@${account.account} hello`);
    const found = await client.v2.userByUsername(account.account, { 'user.fields': fields['user.fields'] });
    assert.equal(found.data.id, account.id);
    const missing = await client.v2.userByUsername('no_such_user');
    assert.equal(missing.data, undefined);
    assert.equal(missing.errors[0].title, 'Not Found Error');
    const both = await client.v2.users([account.id, '999999']);
    assert.equal(both.data.length, 1);
    assert.equal(both.errors.length, 1);
});

test('mentions over pages, the newest first, with all that hangs at them', async () => {
    const root = await house.customer(account.account, 'We look into slow lines', { kind: 'post', author: account.account });
    const ids = [];
    for (let n = 0; n < 12; ++n) {
        ids.push(await house.customer(account.account, `@${account.account} line ${n} & <down> see https://example.org/${n}`, {
            in_reply_to: n % 3 ? undefined : root,
            attachments: n % 4 ? undefined : [{ type: 'image', url: `https://pbs.example/${n}.jpg`, name: 'router' }],
        }));
    }
    const long = `@${account.account} ${'so long a story about my router '.repeat(20)}`;
    ids.push(await house.customer(account.account, long));
    const timeline = await client.v2.userMentionTimeline(account.id, { max_results: 5, ...fields });
    await timeline.fetchLast(100);
    const seen = timeline.tweets.map(({ id }) => id);
    assert.deepEqual(seen.slice(0, ids.length), ids.reverse());
    assert.equal(timeline.tweets[0].note_tweet.text.startsWith(`@${account.account} so long`), true);
    assert.ok(timeline.tweets.some(({ text }) => text.includes('&amp; &lt;down&gt; see https://t.co/')));
    assert.ok(timeline.includes.medias(timeline.tweets.find(({ attachments }) => attachments)).length > 0);
    assert.equal(timeline.includes.repliedTo(timeline.tweets.find(({ referenced_tweets }) => referenced_tweets)).id, root);
    const since = await client.v2.userMentionTimeline(account.id, { since_id: ids[1] });
    assert.deepEqual(since.tweets.map(({ id }) => id), [ids[0]]);
});

test('pages that repeat, that are empty, and posts that show late', async () => {
    await house.control('POST', 'x', { repeated_pages: true, empty_pages: true });
    const timeline = await client.v2.userMentionTimeline(account.id, { max_results: 5 });
    let pages = 0;
    const seen = new Set(timeline.tweets.map(({ id }) => id));
    while (!timeline.done && pages++ < 40) {
        await timeline.fetchNext();
        for (const { id } of timeline.tweets) seen.add(id);
    }
    const whole = await house.control('GET', `truth?platform=twitter&account=${account.account}`);
    assert.equal(seen.size, whole.items.filter(({ own }) => !own).length);
    assert.ok(pages > 4);
    await house.control('POST', 'x', { late_visible_s: 3600 });
    const now = (await client.v2.userMentionTimeline(account.id, { max_results: 100 })).tweets.length;
    assert.ok(now < seen.size);
    await house.control('POST', 'x', {});
});

test('search by its operators, and its refusal of ids from before its seven days', async () => {
    const found = await client.v2.search(`(to:${account.account} OR @${account.account}) -is:retweet -from:${account.account}`, { max_results: 10, ...fields });
    await found.fetchNext();
    assert.ok(found.tweets.length > 10);
    const none = await client.v2.search('conversation_id:1');
    assert.equal(none.tweets.length, 0);
    await assert.rejects(client.v2.search('ciao', { since_id: '1209097192912982018' }), (error) => {
        assert.equal(error.code, 400);
        return /larger than/.test(JSON.stringify(error.data));
    });
});

test('posts by id: found, gone, edited, quoting', async () => {
    const first = await house.customer(account.account, `@${account.account} my line is ded`);
    const edited = (await house.control('PATCH', `posts/${first}`, { text: `@${account.account} my line is dead` })).id;
    const gone = await house.customer(account.account, `@${account.account} never mind`);
    await house.control('DELETE', `posts/${gone}`);
    const quoting = await house.customer(account.account, `@${account.account} again: https://x.com/x/status/${edited}`);
    const answer = await client.v2.tweets([edited, gone, quoting], fields);
    assert.deepEqual(answer.data[0].edit_history_tweet_ids, [first, edited]);
    assert.equal(answer.errors[0].resource_id, gone);
    assert.deepEqual(answer.data[1].referenced_tweets, [{ type: 'quoted', id: edited }]);
    assert.equal((await client.v2.singleTweet(quoting, fields)).includes.tweets[0].id, edited);
});

test('direct messages, by themselves, by person and by conversation', async () => {
    const id = await house.customer(account.account, 'My number is 5', { kind: 'direct_message', attachments: [{ type: 'image', url: 'https://pbs.example/dm.jpg' }] });
    const options = { 'dm_event.fields': ['attachments', 'created_at', 'dm_conversation_id', 'entities', 'event_type', 'sender_id', 'text'], expansions: ['sender_id', 'attachments.media_keys'], 'media.fields': ['url'] };
    const all = await client.v2.listDmEvents(options);
    const [event] = all.events;
    assert.equal(event.id, id);
    assert.equal(event.attachments.media_keys.length, 1);
    const withPerson = await client.v2.listDmEventsWithParticipant(event.sender_id, options);
    assert.equal(withPerson.events[0].id, id);
    const inConversation = await client.v2.listDmEventsOfConversation(event.dm_conversation_id, options);
    assert.equal(inConversation.events[0].id, id);
    const one = await house.call('GET', `/2/dm_events/${id}?dm_event.fields=sender_id,created_at`, { token: `sim-twitter-${account.account}` });
    assert.equal(one.data.data.id, id);
});

test('both dialects', async () => {
    const token = `sim-twitter-${account.account}`;
    const newer = await house.call('GET', `/2/users/${account.id}/mentions?post.fields=referenced_posts,note_post&expansions=referenced_posts.id`, { token });
    assert.ok(newer.data.data[0].edit_history_post_ids);
    assert.ok(newer.data.includes.posts);
    assert.equal(JSON.stringify(newer.data).includes('tweet_ids'), false);
    const older = await house.call('GET', `/2/users/${account.id}/mentions?tweet.fields=referenced_tweets&expansions=referenced_tweets.id`, { token });
    assert.ok(older.data.includes.tweets);
});

test('names that are not known are refused, or passed over as in 2026', async () => {
    const token = `sim-twitter-${account.account}`;
    const where = `/2/users/${account.id}/mentions?tweet.fields=no_such_field`;
    assert.equal((await house.call('GET', where, { token })).status, 400);
    await house.control('POST', 'x', { ignore_unknown_fields: true });
    assert.equal((await house.call('GET', where, { token })).status, 200);
    await house.control('POST', 'x', {});
});

test('answers were checked against the document', { skip: !hasDocument && '../shared/reference/x-openapi.json is not there' }, () => {
    for (const name of ['GET /2/users/me', 'GET /2/users/{id}/mentions', 'GET /2/tweets/search/recent', 'GET /2/tweets', 'GET /2/dm_events']) {
        assert.ok(checked.get(name) > 0, name);
    }
});
