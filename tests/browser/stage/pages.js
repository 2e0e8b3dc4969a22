/** Every page of the dashboard, by the role that sees it: a name, its path, and what is there once it has loaded; `bare` without the frame of bar and navigation. */
export function pagesOf(things) {
    return [
        { name: 'queue', path: '/queue/due', role: 'agent', ready: '[data-testid=ticket-row]' },
        { name: 'ticket', path: `/queue/due/${things.ticket}`, role: 'agent', ready: '[data-testid=message]' },
        { name: 'closed', path: '/queue/closed', role: 'agent', ready: '.empty, [data-testid=ticket-row]' },
        { name: 'incidents', path: '/incidents', role: 'agent', ready: '[data-testid=incident-row]' },
        { name: 'places', path: '/incidents', role: 'supervisor', ready: '[data-testid=place]' },
        { name: 'incident', path: `/incidents/${things.incident}`, role: 'supervisor', ready: '[data-testid=incident] [data-testid=table-row]' },
        { name: 'proposal', path: `/incidents/${things.proposal}`, role: 'supervisor', ready: '[data-testid=incident-confirm]' },
        { name: 'phone', path: '/phone', role: 'agent', ready: 'main h1' },
        { name: 'customer', path: `/customers/${things.customer}`, role: 'agent', ready: '[data-testid=table-row]' },
        { name: 'links', path: '/links', role: 'agent', ready: 'main h1' },
        { name: 'search', path: '/search?q=linea', role: 'agent', ready: '[data-testid=search-result]' },
        { name: 'approvals', path: '/approvals/others', role: 'supervisor', ready: '[data-testid=approval]' },
        { name: 'snoozed', path: '/queue/snoozed', role: 'agent', ready: '[data-testid=ticket-row]' },
        { name: 'keys', path: '/keys', role: 'agent', ready: '[data-testid=key-change]' },
        { name: 'supervision', path: '/supervision', role: 'supervisor', ready: '.u-wrap canvas' },
        { name: 'uncertain', path: '/uncertain', role: 'supervisor', ready: 'main h1' },
        { name: 'rota', path: '/rota', role: 'supervisor', ready: '[data-testid=rota-row] .entry' },
        { name: 'hours', path: '/hours', role: 'supervisor', ready: '[data-testid=table-row]' },
        { name: 'alerts', path: '/alerts', role: 'supervisor', ready: '[data-testid=alert], [data-testid=alerts-none]' },
        { name: 'volume', path: '/reports/volume', role: 'supervisor', ready: '[data-testid=table-row]' },
        { name: 'first-response', path: '/reports/first-response', role: 'supervisor', ready: 'main table' },
        { name: 'targets', path: '/reports/targets', role: 'supervisor', ready: 'main table' },
        { name: 'agents-off', path: '/reports/agents', role: 'supervisor', ready: '[data-testid=report-off], [data-testid=table-row]' },
        { name: 'without-incidents', path: '/reports/incidents', role: 'supervisor', ready: 'main table' },
        { name: 'promises', path: '/reports/promises', role: 'supervisor', ready: '[data-testid=table-row]' },
        { name: 'ratings', path: '/reports/ratings', role: 'supervisor', ready: 'main table' },
        { name: 'staffing', path: '/reports/staffing', role: 'supervisor', ready: '[data-testid=staffing-play]' },
        { name: 'settings-me', path: '/settings/me', role: 'agent', ready: '[data-testid=theme]' },
        { name: 'settings-account', path: '/settings/account', role: 'agent', ready: '[data-testid=table-row]' },
        { name: 'settings-canned', path: '/settings/canned', role: 'supervisor', ready: '[data-testid=table-row]' },
        { name: 'settings-macros', path: '/settings/macros', role: 'supervisor', ready: '[data-testid=table-row]' },
        { name: 'settings-people', path: '/settings/people', role: 'admin', ready: '[data-testid=table-row]' },
        { name: 'settings-tokens', path: '/settings/tokens', role: 'admin', ready: '[data-testid=token-add]' },
        { name: 'settings-webhooks', path: '/settings/webhooks', role: 'admin', ready: '[data-testid=table-row]' },
        { name: 'settings-channels', path: '/settings/channels', role: 'admin', ready: '[data-testid=table-row]' },
        { name: 'settings-figures', path: '/settings/figures', role: 'admin', ready: '[data-testid=per-person]' },
        { name: 'settings-audit', path: '/settings/audit', role: 'supervisor', ready: '[data-testid=table-row]' },
        { name: 'settings-labels', path: '/settings/labels', role: 'supervisor', ready: '[data-testid=table-row], .none' },
        { name: 'settings-hours', path: '/settings/hours', role: 'supervisor', ready: '[data-testid=table-row], .none' },
        { name: 'settings-targets', path: '/settings/targets', role: 'supervisor', ready: '[data-testid=table-row], .none' },
        { name: 'settings-rules', path: '/settings/rules', role: 'supervisor', ready: '[data-testid=table-row], .none' },
        { name: 'customer-rights', path: `/customers/${things.customer}`, role: 'admin', ready: '[data-testid=customer-erase]' },
        { name: 'accessibility', path: '/accessibility', role: 'agent', bare: true, ready: '[data-testid=accessibility]' },
        { name: 'no-rights', path: '/supervision', role: 'agent', ready: 'main h1' },
    ];
}

