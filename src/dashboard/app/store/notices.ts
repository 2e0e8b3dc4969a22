import { shallowRef } from 'vue';

import { RequestFailed } from '../api/client';
import { t } from '../i18n';
import { reasonNow } from '../text/reasons';
import type { Act } from './undo';

export interface Notice {
    id: number;
    text: string;
    /** Told at once and in red: something did not work. */
    urgent: boolean;
    /** What it tells of, as long as that can be taken back. */
    act: Act | null;
}

export const notices = shallowRef<Notice[]>([]);

let lastId = 0;

export function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Shows and announces one line; good news goes by itself, bad news waits to be read. */
export function tell(text: string, urgent = false, act: Act | null = null): void {
    const id = ++lastId;
    notices.value = [...notices.value.slice(-2), { id, text, urgent, act }];
    setTimeout(() => dismiss(id), urgent ? 12_000 : act ? 8_000 : 5_000);
}

/** The story of a failure in words; a failure that is none of ours is passed on. */
export function reasonOf(cause: unknown): string {
    if (!(cause instanceof RequestFailed)) throw cause;
    if (cause.code === 'offline') return t('connection.offline');
    // May be what the first screen has to tell, before the tables of reasons are there.
    return cause.status === 500 ? t('connection.defect') : reasonNow(cause.message);
}

/** The same with the code that tells those who run the house which of its answers it was; without an answer there is none. */
export function reasonAndCode(cause: unknown): string {
    const reason = reasonOf(cause);
    return cause instanceof RequestFailed && cause.status ? `${reason} (${cause.status} ${cause.code})` : reason;
}

export function tellFailure(cause: unknown): void {
    tell(t('action.failed', { reason: reasonOf(cause) }), true);
}
