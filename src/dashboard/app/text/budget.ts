import { shallowRef } from 'vue';

import type { LengthLimit } from '../api/types';

type Length = (text: string) => number;
const weighted = shallowRef<Length | null>(null);
let asked: Promise<void> | null = null;

/** X's way of counting comes with its tables of domains, when somebody answers on X. */
export function loadWeighted(): Promise<void> {
    asked ??= import('./weighted_length').then(
        ({ weightedLength }) => void (weighted.value = weightedLength),
        () => void (asked = null),
    );
    return asked;
}

/** The length of `text` as its channel counts it; X's is that of plain characters until its tables are there. */
export function lengthOf(text: string, counts: LengthLimit['counts']): number {
    if (counts === 'weighted') {
        if (weighted.value) return weighted.value(text);
        void loadWeighted();
    }
    return [...text.normalize('NFC')].length;
}
