import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agentAtWork, answer, customerAt, openTicket, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const phone = { hasTouch: true, isMobile: true };

let stage;
before(async () => {
    stage = await openStage();
    const customer = await customerAt(stage, 'facebook');
    await writeAs(customer, 'Rosa Villa', 'la linea cade ogni sera');
});
after(() => stage?.close());

for (const width of [390, 320]) {
    test(`at ${width} px everything is in reach, and nothing speaks of keys`, async () => {
        const page = await agentAtWork(stage, { ...phone, viewport: { width, height: 844 } });
        await picturedOnFailure(page, `phone-${width}`, async () => {
            const { height } = await page.locator('header.bar').boundingBox();
            assert.ok(height <= 110, `the top bar has two lines, not ${height} px`);
            await assertFits(page, ['take-next', 'availability', 'logout']);

            await openTicket(page, 'la linea cade');
            await assertFits(page, ['solve', 'handover', 'snooze', 'mode-note', 'composer-send']);
            assert.equal(await page.locator('.key:visible').count(), 0);

            await answer(page, `Verifichiamo stasera (${width}).`);
            const notice = await page.locator('.notice').first().boundingBox();
            const send = await page.getByTestId('composer-send').boundingBox();
            assert.ok(notice.y + notice.height <= send.y, 'what is announced does not lie on the button that sends');
        });
    });
}

/** Nothing scrolls sideways, and each of these can be tapped where it stands. */
async function assertFits(page, ids) {
    const [wide, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= width, `the page is ${wide} px wide`);
    for (const id of ids) {
        await shown(page.getByTestId(id));
        const box = await page.getByTestId(id).first().boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= width, `${id} stands from ${box.x} to ${box.x + box.width}`);
        assert.ok(box.height >= 40, `${id} is ${box.height} px high`);
    }
}