/** What opens over a page: the page it is on, the steps to it, and what is there then. */
export const dialogs = [
    { name: 'palette', on: 'ticket', keys: ['Control+k'], ready: 'dialog[open] [data-testid=choice]' },
    { name: 'key-map', on: 'ticket', keys: ['?'], ready: 'dialog kbd' },
    { name: 'canned', on: 'ticket', keys: ['m'], ready: 'dialog[open] [data-testid=choice]' },
    { name: 'views', on: 'ticket', keys: ['v'], ready: 'dialog[open] [data-testid=choice]' },
    { name: 'attach', on: 'ticket', keys: ['i'], ready: '[data-testid=attachments]' },
    { name: 'continue', on: 'ticket', palette: 'continue', ready: '[data-testid=continue-text]' },
    { name: 'notifications', on: 'queue', click: 'notifications', ready: '[data-testid=notifications-read]' },
    { name: 'bulk', on: 'queue', keys: ['x', '#bulk-action'], ready: 'dialog[open] [data-testid=choice]' },
    { name: 'selection', on: 'queue', keys: ['Shift+J', '#bulk-action', '#choice'], ready: '[data-testid=selection-preview]' },
    { name: 'approve', on: 'approvals', click: 'approve', ready: '[data-testid=approval-note]' },
    { name: 'macro', on: 'ticket', keys: ['Shift+M'], ready: 'dialog[open] [data-testid=choice]' },
    { name: 'assign', on: 'ticket', keys: ['Shift+A'], ready: 'dialog[open] [data-testid=choice]' },
    { name: 'labels', on: 'ticket', keys: ['l'], ready: '[data-testid=labels] [data-testid=choice]' },
    { name: 'snooze', on: 'ticket', keys: ['s'], ready: 'dialog .button' },
    { name: 'handover', on: 'ticket', keys: ['h'], ready: '[data-testid=handover-number]' },
    { name: 'merge', on: 'ticket', palette: 'merge', ready: '[data-testid=merge-into]' },
    { name: 'split', on: 'ticket', palette: 'split', ready: 'dialog [type=checkbox]' },
    { name: 'remind', on: 'ticket', palette: 'remind', ready: '[data-testid=remind-at]' },
    { name: 'incident-open', on: 'incident', click: 'incident-open', ready: '[data-testid=incident-service]' },
    { name: 'broadcast', on: 'incident', click: 'incident-broadcast', ready: '[data-testid=broadcast-preview]' },
    { name: 'status-post', on: 'incident', click: 'incident-status', ready: '[data-testid=incident-text]' },
    { name: 'incident-close', on: 'incident', click: 'incident-close', ready: '[data-testid=incident-text]' },
    { name: 'pause-all', on: 'supervision', click: 'pause-all', ready: '[data-testid=form-submit]' },
    { name: 'shifts', on: 'rota', click: 'rota-edit', ready: '[data-testid=shift-add]' },
    { name: 'exception', on: 'hours', click: 'exception-add', ready: '[data-testid=exception-date]' },
    { name: 'person', on: 'settings-people', click: 'person-add', ready: '[data-testid=person-login]' },
    { name: 'person-access', on: 'settings-people', click: 'person-access', ready: '[data-testid=access-make]' },
    { name: 'person-disable', on: 'settings-people', click: 'person-disable', ready: '[data-testid=disable-consequences]' },
    { name: 'password', on: 'settings-account', click: 'password-change', ready: '[data-testid=password-new]' },
    { name: 'factor', on: 'settings-account', click: 'factor-setup', ready: '[data-testid=factor-password]' },
    { name: 'webhook', on: 'settings-webhooks', click: 'webhook-add', ready: '[data-testid=webhook-url]' },
    { name: 'webhook-log', on: 'settings-webhooks', click: 'webhook-log', ready: '[data-testid=replay-since]' },
    { name: 'connect', on: 'settings-channels', click: 'channel-connect', ready: '[data-testid=connect-open], [data-testid=connect-refused]' },
    { name: 'audit-entry', on: 'settings-audit', click: 'audit-details', ready: 'dialog pre' },
    { name: 'erase', on: 'customer-rights', click: 'customer-erase', ready: '[data-testid=erase-word]' },
    { name: 'canned-edit', on: 'settings-canned', click: 'canned-add', ready: '[data-testid=canned-name]' },
    { name: 'macro-edit', on: 'settings-macros', click: 'macro-add', ready: '[data-testid=macro-name]' },
    { name: 'token', on: 'settings-tokens', click: 'token-add', ready: '[data-testid=token-name]' },
    { name: 'label', on: 'settings-labels', click: 'label-edit', ready: '[data-testid=colour]' },
    { name: 'played', on: 'staffing', click: 'staffing-play', ready: '[data-testid=staffing-says], [role=alert]' },
    { name: 'call-outcome', on: 'phone', click: 'call-outcome', ready: '[data-testid=form-submit]' },
];

