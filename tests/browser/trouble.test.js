// What goes wrong while people answer: two at one ticket, a connection that is cut, a server that starts again, a slow
// network. No reply is lost, doubled, or sent past a newer message that nobody saw.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { signIn } from './stage/furniture.js';
import {
    agentAtWork, answer, customerAt, itemWith, logIn, messageWith, openTicket, published, rowWith, shown, writeAs,
} from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage, customer, call;
before(async () => {
    stage = await openStage();
    customer = await customerAt(stage, 'facebook');
    call = await signIn(stage.house.url, stage.house.agent);
});
after(() => stage?.close());

/** Without the seconds in which a reply can be taken back, where a test is not about them. */
const atOnce = () => ({
    storageState: { cookies: [], origins: [{ origin: stage.house.url, localStorage: [{ name: 'sportello.undo', value: '0' }] }] },
});

/** How many copies of a text the platform shows, by the company. */
async function copies(text) {
    await customer.reload();
    return itemWith(customer, text, true).count();
}

const typed = (page) => page.getByTestId('composer-text').inputValue();

/** The desk beside the queue has come: drafts are kept on the server, colleagues told. */
const atDesk = (page) => shown(page.getByTestId('notifications'));

test('two people at one ticket see each other, are asked once more, and the customer gets both answers once', async () => {
    await writeAs(customer, 'Carla Due', 'siamo in due qui');
    const first = await agentAtWork(stage, atOnce());
    const second = await stage.open(atOnce());
    await second.goto(stage.house.url);
    await logIn(second, stage.house.supervisor);
    await picturedOnFailure(first, 'two-agents', async () => {
        for (const page of [first, second]) {
            await atDesk(page);
            await openTicket(page, 'siamo in due qui');
        }
        await shown(first.getByTestId('presence').filter({ hasText: 'Paola' }));
        await second.getByTestId('composer-text').pressSequentially('Risponde Paola');
        await shown(first.getByTestId('presence').filter({ hasText: 'sta rispondendo' }));
        await first.getByTestId('composer-text').fill('Risponde Chiara');
        await first.keyboard.press('Control+Enter');
        await shown(first.getByTestId('crowd'));
        assert.equal(await typed(first), 'Risponde Chiara');
        await first.getByTestId('crowd').getByRole('button').click();
        await published(first, 'Risponde Chiara');
        await shown(messageWith(second, 'Risponde Chiara'));
        assert.equal(await typed(second), 'Risponde Paola');
        await second.getByTestId('composer-send').click();
        // For ten seconds after the last key Chiara counts as writing.
        await second.getByTestId('crowd').or(messageWith(second, 'Risponde Paola')).first().waitFor();
        if (await second.getByTestId('crowd').count()) await second.getByTestId('crowd').getByRole('button').click();
        await published(second, 'Risponde Paola');
        assert.deepEqual([await copies('Risponde Chiara'), await copies('Risponde Paola')], [1, 1]);
    });
});

test('what the customer wrote while the connection was cut is seen before the reply leaves', async () => {
    await writeAs(customer, 'Dario Taglio', 'la mia linea cade', 'direct_message');
    const page = await agentAtWork(stage, atOnce());
    await picturedOnFailure(page, 'cut', async () => {
        await atDesk(page);
        await openTicket(page, 'la mia linea cade');
        await page.context().setOffline(true);
        await page.getByTestId('composer-text').fill('Domani passa il tecnico');
        await page.keyboard.press('Control+Enter');
        await writeAs(customer, 'Dario Taglio', 'anzi no, ora funziona', 'direct_message');
        // Nothing left, nothing was lost.
        assert.equal(await typed(page), 'Domani passa il tecnico');
        assert.equal(await copies('Domani passa il tecnico'), 0);
        // The conversation as it was before the cut: the answer was written without the newer message.
        await page.route('**/timeline*', (route) => route.abort());
        await page.context().setOffline(false);
        await page.locator('[data-testid=connection]:not([data-state=offline])').waitFor();
        await shown(rowWith(page, 'anzi no, ora funziona')); // the list knows of it, and so does the server
        await page.getByTestId('composer-send').click();
        await shown(page.getByTestId('stale'));
        assert.equal(await copies('Domani passa il tecnico'), 0);
        await page.unroute('**/timeline*');
        await page.reload();
        await shown(messageWith(page, 'anzi no, ora funziona'));
        assert.equal(await typed(page), 'Domani passa il tecnico');
        await answer(page, 'Bene così, buona giornata');
        await published(page, 'Bene così, buona giornata');
        assert.equal(await copies('Bene così, buona giornata'), 1);
    });
});

