import type { LengthLimit } from '../api/types';
import { weightedLength } from './weighted_length';

/** The length of `text` as its channel counts it. */
export function lengthOf(text: string, counts: LengthLimit['counts']): number {
    return counts === 'weighted' ? weightedLength(text) : [...text.normalize('NFC')].length;
}
