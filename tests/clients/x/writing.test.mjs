import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startSimulator } from './simulator.mjs';

let house;
let account;
let client;

before(async () => {
    house = await startSimulator();
    account = await house.account();
    client = house.signed(account.account);
});
after(() => house.stop());

const truth = async () => (await house.control('GET', `truth?platform=twitter&account=${account.account}`)).items;

test('posts, answers, threads, deletes', async () => {
    const asked = await house.customer(account.account, `@${account.account} is the line down?`);
    const { data } = await client.v2.reply('We look into it: https://example.org/a & more', asked);
    assert.match(data.text, /https:\/\/t\.co\/\w{10} &amp; more$/);
    const second = await client.v2.reply('(2/2) Still looking', data.id);
    const items = await truth();
    assert.equal(items.find(({ id }) => id === second.data.id).in_reply_to, data.id);
    assert.deepEqual((await client.v2.deleteTweet(second.data.id)).data, { deleted: true });
    await assert.rejects(client.v2.deleteTweet(asked), { code: 403 });
    await assert.rejects(client.v2.deleteTweet('1999999999999999999'), { code: 404 });
});

test('hides a reply under a post of ours, and no other', async () => {
    const root = (await client.v2.tweet('All lines are up')).data.id;
    const reply = await house.customer(account.account, `@${account.account} they are not`, { in_reply_to: root });
    assert.deepEqual((await client.v2.hideReply(reply, true)).data, { hidden: true });
    assert.deepEqual((await client.v2.hideReply(reply, false)).data, { hidden: false });
    const elsewhere = await house.customer(account.account, `@${account.account} hello`);
    await assert.rejects(client.v2.hideReply(elsewhere, true), { code: 403 });
});

test('direct messages in all three forms, and their removal', async () => {
    await house.customer(account.account, 'Hello', { kind: 'direct_message' });
    await house.customer(account.account, 'Hello too', { kind: 'direct_message', author: 'Bruno Verdi' });
    const { events } = await client.v2.listDmEvents({ 'dm_event.fields': ['sender_id', 'dm_conversation_id'] });
    const toPerson = await client.v2.sendDmToParticipant(events[0].sender_id, { text: 'Good morning' });
    assert.ok(toPerson.dm_event_id ?? toPerson.data.dm_event_id);
    const inConversation = await client.v2.sendDmInConversation(events[0].dm_conversation_id, { text: 'And again' });
    const id = inConversation.dm_event_id ?? inConversation.data.dm_event_id;
    const group = await client.v2.createDmConversation({ conversation_type: 'Group', participant_ids: events.slice(0, 2).map((event) => event.sender_id), message: { text: 'Hello to you two' } });
    const conversation = group.dm_conversation_id ?? group.data.dm_conversation_id;
    assert.equal((await client.v2.listDmEventsOfConversation(conversation)).events[0].text, 'Hello to you two');
    assert.deepEqual((await client.v2.delete(`dm_events/${id}`)).data, { deleted: true });
    await assert.rejects(client.v2.delete(`dm_events/${events[0].id}`), { code: 403 });
    await assert.rejects(client.v2.sendDmToParticipant('999999', { text: 'x' }), { code: 403 });
});

test('uploads in one go and in chunks, and hangs them at posts and messages', async () => {
    const picture = await client.v2.post('media/upload', { media: Buffer.alloc(1000, 1), media_category: 'tweet_image', media_type: 'image/png' }, { forceBodyMode: 'form-data' });
    const chunked = await client.v2.uploadMedia(Buffer.alloc(2_500_000, 2), { media_type: 'image/gif', media_category: 'tweet_gif' });
    const video = await client.v2.uploadMedia(Buffer.alloc(3_000_000, 3), { media_type: 'video/mp4', media_category: 'tweet_video' });
    await client.v2.createMediaMetadata(picture.data.id, { alt_text: { text: 'a router' } });
    const post = await client.v2.tweet('Look', { media: { media_ids: [picture.data.id] } });
    const shown = await client.v2.singleTweet(post.data.id, { 'tweet.fields': ['attachments', 'entities'], expansions: ['attachments.media_keys'], 'media.fields': ['alt_text', 'url'] });
    assert.equal(shown.includes.media[0].alt_text, 'a router');
    assert.match(post.data.text, /^Look https:\/\/t\.co\/\w{10}$/);
    assert.ok((await client.v2.tweet({ media: { media_ids: [chunked] } })).data.id);
    assert.ok((await client.v2.tweet('Film', { media: { media_ids: [video] } })).data.id);
    await assert.rejects(client.v2.tweet('x', { media: { media_ids: ['123'] } }), { code: 400 });

    await house.customer(account.account, 'Hello', { kind: 'direct_message' });
    const { events } = await client.v2.listDmEvents({ 'dm_event.fields': ['sender_id'] });
    const forMessage = await client.v2.uploadMedia(Buffer.alloc(10, 4), { media_type: 'image/png', media_category: 'dm_image' });
    await client.v2.sendDmToParticipant(events[0].sender_id, { attachments: [{ media_id: forMessage }] });
    const [sent] = (await client.v2.listDmEvents({ 'dm_event.fields': ['attachments'] })).events;
    assert.equal(sent.attachments.media_keys.length, 1);
    await assert.rejects(client.v2.tweet('x', { media: { media_ids: [forMessage] } }), { code: 400 }, 'a message\'s file is none of a post');
});

test('refuses what X refuses', async () => {
    await assert.rejects(client.v2.tweet('x'.repeat(281)), (error) => error.code === 400 && /too long/.test(error.data.detail));
    await client.v2.tweet('Thank you!');
    await assert.rejects(client.v2.tweet('Thank you!'), (error) => error.code === 403 && /duplicate content/.test(error.data.detail));
    await assert.rejects(client.v2.tweet('$AAPL and $TSLA'), { code: 403 });
    await assert.rejects(client.v2.like(account.id, '1'), { code: 403 });
    await assert.rejects(client.v2.tweet('y', { quote_tweet_id: '1' }), { code: 403 });
});
