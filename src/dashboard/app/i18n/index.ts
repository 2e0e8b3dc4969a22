import { shallowRef } from 'vue';

import type access from './it/access';
import type accessibility from './it/accessibility';
import type admin from './it/admin';
import type agent from './it/agent';
import core from './it/core';
import type incidents from './it/incidents';
import type officeReasons from './it/office_reasons';
import type reasons from './it/reasons';
import type settings from './it/settings';
import type supervision from './it/supervision';

export type Messages = typeof core & typeof reasons & typeof agent & typeof incidents & typeof supervision & typeof settings
    & typeof access & typeof accessibility & typeof admin & typeof officeReasons;
type Leaves<Tree> = {
    [Key in keyof Tree & string]: Tree[Key] extends string ? Key : `${Key}.${Leaves<Tree[Key]>}`;
}[keyof Tree & string];
/** A text of the dashboard; one that no language file holds does not compile. */
export type MessageKey = Leaves<Messages>;
export type Locale = 'it' | 'en';

/** The texts by what they belong to: a page's come with the page, in the language that is shown and in no other. */
export type Section = 'core' | 'reasons' | 'agent' | 'incidents' | 'supervision' | 'settings' | 'access' | 'accessibility' | 'admin' | 'office_reasons';
const files: Record<string, () => Promise<object>> = {
    ...import.meta.glob<object>(['./{it,en}/*.ts', '!./it/core.ts'], { import: 'default' }),
    // What the first screen says comes with its script: in a file of its own it would be asked for only once that runs. Most
    // read Italian; who reads English has 3 kB for nothing.
    './it/core.ts': () => Promise.resolve(core),
};

const storageKey = 'sportello.language';

/** A text with its places to fill in: words at even places, names at odd ones; one form, or singular and plural. */
type Form = string[];
const texts: Record<Locale, Map<string, Form[]>> = { it: new Map(), en: new Map() };
const chosenLocale = shallowRef<Locale>('it');
/** Grows when texts come in, so that what was shown without them is shown again. */
const arrived = shallowRef(0);

/** Our texts are plain: `{name}` stands for a value, `a | b` for singular and plural; nothing else has a meaning. */
function learn(language: Locale, tree: object, prefix = ''): void {
    for (const [key, value] of Object.entries(tree)) {
        if (typeof value === 'string') texts[language].set(prefix + key, value.split(' | ').map((form) => form.split(/\{(\w+)\}/)));
        else learn(language, value as object, `${prefix}${key}.`);
    }
}

/** The text of `key`; `n` among the values also chooses singular or plural. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
    void arrived.value;
    const [one, many] = texts[chosenLocale.value].get(key) ?? [];
    const form = many && values['n'] !== 1 ? many : one;
    return form ? form.map((part, at) => (at % 2 ? String(values[part] ?? '') : part)).join('') : key;
}

export function locale(): Locale {
    return chosenLocale.value;
}

const wanted = new Set<Section>();
const loaded = new Set<string>();

async function load(language: Locale, section: Section): Promise<void> {
    const name = `./${language}/${section}.ts`;
    if (loaded.has(name)) return;
    const tree = await files[name]?.();
    if (!tree || loaded.has(name)) return;
    loaded.add(name);
    learn(language, tree);
    arrived.value++;
}

/** Brings in the texts of a part of the dashboard; a language chosen later brings its own. */
export async function useTexts(...sections: Section[]): Promise<void> {
    sections.forEach((section) => wanted.add(section));
    let language: Locale;
    do {
        language = locale();
        await Promise.all(sections.map((section) => load(language, section)));
    } while (language !== locale());
}

/** Switches language once all its texts in use are there. */
export async function useLocale(chosen: Locale): Promise<void> {
    wanted.add('core');
    let known: number;
    do {
        known = wanted.size;
        await Promise.all([...wanted].map((section) => load(chosen, section)));
    } while (wanted.size !== known);
    chosenLocale.value = chosen;
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
