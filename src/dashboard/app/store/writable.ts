import { watch } from 'vue';

import { refuseWritesWhile, whenWritten } from '../api/client';
import { connectionState } from './live';
import { readOnly } from './read_only';

const everyWhileReadOnly = 5_000;
const everyElse = 60_000;
/** A write was refused although the server says that it is ready (a full disk): believed again after so long. */
const believedAfter = 30_000;

let refusedAt = 0;
let timer = 0;

async function detailOf(answer: Response): Promise<string> {
    const told = (await answer.clone().json().catch(() => null)) as { detail?: string } | null;
    return told?.detail ?? `${answer.status}`;
}

/** Asks whether changes are taken. What does not answer is offline, which is told elsewhere. */
export async function lookWhetherWritable(insist = false): Promise<void> {
    clearTimeout(timer);
    const answer = document.hidden && !insist ? null : await fetch('/readyz', { cache: 'no-store' }).catch(() => null);
    if (answer?.status === 503) readOnly.value = await detailOf(answer);
    else if (answer?.ok && (insist || Date.now() - refusedAt > believedAfter)) readOnly.value = '';
    clearTimeout(timer);
    timer = window.setTimeout(() => void lookWhetherWritable(), readOnly.value ? everyWhileReadOnly : everyElse);
}

/** From now on: looks now and then, hears what becomes of each change, and lets none leave that would be refused. */
export function watchWritable(): void {
    refuseWritesWhile(() => readOnly.value);
    whenWritten(async (answer) => {
        if (answer.ok) readOnly.value = '';
        else if (answer.status === 503) {
            const detail = await detailOf(answer);
            // Other things can be out of reach too, a simulator or a provider: only the server itself being unable counts.
            if (!/^The (storage|server) /.test(detail)) return;
            refusedAt = Date.now();
            readOnly.value = detail;
            void lookWhetherWritable();
        }
    });
    watch(connectionState, (state, before) => {
        if (before === 'live' || state === 'live') void lookWhetherWritable();
    });
    void lookWhetherWritable();
}
