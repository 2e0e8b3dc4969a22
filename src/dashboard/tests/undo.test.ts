// @vitest-environment jsdom
// One key for what was done last: what it makes as it was, what it says, and where it refuses.
import { enableAutoUnmount } from '@vue/test-utils';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { startKeys } from '../app/keys/commands';
import { changeSelected } from '../app/store/bulk';
import { notices } from '../app/store/notices';
import { outcome, selected } from '../app/store/selection';
import { lastAct } from '../app/store/undo';
import { change } from '../app/store/work';
import type { Asked, FakeHouse } from './fake_house';
import { openAt, prepare, settle } from './stage';

enableAutoUnmount(afterEach);
beforeAll(startKeys);
beforeAll(() => Promise.all([import('../app/pages/QueuePage.vue'), import('../app/components/ticket/panes')]), 60_000);
// What is written down a moment later is written now: no timer outlives the window.
afterAll(() => void window.dispatchEvent(new Event('pagehide')));
let house: FakeHouse;
beforeEach(() => {
    house = prepare();
    selected.clear();
    outcome.value = null;
    lastAct.value = null;
    notices.value = [];
});

const at = (name: string): HTMLElement | null => document.querySelector(`[data-testid=${name}]`);
const told = (): string => notices.value.at(-1)?.text ?? '';
const patches = (): Asked[] => house.asked.filter(({ method }) => method === 'PATCH');

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    await settle();
}

test('Z gives a ticket that was solved the status it had, and says so', async () => {
    const id = house.write('non va', { status: 'pending' });
    await openAt(house, `/queue/due/${id}`);
    await press('c');
    expect(house.tickets.get(id)?.status).toBe('solved');
    expect(at('undo-last')?.textContent).toContain('Z');
    await press('z');
    expect(house.tickets.get(id)?.status).toBe('pending');
    expect(patches().at(-1)?.headers.get('If-Match')).toBe('"2"');
    expect(told()).toBe(`Annullato: Risolto, ticket #${id}`);
    expect(at('undo-last')).toBeNull();
    await press('z');
    expect(told()).toBe('Non c’è nulla da annullare.');
    expect(patches()).toHaveLength(2);
});

test('the notice of a ticket that was taken has a button that gives it back', async () => {
    const id = house.write('non va');
    await openAt(house, `/queue/due/${id}`);
    await press('a');
    expect(house.tickets.get(id)?.assignee?.id).toBe(1);
    at('undo-last')!.click();
    await settle();
    expect(house.tickets.get(id)?.assignee).toBeNull();
    expect(told()).toBe(`Annullato: Preso in carico, ticket #${id}`);
});

test('an assignment goes back to who had the ticket, whatever else was changed since', async () => {
    const id = house.write('non va', { assignee: { id: 1, name: 'Chiara Bianchi' } });
    await openAt(house, `/queue/due/${id}`);
    await change(id, { assignee: 2 });
    expect(told()).toBe('Assegnato a Matteo Ricci');
    house.change(id, { labels: ['adsl'] });
    await press('z');
    expect(house.tickets.get(id)?.assignee?.id).toBe(1);
    expect(house.tickets.get(id)?.labels).toEqual(['adsl']);
});

test.each([
    ['was changed before', (id: number) => house.change(id, { status: 'open' })],
    ['is changed just now', (id: number) => house.on(`PATCH /v1/tickets/${id}`, { status: 412, code: 'precondition_failed', detail: 'x' }, 412)],
])('what %s by somebody else stays, and that is said', async (_, happens) => {
    const id = house.write('non va', { status: 'pending' });
    await openAt(house, `/queue/due/${id}`);
    await press('c');
    happens(id);
    const status = house.tickets.get(id)?.status;
    await press('z');
    expect(house.tickets.get(id)?.status).toBe(status);
    expect(notices.value.at(-1)).toMatchObject({ urgent: true, text: `Qualcuno ha cambiato il ticket #${id} nel frattempo: resta com’è.` });
});

test('what one key sent and solved, one key takes back', async () => {
    const id = house.write('non va');
    await openAt(house, `/queue/due/${id}`);
    const field = at('composer-text') as HTMLTextAreaElement;
    field.value = 'Arriviamo';
    field.dispatchEvent(new Event('input'));
    field.focus();
    await press('Enter', { ctrlKey: true, shiftKey: true });
    expect(house.tickets.get(id)?.status).toBe('solved');
    (document.activeElement as HTMLElement | null)?.blur();
    await press('z');
    expect(house.timelines.get(id)?.at(-1)?.delivery?.state).toBe('cancelled');
    expect(house.tickets.get(id)?.status).toBe('open');
});

test('an action on many is taken back with one request for all that had the same; who was changed since is named', async () => {
    const [one, two, three] = [house.write('uno'), house.write('due'), house.write('tre')];
    await openAt(house, `/queue/due/${one}`);
    [one, two, three].forEach((id) => selected.add(id));
    const done = (ticket: number, undo: object) => ({ ticket, status: 200, revision: 2, undo });
    house.on('POST /v1/tickets/bulk', {
        changed: 3, failed: 0,
        items: [done(one, { labels: [], status: 'open' }), done(two, { labels: ['adsl'], status: 'open' }), done(three, { labels: ['fibra'], status: 'open' })],
    });
    await changeSelected({ status: 'solved', add_labels: ['adsl'] });
    house.on('POST /v1/tickets/bulk', { changed: 1, failed: 1, items: [{ ticket: one, status: 200 }, { ticket: three, status: 412, detail: 'x' }] });
    await press('z');
    const orders = house.asked.filter(({ path }) => path === '/v1/tickets/bulk').slice(1).map((asked) => asked.body);
    expect(orders).toEqual([
        { items: [{ ticket: one, revision: 2 }, { ticket: three, revision: 2 }], change: { status: 'open', remove_labels: ['adsl'] } },
        { items: [{ ticket: two, revision: 2 }], change: { status: 'open' } },
    ]);
    expect(outcome.value).toBeNull();
    expect(told()).toContain(`#${three}`);
});
