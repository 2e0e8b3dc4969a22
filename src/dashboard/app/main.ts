import './look/base.css';
import './look/tokens.css';

import { createApp } from 'vue';

import App from './App.vue';
import { onSessionEnd } from './api/client';
import { i18n, preferredLocale, useLocale } from './i18n';
import { startKeys } from './keys/commands';
import { router } from './router';
import { leave } from './store/live';
import { me } from './store/session';
import { startClock } from './time/clock';

onSessionEnd(() => {
    const wasIn = me.value !== null;
    leave();
    if (wasIn) void router.push({ name: 'login', query: { ended: '1' } });
});

startClock();
startKeys();
await useLocale(preferredLocale());
createApp(App).use(i18n).use(router).mount('#app');
