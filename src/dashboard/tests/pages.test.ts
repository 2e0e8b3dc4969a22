// @vitest-environment jsdom
import { enableAutoUnmount, type DOMWrapper, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Incident, PersonShifts, PhoneCall } from '../app/api/types';
import { startKeys } from '../app/keys/commands';
import { router } from '../app/router';
import { csvOf } from '../app/text/csv';
import { weekOf } from '../app/text/rota';
import { fieldTime, instantOf } from '../app/time/local';
import type { Asked, FakeHouse } from './fake_house';
import { FakeSocket, openAt, prepare, settle } from './stage';

let house: FakeHouse;
let page: VueWrapper;
const at = (id: string) => page.get(`[data-testid="${id}"]`);
const all = (id: string): DOMWrapper<Element>[] => page.findAll(`[data-testid="${id}"]`);
const writes = (): Asked[] => house.asked.filter(({ method }) => method !== 'GET');
const last = (): [string, string, unknown] => {
    const { method, path, body } = writes().at(-1)!;
    return [method, path, body];
};

async function open(path: string): Promise<void> {
    page = await openAt(house, path);
}

async function loaded(id: string): Promise<void> {
    await vi.waitUntil(() => page.find(`[data-testid="${id}"]`).exists(), { timeout: 10_000 });
    await settle();
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    await settle();
}

async function submit(): Promise<void> {
    await page.get('dialog form').trigger('submit');
    await settle();
}

enableAutoUnmount(afterEach);
startKeys();
beforeEach(() => {
    house = prepare();
    house.me.role = 'supervisor';
});

function incident(given: Partial<Incident> = {}): Incident {
    return {
        id: 5, state: 'proposed', origin: 'radar', service: 'adsl', places: [{ key: 'bo', name: 'Bologna', province: 'BO' }], title: 'adsl in Bologna',
        brands: [], text: '', confidence: 'high', why: '6 people in 10 minutes write of adsl in Bologna; usual at this hour are 0.4', from: house.time(-20),
        expected_end: null, created_at: house.time(-10), created_by: null, confirmed_at: null, confirmed_by: null, ended_at: null, quiet_until: null,
        members: 6, aside: 0, last_member_at: null, updated_at: house.time(), revision: 1, status_posts: [], broadcasts: [], ...given,
    };
}

test('a proposal of the radar tells why and where, and is confirmed', async () => {
    house.on('GET /v1/incidents', { items: [incident()], next_cursor: null });
    house.on('GET /v1/incidents/5', incident());
    house.on('GET /v1/incidents/5/members', { items: [], next_cursor: null });
    house.on('POST /v1/incidents/5/confirm', incident({ state: 'confirmed' }));
    await open('/incidents/5');
    await loaded('incident-confirm');
    expect(at('incident').text()).toContain('6 persone in 10 minuti scrivono di: adsl in Bologna');
    expect(at('incident').text()).toContain('Certezza: alta');
    expect(at('incident-row').text()).toContain('adsl · Bologna');
    await at('incident-confirm').trigger('click');
    await settle();
    expect(last().slice(0, 2)).toEqual(['POST', '/v1/incidents/5/confirm']);
    expect(writes().at(-1)!.headers.get('Idempotency-Key')).toBeTruthy();
});

