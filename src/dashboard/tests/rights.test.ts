// @vitest-environment jsdom
// What each role may see, page by page: what it may not is told in words, with whom to ask.
import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils';
import { afterEach, expect, test, vi } from 'vitest';

import { router } from '../app/router';
import type { Me } from '../app/api/types';
import { openAt, prepare, settle } from './stage';

const roles = ['phone', 'agent', 'supervisor', 'admin'] as const satisfies Me['role'][];
type Role = (typeof roles)[number];

/** Every address with the least role that it is for. */
const pages: [path: string, least: Role][] = [
    ['/phone', 'phone'],
    ['/settings/me', 'phone'], ['/settings/account', 'phone'], ['/settings/tokens', 'phone'],
    ['/incidents', 'agent'], ['/customers/1', 'agent'], ['/links', 'agent'], ['/approvals/others', 'agent'],
    ['/search', 'agent'], ['/keys', 'agent'], ['/rota', 'agent'], ['/hours', 'agent'],
    ['/settings/canned', 'agent'], ['/settings/macros', 'agent'], ['/settings/labels', 'agent'],
    ['/supervision', 'supervisor'], ['/alerts', 'supervisor'], ['/uncertain', 'supervisor'],
    ...['volume', 'first-response', 'targets', 'agents', 'incidents', 'promises', 'ratings', 'staffing'].map((name): [string, Role] => [`/reports/${name}`, 'supervisor']),
    ...['hours', 'targets', 'rules', 'people', 'audit'].map((name): [string, Role] => [`/settings/${name}`, 'supervisor']),
    ...['webhooks', 'channels', 'figures'].map((name): [string, Role] => [`/settings/${name}`, 'admin']),
];
const whose = { phone: '', agent: 'ruolo di operatore', supervisor: 'supervisori', admin: 'chi amministra' };
const rank = (role: Role): number => roles.indexOf(role);

let page: VueWrapper;
enableAutoUnmount(afterEach);

async function enterAs(role: Role): Promise<void> {
    const house = prepare();
    house.me.role = role;
    if (role === 'phone') {
        house.on('GET /v1/me', house.me);
        house.problem('GET /v1/bootstrap', 403, []);
    }
    page = await openAt(house, '/settings/me');
}

test.each(roles.filter((role) => role !== 'admin'))('what is not for the role %s says so, whose it is, and whom to ask', async (role) => {
    await enterAs(role);
    for (const [path, least] of pages.filter(([, least]) => rank(least) > rank(role))) {
        await router.push(path);
        await vi.waitUntil(() => page.find('[data-testid=no-rights]').exists(), { timeout: 10_000 });
        await settle();
        const told = page.get('[data-testid=no-rights]');
        expect([path, told.text()]).toEqual([path, expect.stringContaining(whose[least])]);
        expect(page.get('[data-testid=ask-whom]').text()).toMatch(/^Se ti serve, chiedi a /);
        // And where to go instead, which is for everybody who is told this.
        expect(told.get('a').attributes('href')).toBe(role === 'phone' ? '/phone' : '/queue/due');
        await router.push('/settings/me');
        await settle();
    }
});

test.each(roles)('what is for the role %s opens', async (role) => {
    await enterAs(role);
    for (const [path] of pages.filter(([, least]) => rank(least) <= rank(role))) {
        await router.push(path).catch(() => undefined);
        await settle();
        expect([path, router.currentRoute.value.path]).toEqual([path, path]);
        expect(page.find('[data-testid=no-rights]').exists()).toBe(false);
    }
});

test('every route and every section of the settings stands in the table', () => {
    const named = (path: string): string[] => [...(/\((?!\\d)([^)]*)\)/.exec(path)?.[1]?.split('|') ?? [''])].map((one) => path.replace(/:\w+\([^)]*\)\??/, one).replace(/\/$/, ''));
    const open = /^\/(login|access|accessibility|no-rights|queue.*|:rest.*)$/;
    const all = router.getRoutes().filter(({ redirect, path }) => !redirect && !open.test(path)).flatMap(({ path }) => named(path));
    const known = new Set(pages.map(([path]) => path.replace(/\/\d+$/, '')));
    expect(all.filter((path) => !known.has(path) && path !== '/approvals/mine')).toEqual([]);
});

test('the server knows the pages that are open, for which nothing is asked ahead', () => {
    const [source] = Object.values(import.meta.glob<string>('../../api/dashboard_files.cpp', { query: '?raw', import: 'default', eager: true }));
    const list = /open_pages\{([^}]*)\}/.exec(source!)![1]!;
    expect(list.match(/\/\w+/g)!.sort()).toEqual(router.getRoutes().filter(({ meta }) => meta.open).map(({ path }) => path).sort());
});
