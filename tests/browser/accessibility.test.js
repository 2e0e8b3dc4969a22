import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import axe from 'axe-core';

import { agentAtWork, answer, customerAt, openTicket, published, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const question = 'non riesco a entrare nella mia area clienti';
const reply = 'Le scrivo subito come fare.';
const looks = ['it', 'en'].flatMap((language) => ['light', 'dark'].map((colorScheme) => ({ language, colorScheme })));

let stage;
let ready;
before(async () => {
    stage = await openStage();
    const customer = await customerAt(stage, 'x');
    await writeAs(customer, 'Ada Gatti', question);
    const agent = await agentAtWork(stage);
    await openTicket(agent, question);
    await answer(agent, reply);
    ready = { address: agent.url(), session: await agent.context().storageState() };
});
after(() => stage?.close());

for (const { language, colorScheme } of looks) {
    const options = { colorScheme, reducedMotion: 'reduce', locale: language === 'it' ? 'it-IT' : 'en-GB' };

    test(`login, ${language}, ${colorScheme}: nothing that axe knows stands in anybody's way`, async () => {
        const page = await stage.open(options);
        await page.goto(stage.house.url);
        await shown(page.getByTestId('login-name'));
        await assertAccessible(page, `login-${language}-${colorScheme}`);
    });

    test(`queue, ticket and handover, ${language}, ${colorScheme}: the same`, async () => {
        const page = await stage.open({ ...options, storageState: ready.session });
        await page.goto(ready.address);
        await published(page, reply);
        await shown(page.locator('[data-testid=connection][data-state=live]'));
        await assertAccessible(page, `ticket-${language}-${colorScheme}`);
        await page.getByTestId('handover').click();
        await shown(page.getByTestId('handover-number'));
        await assertAccessible(page, `handover-${language}-${colorScheme}`);
    });
}

async function assertAccessible(page, name) {
    await picturedOnFailure(page, `axe-${name}`, async () => {
        // Evaluated by the debugger: a script element would rightly be refused by the content security policy.
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
        const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(describe).join('\n  ')}`);
        assert.deepEqual(told, []);
    });
}

const describe = ({ target, failureSummary }) => `${target.join(' ')} (${failureSummary.replaceAll('\n', ' ')})`;
