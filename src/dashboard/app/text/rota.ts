import type { PersonShifts, ShiftEntry } from '../api/types';
import type { MessageKey } from '../i18n';
import { dayAfter } from '../time/local';

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export const weekdayWords: Record<(typeof weekdays)[number], MessageKey> = {
    monday: 'rota.monday', tuesday: 'rota.tuesday', wednesday: 'rota.wednesday', thursday: 'rota.thursday', friday: 'rota.friday',
    saturday: 'rota.saturday', sunday: 'rota.sunday',
};
export const kindWords: Record<ShiftEntry['kind'], MessageKey> = {
    shift: 'rota.shift', break: 'rota.break', leave: 'rota.leave', sickness: 'rota.sickness', swap: 'rota.swap', extra: 'rota.extra',
};

/** What stands on each day of the week that begins with `monday`: the usual week, and what a date says otherwise. */
export function weekOf(person: PersonShifts, monday: string): ShiftEntry[][] {
    return weekdays.map((name, at) => {
        const date = dayAfter(monday, at);
        const dated = person.entries.filter((entry) => entry.day === date);
        // A swap, or an absence without hours, takes the place of the usual day.
        const replaced = dated.some((entry) => entry.kind === 'swap' || (!entry.hours && (entry.kind === 'leave' || entry.kind === 'sickness')));
        return [...(replaced ? [] : person.entries.filter((entry) => entry.day === name)), ...dated];
    });
}
