// @vitest-environment jsdom
import { enableAutoUnmount, type DOMWrapper, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Agent } from '../app/api/types';
import { startKeys } from '../app/keys/commands';
import { router } from '../app/router';
import { outdated } from '../app/store/live';
import { lookForNewVersion } from '../app/store/version';
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
const open = async (path: string): Promise<void> => {
    page = await openAt(house, path);
};

async function loaded(id: string): Promise<void> {
    await vi.waitUntil(() => page.find(`[data-testid="${id}"]`).exists(), { timeout: 10_000 });
    await settle();
}
async function submit(): Promise<void> {
    await page.get('dialog form').trigger('submit');
    await settle();
}
const empty = { items: [], next_cursor: null };

enableAutoUnmount(afterEach);
startKeys();
beforeEach(() => {
    house = prepare();
    house.me.role = 'admin';
    house.on('GET /v1/sign-in', { oidc: null, practice: false });
});

/** As the server does for somebody with a second factor: the session opens nothing but its second half. */
function halfLoggedIn(state: 'code_needed' | 'to_enrol'): void {
    house.loggedIn = false;
    house.me.second_factor = state;
}

async function logIn(): Promise<void> {
    await loaded('login-name');
    await at('login-name').setValue('chiara');
    await at('login-password').setValue('right');
    await page.get('main form').trigger('submit');
    await settle();
}

test('a log-in with a second factor asks for its code, says when it is wrong, and then goes where one wanted', async () => {
    halfLoggedIn('code_needed');
    await open('/settings/me');
    expect(router.currentRoute.value.name).toBe('login');
    await logIn();
    await loaded('login-code');
    expect(router.currentRoute.value.name).toBe('login');
    await at('login-code').setValue('123456');
    house.on('POST /v1/session/second-factor', { type: 'about:blank', title: 'x', status: 401, code: 'unauthenticated', detail: 'The code is wrong' }, 401);
    await page.get('main form').trigger('submit');
    await settle();
    expect(page.get('main [role=alert]').text()).toContain('Codice sbagliato');
    house.me.second_factor = 'on';
    house.on('POST /v1/session/second-factor', { me: house.me, csrf_token: 'csrf-1' });
    await page.get('main form').trigger('submit');
    await settle();
    await loaded('theme');
    expect(router.currentRoute.value.fullPath).toBe('/settings/me');
});

test('who must have a second factor sets it up before anything else opens', async () => {
    halfLoggedIn('to_enrol');
    house.on('POST /v1/me/second-factor', { secret: 'JBSWY3DPEHPK3PXP', url: 'otpauth://totp/Sportello:chiara?secret=JBSWY3DPEHPK3PXP' }, 201);
    house.on('POST /v1/me/second-factor/confirm', { recovery_codes: ['aaaa-bbbb', 'cccc-dddd'] });
    await open('/login');
    await logIn();
    await loaded('factor-password');
    await at('factor-password').setValue('right');
    await page.get('main form').trigger('submit');
    await loaded('qr');
    expect(at('factor-secret').text()).toBe('JBSW Y3DP EHPK 3PXP');
    expect(at('qr').get('path').attributes('d')!.length).toBeGreaterThan(500);
    await at('factor-code').setValue('123 456');
    await page.get('main form').trigger('submit');
    await loaded('recovery-codes');
    expect(last()).toEqual(['POST', '/v1/me/second-factor/confirm', { code: '123456' }]);
    house.me.second_factor = 'on';
    await at('codes-kept').trigger('click');
    await vi.waitUntil(() => router.currentRoute.value.name === 'queue', { timeout: 10_000 });
});

test('the provider’s button keeps where one wanted to go, and its refusals are told in words', async () => {
    house.loggedIn = false;
    // The way in is asked for before anybody is in.
    const answer = house.answer.bind(house);
    vi.spyOn(house, 'answer').mockImplementation((asked) =>
        (asked.path === '/v1/sign-in' ? { status: 200, body: { oidc: { name: 'Azienda', url: '/v1/oidc/start' } } } : answer(asked)));
    await open('/login?to=/incidents&refused=oidc_unknown_person');
    await loaded('login-oidc');
    expect(at('login-oidc').text()).toBe('Entra con Azienda');
    expect(at('login-oidc').attributes('href')).toBe('/v1/oidc/start?to=%2Fincidents');
    expect(at('login-refusal').text()).toContain('nessuna persona corrisponde');
});

