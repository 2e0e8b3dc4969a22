// What an agent did last and takes back with one key, a ticket marked unread, and one that the first key of a reply takes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { signIn } from './stage/furniture.js';
import { arrived, customerAt, itemWith, logIn, messageWith, openTicket, rowWith, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage, customer, page, agent, supervisor;
before(async () => {
    stage = await openStage();
    customer = await customerAt(stage, 'facebook');
    [agent, supervisor] = await Promise.all([signIn(stage.house.url, stage.house.agent), signIn(stage.house.url, stage.house.supervisor)]);
    page = await stage.open();
    await page.goto(stage.house.url);
    await logIn(page, stage.house.agent);
});
after(() => stage?.close());

const openId = () => Number(new URL(page.url()).pathname.split('/').at(-1));
const ticket = (id) => agent('GET', `/v1/tickets/${id}`);
const told = (text) => shown(page.locator('.notice').filter({ hasText: text }));
const unread = (text) => rowWith(page, text).getByTestId('unread');
/** The digits alone: the words beside them are for those who hear the page. */
const unreadIs = (text, n) => shown(unread(text).locator('span[aria-hidden]', { hasText: new RegExp(`^${n}$`) }));
const read = (text) => unread(text).waitFor({ state: 'detached' });

/** Open before the agent, and nobody's: the house gave it to somebody at once. */
async function newTicket(author, text) {
    await writeAs(customer, author, text);
    await openTicket(page, text);
    const id = openId();
    await supervisor('PATCH', `/v1/tickets/${id}`, { assignee: null });
    await shown(rowWith(page, text).filter({ hasText: 'Da assegnare' }));
    return id;
}

test('Z gives back what was taken, opens what was solved, and says what it did', async () => {
    await picturedOnFailure(page, 'undo-change', async () => {
        const id = await newTicket('Lucia Ferri', 'la linea è muta');
        await page.keyboard.press('a');
        await told('Preso in carico');
        assert.equal((await ticket(id)).assignee?.name, 'Chiara Conti');
        await page.keyboard.press('z');
        await told(`Annullato: Preso in carico, ticket #${id}`);
        assert.equal((await ticket(id)).assignee, null);

        await page.keyboard.press('c');
        await shown(page.getByTestId('undo-last'));
        assert.equal((await ticket(id)).status, 'solved');
        await page.keyboard.press('z');
        await told(`Annullato: Risolto, ticket #${id}`);
        assert.equal((await ticket(id)).status, 'open');
        await page.keyboard.press('z');
        await told('Non c’è nulla da annullare.');
    });
});

test('what was sent and solved by one key comes back by one key, and nothing of it reaches the platform', async () => {
    await picturedOnFailure(page, 'undo-send-and-next', async () => {
        const id = await newTicket('Marco Conti', 'il modem lampeggia');
        await page.keyboard.press('r');
        await page.locator('[data-testid=composer-text]:focus').waitFor();
        await page.keyboard.type('Lo spenga per un minuto.');
        await page.keyboard.press('Control+Shift+Enter');
        await shown(page.getByTestId('undo-last'));
        await page.locator('[data-testid=composer-text]:not(:focus)').waitFor();
        assert.equal((await ticket(id)).status, 'solved');
        await page.keyboard.press('z');
        await told(`ticket #${id}`);
        assert.notEqual((await ticket(id)).status, 'solved');
        await page.goto(`${stage.house.url}/queue/due/${id}`);
        await shown(messageWith(page, 'Lo spenga per un minuto.').locator('[data-testid=delivery-state][data-state=cancelled]'));
        assert.equal(await page.getByTestId('composer-text').inputValue(), 'Lo spenga per un minuto.');
        assert.equal(await itemWith(customer, 'Lo spenga per un minuto.', true).count(), 0);
        await page.getByTestId('composer-text').fill('');
    });
});

test('Z leaves alone what a colleague changed since', async () => {
    await picturedOnFailure(page, 'undo-too-late', async () => {
        const id = await newTicket('Rosa Villa', 'non arriva la bolletta');
        await page.keyboard.press('a');
        await told('Preso in carico');
        const paola = await supervisor('GET', '/v1/me');
        await supervisor('PATCH', `/v1/tickets/${id}`, { assignee: paola.id });
        await page.keyboard.press('z');
        await shown(page.locator('.notice.urgent').filter({ hasText: `#${id}` }));
        assert.equal((await ticket(id)).assignee?.id, paola.id);
        await page.locator('.notice.urgent button').first().click();
    });
});

test('a row counts what its customer wrote since one looked; U marks it unread again, also in another visit', async () => {
    await picturedOnFailure(page, 'unread', async () => {
        await newTicket('Anna Sala', 'vorrei cambiare piano');
        await newTicket('Piero Riva', 'quanto costa la fibra?');
        await read('vorrei cambiare piano');
        await writeAs(customer, 'Anna Sala', 'mi sentite?');
        await arrived(page, 'mi sentite?');
        await unreadIs('mi sentite?', 1);
        await rowWith(page, 'mi sentite?').click();
        await shown(messageWith(page, 'mi sentite?'));
        await read('mi sentite?');

        await page.keyboard.press('u');
        await unreadIs('mi sentite?', 1);
        await rowWith(page, 'quanto costa la fibra?').click();
        await shown(messageWith(page, 'quanto costa la fibra?'));
        await unreadIs('mi sentite?', 1);
        await page.reload();
        await shown(messageWith(page, 'quanto costa la fibra?'));
        await unreadIs('mi sentite?', 1);
        await rowWith(page, 'mi sentite?').click();
        await shown(messageWith(page, 'mi sentite?'));
        await read('mi sentite?');
    });
});

test('the first key of a reply takes a ticket of nobody; a note does not, nor a reply once that is switched off', async () => {
    await picturedOnFailure(page, 'typing-takes', async () => {
        const id = await newTicket('Carlo Neri', 'il numero non è portato');
        await page.keyboard.press('n');
        await page.locator('[data-testid=composer-text]:focus').waitFor();
        await page.keyboard.type('x');
        await page.keyboard.press('Backspace');
        await page.keyboard.press('Escape');
        await page.keyboard.press('r');
        await page.locator('[data-testid=composer-text]:focus').waitFor();
        assert.equal((await ticket(id)).assignee, null);
        const taken = page.waitForResponse((answer) => answer.url().endsWith(`/v1/tickets/${id}/take`));
        await page.keyboard.type('B');
        await shown(rowWith(page, 'il numero non è portato').filter({ hasText: 'Chiara' }));
        await taken; // on the screen it is before that
        assert.equal((await ticket(id)).assignee?.name, 'Chiara Conti');
        await page.getByTestId('composer-text').fill('');

        await page.goto(`${stage.house.url}/settings/me`);
        await page.getByTestId('take-on-typing').uncheck();
        await page.goto(stage.house.url);
        await shown(rowWith(page, 'il numero non è portato'));
        const other = await newTicket('Sara Greco', 'quando arriva il tecnico?');
        await page.keyboard.press('r');
        await page.locator('[data-testid=composer-text]:focus').waitFor();
        // What follows the key is on the server too: the draft, after whatever the key set off.
        const saved = page.waitForResponse((answer) => /\/drafts\/reply$/.test(answer.url()) && answer.request().method() === 'PUT');
        await page.keyboard.type('Domani.');
        await saved;
        assert.equal((await ticket(other)).assignee, null);
        await page.getByTestId('composer-text').fill('');
    });
});
