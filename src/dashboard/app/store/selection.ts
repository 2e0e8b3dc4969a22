import { shallowReactive, shallowRef } from 'vue';

import type { BulkResult } from '../api/types';

/** The tickets that are chosen together, for one action on all of them. */
export const selected = shallowReactive(new Set<number>());
/** What the last action on many tickets came to, and how each is made as it was. */
export const outcome = shallowRef<BulkResult | null>(null);
/** What the server takes in one request. */
export const mostSelected = 500;

export function toggle(id: number): void {
    if (!selected.delete(id) && selected.size < mostSelected) selected.add(id);
}