test('a text to all is sent only after its preview, with what a brand says otherwise', async () => {
    const confirmed = incident({ state: 'confirmed' });
    house.on('GET /v1/incidents', { items: [confirmed], next_cursor: null });
    house.on('GET /v1/incidents/5', confirmed);
    house.on('GET /v1/incidents/5/members', { items: [], next_cursor: null });
    house.on('GET /v1/incidents/5/broadcast/preview', {
        members: 6, eligible: 4, takes_seconds: 90, channels: [{ channel: 'tim-facebook', brand: 'tim', eligible: 4, takes_seconds: 90, usd: 0.06, usd_with_link: 0.8 }],
        not_eligible: [{ why: 'the same person is told in another ticket', count: 2 }],
    });
    house.on('POST /v1/incidents/5/broadcast', {}, 202);
    await open('/incidents/5');
    await loaded('incident-broadcast');
    await at('incident-broadcast').trigger('click');
    await loaded('broadcast-preview');
    expect(at('broadcast-preview').text()).toContain('4 persone su 6');
    expect(at('broadcast-preview').text()).toContain('la stessa persona lo riceve in un altro ticket');
    expect(at('form-submit').attributes('disabled')).toBeDefined();
    await at('incident-text').setValue('Buongiorno {name}, ci stiamo lavorando.');
    await at('variants').setValue(true);
    await page.findAll('dialog textarea')[2]!.setValue('TIM: ci stiamo lavorando.');
    await submit();
    expect(last()).toEqual(['POST', '/v1/incidents/5/broadcast', { text: 'Buongiorno {name}, ci stiamo lavorando.', variants: { tim: 'TIM: ci stiamo lavorando.' } }]);
});

test('what the server says of a field stands at the field, which gets the focus', async () => {
    house.on('GET /v1/incidents', { items: [], next_cursor: null });
    house.problem('POST /v1/incidents', 422, [{ pointer: '/places/0', detail: 'is no place that is known' }]);
    await open('/incidents');
    await loaded('incident-open');
    await at('incident-open').trigger('click');
    await loaded('incident-places');
    await at('incident-places').setValue('Atlantide');
    await submit();
    expect(at('incident-places').attributes('aria-invalid')).toBe('true');
    expect(page.get('dialog .wrong').text()).toBe('is no place that is known');
    expect(document.activeElement).toBe(at('incident-places').element);
});

test('an incident that changes elsewhere is read again', async () => {
    house.on('GET /v1/incidents', { items: [incident()], next_cursor: null });
    await open('/incidents');
    await loaded('incident-row');
    house.on('GET /v1/incidents', { items: [incident({ state: 'confirmed' })], next_cursor: null });
    FakeSocket.last?.frame({ seq: 1, type: 'incident.confirmed', at: house.time(), data: {} });
    await new Promise((painted) => requestAnimationFrame(painted));
    await vi.waitUntil(() => at('incident-row').text().includes('Confermato'), { timeout: 5000 });
});

test('agents see incidents but decide nothing, and have no page of supervision', async () => {
    house.me.role = 'agent';
    house.on('GET /v1/incidents', { items: [incident()], next_cursor: null });
    house.on('GET /v1/incidents/5', incident());
    house.on('GET /v1/incidents/5/members', { items: [], next_cursor: null });
    await open('/incidents/5');
    await loaded('incident');
    expect(all('incident-confirm')).toHaveLength(0);
    expect(all('nav-supervision')).toHaveLength(0);
    await router.push('/supervision');
    await settle();
    expect(page.get('h1:not(.unseen)').text()).toBe('Pagina riservata');
});

test('the wall tells mean, projection and queue, and all publishing is paused after one more question', async () => {
    house.on('GET /v1/channels', { items: [], next_cursor: null });
    house.on('GET /v1/agents', { items: [], next_cursor: null });
    house.on('GET /v1/queue/closing-routes', { items: [], next_cursor: null });
    house.on('POST /v1/channels/pause', { items: [], next_cursor: null });
    await open('/supervision');
    await loaded('wall');
    expect(at('wall').text()).toContain('38 min');
    expect(at('wall').text()).toContain('40 min');
    await at('pause-all').trigger('click');
    await loaded('form-submit');
    expect(writes()).toEqual([]);
    await submit();
    expect(last()).toEqual(['POST', '/v1/channels/pause', { what: 'publishing' }]);
});

