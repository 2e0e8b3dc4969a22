import { shallowRef } from 'vue';

import { api, body } from '../api/client';
import type { UncertainReply } from '../api/types';
import { reasonOf } from './notices';

/** Replies of which nobody knows whether they are out, and those that are out twice; for supervisors. */
export const uncertain = shallowRef<UncertainReply[]>([]);
export const uncertainFailure = shallowRef('');

export async function loadUncertain(): Promise<void> {
    try {
        const query = { state: 'unknown,needs_decision,doubled', limit: 100 };
        uncertain.value = (await body(api.GET('/v1/replies', { params: { query } }))).items;
        uncertainFailure.value = '';
    } catch (cause) {
        uncertainFailure.value = reasonOf(cause);
    }
}
