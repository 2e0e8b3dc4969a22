import { shallowRef } from 'vue';

import { api, body } from '../api/client';
import type { Bootstrap } from '../api/types';

/** Nobody who writes here is a customer: the platforms are a simulator. */
export const practice = shallowRef(false);
/** Ways into the operator's own systems. */
export const crmLinks = shallowRef<Bootstrap['crm_links']>([]);
export const teams = shallowRef<Bootstrap['teams']>([]);

export function useHouse(first: Bootstrap): void {
    practice.value = first.practice;
    crmLinks.value = first.crm_links;
    teams.value = first.teams;
}

/** How people get in, told to anybody; with it comes what they get into. */
export async function readWaysIn() {
    const ways = await body(api.GET('/v1/sign-in'));
    practice.value = ways.practice;
    return ways;
}

/** What the tab is called; that of a house for practice is told from the real one's. */
export function setTitle(title: string): void {
    document.title = `${practice.value ? '[P] ' : ''}${title} · Sportello`;
}
