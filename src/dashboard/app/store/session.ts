import { shallowRef } from 'vue';

import { api, answer, body, useCsrfToken } from '../api/client';
import type { Me } from '../api/types';

/** Who is logged in; null for nobody. */
export const me = shallowRef<Me | null>(null);

export function setMe(person: Me, csrfToken: string | null): void {
    useCsrfToken(csrfToken);
    me.value = person;
}

/** Throws `RequestFailed`: 401 for a wrong user or password, 429 with a wait for too many attempts. */
export async function logIn(login: string, password: string): Promise<void> {
    const session = await body(api.POST('/v1/session', { body: { login, password } }));
    setMe(session.me, session.csrf_token);
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
