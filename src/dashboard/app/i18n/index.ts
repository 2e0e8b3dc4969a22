import { createI18n } from 'vue-i18n';

import it from './it';

export type Messages = typeof it;
type Leaves<Tree> = {
    [Key in keyof Tree & string]: Tree[Key] extends string ? Key : `${Key}.${Leaves<Tree[Key]>}`;
}[keyof Tree & string];
/** A text of the dashboard; one that no language file holds does not compile. */
export type MessageKey = Leaves<Messages>;
export type Locale = 'it' | 'en';

const storageKey = 'sportello.language';

export const i18n = createI18n({ legacy: false, locale: 'it', fallbackLocale: 'it', messages: { it } });

/** The text of `key`; `n` among the values also chooses singular or plural. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
    const count = values['n'];
    if (typeof count === 'number') return i18n.global.t(key, values, { plural: count });
    return i18n.global.t(key, values);
}

export function locale(): Locale {
    return i18n.global.locale.value as Locale;
}

/** Switches language; English is loaded when first asked for. */
export async function useLocale(chosen: Locale): Promise<void> {
    if (chosen === 'en' && !i18n.global.availableLocales.includes('en' as never)) {
        const { default: en } = await import('./en');
        i18n.global.setLocaleMessage('en' as never, en as never);
    }
    i18n.global.locale.value = chosen as never;
    document.documentElement.lang = chosen;
}

export function chooseLocale(chosen: Locale): Promise<void> {
    localStorage.setItem(storageKey, chosen);
    return useLocale(chosen);
}

/** What the agent chose, else the browser's language, else Italian. */
export function preferredLocale(): Locale {
    const stored = localStorage.getItem(storageKey);
    if (stored === 'it' || stored === 'en') return stored;
    const first = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'it' || tag === 'en');
    return first === 'en' ? 'en' : 'it';
}
