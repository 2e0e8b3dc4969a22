import { shallowRef } from 'vue';

/** The office's zone: every time on the screen is told in it, wherever the agent sits. */
export const timeZone = shallowRef('Europe/Rome');

/** English here is written in Europe: the day before the month. */
const regions: Record<string, string> = { it: 'it-IT', en: 'en-GB' };

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(regions[locale] ?? locale, { ...options, timeZone: timeZone.value });
}

const cache = new Map<string, Intl.DateTimeFormat>();
function cached(name: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = `${name} ${locale} ${timeZone.value}`;
    let found = cache.get(key);
    if (!found) cache.set(key, (found = formatter(locale, options)));
    return found;
}

/**
 * The calendar day in the office's zone, as `2026-11-23`, for comparing. Put together from its parts: which language writes a day
 * in this order is another in each version of a browser.
 */
export function dayOf(instant: number): string {
    const parts = cached('day', 'en', { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(instant);
    return (['year', 'month', 'day'] as const).map((part) => parts.find(({ type }) => type === part)?.value).join('-');
}

export function clockTime(instant: number, locale: string): string {
    return cached('time', locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(instant);
}

/** `10:32:07`: when something was told that goes on changing. */
export function clockSeconds(instant: number, locale: string): string {
    return cached('seconds', locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(instant);
}

/** `10:32` today, `lun 23 nov, 10:32` on another day. */
export function shortTime(instant: number, nowAt: number, locale: string): string {
    if (dayOf(instant) === dayOf(nowAt)) return clockTime(instant, locale);
    const day = cached('weekday', locale, { weekday: 'short', day: 'numeric', month: 'short' }).format(instant);
    return `${day}, ${clockTime(instant, locale)}`;
}

/** `09:00` within a day, `lun 09:00` within a week: for a place with little room. */
export function nextTime(instant: number, nowAt: number, locale: string): string {
    if (instant - nowAt < 24 * 3_600_000) return clockTime(instant, locale);
    return `${cached('only weekday', locale, { weekday: 'short' }).format(instant)} ${clockTime(instant, locale)}`;
}

/** `lun 23 nov` of a calendar day such as `2026-11-23`. */
export function dayAndMonth(day: string, locale: string): string {
    return cached('weekday', locale, { weekday: 'short', day: 'numeric', month: 'short' }).format(Date.parse(`${day}T12:00:00Z`));
}

/** `lunedì 23 novembre`: the heading of a day in a conversation. */
export function longDay(instant: number, locale: string): string {
    return cached('long', locale, { weekday: 'long', day: 'numeric', month: 'long' }).format(instant);
}

/** `41:10`, `1:02:05`: hours, minutes, seconds, without sign. */
export function countdown(milliseconds: number): string {
    const total = Math.floor(Math.abs(milliseconds) / 1000);
    const seconds = String(total % 60).padStart(2, '0');
    const minutes = Math.floor(total / 60) % 60;
    const hours = Math.floor(total / 3600);
    return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
