import { dayOf, clockTime } from './format';

/** `2026-03-03T10:32` in the office's zone: what a field for date and time holds. */
export function fieldTime(instant: number): string {
    return `${dayOf(instant)}T${clockTime(instant, 'it')}`;
}

/** The instant of such a field's value, or null when it is none. The browser may stand in another zone than the office. */
export function instantOf(value: string): number | null {
    const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value) ? Date.parse(`${value}:00Z`) : Number.NaN;
    if (Number.isNaN(asUtc)) return null;
    // Twice, because the first guess may lie on the other side of a change of the clock.
    let at = asUtc;
    for (let turn = 0; turn < 2; turn++) at = asUtc - (Date.parse(`${fieldTime(at)}:00Z`) - at);
    return at;
}

/** Monday of the week of a day, `plus` weeks later; days as `2026-03-03`. */
export function mondayOf(day: string, plus = 0): string {
    const date = new Date(`${day}T12:00:00Z`);
    date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7) + plus * 7);
    return date.toISOString().slice(0, 10);
}

export function dayAfter(day: string, days: number): string {
    const date = new Date(`${day}T12:00:00Z`);
    date.setUTCDate(date.getUTCDate() + days);
    return date.toISOString().slice(0, 10);
}
