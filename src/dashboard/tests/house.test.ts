// @vitest-environment jsdom
import type { VueWrapper } from '@vue/test-utils';
import { effectScope } from 'vue';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Customer } from '../app/api/types';
import { refuseWritesWhile, whenWritten } from '../app/api/client';
import { useList } from '../app/api/resource';
import { attend, startAttention } from '../app/desk/attention';
import { chooseKeys, startKeys } from '../app/keys/commands';
import { practice } from '../app/store/house';
import { readOnly } from '../app/store/read_only';
import { chooseSound } from '../app/store/sound';
import { openId } from '../app/store/tickets';
import { lookWhetherWritable, watchWritable } from '../app/store/writable';
import { crmLinksFor } from '../app/text/crm';
import type { FakeHouse } from './fake_house';
import { openAt, prepare, settle } from './stage';

let house: FakeHouse;
let page: VueWrapper | null = null;
beforeEach(() => {
    house = prepare();
    house.on('GET /v1/sign-in', { oidc: null, practice: false });
});
afterEach(() => {
    page?.unmount();
    page = null;
    practice.value = false;
    readOnly.value = '';
    refuseWritesWhile(() => '');
    whenWritten(() => undefined);
    vi.useRealTimers();
});
const at = (id: string) => page!.get(`[data-testid="${id}"]`);
const has = (id: string): boolean => page!.find(`[data-testid="${id}"]`).exists();

const person = (more: Partial<Customer> = {}): Customer => ({
    id: 77, name: 'Sara', created_at: '', contract_reference: 'TIM/44 & co', labels: [], revision: 1, merged_into: null, merged: [],
    identities: [{ id: 1, platform: 'twitter', platform_user_id: '9', name: 'Sara', handle: 'saragr', customer: 77 }], ...more,
});
const link = (url: string, brands: string[] = []) => ({ name: 'CRM', url, brands });

test.each([
    ['https://crm.test/c/{contract}?u={customer}', person(), 'https://crm.test/c/TIM%2F44%20%26%20co?u=77'],
    ['https://crm.test/{contract}', person({ contract_reference: null }), null],
    ['https://crm.test/{contract}', person({ contract_reference: '..' }), 'https://crm.test/..%20'],
    ['https://crm.test/x/{handle}', person({ contract_reference: '"><script>' }), 'https://crm.test/x/saragr'],
    ['https://crm.test/{ticket}', person(), null],
    ['https://crm.test/{phone}', person(), null],
    ['javascript:alert({customer})', person(), null],
])('the link %s is filled in or left out', (url, customer, expected) => {
    expect(crmLinksFor([link(url)], customer, null, ['tim']).map((one) => one.url)).toEqual(expected ? [expected] : []);
});

test('a link is for its brands', () => {
    const links = [link('https://a.test/', ['ti']), link('https://b.test/', ['tim']), link('https://c.test/')];
    expect(crmLinksFor(links, person(), null, ['tim']).map((one) => one.url)).toEqual(['https://b.test/', 'https://c.test/']);
});

test('the panel leads into the CRM in a tab that learns nothing of us', async () => {
    const ticket = house.write('Buongiorno');
    house.crmLinks = [link('https://crm.test/{contract}/{ticket}')];
    house.on(`GET /v1/customers/${ticket + 5000}`, person({ id: ticket + 5000, contract_reference: 'TIM-1' }));
    page = await openAt(house, `/queue/due/${ticket}`);
    await vi.waitFor(() => expect(has('crm-link')).toBe(true), { timeout: 10_000 });
    expect(at('crm-link').attributes()).toMatchObject({ href: `https://crm.test/TIM-1/${ticket}`, target: '_blank', rel: 'noopener noreferrer' });
});

test('a house for practice says so on every page and lets made-up customers write', async () => {
    house.practice = true;
    house.on('POST /v1/practice/messages', { written: 3 }, 201);
    page = await openAt(house, '/queue/due');
    await vi.waitFor(() => expect(has('practice')).toBe(true), { timeout: 10_000 });
    expect(at('practice').text()).toContain('Esercitazione');
    await at('practice-messages').trigger('click');
    await settle();
    expect(house.asked.find((one) => one.path === '/v1/practice/messages')?.body).toEqual({ count: 3 });
    expect(page.text()).toContain('Hanno scritto 3 clienti finti');
});

test('before the log-in too', async () => {
    house.loggedIn = false;
    const answer = house.answer.bind(house);
    house.answer = (asked) => (asked.path === '/v1/sign-in' ? { status: 200, body: { oidc: null, practice: true } } : answer(asked));
    page = await openAt(house, '/login');
    await vi.waitFor(() => expect(has('practice')).toBe(true), { timeout: 10_000 });
    expect(has('practice-messages')).toBe(false);
});