test('a session that the server ends leads to the log-in', async () => {
    await open('/settings/me');
    await loaded('theme');
    house.loggedIn = false;
    FakeSocket.last!.dispatchEvent(new CloseEvent('close', { code: 4401 }));
    await settle();
    expect(router.currentRoute.value.name).toBe('login');
    expect(router.currentRoute.value.query['ended']).toBe('1');
});

function openLinks(kind: 'first_admin' | 'invitation' | 'reset' | null): void {
    house.loggedIn = false;
    vi.spyOn(house, 'answer').mockImplementation((asked) => {
        house.asked.push(asked);
        if (!kind) return { status: 404, body: { code: 'not_found', detail: 'not good', status: 404, title: 'x', type: 'about:blank' } };
        if (asked.path.endsWith('inspect')) {
            const person = kind === 'first_admin' ? { login: null, name: null } : { login: 'nora', name: 'Nora Ferri' };
            return { status: 200, body: { kind, expires_at: house.time(60), ...person } };
        }
        return { status: 200, body: { login: 'nora' } };
    });
}

test('an invitation sets a password once both are the same, and the token leaves the address', async () => {
    openLinks('invitation');
    await open('/access#geheim');
    await loaded('link-password');
    expect(page.get('h1').text()).toContain('Benvenuto, Nora Ferri');
    expect(page.find('[data-testid=link-login]').exists()).toBe(false);
    await at('link-password').setValue('una frase lunga');
    await at('link-again').setValue('una frase lunge');
    await page.get('main form').trigger('submit');
    expect(last()[1]).toBe('/v1/access-links/inspect');
    await at('link-again').setValue('una frase lunga');
    await page.get('main form').trigger('submit');
    await loaded('link-done');
    expect(last()).toEqual(['POST', '/v1/access-links/redeem', { token: 'geheim', password: 'una frase lunga' }]);
    expect(at('link-done').text()).toContain('nora');
});

test('the first admin also chooses login and name; a used-up or cut link says what to do', async () => {
    openLinks('first_admin');
    await open('/access#erste');
    await loaded('link-login');
    await at('link-login').setValue('capo');
    await at('link-name').setValue('Il Capo');
    await at('link-password').setValue('una frase lunga');
    await at('link-again').setValue('una frase lunga');
    await page.get('main form').trigger('submit');
    await loaded('link-done');
    expect(last()[2]).toEqual({ token: 'erste', password: 'una frase lunga', login: 'capo', name: 'Il Capo' });
    page.unmount();
    openLinks(null);
    await open('/access#alt');
    await loaded('link-bad');
    page.unmount();
    await open('/access');
    await loaded('link-bad');
    expect(at('link-bad').text()).toContain('Manca una parte');
});

const person = (given: Partial<Agent> = {}): Agent => ({
    id: 7, login: 'nora', name: 'Nora Ferri', role: 'agent', available: false, disabled: false, needs_approval: false, capacity: 20, brands: [],
    skills: [], languages: [], teams: [], open_tickets: 3, ...given,
});

test('somebody added without a password is let in by a link that is shown once', async () => {
    house.on('GET /v1/agents', { items: [person()], next_cursor: null });
    house.on('POST /v1/agents', person(), 201);
    house.on('GET /v1/agents/7/access', { agent: 7, email: null, has_password: false, link_until: null, second_factor: { enrolled: false, required: false, confirmed_at: null, recovery_codes_left: 0 }, identities: [] });
    house.on('GET /v1/agents/7/sessions', empty);
    house.on('POST /v1/agents/7/access-link', { kind: 'invitation', expires_at: house.time(60), mailed: false, url: 'https://sportello.example/access#abc' }, 201);
    await open('/settings/people');
    await loaded('person-add');
    await at('person-add').trigger('click');
    await loaded('person-login');
    await at('person-login').setValue('nora');
    await at('person-name').setValue('Nora Ferri');
    await at('person-approval').setValue(true);
    await submit();
    expect(writes()[0]!.body).toMatchObject({ login: 'nora', needs_approval: true });
    expect(writes()[0]!.body).not.toHaveProperty('password');
    await loaded('access-make');
    expect(at('access-make').text()).toBe('Crea un invito');
    await at('access-make').trigger('click');
    await loaded('access-link');
    expect(at('access-link').text()).toBe('https://sportello.example/access#abc');
});

