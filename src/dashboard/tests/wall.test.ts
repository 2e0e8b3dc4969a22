// @vitest-environment jsdom
import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { PersonShifts } from '../app/api/types';
import { router } from '../app/router';
import { byHourOfDay, coverOf } from '../app/text/wall';
import type { FakeHouse } from './fake_house';
import { openAt, prepare, settle } from './stage';

let house: FakeHouse;
let page: VueWrapper;
enableAutoUnmount(afterEach);
const empty = { items: [], next_cursor: null };

beforeEach(() => {
    house = prepare();
    house.me.role = 'supervisor';
    for (const path of ['agents', 'alerts', 'shifts', 'queue/closing-routes', 'reports/volume']) house.on(`GET /v1/${path}`, empty);
    house.on('GET /v1/reports/targets', { items: [{ group: {}, answered: 29, in_time: 27, late: 2, in_time_rate: 0.93, breached_response: 0, breached_resolution: 0 }], next_cursor: null });
    house.on('GET /v1/reports/first-response', {
        items: [{ group: { day: '2026-03-02' }, answered: 29, office_mean_seconds: 2400, office_median_seconds: 1800, office_p90_seconds: 3300 },
            { group: { day: '2026-03-03' }, answered: 30, office_mean_seconds: 2400, office_median_seconds: 1200, office_p90_seconds: 3000 }], next_cursor: null,
    });
    house.on('GET /v1/reports/staffing', { history: { timed_answers: 0 }, handling_seconds: 0 });
});

async function open(): Promise<void> {
    page = await openAt(house, '/supervision');
    await vi.waitUntil(() => page.find('[data-testid=wall-charts]').exists(), { timeout: 10_000 });
    await settle();
}
const asked = (path: string) => house.asked.filter((one) => one.path === path).at(-1)!.query;

test('the wall tells five figures and when they were told', async () => {
    await open();
    const figures = page.findAll('[data-figure]').map((one) => one.text());
    expect(figures).toHaveLength(5);
    expect(figures[0]).toContain('a chiusura 40 min');
    expect(figures[3]).toContain('93%');
    expect(page.get('[data-testid=wall-updated]').text()).toMatch(/^aggiornato \d\d:\d\d:\d\d$/);
});

test('period, brand and channel narrow what is asked', async () => {
    await open();
    expect(asked('/v1/reports/targets').get('from')).toMatch(/^\d{4}-\d\d-\d\d$/);
    await page.get('[data-testid=wall-period]').setValue('month');
    await page.get('[data-testid=wall-brand]').setValue('tim');
    await settle();
    for (const name of ['targets', 'first-response', 'volume']) expect(asked(`/v1/reports/${name}`).get('brand'), name).toBe('tim');
    const options = page.findAll('[data-testid=wall-channel] option').map((one) => one.attributes('value'));
    expect(options).toContain('tim-facebook');
    expect(options.filter((id) => id && !id.startsWith('tim-'))).toEqual([]);
    await page.get('[data-testid=wall-channel]').setValue('tim-facebook');
    await settle();
    expect(asked('/v1/reports/first-response').get('channel')).toBe('tim-facebook');
    expect(asked('/v1/tickets').get('channel')).toBe('tim-facebook');
    // The mean is then the period's, not the day's.
    expect(page.get('[data-figure=mean]').text()).toContain('Media del periodo');
});

test('of one channel all that wait are counted, however many pages they fill', async () => {
    const ids = Array.from({ length: 230 }, (_, at) => house.write(`n. ${at}`, { dueIn: 60 + at }));
    await open();
    await page.get('[data-testid=wall-channel]').setValue('tim-facebook');
    await settle();
    await settle();
    expect(page.get('[data-figure=waiting] dd').text()).toBe(String(ids.length));
});

test('what is at risk opens its ticket', async () => {
    const id = house.write('la linea è muta', { dueIn: 5 });
    house.write('con calma', { dueIn: 50 });
    await open();
    const rows = page.findAll('[data-testid=wall-risk]');
    expect(rows.map((row) => row.text())).toEqual([`#${id}`]);
    expect(rows[0]!.attributes('href')).toBe(`/queue/due/${id}`);
});

test('a plot tells its last point, and by the arrow keys any other', async () => {
    await open();
    const plot = page.findAll('[data-testid=plot]')[1]!;
    const slider = plot.get('[role=slider]');
    expect(slider.attributes('aria-valuetext')).toBe('mar 3 mar · Mediana 20 · Nove su dieci 50 · Obiettivo 60');
    await slider.trigger('keydown', { key: 'ArrowLeft' });
    expect(slider.attributes('aria-valuetext')).toBe('lun 2 mar · Mediana 30 · Nove su dieci 55 · Obiettivo 60');
    await slider.trigger('keydown', { key: 'ArrowLeft' });
    expect(slider.attributes('aria-valuenow')).toBe('1');
    await slider.trigger('keydown', { key: 'End' });
    expect(slider.attributes('aria-valuenow')).toBe('2');
    const saved = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    await plot.get('[data-testid=plot-csv]').trigger('click');
    expect(saved).toHaveBeenCalled();
});

test('a plot without figures says so', async () => {
    house.on('GET /v1/reports/first-response', empty);
    await open();
    expect(page.findAll('[data-testid=plot]')[1]!.text()).toContain('Nessun dato nel periodo.');
    expect(router.currentRoute.value.name).toBe('supervision');
});

test('hours of several days become a mean of a day', () => {
    const row = (hour: string, received: number) => ({ group: { hour }, received, answered: 1 });
    const told = byHourOfDay([row('2026-03-02T09', 4), row('2026-03-03T09', 2), row('2026-03-02T11', 3)]);
    expect(told).toEqual({ hours: [9, 10, 11], received: [3, 0, 1.5], answered: [1, 0, 0.5] });
    expect(byHourOfDay([])).toEqual({ hours: [], received: [], answered: [] });
});

const person = (...entries: [string, PersonShifts['entries'][number]['kind'], string][]): PersonShifts =>
    ({ agent: 'a', id: 1, name: 'A', entries: entries.map(([day, kind, hours]) => ({ day, kind, hours, note: '' })) });

test('cover counts who is at work, and needs what comes times what it takes', () => {
    const people = [
        person(['monday', 'shift', '09:00-13:00, 14:00-18:00']),
        person(['monday', 'shift', '09:00-18:00'], ['2026-03-02', 'leave', '']),
        person(['monday', 'shift', '09:00-11:00'], ['monday', 'break', '10:00-11:00']),
    ];
    // Forty messages in four Mondays from nine to ten: ten in the hour, six minutes each, at most 80 % busy.
    const { hours, days } = coverOf(people, '2026-03-02', [{ group: { hour: '2026-02-23T09' }, received: 40, answered: 0 }], 4, 360);
    expect(hours).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(days[0]![0]).toEqual({ present: 2, needed: 2 });
    expect(days[0]![1]).toEqual({ present: 1, needed: 0 });
    expect(days[0]![4]).toEqual({ present: 0, needed: 0 });
    expect(coverOf(people, '2026-03-02', [], 4, null).days[0]![0]).toEqual({ present: 2, needed: null });
    expect(coverOf([], '2026-03-02', [], 4, null)).toEqual({ hours: [], days: [] });
});
