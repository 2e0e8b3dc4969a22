import type { BrandOffice } from '../api/types';

/** How an answer stands against its due time; `left` is office time in milliseconds, negative when late. */
export interface Sla {
    state: 'none' | 'good' | 'soon' | 'late';
    paused: boolean;
    left: number;
}

const soon = 15 * 60_000;

/**
 * The office time left until `dueAt`. The server computed `dueAt` on the calendar; here only the closed stretch that
 * lies ahead is left out, so the figure stands still while the office is closed.
 */
export function slaOf(dueAt: string | null, office: BrandOffice | undefined, now: number): Sla {
    if (!dueAt) return { state: 'none', paused: false, left: 0 };
    const due = Date.parse(dueAt);
    const open = office?.open ?? true;
    const left = officeTimeLeft(due, office, now);
    if (due <= now) return { state: 'late', paused: !open, left };
    return { state: left < soon ? 'soon' : 'good', paused: !open, left };
}

function officeTimeLeft(due: number, office: BrandOffice | undefined, now: number): number {
    const opens = office?.next_open ? Date.parse(office.next_open) : Number.NaN;
    const closes = office?.next_close ? Date.parse(office.next_close) : Number.NaN;
    if (!office || due <= now) return due - now;
    if (!office.open) return Number.isNaN(opens) || due < opens ? 0 : due - opens;
    if (Number.isNaN(closes) || Number.isNaN(opens) || due <= closes) return due - now;
    return closes - now + Math.max(0, due - opens);
}