test('a draft is there again on another device, and in a page that was lost offline', async () => {
    await writeAs(customer, 'Elio Bozza', 'scrivo una cosa lunga');
    const page = await agentAtWork(stage, atOnce());
    await picturedOnFailure(page, 'draft', async () => {
        await atDesk(page);
        await openTicket(page, 'scrivo una cosa lunga');
        const { items } = await call('GET', '/v1/tickets?status=active&limit=100');
        const id = items.find((one) => one.last_message.text.includes('cosa lunga')).id;
        const saved = page.waitForResponse((response) => response.request().method() === 'PUT' && response.url().includes('/drafts/'));
        await page.getByTestId('composer-text').fill('La bozza di stamattina');
        await saved;
        assert.equal((await call('GET', `/v1/tickets/${id}/drafts/reply`)).text, 'La bozza di stamattina');
        const other = await agentAtWork(stage, atOnce());
        await atDesk(other);
        await openTicket(other, 'scrivo una cosa lunga');
        await other.waitForFunction(() => document.querySelector('[data-testid=composer-text]')?.value === 'La bozza di stamattina');
        // The other one goes on, this one too without a connection: both texts are told of, none is lost.
        const again = other.waitForResponse((response) => response.request().method() === 'PUT' && response.url().includes('/drafts/'));
        await other.getByTestId('composer-text').fill('La bozza cambiata di là');
        await again;
        await page.getByTestId('composer-text').fill('La bozza cambiata di qua');
        await shown(page.getByTestId('draft-conflict').filter({ hasText: 'cambiata di là' }));
        await page.getByTestId('draft-mine').click();
        await page.getByTestId('draft-conflict').waitFor({ state: 'detached' });
        assert.equal(await typed(page), 'La bozza cambiata di qua');
    });
});

test('a slow network and an impatient hand: one copy', async () => {
    await writeAs(customer, 'Fabio Lento', 'la rete è lenta');
    const page = await agentAtWork(stage, atOnce());
    await picturedOnFailure(page, 'slow', async () => {
        await openTicket(page, 'la rete è lenta');
        const slow = await page.context().newCDPSession(page);
        await slow.send('Network.enable');
        await slow.send('Network.emulateNetworkConditions', { offline: false, latency: 800, downloadThroughput: 20_000, uploadThroughput: 20_000 });
        await page.getByTestId('composer-text').fill('Una volta sola');
        let letGo = () => undefined;
        const held = new Promise((resolve) => (letGo = resolve));
        await page.route('**/replies', async (route) => {
            await held;
            return route.continue();
        });
        for (let press = 0; press < 4; press++) await page.keyboard.press('Control+Enter');
        // It is there before the server has it, and says so.
        await shown(messageWith(page, 'Una volta sola').filter({ hasText: 'In attesa del server' }));
        assert.equal(await typed(page), '');
        letGo();
        await published(page, 'Una volta sola');
        assert.equal(await messageWith(page, 'Una volta sola').count(), 1);
        assert.equal(await copies('Una volta sola'), 1);
    });
});

test('a change is on the screen before the server has answered, and taken back with one message when it is refused', async () => {
    await writeAs(customer, 'Furio Svelto', 'la fattura è doppia');
    const page = await agentAtWork(stage, atOnce());
    await picturedOnFailure(page, 'refused', async () => {
        await openTicket(page, 'la fattura è doppia');
        let refuse = () => undefined;
        const asked = new Promise((resolve) => (refuse = resolve));
        await page.route('**/v1/tickets/*', async (route) => {
            if (route.request().method() !== 'PATCH') return route.fallback();
            await asked;
            return route.fulfill({
                status: 412, contentType: 'application/problem+json',
                body: JSON.stringify({ status: 412, code: 'precondition_failed', detail: 'it was changed meanwhile' }),
            });
        });
        await page.keyboard.press('c');
        await shown(page.getByTestId('solve').filter({ hasText: 'Riapri' }));
        assert.equal(await page.locator('.notice').count(), 0);
        refuse();
        await shown(page.getByTestId('solve').filter({ hasText: 'Risolvi' }));
        await shown(page.locator('.notice.urgent'));
        assert.equal(await page.locator('.notice').count(), 1);
    });
});

