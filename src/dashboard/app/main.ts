import './look/base.css';
import './look/tokens.css';

import { createApp } from 'vue';

import App from './App.vue';
import { i18n, preferredLocale, useLocale } from './i18n';
import { startKeys } from './keys/commands';
import { router } from './router';
import { startClock } from './time/clock';

startClock();
startKeys();
await useLocale(preferredLocale());
createApp(App).use(i18n).use(router).mount('#app');
