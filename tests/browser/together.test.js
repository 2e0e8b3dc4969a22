// What takes more than one: colleagues at the same ticket, a reply that is read first, a file on its way, an account that is
// signed in, made-up customers of a house for practice; and a server that takes no changes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import axe from 'axe-core';

import { signIn } from './stage/furniture.js';
import { goTo } from './stage/pages.js';
import { customerAt, itemWith, logIn, messageWith, openTicket, published, rowWith, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const appSecret = 'sim-app-secret';
process.env.TOGETHER_APP_SECRET = appSecret;

/** An account of either platform that is yet to be signed in, one person at a time at a ticket, and a simulator instead of customers. */
const furnished = (toml) => toml
    .replace(/(id = "tim-facebook"\n[^[]*?)credentials = "[^"]*"/, '$1credentials = "stored"\napp_id = "100000000000001"\napp_secret = "env:TOGETHER_APP_SECRET"')
    .replace(/(id = "tim-x"\n[^[]*?)credentials = "[^"]*"/, '$1credentials = "stored"\nclient_id = "sim-consumer-key"')
    + '\n[answering]\nexclusive = true\n[[crm_link]]\nname = "CRM"\nurl = "https://crm.example.com/contracts/{contract}"\n';

let stage, customer, agent, supervisor;
before(async () => {
    stage = await openStage({ channels: furnished, practice: true });
    customer = await customerAt(stage, 'facebook');
    [agent, supervisor] = await Promise.all([atWork(stage.house.agent), atWork(stage.house.supervisor)]);
});
after(() => stage?.close());

async function accessible(page) {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`), []);
}

async function atWork(person) {
    const page = await stage.open();
    // Nobody takes anything back here.
    await page.addInitScript(() => localStorage.setItem('sportello.undo', '0'));
    await page.goto(stage.house.url);
    await logIn(page, person);
    return page;
}

test('who writes is seen at the ticket and in the list, holds it, and a supervisor can end that', async () => {
    await picturedOnFailure(supervisor, 'lease', async () => {
        await writeAs(customer, 'Lucia Ferri', 'la linea è muta');
        await openTicket(agent, 'la linea è muta');
        await openTicket(supervisor, 'la linea è muta');
        await shown(supervisor.getByTestId('presence').filter({ hasText: 'Chiara' }));
        await agent.getByTestId('composer-text').pressSequentially('Verifico', { delay: 20 });
        await shown(supervisor.getByTestId('lease').filter({ hasText: 'Chiara' }));
        await shown(rowWith(supervisor, 'la linea è muta').getByTestId('row-presence'));
        await supervisor.getByTestId('composer-text').fill('Anche io');
        await shown(supervisor.locator('.obstacle').filter({ hasText: 'Chiara' }));
        assert.equal(await supervisor.getByTestId('composer-send').isDisabled(), true);

        await supervisor.getByTestId('lease-break').click();
        await supervisor.getByTestId('lease').waitFor({ state: 'detached' });
        await supervisor.locator('[data-testid=composer-send]:enabled').waitFor();
        await supervisor.getByTestId('composer-text').fill('');
        await agent.getByTestId('composer-text').fill('');
    });
});

test('a picture is chosen, goes with the reply and stands on the platform', async () => {
    await picturedOnFailure(agent, 'upload', async () => {
        await writeAs(customer, 'Marco Conti', 'come lo collego?');
        await openTicket(agent, 'come lo collego?');
        await agent.getByTestId('attach').click();
        const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
        await agent.getByTestId('attach-file').setInputFiles({ name: 'schema.png', mimeType: 'image/png', buffer: dot });
        await shown(agent.getByTestId('upload').filter({ hasText: 'schema.png' }));
        await agent.getByTestId('composer-text').fill('Ecco lo schema.');
        await agent.keyboard.press('Control+Enter');
        await published(agent, 'Ecco lo schema.');
        await shown(messageWith(agent, 'Ecco lo schema.').locator('[data-testid=attachment][data-state=stored]'));
        const { items } = await (await fetch(`${stage.house.simulator}/control/truth?platform=facebook`)).json();
        const sent = items.filter((item) => item.own && item.text === 'Ecco lo schema.');
        assert.equal(sent.length, 1);
        assert.equal(sent[0].attachments?.length, 1);
    });
});

test('a reply that is read first waits on the list, is changed by a colleague and leaves', async () => {
    const admin = await signIn(stage.house.url, stage.house.admin);
    const chiara = (await admin('GET', '/v1/agents')).items.find(({ login }) => login === 'chiara').id;
    await admin('PATCH', `/v1/agents/${chiara}`, { needs_approval: true });
    await picturedOnFailure(supervisor, 'approvals', async () => {
        await writeAs(customer, 'Rosa Villa', 'mi rimborsate?');
        await openTicket(agent, 'mi rimborsate?');
        await agent.getByTestId('composer-text').fill('Le rimborsiamo il mese.');
        await agent.getByTestId('composer-send').click();
        await shown(messageWith(agent, 'Le rimborsiamo il mese.').locator('[data-state=awaiting_approval]'));

        await supervisor.getByTestId('nav-approvals').click();
        const waiting = supervisor.getByTestId('approval').filter({ hasText: 'Le rimborsiamo il mese' });
        await waiting.getByTestId('approval-change').click();
        await supervisor.getByTestId('approval-text').fill('Le rimborsiamo il mese in bolletta.');
        await supervisor.getByTestId('form-submit').click();
        await shown(waiting.filter({ hasText: 'in bolletta' }));
        await waiting.getByTestId('approve').click();
        await supervisor.getByTestId('form-submit').click();
        await waiting.waitFor({ state: 'detached' });
        await shown(itemWith(customer, 'Le rimborsiamo il mese in bolletta.', true));
        await published(agent, 'Le rimborsiamo il mese in bolletta.');
        assert.equal(await itemWith(customer, 'Le rimborsiamo il mese.', true).count(), 0);
    });
    await admin('PATCH', `/v1/agents/${chiara}`, { needs_approval: false });
});

test('an admin signs an account in at the platform, and it is read again', async () => {
    const admin = await atWork(stage.house.admin);
    await picturedOnFailure(admin, 'channel-sign-in', async () => {
        await admin.evaluate(() => { history.pushState(history.state, '', '/settings/channels'); dispatchEvent(new PopStateEvent('popstate', { state: history.state })); });
        const row = admin.getByTestId('table-row').filter({ hasText: '104000000000002' });
        await shown(row.locator('.pill.late'));
        await row.getByTestId('channel-connect').click();
        await shown(admin.getByTestId('connect-open'));
        const [platform] = await Promise.all([admin.context().waitForEvent('page'), admin.getByTestId('connect-open').click()]);
        await picturedOnFailure(platform, 'channel-sign-in-platform', async () => {
            for (const box of await platform.locator('input[name=page]').all()) {
                if (await box.getAttribute('value') !== '104000000000002') await box.uncheck();
            }
            await platform.getByTestId('allow').click();
            await shown(platform.getByText('è collegato come'));
            assert.equal(await platform.locator('html').getAttribute('lang'), 'it');
        });
        await admin.keyboard.press('Escape');
        await shown(row.locator('.pill.ok'));
    });
});

test('an admin signs an account in at X, and one who refuses there leaves it as it was', async () => {
    const admin = await atWork(stage.house.admin);
    await picturedOnFailure(admin, 'x-sign-in', async () => {
        await goTo(admin, { path: '/settings/channels', ready: '[data-testid=table-row]' });
        const row = admin.getByTestId('table-row').filter({ hasText: 'TIM_Sportello' });
        await shown(row.locator('.pill.late'));
        for (const [choice, says] of [['deny', 'L’accesso del canale non è riuscito'], ['account', 'è collegato come']]) {
            await row.getByTestId('channel-connect').click();
            const [platform] = await Promise.all([admin.context().waitForEvent('page'), admin.getByTestId('connect-open').click()]);
            await picturedOnFailure(platform, `x-sign-in-${choice}`, async () => {
                await platform.locator(choice === 'deny' ? '[name=deny]' : '[name=account][value=TIM_Sportello]').click();
                await shown(platform.getByText(says));
            });
            await platform.close();
            await admin.keyboard.press('Escape');
            await shown(row.locator(choice === 'deny' ? '.pill.late' : '.pill.ok'));
        }
    });
});

test('who works in another window is called by the system: a ticket given to them, a colleague who names them', async () => {
    const away = await stage.open({ permissions: ['notifications'] });
    await away.addInitScript(() => {
        // In a headless browser every page has the focus.
        document.hasFocus = () => false;
        window.called = [];
        const { Notification: Real } = window;
        window.Notification = class extends Real {
            constructor(title, options) {
                super(title, options);
                window.called.push({ one: this, body: options.body });
            }
        };
    });
    await picturedOnFailure(away, 'system-notification', async () => {
        await away.goto(stage.house.url);
        await logIn(away, stage.house.agent);
        await writeAs(customer, 'Nadia Corti', 'non ricevo SMS');
        await shown(rowWith(away, 'non ricevo SMS'));
        await shown(away.getByTestId('notifications'));
        await goTo(away, { path: '/settings/me', ready: '[data-testid=system]' });
        await away.getByTestId('system').check();
        const call = await signIn(stage.house.url, stage.house.supervisor);
        const { items } = await call('GET', '/v1/tickets?status=active&limit=100');
        const { id } = items.find((one) => one.last_message.text === 'non ricevo SMS');
        const { items: people } = await call('GET', '/v1/agents');
        const called = (words) => away.waitForFunction((what) => window.called.some(({ body }) => body.includes(what)), words);
        // It may be Chiara's already: the house spreads the work among those who are there.
        for (const person of [stage.house.supervisor, stage.house.agent]) {
            await call('PATCH', `/v1/tickets/${id}`, { assignee: people.find(({ login }) => login === person.login).id });
        }
        await called(`#${id} è stato assegnato a te`);
        await call('POST', `/v1/tickets/${id}/notes`, { text: '@chiara puoi sentire la centrale?' });
        await called('Paola');
        const bodies = await away.evaluate(() => window.called.map(({ body }) => body));
        assert.ok(!bodies.some((body) => body.includes('SMS') || body.includes('centrale')), `it tells what was written: ${bodies}`);
        // A click on it leads to the ticket.
        await away.evaluate(() => window.called[0].one.dispatchEvent(new Event('click')));
        await shown(messageWith(away, 'non ricevo SMS'));
    });
});

