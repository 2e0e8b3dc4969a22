import { shallowRef } from 'vue';

import { api, answer, body, idempotent, useCsrfToken } from '../api/client';
import type { Me } from '../api/types';
import { readWaysIn } from './house';

/** Who is logged in; null for nobody. */
export const me = shallowRef<Me | null>(null);

const ranks: Me['role'][] = ['phone', 'agent', 'supervisor', 'admin'];

/** Whether who is logged in has this role or a higher one. */
export function atLeast(role: Me['role']): boolean {
    return me.value !== null && ranks.indexOf(me.value.role) >= ranks.indexOf(role);
}

export function setMe(person: Me, csrfToken: string | null): void {
    useCsrfToken(csrfToken);
    me.value = person;
}

/** Throws `RequestFailed`: 401 for a wrong user or password, 429 with a wait for too many attempts. */
export async function logIn(login: string, password: string): Promise<void> {
    const session = await body(api.POST('/v1/session', { body: { login, password } }));
    setMe(session.me, session.csrf_token);
}

/** The second half of a log-in. Throws `RequestFailed`: 401 for a wrong code, or when the log-in took too long. */
export async function sendCode(code: string): Promise<void> {
    const session = await body(api.POST('/v1/session/second-factor', { params: { header: idempotent() }, body: { code } }));
    setMe(session.me, session.csrf_token);
}

/** What a log-in still lacks, if anything. */
export function lacking(): 'code' | 'enrolment' | null {
    const factor = me.value?.second_factor;
    return factor === 'code_needed' ? 'code' : factor === 'to_enrol' ? 'enrolment' : null;
}

export async function logOut(): Promise<void> {
    await answer(api.DELETE('/v1/session'));
    forget();
}

export function forget(): void {
    useCsrfToken(null);
    me.value = null;
}

export async function setAvailable(available: boolean): Promise<void> {
    me.value = await body(api.PUT('/v1/me/availability', { body: { available } }));
}

/** For those whom the first screen is not meant for: the phone desk. */
export async function enterAsPhone(): Promise<void> {
    const person = await body(api.GET('/v1/me'));
    setMe(person, person.csrf_token);
    await readWaysIn().catch(() => undefined);
}
