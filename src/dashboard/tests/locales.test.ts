import { expect, test } from 'vitest';

import en from '../app/i18n/en';
import it from '../app/i18n/it';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ''): Map<string, string> {
    const texts = new Map<string, string>();
    for (const [key, value] of Object.entries(tree)) {
        if (typeof value === 'string') texts.set(prefix + key, value);
        else for (const [inner, text] of flat(value, `${prefix}${key}.`)) texts.set(inner, text);
    }
    return texts;
}

const italian = flat(it);
const english = flat(en);
const sources = import.meta.glob<string>('../app/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true });
const code = Object.entries(sources)
    .filter(([path]) => !/i18n\/(it|en)\.ts$/.test(path))
    .map(([, text]) => text)
    .join('\n');

test('both languages hold the same texts', () => {
    expect([...english.keys()].sort()).toEqual([...italian.keys()].sort());
});

test('no text is empty', () => {
    expect([...italian, ...english].filter(([, text]) => !text.trim())).toEqual([]);
});

test('a text has the same placeholders and plural forms in both languages', () => {
    const shape = (text: string): string => {
        const forms = text.split('|').map((form) => [...form.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort());
        return JSON.stringify(forms);
    };
    const differing = [...italian].filter(([key, text]) => shape(text) !== shape(english.get(key) ?? ''));
    expect(differing.map(([key]) => key)).toEqual([]);
});

test('every text is used somewhere', () => {
    expect([...italian.keys()].filter((key) => !code.includes(`'${key}'`))).toEqual([]);
});
