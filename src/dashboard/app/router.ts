import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router';

import { onSessionEnd, RequestFailed } from './api/client';
import { withTexts } from './lazy';
import QueuePage from './pages/QueuePage.vue';
import { enter, leave } from './store/live';
import { atLeast, lacking, me } from './store/session';
import { viewPattern } from './store/views';

declare module 'vue-router' {
    interface RouteMeta {
        /** Without the frame of bar and navigation. */
        bare?: boolean;
        /** For everybody, also before the log-in. */
        open?: boolean;
        /** The least role that the page is for; agents' where nothing is said. */
        role?: 'phone' | 'supervisor' | 'admin';
    }
}

const supervisor = { role: 'supervisor' } as const;
const outside = { bare: true, open: true } as const;

export const router = createRouter({
    history: createWebHistory(),
    routes: [
        { path: '/login', name: 'login', component: withTexts('access', () => import('./pages/LoginPage.vue')), meta: outside },
        { path: '/access', name: 'access', component: withTexts('access', () => import('./pages/AccessPage.vue')), meta: outside },
        {
            path: '/accessibility', name: 'accessibility',
            component: withTexts('accessibility', () => import('./pages/AccessibilityPage.vue')), meta: outside,
        },
        { path: `/queue/:view(${viewPattern})/:ticket(\\d+)?`, name: 'queue', component: QueuePage },
        { path: '/incidents/:id(\\d+)?', name: 'incidents', component: withTexts('incidents', () => import('./pages/IncidentsPage.vue')) },
        { path: '/phone', name: 'phone', component: withTexts('agent', () => import('./pages/PhonePage.vue')), meta: { role: 'phone' } },
        { path: '/customers/:id(\\d+)', name: 'customer', component: withTexts(['agent', 'admin'], () => import('./pages/CustomerPage.vue')) },
        { path: '/links', name: 'links', component: withTexts('agent', () => import('./pages/LinksPage.vue')) },
        { path: '/approvals/:which(others|mine)', name: 'approvals', component: withTexts('agent', () => import('./pages/ApprovalsPage.vue')) },
        { path: '/approvals', redirect: '/approvals/others' },
        { path: '/search', name: 'search', component: withTexts('agent', () => import('./pages/SearchPage.vue')) },
        { path: '/keys', name: 'keys', component: withTexts('agent', () => import('./pages/KeysPage.vue')) },
        { path: '/supervision', name: 'supervision', component: withTexts('supervision', () => import('./pages/SupervisionPage.vue')), meta: supervisor },
        { path: '/rota', name: 'rota', component: withTexts('supervision', () => import('./pages/RotaPage.vue')) },
        { path: '/hours', name: 'hours', component: withTexts('supervision', () => import('./pages/HoursPage.vue')) },
        {
            path: '/reports/:name(volume|first-response|targets|agents|incidents|promises|ratings|staffing)', name: 'reports',
            component: withTexts('supervision', () => import('./pages/ReportsPage.vue')), meta: supervisor,
        },
        { path: '/reports', redirect: '/reports/volume' },
        { path: '/alerts', name: 'alerts', component: withTexts('admin', () => import('./pages/AlertsPage.vue')), meta: supervisor },
        { path: '/uncertain', name: 'uncertain', component: withTexts('agent', () => import('./pages/UncertainPage.vue')), meta: supervisor },
        {
            path: '/settings/:section(me|account|canned|macros|labels|hours|targets|rules|people|tokens|webhooks|channels|figures|audit)', name: 'settings',
            component: withTexts(['settings', 'admin'], () => import('./pages/SettingsPage.vue')), meta: { role: 'phone' },
        },
        { path: '/settings', redirect: '/settings/me' },
        { path: '/no-rights', name: 'no-rights', component: () => import('./pages/NoRightsPage.vue'), meta: { role: 'phone' } },
        { path: '/:rest(.*)*', redirect: '/queue/due' },
    ],
});

/** Asked for beside the first answer of the server, not after it. */
function loadAhead(to: RouteLocationNormalized): void {
    for (const { components } of to.matched) {
        const page = components?.['default'];
        if (typeof page === 'function') void (page as () => Promise<unknown>)().catch(() => undefined);
    }
    if (to.params['ticket']) void import('./components/ticket/panes').catch(() => undefined);
}

/** Nobody logged in: the session cookie may still hold, so the first screen is asked for before the login page. */
router.beforeEach(async (to: RouteLocationNormalized) => {
    if (to.meta.open) return true;
    if (!me.value) {
        loadAhead(to);
        try {
            await enter();
        } catch (cause) {
            if (!(cause instanceof RequestFailed)) throw cause;
            return { name: 'login', query: to.path === '/queue/due' ? {} : { to: to.fullPath } };
        }
    }
    // Half a log-in opens nothing but its other half.
    if (lacking()) return { name: 'login', query: { to: to.fullPath } };
    const needed = to.meta.role ?? 'agent';
    if (atLeast(needed)) return true;
    return me.value?.role === 'phone' && to.name === 'queue' ? { name: 'phone' } : { name: 'no-rights', query: { for: needed } };
});

onSessionEnd(() => {
    const wasIn = me.value !== null;
    leave();
    if (wasIn) void router.push({ name: 'login', query: { ended: '1' } });
});
