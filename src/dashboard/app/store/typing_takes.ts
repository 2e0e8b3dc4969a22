import { ref } from 'vue';

import { api, body, idempotent } from '../api/client';
import type { Ticket } from '../api/types';
import { asMine, atOnce } from './at_once';
import { connectionState } from './live';
import { tellFailure } from './notices';
import { lockedBy } from './presence';
import { readOnly } from './read_only';

const storageKey = 'sportello.take-on-typing';

/** Whether the first key in the reply to a ticket of nobody makes it mine. */
export const takesOnTyping = ref(localStorage.getItem(storageKey) !== 'off');

export function chooseTakeOnTyping(on: boolean): void {
    takesOnTyping.value = on;
    localStorage.setItem(storageKey, on ? 'on' : 'off');
}

/** For the keys in one composer: takes its ticket once, so that a refusal is told once and a ticket given back stays so. */
export function taker(ticket: () => Ticket): () => void {
    let tried = false;
    return () => {
        const { id, assignee, status } = ticket();
        if (tried || !takesOnTyping.value || assignee || status === 'closed') return;
        // Not now; perhaps at a later key.
        if (readOnly.value || connectionState.value === 'offline' || lockedBy(id)) return;
        tried = true;
        const header = idempotent();
        atOnce(id, asMine(ticket()), () => body(api.POST('/v1/tickets/{id}/take', { params: { path: { id }, header } }))).catch(tellFailure);
    };
}
