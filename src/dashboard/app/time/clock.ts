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

/** Renews `now` between two seconds, when a countdown begins. */
export function tick(): void {
    now.value = serverTime();
}

export function startClock(): void {
    window.setInterval(tick, 1000);
}