test('a person’s shifts are edited as a whole', async () => {
    const rota: PersonShifts[] = [{ agent: 'chiara', id: 1, name: 'Chiara Bianchi', entries: [{ day: 'monday', kind: 'shift', hours: '09:00-13:00', note: '' }] }];
    house.on('GET /v1/shifts', { time_zone: 'Europe/Rome', items: rota, next_cursor: null });
    house.on('GET /v1/shifts/coverage', { week: '2026-03-02', from: house.time(), until: house.time(), items: [], unknown: [], next_cursor: null });
    house.on('PUT /v1/shifts', undefined, 204);
    await open('/rota');
    await loaded('rota-row');
    await all('rota-edit')[0]!.trigger('click');
    await loaded('shift-entry');
    await at('shift-add').trigger('click');
    await submit();
    const [, , body] = last();
    expect((body as { items: PersonShifts[] }).items[0]).toEqual({
        agent: 'chiara', id: 1, entries: [rota[0]!.entries[0], { day: 'monday', kind: 'shift', hours: '09:00-13:00, 14:00-18:00', note: '' }],
    });
});

test('a day off takes the place of the usual shift, a break does not', () => {
    const person: PersonShifts = {
        agent: 'a', id: 1, name: 'A', entries: [
            { day: 'monday', kind: 'shift', hours: '09:00-18:00', note: '' }, { day: 'tuesday', kind: 'shift', hours: '09:00-18:00', note: '' },
            { day: '2026-03-02', kind: 'leave', hours: '', note: '' }, { day: '2026-03-03', kind: 'break', hours: '13:00-14:00', note: '' },
        ],
    };
    const week = weekOf(person, '2026-03-02');
    expect(week[0]!.map((entry) => entry.kind)).toEqual(['leave']);
    expect(week[1]!.map((entry) => entry.kind)).toEqual(['shift', 'break']);
});

test('a closure is entered for one date', async () => {
    house.on('GET /v1/office-hours/exceptions', { items: [], next_cursor: null });
    house.on('GET /v1/brands', { items: [], next_cursor: null });
    house.on('POST /v1/office-hours/exceptions', { items: [], next_cursor: null }, 201);
    await open('/hours');
    await loaded('exception-add');
    await at('exception-add').trigger('click');
    await loaded('exception-date');
    await at('exception-date').setValue('2026-12-24');
    await submit();
    expect(last()).toEqual(['POST', '/v1/office-hours/exceptions', { date: '2026-12-24', hours: [] }]);
});

test('the phone desk tells what came of a call', async () => {
    const call: PhoneCall = {
        id: 9, ticket: 1001, brand: 'tim', reference: 'S-7K3M', callback_number: '+39 335 1234567', summary: 'Linea muta', at: house.time(), desk: 'phone',
        slot_from: house.time(), slot_until: house.time(30), due: true, state: 'planned', attempts: 1, customer_told: false, not_told_because: null,
        subject: 'Linea muta', customer_name: 'Sara Greco', language: 'it', thread: 'Sara: la linea è muta',
    };
    house.on('GET /v1/handovers', { items: [call], next_cursor: null });
    house.on('GET /v1/handovers/slots', { items: [], next_cursor: null });
    house.on('POST /v1/handovers/9/outcome', call);
    await open('/phone');
    await loaded('call');
    expect(page.get('a[href^="tel:"]').attributes('href')).toBe('tel:+393351234567');
    await at('call-outcome').trigger('click');
    await loaded('form-submit');
    await page.get('input[value="not_reached"]').setValue(true);
    await submit();
    expect(last()).toEqual(['POST', '/v1/handovers/9/outcome', { outcome: 'not_reached' }]);
});

test('somebody of the phone desk comes to its list, not to the queue', async () => {
    house.me.role = 'phone';
    house.on('GET /v1/me', house.me);
    house.problem('GET /v1/bootstrap', 403, []);
    house.on('GET /v1/handovers', { items: [], next_cursor: null });
    house.on('GET /v1/handovers/slots', { items: [], next_cursor: null });
    await open('/queue/due');
    await settle();
    expect(router.currentRoute.value.name).toBe('phone');
    expect(all('nav-queue')).toHaveLength(0);
});

