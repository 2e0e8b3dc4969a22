// A day of an agent and one of a supervisor, by keyboard alone: the mouse does nothing on these pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { customerAt, itemWith, logIn, messageWith, published, rowWith, shown, writeAs } from './stage/people.js';
import { signIn } from './stage/furniture.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

let stage, customer, agent, supervisor;
before(async () => {
    stage = await openStage();
    customer = await customerAt(stage, 'facebook');
    const call = await signIn(stage.house.url, stage.house.supervisor);
    await call('POST', '/v1/canned-replies', { name: 'Guasto noto', text: 'Il guasto è noto, torna stasera.' });
    await call('POST', '/v1/macros', { name: 'Doppione', take: true, status: 'solved', add_labels: ['doppione'] });
    agent = await atKeyboard(stage.house.agent);
    supervisor = await atKeyboard(stage.house.supervisor);
});
after(() => stage?.close());

/** A page on which the pointer is dead, and whoever works there. */
async function atKeyboard(person) {
    const page = await stage.open({ reducedMotion: 'reduce' });
    await page.goto(stage.house.url);
    await logIn(page, person);
    await page.evaluate(() => {
        for (const type of ['pointerdown', 'mousedown', 'click']) {
            // A click that a key press makes has no place on the screen.
            window.addEventListener(type, (event) => { if (event.detail > 0 || type !== 'click') event.stopImmediatePropagation(); }, true);
        }
    });
    return page;
}

const keys = async (page, ...pressed) => { for (const key of pressed) await page.keyboard.press(key); };
const focused = (page, id) => shown(page.locator(`[data-testid=${id}]:focus`));
/** What is sent is no more in the field, and the next key no more typed into it. */
async function send(page) {
    await keys(page, 'Control+Enter');
    await page.locator('[data-testid=composer-text]:not(:focus)').waitFor();
}
const closed = (page) => page.locator('dialog[open]').waitFor({ state: 'detached' });

/** An action by its words, as somebody does who does not know its key. */
async function byPalette(page, words) {
    await keys(page, 'Control+k');
    await focused(page, 'choice-filter');
    await page.keyboard.type(words);
    await keys(page, 'Enter');
}

/** Walks with Tab until the element has the focus. */
async function tabTo(page, locator, most = 80) {
    for (let step = 0; step < most; step++) {
        if (await locator.first().evaluate((element) => element === document.activeElement)) return;
        await keys(page, 'Tab');
    }
    assert.fail(`Tab does not lead to ${locator}`);
}

test('an agent takes, reads, answers with a prepared text, takes back, notes, labels, hands over and solves', async () => {
    await picturedOnFailure(agent, 'day-agent', async () => {
        await writeAs(customer, 'Lucia Ferri', 'la linea è muta');
        await shown(rowWith(agent, 'la linea è muta'));
        await keys(agent, 'j');
        await shown(messageWith(agent, 'la linea è muta'));

        await keys(agent, 'r');
        await focused(agent, 'composer-text');
        await agent.keyboard.type('/');
        await focused(agent, 'choice-filter');
        await agent.keyboard.type('guasto');
        await keys(agent, 'Enter');
        await closed(agent);
        assert.equal(await agent.getByTestId('composer-text').inputValue(), 'Il guasto è noto, torna stasera.');
        await send(agent);
        await shown(messageWith(agent, 'Il guasto è noto'));
        await keys(agent, 'z');
        await shown(messageWith(agent, 'Il guasto è noto').locator('[data-state=cancelled]'));
        await keys(agent, 'r');
        await focused(agent, 'composer-text');
        assert.equal(await agent.getByTestId('composer-text').inputValue(), 'Il guasto è noto, torna stasera.');
        await agent.keyboard.type(' Scusi.');
        await send(agent);
        await shown(messageWith(agent, 'stasera. Scusi.'));
        // Again, with nothing more to say: it need not wait.
        await keys(agent, 'r', 'Control+Enter');
        await published(agent, 'stasera. Scusi.');
        await shown(itemWith(customer, 'stasera. Scusi.', true));

        await keys(agent, 'Escape', 'n');
        await focused(agent, 'composer-text');
        await agent.keyboard.type('Sentita la centrale.');
        await send(agent);
        await shown(messageWith(agent, 'Sentita la centrale.'));

        await keys(agent, 'l');
        await focused(agent, 'choice-filter');
        await agent.keyboard.type('guasto');
        await keys(agent, 'Enter', 'Control+Enter');
        await closed(agent);
        await shown(agent.locator('.details .pill', { hasText: 'guasto' }));

        await byPalette(agent, 'ricordamelo');
        await shown(agent.getByTestId('remind-at'));
        await tabTo(agent, agent.getByTestId('form-submit'));
        await keys(agent, 'Enter');
        await closed(agent);

        await keys(agent, 'h');
        await focused(agent, 'handover-number');
        await agent.keyboard.type('+39 335 1234567');
        await keys(agent, 'Tab');
        await agent.keyboard.type('Richiamare stasera.');
        await keys(agent, 'Tab', 'Enter');
        await shown(agent.getByTestId('handover-reference'));
        await keys(agent, 'Escape');
        await closed(agent);
    });
});

