import { computed, shallowRef } from 'vue';

import { allPages, api, body } from '../api/client';
import type { components } from '../api/schema';

export type Label = components['schemas']['Label'];

/** The labels that the counter knows, by name; a ticket may bear others too. */
export const labels = shallowRef<ReadonlyMap<string, Label>>(new Map());

/** Those that one can choose. */
export const offeredLabels = computed(() => [...labels.value.values()].filter(({ retired }) => !retired));

let asked = false;

/** Asks for them: whoever is about to choose one sees those of now. */
export async function readLabels(): Promise<void> {
    const all = await allPages<Label>((cursor) => body(api.GET('/v1/labels', { params: { query: { ...cursor, limit: 500 } } })));
    labels.value = new Map(all.map((label) => [label.name, label]));
}

/** Asks for them once: for their colours those of a while ago will do. */
export function haveLabels(): void {
    if (asked) return;
    asked = true;
    readLabels().catch(() => (asked = false));
}