test('an answer that was lost on its way back is asked for again under the same key, and is there once', async () => {
    await writeAs(customer, 'Gaia Persa', 'si è persa la risposta');
    const page = await agentAtWork(stage, atOnce());
    await picturedOnFailure(page, 'lost', async () => {
        await openTicket(page, 'si è persa la risposta');
        let lost = 0;
        await page.route('**/replies', async (route) => {
            if (route.request().method() !== 'POST' || lost++) return route.continue();
            await route.fetch();
            return route.abort('connectionreset');
        });
        await page.getByTestId('composer-text').fill('Arrivata davvero');
        await page.keyboard.press('Control+Enter');
        await page.locator('.strip.late', { hasText: 'Non inviata' }).first().waitFor();
        assert.equal(await typed(page), 'Arrivata davvero');
        await page.keyboard.press('Control+Enter');
        await published(page, 'Arrivata davvero');
        assert.equal(lost, 2);
        assert.equal(await copies('Arrivata davvero'), 1);
    });
});

test('the server starts again while a reply waits in its undo window: it is published once, and the page goes on', async () => {
    await writeAs(customer, 'Ivo Riavvio', 'il server si ferma');
    const page = await agentAtWork(stage);
    await picturedOnFailure(page, 'restart', async () => {
        await atDesk(page);
        await openTicket(page, 'il server si ferma');
        await answer(page, 'Prima del riavvio');
        await page.getByTestId('composer-text').fill('Scritta durante il riavvio');
        await stage.house.restart();
        await shown(page.locator('[data-testid=connection][data-state=live]'));
        await published(page, 'Prima del riavvio');
        assert.equal(await typed(page), 'Scritta durante il riavvio');
        await page.getByTestId('composer-send').click();
        await published(page, 'Scritta durante il riavvio');
        assert.deepEqual([await copies('Prima del riavvio'), await copies('Scritta durante il riavvio')], [1, 1]);
        await writeAs(customer, 'Ivo Riavvio', 'ora va tutto bene');
        await shown(rowWith(page, 'ora va tutto bene'));
    });
});

test('an answer in three posts that broke off goes on from the third when that is asked for, and each is there once', async () => {
    const reader = await customerAt(stage, 'x');
    await writeAs(reader, 'ivo_lungo', '@TelecomItalia come passo alla fibra?');
    const page = await agentAtWork(stage, atOnce());
    await picturedOnFailure(page, 'broken-off', async () => {
        await openTicket(page, 'come passo alla fibra');
        const text = ['Prima', 'Seconda', 'Terza'].map((which) => `${which} parte: ${`${which.toLowerCase()} spiegazione, `.repeat(10)}fine.`).join('\n\n');
        // Two calls pass, the third is refused.
        await fault({ platform: 'twitter', endpoint: 'reply', kind: 'delay', delay_ms: 1, count: 2 });
        await fault({ platform: 'twitter', endpoint: 'reply', kind: 'error', code: 433, count: 1 });
        await page.getByTestId('composer-text').fill(text);
        await page.getByTestId('composer-send').click();
        const reply = messageWith(page, 'Terza parte');
        await shown(reply.getByTestId('delivery-state').filter({ hasText: '2 di 3 inviati' }));
        await page.getByRole('button', { name: 'Riprova dalla parte 3' }).click();
        await shown(reply.locator('[data-testid=delivery-state][data-state=published]'));
        await reader.reload();
        for (const which of ['Prima', 'Seconda', 'Terza']) assert.equal(await itemWith(reader, `${which} parte`, true).count(), 1, which);
    });
});

async function fault(what) {
    const answer = await fetch(`${stage.house.simulator}/control/faults`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(what) });
    assert.equal(answer.status, 201, await answer.text());
}
