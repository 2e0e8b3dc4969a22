import { expect, test } from 'vitest';

const parts = import.meta.glob<string>('../app/**/*.vue', { query: '?raw', import: 'default', eager: true });
const sheets = import.meta.glob<string>('../app/look/base.css', { query: '?raw', import: 'default', eager: true });

const classesIn = (css: string): string[] =>
    [...new Set([...css.replace(/\/\*[^]*?\*\//g, '').replace(/\{[^{}]*\}/g, (rules) => rules.replace(/:[^;{}]*;/g, ';')).matchAll(/\.([a-z][\w-]*)/g)].map((found) => found[1]!))];
const says = (text: string, name: string): boolean => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text);
const styleOf = (text: string): string => [...text.matchAll(/<style[^>]*>([^]*?)<\/style>/g)].map((found) => found[1]).join('\n');
const restOf = (text: string): string => text.replace(/<style[^>]*>[^]*?<\/style>/g, '');

const sources = import.meta.glob<string>('../app/{keys,live,store,text,time}/**/*.ts', { query: '?raw', import: 'default', eager: true });
/** Names that are values: a state, a kind of shift. */
const values = Object.values(sources).join('\n');

/** Names that are put together from a value: `ink0`, `ink1`, … */
const made = /^ink\d$/;

test('no part has rules for a class that nobody bears', () => {
    const everywhere = Object.values(parts).map(restOf).join('\n');
    const unused = Object.entries(parts).flatMap(([path, text]) => {
        const style = styleOf(text);
        // What lies deeper, and the outermost element of a part within this one, has its classes from others.
        const borne = (name: string): boolean => made.test(name) || says(restOf(text), name) || says(values, name)
            || says(everywhere, name) && (style.includes(':deep(') || /import \w+ from '.*\.vue'/.test(text));
        return classesIn(style).filter((name) => !borne(name)).map((name) => `${path}: .${name}`);
    });
    expect(unused).toEqual([]);
});

test('no rule of the base sheet is for a class that nobody uses', () => {
    const everywhere = Object.values(parts).map(restOf).join('\n');
    expect(classesIn(Object.values(sheets).join('\n')).filter((name) => !says(everywhere, name))).toEqual([]);
});