/** What /readyz says next, the way the dashboard asks for it. */
function readyz(status: number, detail = ''): void {
    const before = fetch;
    vi.stubGlobal('fetch', async (request: Request | string): Promise<Response> =>
        (request === '/readyz' ? new Response(JSON.stringify({ detail }), { status }) : before(request as Request)));
}

test('a server that takes no changes is told, sending waits, reading and drafts go on', async () => {
    const ticket = house.write('Buongiorno');
    page = await openAt(house, `/queue/due/${ticket}`);
    readyz(503, 'The server is about to stop: send nothing new here.');
    watchWritable();
    await vi.waitFor(() => expect(has('read-only')).toBe(true), { timeout: 10_000 });
    expect(at('read-only').text()).toContain('Il server sta per fermarsi.');
    await at('composer-text').setValue('Verifico subito.');
    expect(at('composer-send').attributes('disabled')).toBeDefined();
    expect(page.text()).toContain('Sola lettura: invio sospeso, il testo resta qui.');
    for (const id of ['take', 'solve', 'handover', 'snooze', 'take-next']) expect(at(id).attributes('disabled'), id).toBeDefined();
    const asked = house.asked.length;
    await at('availability').trigger('click');
    await settle();
    expect(house.asked.slice(asked).filter((one) => one.method !== 'GET')).toEqual([]);
    expect(page.text()).toContain('Non riuscito: Il server sta per fermarsi.');
    readyz(200);
    await lookWhetherWritable(true);
    await settle();
    expect(has('read-only')).toBe(false);
    expect(at('composer-send').attributes('disabled')).toBeUndefined();
    expect((at('composer-text').element as HTMLTextAreaElement).value).toBe('Verifico subito.');
});

test('a write that the storage refused makes it read-only although the server says it is ready', async () => {
    const ticket = house.write('Buongiorno');
    page = await openAt(house, `/queue/due/${ticket}`);
    readyz(200);
    watchWritable();
    const refused = { detail: 'The storage cannot be used right now; nothing was changed. Try again in a moment.', code: 'unavailable' };
    house.on(`POST /v1/tickets/${ticket}/take`, refused, 503);
    await at('take').trigger('click');
    await vi.waitFor(() => expect(has('read-only')).toBe(true), { timeout: 10_000 });
    expect(at('read-only').text()).toContain('Il server ora non riesce a salvare');
});

test('another system that is out of reach makes nothing read-only', async () => {
    house.practice = true;
    house.on('POST /v1/practice/messages', { detail: 'The simulator does not take messages: is it running?', code: 'unavailable' }, 503);
    page = await openAt(house, '/queue/due');
    readyz(200);
    watchWritable();
    await vi.waitFor(() => expect(has('practice-messages')).toBe(true), { timeout: 10_000 });
    await at('practice-messages').trigger('click');
    await settle();
    expect(has('read-only')).toBe(false);
    expect(page.text()).toContain('Il simulatore non prende messaggi');
});

test('my late ticket rings every two minutes until I look at it, and not while the office is closed', async () => {
    const late = house.write('Sono senza linea', { assignee: { id: 1, name: 'Chiara Bianchi' } });
    let rung = 0;
    class Silent {
        state = 'running';
        currentTime = 0;
        destination = {};
        resume = async (): Promise<void> => undefined;
        createOscillator = () => ({ frequency: {}, connect: (next: unknown) => next, start: () => rung++, stop: () => undefined });
        createGain = () => ({ gain: { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined }, connect: (next: unknown) => next });
    }
    vi.stubGlobal('AudioContext', Silent);
    page = await openAt(house, '/queue/due');
    chooseSound(true);
    vi.useFakeTimers();
    vi.setSystemTime(Date.now() + 60_000);
    startAttention();
    rung = 0;
    attend([{ seq: 1, type: 'ticket.breached', at: house.time(), ticket: late, data: {} }]);
    expect(rung).toBe(1);
    await vi.advanceTimersByTimeAsync(4 * 60_000 + 1000);
    expect(rung).toBe(3);
    openId.value = late;
    await vi.advanceTimersByTimeAsync(10);
    rung = 0;
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(rung).toBe(0);
});

test('a key is changed by pressing another, a taken one is refused by name, and hints and palette follow', async () => {
    const ticket = house.write('Buongiorno');
    startKeys();
    page = await openAt(house, '/keys');
    await vi.waitFor(() => expect(has('key-change')).toBe(true), { timeout: 10_000 });
    const press = async (key: string): Promise<void> => {
        window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        await settle();
    };
    await page.get('[data-change="take"]').trigger('click');
    await press('z');
    expect(at('keys-say').text()).toContain('Z è già di «Annulla');
    await press('q');
    expect(at('keys-say').text()).toContain('Q ora è');
    await page.vm.$router.push(`/queue/due/${ticket}`);
    await settle();
    expect(at('take').text()).toContain('Q');
    await press('a');
    expect(house.asked.some((one) => one.path.endsWith('/take'))).toBe(false);
    await press('q');
    expect(house.asked.some((one) => one.path.endsWith('/take'))).toBe(true);
    chooseKeys({});
});