test('the contract reference is kept, and leads into the CRM', async () => {
    await picturedOnFailure(agent, 'crm', async () => {
        await openTicket(agent, 'la linea è muta');
        await agent.getByTestId('customer-link').first().click();
        await agent.getByTestId('contract').fill('TIM/44');
        await agent.getByTestId('contract-save').click();
        const link = agent.getByTestId('crm-link');
        await shown(link);
        assert.equal(await link.getAttribute('href'), 'https://crm.example.com/contracts/TIM%2F44');
        assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    });
});

test('a house for practice says so before and after the log-in, and made-up customers write on request', async () => {
    const page = await stage.open();
    await picturedOnFailure(page, 'practice', async () => {
        await page.goto(stage.house.url);
        await shown(page.getByTestId('practice'));
        assert.match(await page.title(), /^\[P\]/);
        await logIn(page, stage.house.agent);
        const before = await page.getByTestId('ticket-row').count();
        await page.getByTestId('practice-messages').click();
        await page.waitForFunction((many) => document.querySelectorAll('[data-testid=ticket-row]').length > many
            || document.querySelector('[data-testid=ticket-list] .fresh, .fresh'), before);
    });
});

test('while the server takes no changes nothing leaves, what is typed stays, and it goes on afterwards', async () => {
    const page = await stage.open();
    await picturedOnFailure(page, 'read-only', async () => {
        let full = true;
        const refusal = { status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'unavailable', detail: 'The storage cannot be used right now; nothing was changed. Try again in a moment.' }) };
        await page.route(/\/readyz$/, (route) => (full ? route.fulfill(refusal) : route.continue()));
        await page.goto(stage.house.url);
        await logIn(page, stage.house.agent);
        await openTicket(page, 'la linea è muta');
        await shown(page.getByTestId('read-only'));
        await page.getByTestId('composer-text').fill('Tutto chiaro adesso?');
        assert.equal(await page.getByTestId('composer-send').isDisabled(), true);
        assert.equal(await page.getByTestId('solve').isDisabled(), true);
        await accessible(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        await accessible(page);
        full = false;
        await page.getByTestId('read-only').waitFor({ state: 'detached' });
        await page.getByTestId('composer-send').click();
        await shown(messageWith(page, 'Tutto chiaro adesso?'));
    });
});
