import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router';

import { onSessionEnd, RequestFailed } from './api/client';
import QueuePage from './pages/QueuePage.vue';
import { enter, leave } from './store/live';
import { me } from './store/session';
import { viewNames } from './store/views';

export const router = createRouter({
    history: createWebHistory(),
    routes: [
        { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue') },
        {
            path: `/queue/:view(${viewNames.join('|')})/:ticket(\\d+)?`,
            name: 'queue',
            component: QueuePage,
        },
        { path: '/uncertain', name: 'uncertain', component: () => import('./pages/UncertainPage.vue') },
        { path: '/:rest(.*)*', redirect: '/queue/due' },
    ],
});

/** Nobody logged in: the session cookie may still hold, so the first screen is asked for before the login page. */
router.beforeEach(async (to: RouteLocationNormalized) => {
    if (to.name === 'login' || me.value) return true;
    try {
        await enter();
        return true;
    } catch (cause) {
        if (!(cause instanceof RequestFailed)) throw cause;
        return { name: 'login', query: to.path === '/queue/due' ? {} : { to: to.fullPath } };
    }
});

onSessionEnd(() => {
    const wasIn = me.value !== null;
    leave();
    if (wasIn) void router.push({ name: 'login', query: { ended: '1' } });
});
