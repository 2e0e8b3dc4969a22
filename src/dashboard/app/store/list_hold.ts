import { held, showFresh } from './tickets';

/** Why the rows of the list must not move now. */
export type Hold = 'hovered' | 'touched' | 'focused' | 'scrolled';

const holds = new Set<Hold>();

/** Says that the agent is busy in the list, or is no more: with the last reason gone, what waited comes in. */
export function hold(why: Hold, on: boolean): void {
    if (on) holds.add(why);
    else holds.delete(why);
    const busy = holds.size > 0;
    if (held.value && !busy) showFresh();
    held.value = busy;
}

/** The list is no more on the page. */
export function releaseAll(): void {
    holds.clear();
    held.value = false;
}
