import { shallowReactive, shallowRef } from 'vue';

import type { BulkResult } from '../api/types';
import type { Act } from './undo';

/** The tickets that are chosen together, for one action on all of them. */
export const selected = shallowReactive(new Set<number>());
/** What the last action on many tickets came to, and how all are made as they were. */
export const outcome = shallowRef<(BulkResult & { act?: Act | undefined }) | null>(null);
/** What the server takes in one request. */
export const mostSelected = 500;

export function toggle(id: number): void {
    if (!selected.delete(id) && selected.size < mostSelected) selected.add(id);
}