test('places with incidents that go on are listed by how many write from there', async () => {
    const incident = (id: number, state: string, members: number, names: string[]) => ({
        id, state, origin: 'radar', service: 'fibra', places: names.map((name) => ({ key: name, name, province: name.slice(0, 2).toUpperCase() })), title: 'fibra',
        brands: [], text: '', confidence: null, why: null, from: house.time(), expected_end: null, created_at: house.time(), created_by: null, confirmed_at: null,
        confirmed_by: null, ended_at: null, quiet_until: null, members, aside: 0, last_member_at: null, updated_at: house.time(), revision: 1,
    });
    house.on('GET /v1/incidents', {
        items: [incident(1, 'proposed', 3, ['Imola']), incident(2, 'confirmed', 9, ['Bari', 'Imola']), incident(3, 'closed', 50, ['Roma']), incident(4, 'confirmed', 1, [])],
        next_cursor: null,
    });
    page = await openAt(house, '/incidents');
    await vi.waitFor(() => expect(has('places-now')).toBe(true), { timeout: 10_000 });
    const places = page.findAll('[data-testid="place"] strong').map((one) => one.text());
    expect(places).toEqual(['Imola (IM)', 'Bari (BA)', 'Ovunque']);
    expect(page.findAll('[data-testid="place"]')[0]!.text()).toContain('12 ticket');
});

test('a list that was read on stays as long as it was when it is read again', async () => {
    const alert = (id: number) => ({ id });
    const pages: Record<string, unknown> = { '': { items: [alert(1)], next_cursor: 'b' }, b: { items: [alert(2)], next_cursor: 'c' }, c: { items: [alert(3)], next_cursor: null } };
    const scope = effectScope();
    await scope.run(async () => {
        const list = useList((cursor?: string) => Promise.resolve(pages[cursor ?? ''] as { items: { id: number }[]; next_cursor: string | null }));
        await settle();
        await list.more();
        expect(list.data.value?.items.map((one) => one.id)).toEqual([1, 2]);
        await list.reload();
        expect(list.data.value?.items.map((one) => one.id)).toEqual([1, 2]);
        expect(list.data.value?.next_cursor).toBe('c');
    });
    scope.stop();
});

test('an admin ends one session of somebody, and teams are chosen from those there are', async () => {
    house.me.role = 'admin';
    const bruno = { ...house.me, id: 2, login: 'bruno', name: 'Bruno', role: 'agent', disabled: false, skills: [], languages: [], teams: ['gone'], open_tickets: 0 };
    house.on('GET /v1/agents', { items: [bruno], next_cursor: null });
    house.on('GET /v1/agents/2/access', { email: null, has_password: true, link_until: null, identities: [], second_factor: { enrolled: false, required: false, confirmed_at: null, recovery_codes_left: 0 } });
    house.on('GET /v1/agents/2/sessions', { items: [{ id: 'abcdef', created_at: house.time(), last_seen_at: house.time(), expires_at: house.time(60), signed_in_by: 'password', address: '10.0.0.1', user_agent: 'Firefox', current: false }], next_cursor: null });
    house.on('DELETE /v1/agents/2/sessions/abcdef', undefined, 204);
    house.on('PATCH /v1/agents/2', bruno);
    page = await openAt(house, '/settings/people');
    await vi.waitFor(() => expect(has('person-access')).toBe(true), { timeout: 10_000 });
    await at('person-access').trigger('click');
    await vi.waitFor(() => expect(has('person-session-end')).toBe(true), { timeout: 10_000 });
    await at('person-session-end').trigger('click');
    await settle();
    expect(house.asked.some((one) => one.method === 'DELETE' && one.path === '/v1/agents/2/sessions/abcdef')).toBe(true);
    page.unmount();
    page = await openAt(house, '/settings/people');
    await vi.waitFor(() => expect(has('person-edit')).toBe(true), { timeout: 10_000 });
    await at('person-edit').trigger('click');
    await settle();
    const teams = page.findAll('[data-testid="person-team"]');
    expect(teams.map((one) => (one.element as HTMLInputElement).checked)).toEqual([false, false, true]);
    await teams[0]!.setValue(true);
    await teams[2]!.setValue(false);
    await at('form-submit').trigger('submit');
    await settle();
    expect(house.asked.find((one) => one.method === 'PATCH' && one.path === '/v1/agents/2')?.body['teams']).toEqual(['phone']);
});