test('Ctrl+K finds an action by its words and does it', async () => {
    const id = house.write('uno', { assignee: { id: 1, name: 'Chiara Bianchi' } });
    await open(`/queue/due/${id}`);
    await press('k', { ctrlKey: true });
    await loaded('choice-filter');
    await at('choice-filter').setValue('eti');
    expect(all('choice').map((choice) => choice.attributes('data-id'))).toEqual(['labels']);
    await at('choice-filter').trigger('keydown', { key: 'Enter' });
    await loaded('labels');
    await submit();
    expect(last()).toEqual(['PATCH', `/v1/tickets/${id}`, { labels: [] }]);
});

test('a ticket gets labels that the counter knows, another one that is written, and loses one', async () => {
    const known = (name: string, more: object) => ({ name, color: '#a81d16', description: '', retired: false, updated_at: house.time(), revision: 1, ...more });
    house.on('GET /v1/labels', { items: [known('bolletta', {}), known('guasto', { description: 'La linea è muta' }), known('vecchia', { retired: true })], next_cursor: null });
    const id = house.write('uno', { assignee: { id: 1, name: 'Chiara Bianchi' }, labels: ['adsl', 'bolletta'] });
    await open(`/queue/due/${id}`);
    await vi.waitUntil(() => page.findAll('.details .pill circle').length === 1, { timeout: 10_000 }); // adsl is nobody's, so it has no colour
    await press('l');
    await loaded('labels');
    const offered = (): [string | undefined, string | undefined][] => all('choice').map((one) => [one.attributes('data-id'), one.attributes('aria-checked')]);
    await vi.waitUntil(() => offered().length === 3, { timeout: 10_000 });
    expect(offered()).toEqual([['adsl', 'true'], ['bolletta', 'true'], ['guasto', 'false']]);
    const field = at('choice-filter');
    for (const [words, first] of [['muta', 'guasto'], ['ADSL', 'adsl'], ['trasloco', 'trasloco']] as const) {
        await field.setValue(words);
        expect(offered()[0]![0]).toBe(first);
        await field.trigger('keydown', { key: 'Enter' });
        expect((field.element as HTMLInputElement).value).toBe('');
    }
    expect(offered()).toEqual([['adsl', 'false'], ['bolletta', 'true'], ['guasto', 'true'], ['trasloco', 'true']]);
    await field.trigger('keydown', { key: 'Enter', ctrlKey: true });
    await settle();
    expect(last()).toEqual(['PATCH', `/v1/tickets/${id}`, { labels: ['bolletta', 'guasto', 'trasloco'] }]);
});

test('a canned reply goes in where the slash was typed, and what it lacks blocks the sending', async () => {
    house.on('GET /v1/canned-replies', { items: [{ id: 3, brand: null, language: null, name: 'Saluto', text: 'Buongiorno {customer}', updated_at: house.time(), revision: 1 }], next_cursor: null });
    house.on('POST /v1/canned-replies/3/expand', { text: 'Buongiorno {customer}', missing: ['customer'] });
    const id = house.write('uno');
    await open(`/queue/due/${id}`);
    const field = at('composer-text');
    const element = field.element as HTMLTextAreaElement;
    element.focus();
    element.value = '/';
    element.setSelectionRange(1, 1);
    element.dispatchEvent(new InputEvent('input', { data: '/', bubbles: true }));
    await loaded('choice');
    await at('choice').trigger('click');
    await settle();
    expect(element.value).toBe('Buongiorno {customer}');
    expect(at('composer-send').attributes('disabled')).toBeDefined();
    expect(page.get('.obstacle').text()).toBe('Completa {customer} prima di inviare.');
    await field.setValue('Buongiorno Sara');
    expect(at('composer-send').attributes('disabled')).toBeUndefined();
});

