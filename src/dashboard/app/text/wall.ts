import type { components } from '../api/schema';
import type { PersonShifts } from '../api/types';
import type { MessageKey } from '../i18n';
import { dayAfter } from '../time/local';
import { weekdays, weekOf } from './rota';

/** What a supervisor looks back on; today is told by the hour, the longest by the week. */
export type Period = 'today' | 'week' | 'month' | 'quarter';
export const periods: Record<Period, { words: MessageKey; days: number; by: 'hour' | 'day' | 'week' }> = {
    today: { words: 'wall.today', days: 0, by: 'hour' },
    week: { words: 'wall.week', days: 6, by: 'day' },
    month: { words: 'wall.month', days: 29, by: 'day' },
    quarter: { words: 'wall.quarter', days: 89, by: 'week' },
};

type Group = components['schemas']['ReportGroup'];
type Volume = { group?: Group; received: number; answered: number };

/** Of hours of many days the mean of a day, from the first hour in which anything happened to the last. */
export function byHourOfDay(rows: Volume[]): { hours: number[]; received: number[]; answered: number[] } {
    const told = rows.flatMap((row) => (row.group?.hour ? [{ ...row, day: row.group.hour.slice(0, 10), hour: Number(row.group.hour.slice(11, 13)) }] : []));
    if (!told.length) return { hours: [], received: [], answered: [] };
    const days = new Set(told.map(({ day }) => day)).size;
    const [first, last] = [Math.min(...told.map(({ hour }) => hour)), Math.max(...told.map(({ hour }) => hour))];
    const hours = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const mean = (key: 'received' | 'answered'): number[] => hours.map((hour) => {
        const sum = told.filter((row) => row.hour === hour).reduce((all, row) => all + row[key], 0);
        return Math.round((sum / days) * 10) / 10;
    });
    return { hours, received: mean('received'), answered: mean('answered') };
}

/** Share of the working time that answering may fill; the rest is for what has no clock. */
const busyAtMost = 0.8;

/** One hour of a week: who is there, and how many answering would take; null where nothing tells. */
export interface Cover {
    present: number;
    needed: number | null;
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
const spansOf = (hours: string): [number, number][] =>
    hours.split(',').flatMap((span) => {
        const [from, until] = span.trim().split('-');
        return from && until ? [[minutesOf(from), minutesOf(until)] as [number, number]] : [];
    });

/** Whether somebody's rota has them at work at a minute of a day. */
function works(entries: ReturnType<typeof weekOf>[number], minute: number): boolean {
    const during = (kinds: string[], whole: boolean): boolean => entries.some((entry) => kinds.includes(entry.kind)
        && (entry.hours ? spansOf(entry.hours).some(([from, until]) => minute >= from && minute < until) : whole));
    return during(['shift', 'extra', 'swap'], false) && !during(['break', 'leave', 'sickness'], true);
}

/** Present and needed of each day of the week from `monday` on, for the hours in which anybody is there or anything comes. */
export function coverOf(
    people: PersonShifts[], monday: string, arrivals: Volume[], weeks: number, handlingSeconds: number | null,
): { hours: number[]; days: Cover[][] } {
    const weeksOf = people.map((person) => weekOf(person, monday));
    const came = new Map<string, number>();
    for (const { group, received } of arrivals) {
        if (!group?.hour) continue;
        const day = (new Date(`${group.hour.slice(0, 10)}T12:00:00Z`).getUTCDay() + 6) % 7;
        const key = `${day} ${Number(group.hour.slice(11, 13))}`;
        came.set(key, (came.get(key) ?? 0) + received);
    }
    const all = weekdays.map((_, day) => Array.from({ length: 24 }, (_, hour): Cover => {
        const arrived = (came.get(`${day} ${hour}`) ?? 0) / weeks;
        return {
            // Who is there for half of the hour is counted for it.
            present: weeksOf.filter((week) => works(week[day] ?? [], hour * 60 + 30)).length,
            needed: handlingSeconds === null ? null : Math.ceil((arrived * handlingSeconds) / 3600 / busyAtMost),
        };
    }));
    // Single messages at night are not a reason to show the whole night.
    const open = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => all.some((day) => day[hour]!.present > 0));
    if (!open.length) return { hours: [], days: [] };
    const hours = Array.from({ length: open.at(-1)! - open[0]! + 1 }, (_, at) => open[0]! + at);
    return { hours, days: all.map((day) => hours.map((hour) => day[hour]!)) };
}

/** The first day of a period that ends today. */
export const firstDay = (period: Period, today: string): string => dayAfter(today, -periods[period].days);