/** Opens it; a page that has no way to it fails. */
export async function openDialog(page, dialog) {
    // A `#` names what is clicked between the keys.
    if (dialog.keys) for (const key of dialog.keys) await (key[0] === '#' ? page.getByTestId(key.slice(1)).first().click() : page.keyboard.press(key));
    else if (dialog.palette) {
        await page.keyboard.press('Control+k');
        await page.locator(`[data-testid=choice][data-id=${dialog.palette}]`).click();
    } else await page.getByTestId(dialog.click).first().click();
    await page.locator(dialog.ready).first().waitFor();
}

/** A logged-in context's storage for each role, so that no page has to pass the login again. */
export async function sessionsOf(stage) {
    const sessions = {};
    for (const role of ['agent', 'supervisor', 'admin']) {
        const page = await stage.open();
        await page.goto(stage.house.url);
        await page.getByTestId('login-name').fill(stage.house[role].login);
        await page.getByTestId('login-password').fill(stage.house[role].password);
        await page.getByTestId('login-submit').click();
        await page.locator('[data-testid=connection][data-state=live]').waitFor();
        sessions[role] = await page.context().storageState();
        await page.context().close();
    }
    return sessions;
}

/** Goes to a page of the dashboard as a click on a link would, without loading it again. */
export async function goTo(page, { path, ready }) {
    await page.evaluate((to) => {
        history.pushState(history.state, '', to);
        dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
    }, path);
    await page.locator(ready).first().waitFor();
}
