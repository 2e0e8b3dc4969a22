// The map of keys, walked: each way to go, Esc's way out, choosing rows, keys of one's own, and where a letter is a letter.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { customerAt, logIn, messageWith, rowWith, shown, writeAs } from './stage/people.js';
import { openStage, picturedOnFailure } from './stage/stage.js';

const texts = ['la linea è muta', 'il modem si riavvia', 'la bolletta è doppia'];

let stage, page;
before(async () => {
    stage = await openStage();
    const customer = await customerAt(stage, 'facebook');
    for (const [at, text] of texts.entries()) await writeAs(customer, `Cliente ${'ABC'[at]}`, text);
    page = await stage.open({ reducedMotion: 'reduce' });
    await page.goto(stage.house.url);
    await logIn(page, stage.house.supervisor);
    for (const text of texts) await shown(rowWith(page, text));
    await shown(page.getByTestId('notifications'));
});
after(() => stage?.close());

const keys = async (...pressed) => { for (const key of pressed) await page.keyboard.press(key); };
const path = () => new URL(page.url()).pathname;
const at = (wanted) => page.waitForFunction((to) => location.pathname.startsWith(to), wanted);
const chosen = () => page.locator('[data-testid=ticket-row].chosen').count();
const inside = (selector) => page.waitForFunction((where) => document.activeElement?.closest(where), selector);
const field = () => page.locator('[data-testid=composer-text]:focus');
const closed = () => page.locator('dialog[open]').waitFor({ state: 'detached' });
const steps = (name, does) => test(name, () => picturedOnFailure(page, `keys-${name.replace(/\W+/g, '-').slice(0, 30)}`, does));

steps('G and then a letter goes to each place', async () => {
    for (const [letter, to] of Object.entries({
        m: '/queue/mine', d: '/queue/unassigned', a: '/queue/closed', i: '/incidents', s: '/supervision', r: '/reports/volume', o: '/settings/me', c: '/queue/due',
    })) {
        await keys('g', letter);
        await at(to);
    }
});

steps('J and K walk, Esc leads from the field to the conversation, to the list, and out', async () => {
    await keys('j');
    await shown(page.getByTestId('message'));
    const first = path();
    await keys('j');
    await page.waitForFunction((before) => location.pathname !== before, first);
    await keys('k');
    await at(first);
    await keys('r');
    await shown(field());
    await keys('Escape');
    await inside('.conversation');
    await field().waitFor({ state: 'detached' }); // a frame later, where the machine has other work
    await keys('Escape');
    await shown(page.locator(`[data-testid=ticket-row][href="${first}"]:focus`));
    assert.equal(path(), first);
    await keys('Escape');
    await page.waitForFunction(() => /^\/queue\/due\/?$/.test(location.pathname));
});

steps('1, 2 and 3 lead to list, conversation and panel', async () => {
    await keys('j');
    await shown(page.getByTestId('message'));
    for (const [key, where] of [['1', '[data-testid=ticket-row]'], ['2', '.conversation'], ['3', '.details'], ['1', '[data-testid=ticket-row]']]) {
        await keys(key);
        await inside(where);
    }
});

steps('X chooses, Shift with J and K goes on from there, Esc lets go', async () => {
    await keys('1', 'Home', 'x');
    assert.equal(await chosen(), 1);
    await keys('Shift+J');
    await page.waitForFunction(() => document.querySelectorAll('.chosen').length === 2);
    await keys('Shift+J');
    await page.waitForFunction(() => document.querySelectorAll('.chosen').length === 3);
    await keys('x');
    await page.waitForFunction(() => document.querySelectorAll('.chosen').length === 2);
    await keys('Shift+K');
    assert.ok(await chosen() >= 2);
    await keys('Escape');
    await page.waitForFunction(() => !document.querySelector('.chosen'));
});

steps('in a field, a choice, a dialog and with AltGr a letter is a letter', async () => {
    await keys('r');
    await shown(field());
    const before = path();
    await page.keyboard.type('gs jkx1?');
    assert.equal(await page.getByTestId('composer-text').inputValue(), 'gs jkx1?');
    assert.equal(path(), before);
    await page.getByTestId('composer-text').fill('');
    await keys('Escape');

    await page.locator('select[data-testid=language], [data-testid=language] select').focus();
    await keys('j', 's');
    assert.equal(path(), before);
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await page.evaluate(() => document.activeElement.blur());

    await keys('Control+k');
    await shown(page.getByTestId('choice-filter'));
    await page.evaluate(() => document.querySelector('dialog[open] button').focus());
    await keys('j', 'g', 's');
    assert.equal(path(), before);
    await keys('Escape');
    await closed();

    // As an Italian keyboard tells it, and as Windows does: Ctrl and Alt together.
    for (const how of [{ modifierAltGraph: true }, { ctrlKey: true, altKey: true }]) {
        await page.evaluate((more) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true, cancelable: true, ...more })), how);
    }
    assert.equal(path(), before);
});

steps('a key of one’s own does what the old one did, the old one nothing, and the map tells it', async () => {
    await keys('g', 'o');
    await at('/settings/me');
    await page.evaluate(() => { history.pushState(history.state, '', '/keys'); dispatchEvent(new PopStateEvent('popstate', { state: history.state })); });
    await page.locator('[data-change=next]').click();
    await keys('q');
    await page.locator('[data-change="go-incidents"]').click();
    await keys('g', 'q');
    await keys('g', 'c');
    await at('/queue/due');
    await page.evaluate(() => document.activeElement.blur());
    await keys('j');
    assert.match(path(), /^\/queue\/due\/?$/);
    await keys('q');
    await shown(page.getByTestId('message'));
    await keys('g', 'i');
    assert.match(path(), /^\/queue\/due\/\d+$/);
    await keys('?');
    await shown(page.locator('dialog kbd'));
    const rows = await page.locator('dialog .map > div').evaluateAll((all) => all.map((row) => [...row.querySelectorAll('kbd')].map((key) => key.textContent).join(' ')));
    for (const [keysNow, many] of [['Q', 1], ['G Q', 1], ['J', 0], ['G I', 0], ['Shift J', 1]]) {
        assert.equal(rows.filter((row) => row === keysNow).length, many, keysNow);
    }
    await keys('Escape');
    await closed();
    await keys('g', 'q');
    await at('/incidents');
    await keys('g', 'c');
    await at('/queue/due');
});

steps('switched off, single keys do nothing, and Ctrl and Esc go on', async () => {
    await keys('g', 'o');
    await shown(page.getByTestId('single-keys'));
    await page.getByTestId('single-keys').uncheck();
    await page.evaluate(() => document.activeElement.blur());
    await keys('g', 'c', '?', 'q');
    assert.equal(path(), '/settings/me');
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await keys('Control+k');
    await shown(page.getByTestId('choice-filter'));
    await keys('Escape');
    await closed();
    await page.getByTestId('single-keys').check();
    await page.evaluate(() => document.activeElement.blur());
    await keys('g', 'c', 'q');
    await shown(page.getByTestId('message'));
    assert.ok(await messageWith(page, '').count());
});
