import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agentAtWork, answer, customerAt, itemWith, openTicket, published, rowWith, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const questions = {
    facebook: 'Buongiorno, la linea di casa è muta da ieri sera: quando torna?',
    x: 'la bolletta di ottobre è doppia, come faccio ad avere il rimborso?',
};
const answers = {
    facebook: 'Buongiorno Lucia, il guasto è noto e la linea torna entro le 18 di oggi.',
    x: 'Buongiorno Marco, il rimborso arriva con la bolletta di novembre.',
};

let stage;
before(async () => { stage = await openStage(); });
after(() => stage?.close());

test('a customer writes on Facebook and one on X, an agent answers both, and both read the answer', async () => {
    const agent = await agentAtWork(stage);
    await picturedOnFailure(agent, 'whole-way', async () => {
        const facebook = await customerAt(stage, 'facebook');
        const x = await customerAt(stage, 'x');
        let loads = 0;
        agent.on('load', () => (loads += 1));

        await writeAs(facebook, 'Lucia Ferri', questions.facebook);
        await writeAs(x, 'Marco Conti', questions.x);
        await shown(rowWith(agent, questions.facebook));
        await shown(rowWith(agent, questions.x));

        for (const platform of ['facebook', 'x']) {
            await openTicket(agent, questions[platform]);
            await answer(agent, answers[platform]);
        }
        await published(agent, answers.x);
        // The first ticket has left the queue of those who wait; the way back leads to it without loading anything.
        await agent.goBack();
        await published(agent, answers.facebook);
        assert.equal(loads, 0, 'the dashboard was never reloaded');

        await shown(itemWith(facebook, answers.facebook, true));
        await shown(itemWith(x, answers.x, true));
    });
});

test('a private message is answered in private', async () => {
    const agent = await agentAtWork(stage);
    await picturedOnFailure(agent, 'private', async () => {
        const facebook = await customerAt(stage, 'facebook');
        await writeAs(facebook, 'Sara Neri', 'Le scrivo in privato il mio codice cliente: 4471', 'direct_message');
        await openTicket(agent, 'codice cliente: 4471');
        await answer(agent, 'Grazie Sara, ho trovato il contratto.');
        await published(agent, 'ho trovato il contratto');
        await shown(facebook.locator('.private').locator(itemWith(facebook, 'ho trovato il contratto', true)));
    });
});
