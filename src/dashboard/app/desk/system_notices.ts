import type { RouteLocationRaw } from 'vue-router';

import { locale } from '../i18n';
import { router } from '../router';
import { systemOn } from '../store/system_notices';

/**
 * Calls one who works in another window or tab, by a notification of the system. It says nothing of what customers write: it
 * may stand on a locked screen, or on one that a room looks at. Of several open pages with the same to tell one is heard.
 */
export function callBack(text: string, what: string, to: RouteLocationRaw): void {
    if (!systemOn.value || document.hasFocus()) return;
    try {
        const notice = new Notification('Sportello', { body: text, tag: what, lang: locale() });
        notice.onclick = () => {
            window.focus();
            notice.close();
            void router.push(to);
        };
    } catch {
        // Phones want a service worker for it; there the page still rings and counts.
    }
}

export const ticketPlace = (ticket: number): RouteLocationRaw => ({ name: 'queue', params: { view: 'mine', ticket } });
