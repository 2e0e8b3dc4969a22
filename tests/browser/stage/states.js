// What a page looks like when not all is well, or nobody is in: brought about between the page and the server, so that one
// house has all of it.

const none = { items: [], next_cursor: null };
const lists = /\/v1\/tickets\?/;
const bootstrap = /\/v1\/bootstrap$/;
/** As the server words it. */
const defect = "Something went wrong on our side; it is in the server's log under this request_id.";
const problem = (status, code, detail) => ({ status, contentType: 'application/problem+json', body: JSON.stringify({ status, code, detail }) });

/** The first answer, changed by `change`; who is not in yet gets none to change. */
const greetedWith = (change) => async (page) => page.route(bootstrap, async (route) => {
    const answer = await route.fetch();
    if (!answer.ok()) await route.fulfill({ response: answer });
    else await route.fulfill({ response: answer, json: change(await answer.json()) });
});
const listAnswers = (answer) => async (page) => {
    await page.unroute(lists);
    await page.route(lists, answer);
};

/** The queue before its rows are there, without any, and when they do not come. */
export async function loading(page) {
    await greetedWith((first) => ({ ...first, tickets: none }))(page);
    await listAnswers(() => new Promise(() => undefined))(page);
}
export const empty = listAnswers((route) => route.fulfill({ json: none }));
export const failing = listAnswers((route) => route.fulfill(problem(500, 'internal', defect)));

export const refusesChanges = (page) => page.route(/\/readyz$/, (route) => route.fulfill(problem(503, 'unavailable', 'The server is about to stop: send nothing new here.')));

const closed = (first) => ({ ...first, office_hours: first.office_hours.map((one) => ({ ...one, open: false, next_open: new Date(Date.now() + 14 * 3_600_000).toISOString(), next_close: null })) });
const closing = (first) => ({ ...first, office_hours: first.office_hours.map((one) => ({ ...one, open: true, next_close: new Date(Date.now() + 20 * 60_000).toISOString() })) });
const practising = (first) => ({ ...first, practice: true });
/** The server greets with another build than the one that this page was loaded from. */
const outdated = (first) => ({ ...first, build: 'of last week' });

/** All that is told in lines above the page, at once. */
export async function allLines(page) {
    await greetedWith((first) => outdated(practising(closed(first))))(page);
    await refusesChanges(page);
}
export const linesReady = ['[data-testid=practice]', '[data-testid=read-only]', '[data-testid=office-banner][data-open=false]', '[data-testid=outdated]'];

const never = (where) => async (page) => page.route(where, () => new Promise(() => undefined));
const refused = (where) => async (page) => page.route(where, (route) => route.fulfill(problem(500, 'internal', defect)));
const emptied = (where) => async (page) => page.route(where, (route) => route.fulfill({ json: none }));
const timeline = /\/v1\/tickets\/\d+\/timeline/;
const figures = /\/v1\/(reports|channels|agents|alerts|queue\/)/;

/** Each state with a page that shows it: `before` it is loaded, what is there `ready`, and what happens `then`; one that `holds` leaves requests without an answer. */
export function statesOf(things) {
    const ticket = { path: `/queue/due/${things.ticket}`, role: 'agent' };
    const wall = { path: '/supervision', role: 'supervisor', ready: '[data-testid=wall]' };
    return [
        { name: 'loading', path: '/queue/mine', role: 'agent', before: loading, holds: true, ready: '.placeholders' },
        { name: 'empty', path: '/queue/mine', role: 'agent', before: empty, ready: '.empty' },
        { name: 'failed', path: '/queue/mine', role: 'agent', before: failing, ready: '.strip.late' },
        { name: 'ticket-gone', path: '/queue/due/999999', role: 'agent', before: async () => undefined, ready: '.notice.urgent' },
        { ...ticket, name: 'offline', before: async () => undefined, ready: '[data-testid=message]', then: goOffline },
        { ...ticket, name: 'out-of-hours', before: greetedWith(closed), ready: '[data-testid=office-banner][data-open=false]' },
        { ...ticket, name: 'closing-soon', before: greetedWith(closing), ready: '.pill.closing' },
        { ...ticket, name: 'new-version', before: greetedWith(outdated), ready: '[data-testid=outdated]' },
        { ...ticket, name: 'read-only', before: refusesChanges, ready: '[data-testid=read-only]' },
        { ...ticket, name: 'ticket-loading', before: never(timeline), holds: true, ready: '.conversation .placeholders' },
        { ...ticket, name: 'ticket-failed', before: refused(timeline), ready: '.conversation .strip.late' },
        { ...wall, name: 'page-loading', before: never(figures), holds: true },
        { name: 'page-empty', path: '/reports/volume', role: 'supervisor', before: emptied(/\/v1\/reports\//), ready: '[data-testid=table-row], td.none' },
        { ...wall, name: 'page-failed', before: refused(figures), ready: 'main .strip.late' },
        { ...wall, name: 'page-offline', before: async () => undefined, then: goOffline },
        { ...wall, name: 'page-out-of-hours', before: greetedWith(closed), ready: '[data-testid=office-banner][data-open=false]' },
        { ...wall, name: 'page-new-version', before: greetedWith(outdated), ready: '[data-testid=outdated]' },
        { ...wall, name: 'page-read-only', before: refusesChanges, ready: '[data-testid=read-only]' },
        { name: 'section-no-rights', path: '/settings/audit', role: 'agent', before: async () => undefined, ready: '[data-testid=no-rights]' },
    ];
}

/** The browser's emulation cuts requests and leaves sockets alone: those are cut here. */
export async function goOffline(page) {
    await page.evaluate(() => {
        window.WebSocket = class extends EventTarget {
            constructor() {
                super();
                setTimeout(() => this.dispatchEvent(Object.assign(new Event('close'), { code: 1006 })));
            }
            close() {}
        };
    });
    await page.context().setOffline(true);
    await page.getByTestId('offline').waitFor();
}
