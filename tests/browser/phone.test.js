import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { agentAtWork, answer, customerAt, logIn, openTicket, shown, writeAs } from './stage/people.js';
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

for (const [width, language] of [[390, 'it'], [320, 'it'], [320, 'en']]) {
    test(`at ${width} px every name of a supervisor's way is readable, in ${language}`, async () => {
        const page = await stage.open({ ...phone, viewport: { width, height: 844 } });
        await picturedOnFailure(page, `phone-rail-${width}-${language}`, async () => {
            await page.goto(stage.house.url);
            await logIn(page, stage.house.supervisor);
            await page.locator('select[data-testid=language], [data-testid=language] select').selectOption(language);
            await page.waitForFunction((chosen) => document.documentElement.lang === chosen, language);
            const front = ['nav-queue', 'nav-approvals', 'nav-incidents', 'nav-supervision', 'nav-more'];
            await assertReadable(page, front);
            await page.getByTestId('nav-more').tap();
            await assertReadable(page, [...front, 'nav-phone', 'nav-rota', 'nav-reports', 'nav-settings']);
            await page.getByTestId('nav-settings').tap();
            await shown(page.getByTestId('theme'));
            await page.getByTestId('nav-settings').waitFor({ state: 'hidden' });
        });
    });
}

for (const width of [390, 320]) {
    test(`at ${width} px the buttons of a row are in reach, and it is a row still, each cell with its name`, async () => {
        const page = await stage.open({ ...phone, viewport: { width, height: 844 } });
        await picturedOnFailure(page, `phone-table-${width}`, async () => {
            await page.goto(stage.house.url);
            await logIn(page, stage.house.admin);
            await page.goto(`${stage.house.url}/settings/people`);
            await assertFits(page, ['person-add', 'person-edit', 'person-access', 'person-disable']);
            const row = page.getByRole('row').filter({ has: page.getByRole('cell', { name: 'Utente chiara' }) });
            await shown(row.getByRole('button', { name: 'Modifica Chiara' }));
        });
    });
}

/** Each is as large as a finger, and shows its name whole. */
async function assertReadable(page, ids) {
    await assertFits(page, ids);
    for (const id of ids) {
        const { width, height } = await page.getByTestId(id).boundingBox();
        assert.ok(width >= 44 && height >= 44, `${id} is ${width} × ${height}`);
        const [has, needs] = await page.getByTestId(id).locator('span').evaluate((name) => [name.clientWidth, name.scrollWidth]);
        assert.ok(needs <= has, `${id} needs ${needs} px of ${has}`);
    }
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