test('the next one is put off by a macro’s steps, and the views are walked through', async () => {
    await picturedOnFailure(agent, 'day-agent-2', async () => {
        await writeAs(customer, 'Marco Conti', 'ho scritto due volte');
        await shown(rowWith(agent, 'ho scritto due volte'));
        await keys(agent, 'g', 'c', '1');
        await shown(agent.locator('[data-testid=ticket-row]:focus'));
        await tabTo(agent, rowWith(agent, 'ho scritto due volte'), 20);
        await keys(agent, 'Enter');
        await shown(messageWith(agent, 'ho scritto due volte'));
        await keys(agent, 'Shift+M');
        await focused(agent, 'choice-filter');
        await agent.keyboard.type('doppione');
        await keys(agent, 'Enter');
        await closed(agent);
        await shown(agent.locator('.details .pill', { hasText: 'doppione' }));
        for (const [key, view] of [['m', 'mine'], ['e', 'overdue'], ['a', 'closed'], ['d', 'unassigned']]) {
            await keys(agent, 'g', key);
            await shown(agent.locator(`[data-testid=view-${view}][aria-current=page]`));
        }
        await keys(agent, '?');
        await shown(agent.locator('dialog kbd'));
        await keys(agent, 'Escape');
        await closed(agent);
        await keys(agent, 'g', 'o');
        await shown(agent.getByTestId('theme'));
    });
});

test('a supervisor looks at the wall, opens an incident and closes it, enters a closure and shifts, and pauses publishing', async () => {
    await picturedOnFailure(supervisor, 'day-supervisor', async () => {
        await keys(supervisor, 'g', 's');
        await shown(supervisor.getByTestId('wall'));
        await tabTo(supervisor, supervisor.getByTestId('pause-all'));
        await keys(supervisor, 'Enter');
        await shown(supervisor.getByTestId('form-submit'));
        await tabTo(supervisor, supervisor.getByTestId('form-submit'));
        await keys(supervisor, 'Enter');
        await shown(supervisor.getByTestId('resume-all'));
        await tabTo(supervisor, supervisor.getByTestId('resume-all'));
        await keys(supervisor, 'Enter');
        await shown(supervisor.getByTestId('pause-all'));
        const plot = supervisor.getByRole('slider').last();
        await shown(plot);
        await tabTo(supervisor, plot);
        await keys(supervisor, 'Home');
        assert.match(await plot.getAttribute('aria-valuetext'), /Ricevuti \d/);

        await keys(supervisor, 'g', 'i');
        await shown(supervisor.getByTestId('incident-open'));
        await tabTo(supervisor, supervisor.getByTestId('incident-open'));
        await keys(supervisor, 'Enter');
        await focused(supervisor, 'incident-service');
        await keys(supervisor, 'Tab');
        await supervisor.keyboard.type('Foligno');
        await keys(supervisor, 'Enter');
        await closed(supervisor);
        await shown(supervisor.getByTestId('incident').filter({ hasText: 'Foligno' }));
        await tabTo(supervisor, supervisor.getByTestId('incident-close'));
        await keys(supervisor, 'Enter');
        await shown(supervisor.getByTestId('incident-text'));
        await tabTo(supervisor, supervisor.getByTestId('form-submit'));
        await keys(supervisor, 'Enter');
        await closed(supervisor);
        await shown(supervisor.getByTestId('incident-row').filter({ hasText: 'Finito' }));

        await keys(supervisor, 'g', 't');
        await shown(supervisor.getByTestId('rota-edit'));
        await tabTo(supervisor, supervisor.getByTestId('rota-edit'));
        await keys(supervisor, 'Enter');
        await shown(supervisor.getByTestId('shift-add'));
        await tabTo(supervisor, supervisor.getByTestId('shift-add'));
        await keys(supervisor, 'Enter');
        await shown(supervisor.getByTestId('shift-entry'));
        await tabTo(supervisor, supervisor.getByTestId('form-submit'));
        await keys(supervisor, 'Enter');
        await closed(supervisor);
        await shown(supervisor.locator('[data-testid=rota-row] .entry'));

        await keys(supervisor, 'g', 'r');
        await shown(supervisor.locator('main table'));
        await byPalette(supervisor, 'impostazioni');
        await shown(supervisor.getByTestId('theme'));
    });
});
