import { ref } from 'vue';

/** The server's clock minus ours, in milliseconds. */
let offset = 0;

/** The server's time in milliseconds since 1970, renewed once a second for everything that counts down. */
export const now = ref(Date.now());

export function serverTime(): number {
    return Date.now() + offset;
}

/** Learns the server's time from an RFC 3339 or HTTP date; the latter is cut to the second, so small differences stay. */
export function learnServerTime(stamp: string | null): void {
    const server = stamp ? Date.parse(stamp) : Number.NaN;
    if (Number.isNaN(server)) return;
    if (Math.abs(server - serverTime()) > 1500) offset = server - Date.now();
}

let ticking = 0;

export function startClock(): void {
    if (ticking) return;
    ticking = window.setInterval(() => {
        now.value = serverTime();
    }, 1000);
}
