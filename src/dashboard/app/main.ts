import './look/base.css';
import './look/tokens.css';

import { createApp } from 'vue';

import App from './App.vue';
import { i18n, preferredLocale, useLocale } from './i18n';
import { startKeys } from './keys/commands';
import { router } from './router';
import { startClock } from './time/clock';

// After an update of the server a page that is open asks for files that are gone: it loads itself again, once.
window.addEventListener('vite:preloadError', (event) => {
    if (sessionStorage.getItem('sportello.reloaded')) return;
    event.preventDefault();
    sessionStorage.setItem('sportello.reloaded', 'yes');
    window.location.reload();
});

startClock();
startKeys();
await useLocale(preferredLocale());
createApp(App).use(i18n).use(router).mount('#app');
sessionStorage.removeItem('sportello.reloaded');
