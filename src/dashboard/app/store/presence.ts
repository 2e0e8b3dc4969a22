import { shallowReactive, shallowRef } from 'vue';

import type { LiveEvent, Presence } from '../api/types';
import { now } from '../time/clock';
import { me } from './session';

/** Who is at which ticket, as the stream tells it; nothing of it is kept. */
const there = shallowReactive(new Map<number, Presence>());
/** Grows with each connection: where I am has to be said again. */
export const greeted = shallowRef(0);

export function hearPresence(event: LiveEvent): void {
    if (event.type === 'hello') {
        there.clear();
        greeted.value++;
    } else if (event.type === 'presence') {
        const told = event.data as unknown as Presence;
        if (told.people.length || told.lease || told.broken_by) there.set(told.ticket, told);
        else there.delete(told.ticket);
    }
}

export function presenceOf(ticket: number): Presence | undefined {
    return there.get(ticket);
}

/** My colleagues at this ticket: each once, as writing where one of their devices says so. */
export function colleaguesAt(ticket: number): Presence['people'] {
    const found = new Map<number, Presence['people'][number]>();
    for (const one of there.get(ticket)?.people ?? []) {
        if (one.agent !== me.value?.id && found.get(one.agent)?.state !== 'writing') found.set(one.agent, one);
    }
    return [...found.values()];
}

/** Who alone may answer now, if that is not me. */
export function lockedBy(ticket: number): NonNullable<Presence['lease']> | null {
    const { exclusive, lease } = there.get(ticket) ?? {};
    return exclusive && lease && lease.agent !== me.value?.id && Date.parse(lease.until) > now.value ? lease : null;
}
