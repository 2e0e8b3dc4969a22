import { expect, test } from 'vitest';

/** What is written the same in every language. */
const allowed = new Set(['Ctrl ↵', 'CSV']);

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ''): Map<string, string> {
    const texts = new Map<string, string>();
    for (const [key, value] of Object.entries(tree)) {
        if (typeof value === 'string') texts.set(prefix + key, value);
        else for (const [inner, text] of flat(value, `${prefix}${key}.`)) texts.set(inner, text);
    }
    return texts;
}

const files = import.meta.glob<Tree>('../app/i18n/{it,en}/*.ts', { import: 'default', eager: true });
const texts = (language: string): Map<string, string> =>
    new Map(Object.entries(files).filter(([path]) => path.includes(`/${language}/`)).flatMap(([, tree]) => [...flat(tree)]));
const italian = texts('it');
const english = texts('en');
const sources = import.meta.glob<string>('../app/**/*.{ts,vue}', { query: '?raw', import: 'default', eager: true });
const code = Object.entries(sources)
    .filter(([path]) => !/i18n\/(it|en)\//.test(path))
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

test('no two files hold a text of the same name', () => {
    const all = Object.entries(files).filter(([path]) => path.includes('/it/')).flatMap(([, tree]) => [...flat(tree).keys()]);
    expect(all.length).toBe(italian.size);
});

test('no template shows words that are not in the language files', () => {
    const shown = Object.entries(sources).filter(([path]) => path.endsWith('.vue')).flatMap(([path, text]) => {
        const template = /<template>([^]*)<\/template>/.exec(text)?.[1] ?? '';
        const plain = template.replace(/<!--[^]*?-->/g, '').replace(/\{\{[^]*?\}\}/g, '').replace(/<(\/?)[a-zA-Z](?:"[^"]*"|[^">])*>/g, '\n');
        const words = plain.split('\n').map((line) => line.trim()).filter((line) => /\p{L}{2,}/u.test(line) && !allowed.has(line));
        const attributes = [...template.matchAll(/\s(?:title|aria-label|alt|label)="([^"]+)"/g)].map((match) => match[1]!);
        return [...words, ...attributes].map((line) => `${path}: ${line}`);
    });
    expect(shown).toEqual([]);
});