test('disabling names what follows before it is done', async () => {
    house.on('GET /v1/agents', { items: [person()], next_cursor: null });
    house.on('PATCH /v1/agents/7', person({ disabled: true }));
    await open('/settings/people');
    await loaded('person-disable');
    await at('person-disable').trigger('click');
    await loaded('disable-consequences');
    expect(at('disable-consequences').text()).toContain('3 ticket aperti tornano in coda');
    expect(writes()).toEqual([]);
    await submit();
    expect(last()).toEqual(['PATCH', '/v1/agents/7', { disabled: true }]);
});

test('a token is made with the scopes that were chosen', async () => {
    house.on('GET /v1/tokens', empty);
    house.on('POST /v1/tokens', { id: 1, token: 'segreto', name: 'x', created_at: house.time(), expires_at: null, last_used_at: null, scopes: ['reports:read'] }, 201);
    await open('/settings/tokens');
    await loaded('token-add');
    await at('token-add').trigger('click');
    await loaded('token-name');
    await at('token-name').setValue('cruscotto');
    await at('scope-reports').setValue('read');
    await at('scope-tickets').setValue('write');
    await submit();
    expect(last()[2]).toEqual({ name: 'cruscotto', scopes: ['tickets:write', 'reports:read'] });
});

test('a person is erased only after its word was typed and a reason given', async () => {
    const card = {
        id: 9, name: 'Sara Greco', merged_into: null, merged: [], identities: [], contract_reference: null, labels: [], links: [], revision: 1, created_at: house.time(),
    };
    house.on('GET /v1/customers/9', card);
    house.on('DELETE /v1/customers/9', { customer: 9, erased_at: house.time(), identities: 1, tickets: 1, messages: 4, replies: 2, files: 0 });
    await open('/customers/9');
    await loaded('customer-erase');
    await at('customer-erase').trigger('click');
    await loaded('erase-word');
    await at('erase-reason').setValue('Richiesta del 12 marzo');
    await at('erase-word').setValue('cancella');
    await submit();
    expect(writes()).toEqual([]);
    expect(at('form-submit').attributes('disabled')).toBeDefined();
    await at('erase-word').setValue('CANCELLA');
    await submit();
    expect(last()).toEqual(['DELETE', '/v1/customers/9', { reason: 'Richiesta del 12 marzo' }]);
});

test('supervisors do not see erasure, webhooks or the switch of figures', async () => {
    house.me.role = 'supervisor';
    await open('/settings/webhooks');
    await loaded('no-rights');
    const tabs = page.findAll('main .tab').map((tab) => tab.attributes('href'));
    expect(tabs).toContain('/settings/audit');
    expect(tabs).not.toContain('/settings/webhooks');
    expect(tabs).not.toContain('/settings/figures');
    expect(house.asked.some(({ path }) => path === '/v1/webhooks')).toBe(false);
});

test('the audit is asked again with each filter, the number only beside its object', async () => {
    house.on('GET /v1/audit', empty);
    await open('/settings/audit');
    await loaded('audit-action');
    await at('audit-action').setValue('webhook.created');
    await at('audit-action').trigger('change');
    await settle();
    const asked = house.asked.filter(({ path }) => path === '/v1/audit').at(-1)!;
    expect(asked.query.get('action')).toBe('webhook.created');
    expect(asked.query.has('object_id')).toBe(false);
});

test('an alert tells in words what to do and is acknowledged', async () => {
    const alert = {
        id: 4, kind: 'access', cause: 'tim-facebook', brand: 'tim', channel: 'tim-facebook', level: 1, text: 'Channel tim-facebook is dead.', remedy: 'Sign it in.',
        begun_at: house.time(-5), ended_at: null, acknowledged_at: null, acknowledged_by: null, acknowledged_how: null, notices: [],
    };
    house.on('GET /v1/alerts', { items: [alert], next_cursor: null });
    house.on('POST /v1/alerts/4/acknowledge', alert);
    await open('/alerts');
    await loaded('alert');
    expect(at('alert').text()).toContain('Autorizza di nuovo il canale');
    await at('alert-acknowledge').trigger('click');
    await settle();
    expect(last().slice(0, 2)).toEqual(['POST', '/v1/alerts/4/acknowledge']);
});

test('first response is told in office time and, on request, in clock time', async () => {
    house.on('GET /v1/reports/per-person', { enabled: false });
    house.on('GET /v1/reports/first-response', {
        items: [{
            group: { day: '2026-03-02' }, answered: 29, office_mean_seconds: 2410.5, office_median_seconds: 1980, office_p90_seconds: 4100,
            clock_mean_seconds: 9120, clock_median_seconds: 2400, clock_p90_seconds: 40110,
        }], next_cursor: null,
    });
    await open('/reports/first-response');
    await loaded('table-row');
    expect(at('table-row').text()).toContain('40 min');
    await at('report-clock').setValue('true');
    await settle();
    expect(at('table-row').text()).toContain('2 h 32 min');
    expect(at('report-csv').attributes('href')).toContain('format=csv');
    await at('report-by').setValue('channel');
    await settle();
    expect(house.asked.filter(({ path }) => path === '/v1/reports/first-response').at(-1)!.query.get('group_by')).toBe('channel');
});