test('two tickets become one, and messages a ticket of their own', async () => {
    const [one, other] = [house.write('uno'), house.write('due')];
    house.say(one, 'e un’altra cosa');
    house.on(`POST /v1/tickets/${one}/merge`, house.tickets.get(other)!);
    house.on(`POST /v1/tickets/${one}/split`, { ...house.tickets.get(other)!, id: other }, 201);
    await open(`/queue/due/${one}`);
    await press('k', { ctrlKey: true });
    await loaded('choice-filter');
    await page.get('[data-id="merge"]').trigger('click');
    await loaded('merge-into');
    await at('merge-into').setValue(`#${other}`);
    await submit();
    expect(last()).toEqual(['POST', `/v1/tickets/${one}/merge`, { into: other }]);
    expect(router.currentRoute.value.params['ticket']).toBe(String(other));
    await router.push(`/queue/due/${one}`);
    await settle();
    await press('k', { ctrlKey: true });
    await loaded('choice-filter');
    await page.get('[data-id="split"]').trigger('click');
    await vi.waitUntil(() => page.findAll('dialog [type=checkbox]').length === 2, { timeout: 5000 });
    await page.findAll('dialog [type=checkbox]')[1]!.setValue(true);
    await submit();
    expect(last()[1]).toBe(`/v1/tickets/${one}/split`);
});

test('personal data is shown on request, and a comment hidden', async () => {
    const id = house.write('il mio numero è 335 *** 4567');
    const [message] = house.timelines.get(id)!;
    message!.personal_data = [{ number: 1, kind: 'phone', at: 16, length: 11, masked: true, released: false }];
    house.on(`POST /v1/messages/${message!.id}/reveal`, { id: message!.id, ticket: id, text: 'il mio numero è 335 123 4567', personal_data: [] });
    house.on(`POST /v1/messages/${message!.id}/hide`, {}, 202);
    await open(`/queue/due/${id}`);
    await at('reveal').trigger('click');
    await settle();
    expect(at('message').text()).toContain('335 123 4567');
    await at('hide').trigger('click');
    await settle();
    expect(last()[1]).toBe(`/v1/messages/${message!.id}/hide`);
});

test('a new token is shown once', async () => {
    house.on('GET /v1/tokens', { items: [], next_cursor: null });
    house.on('POST /v1/tokens', { id: 1, token: 'segreto-42', name: 'cruscotto', created_at: house.time(), expires_at: null, last_used_at: null }, 201);
    await open('/settings/tokens');
    await loaded('token-add');
    await at('token-add').trigger('click');
    await loaded('token-name');
    await at('token-name').setValue('cruscotto');
    await submit();
    expect(at('token').text()).toBe('segreto-42');
});

test('a person is added with a role no higher than one’s own', async () => {
    house.on('GET /v1/agents', { items: [], next_cursor: null });
    house.on('POST /v1/agents', {}, 201);
    await open('/settings/people');
    await loaded('person-add');
    await at('person-add').trigger('click');
    await loaded('person-login');
    expect(page.findAll('dialog select option').map((option) => option.attributes('value'))).toEqual(['phone', 'agent', 'supervisor']);
    await at('person-login').setValue('nuova');
    await at('person-name').setValue('Nuova Persona');
    await at('person-password').setValue('una-password-lunga');
    await submit();
    expect(last()[2]).toMatchObject({ login: 'nuova', name: 'Nuova Persona', password: 'una-password-lunga', role: 'agent' });
});

test('a spreadsheet runs nothing of what customers wrote', () => {
    expect(csvOf(['a', 'b'], [['=1+1', 'x,"y"'], [-3, null]])).toBe('a,b\r\n\'=1+1,"x,""y"""\r\n-3,\r\n');
});

test('a time in the office’s zone is the same instant on both sides of a change of the clock', () => {
    for (const instant of ['2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', '2026-07-01T10:00:00Z', '2026-12-01T10:00:00Z']) {
        expect(instantOf(fieldTime(Date.parse(instant)))).toBe(Date.parse(instant));
    }
    expect(instantOf('nothing')).toBeNull();
});
