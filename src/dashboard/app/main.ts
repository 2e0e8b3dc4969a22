import './look/base.css';
import './look/tokens.css';
import './look/print.css';

import { createApp } from 'vue';

import App from './App.vue';
import { preferredLocale, useLocale } from './i18n';
import { startKeys } from './keys/commands';
import { applyTheme } from './look/theme';
import { router } from './router';
import { startClock } from './time/clock';

// After an update of the server a page that is open asks for files that are gone: it loads itself again, once. Not when no
// server answers: offline there would be no page left to read or to write in.
window.addEventListener('vite:preloadError', () => {
    if (sessionStorage.getItem('sportello.reloaded')) return;
    fetch('/', { cache: 'no-store' }).then((answer) => {
        if (!answer.ok) return;
        sessionStorage.setItem('sportello.reloaded', 'yes');
        window.location.reload();
    }, () => undefined);
});

// The texts are on their way while the router asks the server what to show first.
const texts = useLocale(preferredLocale());
applyTheme();
startClock();
startKeys();
const app = createApp(App).use(router);
void texts.then(() => {
    app.mount('#app');
    sessionStorage.removeItem('sportello.reloaded');
});
// Nothing that the first screen waits for.
window.setTimeout(() => void import('./store/writable').then(({ watchWritable }) => watchWritable(), () => undefined), 2_000);
window.setTimeout(() => void import('./store/version').then(({ watchVersion }) => watchVersion(), () => undefined), 10_000);
