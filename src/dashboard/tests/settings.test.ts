// @vitest-environment jsdom
import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { router } from '../app/router';
import type { FakeHouse } from './fake_house';
import { openAt, prepare, settle } from './stage';

let house: FakeHouse;
let page: VueWrapper;
const at = (id: string) => page.get(`[data-testid="${id}"]`);
const writes = () => house.asked.filter(({ method }) => method !== 'GET');
enableAutoUnmount(afterEach);
beforeEach(() => {
    house = prepare();
    house.me.role = 'supervisor';
});

async function open(path: string, id = 'table-row'): Promise<void> {
    page = await openAt(house, path);
    await vi.waitUntil(() => page.find(`[data-testid="${id}"]`).exists(), { timeout: 10_000 });
    await settle();
}
const label = { name: 'guasto', color: '#a81d16', description: 'La linea è muta', retired: false, updated_at: '2026-03-02T09:00:00Z', revision: 4 };

test('labels tell what they mean and how often they are used, are added and retired', async () => {
    house.on('GET /v1/labels', { items: [label], next_cursor: null });
    house.on('GET /v1/reports/volume', { items: [{ group: { label: 'guasto' }, received: 80, answered: 70, opened: 61, solved: 50, reopened: 0, handed_over: 1 }], next_cursor: null });
    house.on('POST /v1/labels', label, 201);
    house.on('PATCH /v1/labels/guasto', { ...label, retired: true });
    await open('/settings/labels');
    expect(at('table-row').text()).toContain('La linea è muta');
    expect(at('table-row').text()).toContain('61');
    expect(house.asked.find(({ path }) => path === '/v1/reports/volume')!.query.get('group_by')).toBe('label');
    await at('label-add').trigger('click');
    await vi.waitUntil(() => page.find('[data-testid=label-name]').exists(), { timeout: 10_000 });
    await at('label-name').setValue(' trasloco ');
    await at('label-means').setValue('Cambia casa');
    await page.get('dialog form').trigger('submit');
    await settle();
    expect(writes().at(-1)!.body).toEqual({ name: 'trasloco', color: '', description: 'Cambia casa' });
    await at('label-retire').trigger('click');
    await settle();
    expect(writes().at(-1)).toMatchObject({ method: 'PATCH', path: '/v1/labels/guasto', body: { retired: true } });
    expect(writes().at(-1)!.headers.get('If-Match')).toBe('"4"');
});

test('a label’s colour is chosen by its name from the palette, or written', async () => {
    house.on('GET /v1/labels', { items: [label], next_cursor: null });
    house.on('GET /v1/reports/volume', { items: [], next_cursor: null });
    house.on('PATCH /v1/labels/guasto', label);
    const save = async (): Promise<unknown> => {
        await page.get('dialog form').trigger('submit');
        await settle();
        return writes().at(-1)!.body['color'];
    };
    const edit = async (): Promise<void> => {
        await at('label-edit').trigger('click');
        await vi.waitUntil(() => page.find('dialog fieldset').exists(), { timeout: 10_000 });
    };
    await open('/settings/labels');
    await edit();
    // One that is not of the palette stays what it is.
    expect((at('label-colour').element as HTMLInputElement).value).toBe('#a81d16');
    const names = page.findAll('dialog .choice').map((choice) => choice.text());
    expect(names).toEqual(['Nessuno', 'Petrolio', 'Blu', 'Viola', 'Rosa', 'Rosso', 'Arancio', 'Ambra', 'Verde', 'Grigio', 'Un altro']);
    await page.get('dialog input[value="#3d8a3d"]').setValue();
    expect(page.find('[data-testid=label-colour]').exists()).toBe(false);
    expect(await save()).toBe('#3d8a3d');
    await edit();
    await page.get('dialog input[value=""]').setValue();
    expect(await save()).toBe('');
    await edit();
    await at('colour-own').setValue();
    await at('label-colour').setValue('#ABCDEF');
    expect(await save()).toBe('#ABCDEF');
});

test('agents read the labels and change none', async () => {
    house.me.role = 'agent';
    house.on('GET /v1/labels', { items: [label], next_cursor: null });
    await open('/settings/labels');
    expect(page.find('[data-testid=label-add]').exists()).toBe(false);
    expect(page.find('[data-testid=label-edit]').exists()).toBe(false);
    expect(house.asked.some(({ path }) => path === '/v1/reports/volume')).toBe(false);
});

test('hours are told as they are in force, with the days that differ', async () => {
    const weekly = { monday: ['09:00-18:00'], tuesday: ['09:00-18:00'], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
    house.on('GET /v1/settings/calendars', {
        items: [{
            brand: 'tim',
            calendar: {
                time_zone: 'Europe/Rome', weekly, closed_dates: ['2098-12-08', '2098-12-24'], open_dates: [{ date: '2098-12-31', hours: ['09:00-13:00'] }],
                holidays: [{ date: '2098-12-08', name: 'Immacolata' }, { date: '2001-12-25', name: 'Natale' }], entered: [],
            },
        }], next_cursor: null,
    });
    await open('/settings/hours');
    const rows = page.findAll('[data-testid=table-row]').map((row) => row.text());
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain('09:00-18:00');
    expect(rows[1]).toContain('Immacolata');
    expect(rows[1]).toContain('Chiuso');
    expect(rows[3]).toContain('09:00-13:00');
});

test('targets and rules have a page each; what an agent may not see is not offered', async () => {
    house.on('GET /v1/settings/targets', {
        promised_mean_seconds: 3600, next_cursor: null,
        items: [{ brand: 'tim', channel: null, priority: null, first_response_seconds: 3600, next_response_seconds: 7200, resolution_seconds: 0, warn_at: 0.75 }],
    });
    house.on('GET /v1/settings/rules', { items: [], next_cursor: null });
    await open('/settings/targets');
    expect(at('table-row').text()).toContain('75%');
    await router.push('/settings/rules');
    await vi.waitUntil(() => page.text().includes('Nessuna regola'), { timeout: 10_000 });
    expect(page.findAll('.tab').map((tab) => tab.text())).toEqual(expect.arrayContaining(['Etichette', 'Orari in vigore', 'Obiettivi', 'Regole']));
});

test('who may not see a page learns whom to ask', async () => {
    house.me.role = 'agent';
    page = await openAt(house, '/supervision');
    await vi.waitUntil(() => page.text().includes('Pagina riservata'), { timeout: 10_000 });
    expect(page.find('main a.button').exists()).toBe(true);
});
