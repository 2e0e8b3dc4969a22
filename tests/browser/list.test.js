// The list under somebody's hand: what comes waits, what is there changes at once, and nothing jumps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { signIn } from './stage/furniture.js';
import { agentAtWork, customerAt, rowWith, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage, customer, agent, call;
before(async () => {
    stage = await openStage();
    call = await signIn(stage.house.url, stage.house.supervisor);
    customer = await customerAt(stage, 'facebook');
    agent = await agentAtWork(stage, { reducedMotion: 'reduce' });
    await writeAs(customer, 'Lucia Ferri', 'la linea è muta');
    await shown(rowWith(agent, 'la linea è muta'));
});
after(() => stage?.close());

const fresh = () => agent.locator('.fresh');
const away = () => agent.mouse.move(900, 500);
const placeOf = async (text) => (await rowWith(agent, text).boundingBox()).y;

test('a new row waits behind a button while the pointer is over the list, and nothing moves', async () => {
    await picturedOnFailure(agent, 'list-hover', async () => {
        await rowWith(agent, 'la linea è muta').hover();
        const before = await placeOf('la linea è muta');
        await writeAs(customer, 'Marco Conti', 'il modem si riavvia');
        await shown(fresh());
        assert.equal(await fresh().textContent(), '1 nuovo');
        assert.equal(await rowWith(agent, 'il modem si riavvia').count(), 0);
        assert.equal(await placeOf('la linea è muta'), before);
        await fresh().click();
        await shown(rowWith(agent, 'il modem si riavvia'));
        await shown(agent.locator('[data-testid=ticket-row]:focus'));
        await fresh().waitFor({ state: 'detached' });
    });
});

test('with the pointer and the focus elsewhere it comes in by itself', async () => {
    await picturedOnFailure(agent, 'list-away', async () => {
        await away();
        await agent.evaluate(() => document.activeElement.blur());
        await writeAs(customer, 'Elena Russo', 'la bolletta è doppia');
        await shown(rowWith(agent, 'la bolletta è doppia'));
    });
});

test('with the focus in it Home brings the new rows; those that are there change at once', async () => {
    await picturedOnFailure(agent, 'list-focus', async () => {
        await agent.keyboard.press('1');
        await writeAs(customer, 'Paolo Neri', 'niente segnale in casa');
        await shown(fresh());
        const first = await agent.getByTestId('ticket-row').first().getAttribute('data-ticket-id');
        await call('PATCH', `/v1/tickets/${first}`, { assignee: null });
        await shown(agent.getByTestId('ticket-row').first().filter({ hasText: 'Da assegnare' }));
        assert.equal(await rowWith(agent, 'niente segnale in casa').count(), 0);
        assert.equal(await agent.locator('[data-testid=ticket-row]:focus').count(), 1);
        await agent.keyboard.press('Home');
        await shown(rowWith(agent, 'niente segnale in casa'));
    });
});
