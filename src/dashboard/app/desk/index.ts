import { useTexts } from '../i18n';
import { startAttention } from './attention';
import { startKeeper } from './draft_keeper';
import { startNotifications } from './notifications';
import { startWhereabouts } from './whereabouts';

/** What a desk does beside showing the queue: it comes once that stands, so that nobody waits for it. */
await useTexts('agent');

let started = false;
export function startDesk(): void {
    if (started) return;
    started = true;
    startWhereabouts();
    startKeeper();
    startNotifications();
    startAttention();
}

export { default as NotificationBell } from './NotificationBell.vue';