test('figures of single persons are not asked for while they are off', async () => {
    house.on('GET /v1/reports/per-person', { enabled: false });
    await open('/reports/agents');
    await loaded('report-off');
    expect(house.asked.some(({ path }) => path === '/v1/reports/agents')).toBe(false);
    expect(page.findAll('[data-testid=report-by] option').map((option) => option.attributes('value'))).toContain('agent');
});

test('figures per person are turned on only by who has made sure', async () => {
    house.on('GET /v1/reports/per-person', { enabled: false });
    house.on('PUT /v1/reports/per-person', { enabled: true });
    await open('/settings/figures');
    await loaded('per-person-on');
    expect(at('per-person-on').attributes('disabled')).toBeDefined();
    await at('per-person-sure').setValue(true);
    await at('per-person-on').trigger('click');
    await settle();
    expect(last()).toEqual(['PUT', '/v1/reports/per-person', { enabled: true }]);
});

test('one’s own sessions are ended, never the present one', async () => {
    const session = (id: string, current: boolean) => ({ id, created_at: house.time(), last_seen_at: house.time(), expires_at: house.time(60), signed_in_by: 'password', address: '10.0.0.1', user_agent: `Browser ${id}`, current });
    house.on('GET /v1/me/second-factor', { enrolled: false, required: false, confirmed_at: null, recovery_codes_left: 0 });
    house.on('GET /v1/me/sessions', { items: [session('a', true), session('b', false)], next_cursor: null });
    house.on('GET /v1/me/identities', empty);
    house.on('GET /v1/reports/agents', empty);
    house.on('DELETE /v1/me/sessions/b', undefined, 204);
    await open('/settings/account');
    await loaded('session-end');
    expect(all('session-end')).toHaveLength(1);
    await at('session-end').trigger('click');
    await settle();
    expect(last().slice(0, 2)).toEqual(['DELETE', '/v1/me/sessions/b']);
});

test('the accessibility page is there for who is not logged in', async () => {
    house.loggedIn = false;
    await open('/accessibility');
    await loaded('accessibility');
    expect(page.get('h1').text()).toBe('Accessibilità');
    expect(house.asked).toEqual([]);
});

test('another dashboard at the server is noticed and offered, the same one and a failing server are not', async () => {
    await open('/settings/me');
    await loaded('theme');
    const script = Object.assign(document.createElement('script'), { type: 'module' });
    script.setAttribute('src', '/assets/index-old.js');
    document.head.append(script);
    const served = (body: string, status = 200) => vi.stubGlobal('fetch', async () => new Response(body, { status }));
    served('<script type="module" src="/assets/index-old.js"></script>');
    await lookForNewVersion();
    served('<h1>away</h1>', 503);
    await lookForNewVersion();
    served('<h1>somebody between us and the server</h1>');
    await lookForNewVersion();
    expect(outdated.value).toBe(false);
    served('<script type="module" src="/assets/index-new.js"></script>');
    await lookForNewVersion();
    await settle();
    expect(page.text()).toContain('C’è una nuova versione di Sportello.');
    script.remove();
    outdated.value = false;
});

test('an admin takes somebody’s outside account away', async () => {
    house.on('GET /v1/agents', { items: [person()], next_cursor: null });
    house.on('GET /v1/agents/7/sessions', empty);
    house.on('GET /v1/agents/7/access', {
        agent: 7, email: null, has_password: true, link_until: null, second_factor: { enrolled: false, required: false, confirmed_at: null, recovery_codes_left: 0 },
        identities: [{ id: 3, issuer: 'https://id.example', subject: 'n', email: 'nora@example.com', linked_at: house.time() }],
    });
    house.on('DELETE /v1/agents/7/identities/3', undefined, 204);
    await open('/settings/people');
    await loaded('person-access');
    await at('person-access').trigger('click');
    await loaded('access-make');
    await page.get('dialog li button').trigger('click');
    await settle();
    expect(last().slice(0, 2)).toEqual(['DELETE', '/v1/agents/7/identities/3']);
});
