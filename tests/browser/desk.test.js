import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    agentAtWork, customerAt, itemWith, logIn, messageWith, published, rowWith, shown, writeAs,
} from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage;
before(async () => { stage = await openStage(); });
after(() => stage?.close());

test('a wrong password is told without saying which of the two was wrong, and the right one still works', async () => {
    const page = await stage.open();
    await picturedOnFailure(page, 'wrong-password', async () => {
        await page.goto(stage.house.url);
        await page.getByTestId('login-name').fill(stage.house.agent.login);
        await page.getByTestId('login-password').fill('sbagliata');
        await page.getByTestId('login-submit').click();
        await shown(page.getByRole('alert').filter({ hasText: 'Utente o password' }));
        await logIn(page, stage.house.agent);
    });
});

test('the language changes at once and is remembered', async () => {
    const page = await agentAtWork(stage);
    await picturedOnFailure(page, 'language', async () => {
        await shown(page.getByRole('heading', { name: 'Coda' }));
        await page.getByTestId('language').selectOption('en');
        await shown(page.getByRole('heading', { name: 'Queue' }));
        await page.reload();
        await shown(page.getByRole('heading', { name: 'Queue' }));
        assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    });
});

test('after the log-out nothing is shown any more, not even by going back', async () => {
    const page = await agentAtWork(stage);
    await picturedOnFailure(page, 'log-out', async () => {
        await page.getByTestId('logout').click();
        await shown(page.getByTestId('login-name'));
        await page.goto(`${stage.house.url}/queue/due`);
        await shown(page.getByTestId('login-name'));
        assert.equal(await page.getByTestId('ticket-row').count(), 0);
    });
});

test('an agent moves, answers and sends without touching the mouse', async () => {
    const page = await agentAtWork(stage);
    await picturedOnFailure(page, 'keyboard', async () => {
        const customer = await customerAt(stage, 'x');
        await writeAs(customer, 'Anna Riva', 'il modem lampeggia rosso');
        await writeAs(customer, 'Piero Sala', 'posso cambiare piano?');
        const first = rowWith(page, 'lampeggia rosso');
        const second = rowWith(page, 'cambiare piano');
        await shown(first);
        await shown(second);

        await page.keyboard.press('j');
        await shown(messageWith(page, 'lampeggia rosso'));
        await page.keyboard.press('j');
        await shown(messageWith(page, 'cambiare piano'));
        assert.equal(await second.getAttribute('aria-current'), 'true');
        await page.keyboard.press('k');
        await shown(messageWith(page, 'lampeggia rosso'));

        await page.keyboard.press('r');
        await shown(page.locator('[data-testid=composer-text]:focus'));
        await page.keyboard.type('Lo spenga per un minuto');
        await page.keyboard.press('Control+Enter');
        await published(page, 'Lo spenga per un minuto');
        await shown(itemWith(customer, 'Lo spenga per un minuto', true));
    });
});
