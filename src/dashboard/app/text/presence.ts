import type { Presence } from '../api/types';
import { t } from '../i18n';

/** Where colleagues are, in a few words: `Matteo sta rispondendo`; who writes before who only looks. Null: nobody is there. */
export function whereabouts(people: Presence['people']): { words: string; first: string; writing: boolean } | null {
    const writers = people.filter((one) => one.state === 'writing');
    const told = writers.length ? writers : people;
    if (!told[0]) return null;
    const names = told.map((one) => one.name.split(' ')[0]).join(', ');
    return { words: t(writers.length ? 'people.writing' : 'people.viewing', { n: told.length, names }), first: told[0].name, writing: writers.length > 0 };
}
