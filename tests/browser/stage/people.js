import { publicPages } from './public_pages.js';

/** Waits until something of `locator` is to be seen. */
export const shown = (locator) => locator.first().waitFor();

/** A customer at a public page of the simulated platforms, which does not glide to where it is wanted: a click would miss. */
export async function customerAt(stage, account, options) {
    const page = await stage.open({ reducedMotion: 'reduce', ...options });
    await page.goto(`${stage.house.simulator}${publicPages[account]}`);
    return page;
}

export async function writeAs(page, author, text, kind = 'public') {
    await page.getByTestId('author').fill(author);
    await page.getByTestId('kind').selectOption(kind);
    await page.getByTestId('text').fill(text);
    await submitted(page, page.getByTestId('submit'));
    await shown(itemWith(page, text));
}

/**
 * Presses a form's button and waits for the page that comes back: the old one may show what was written before it gives
 * way, and what is filled in there meanwhile would be lost with it. Until it is loaded whole, it moves to what is new in it.
 */
export async function submitted(page, button) {
    await Promise.all([page.waitForEvent('load'), button.click()]);
}

/** What stands on a public page with this text, by a customer or, `own`, by the company. */
export function itemWith(page, text, own = false) {
    return page.locator(`[data-testid=item][data-own=${own}]`, { hasText: text });
}

/** An agent with the queue before them, logged in through the login page. */
export async function agentAtWork(stage, options) {
    const page = await stage.open(options);
    await page.goto(stage.house.url);
    await logIn(page, stage.house.agent);
    return page;
}

export async function logIn(page, { login, password }) {
    await page.getByTestId('login-name').fill(login);
    await page.getByTestId('login-password').fill(password);
    await page.getByTestId('login-submit').click();
    await shown(page.locator('[data-testid=connection][data-state=live]'));
}

export const rowWith = (page, text) => page.getByTestId('ticket-row').filter({ hasText: text });
export const messageWith = (page, text) => page.getByTestId('message').filter({ hasText: text });

/** The row is in the list; while the pointer or the focus is there, what is new waits behind a button. */
export async function arrived(page, text) {
    const fresh = page.locator('.fresh');
    for (;;) {
        await shown(rowWith(page, text).or(fresh));
        if (await rowWith(page, text).count()) return;
        await fresh.click();
    }
}

export async function openTicket(page, text) {
    await arrived(page, text);
    await rowWith(page, text).click();
    await shown(messageWith(page, text));
}

export async function answer(page, text) {
    await page.getByTestId('composer-text').fill(text);
    await page.getByTestId('composer-send').click();
    await shown(messageWith(page, text));
}

export async function published(page, text) {
    await shown(messageWith(page, text).locator('[data-testid=delivery-state][data-state=published]'));
}
