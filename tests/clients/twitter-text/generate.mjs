// Writes the tables of links and emoji that the server and the dashboard count with, from X's own packages:
//
//     npm run generate     src/domain/twitter_text_tables.cpp and src/dashboard/app/text/twitter_text_tables.ts
//
// Where the package has a class of characters, every UTF-16 unit is put to the package's own regular expression, so
// that its case-insensitivity (a Greek iota is an "accented Latin" letter) comes along.

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { finiteLanguage } from './finite_language.mjs';

const require = createRequire(import.meta.url);
const regexps = require('twitter-text/dist/regexp');
const emojiRegexp = require('twemoji-parser/dist/lib/regex').default;
const version = (name) => JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
const origin = `twitter-text ${version('twitter-text')} (Apache-2.0) and twemoji-parser ${version('twemoji-parser')} (MIT)`;

const hex = (unit) => `0x${unit.toString(16).toUpperCase().padStart(4, '0')}`;

/** Beyond this, letters got their other case later than the package was made: what they fold into is Node's age. */
const lastFolding = 0x2c7f;

/** The units that the expression takes whole, as ranges [first, last]. */
function ranges(source) {
    const whole = new RegExp(`^(?:${source})$`, 'i');
    const exact = new RegExp(`^(?:${source})$`);
    const found = [];
    for (let unit = 0; unit <= 0xffff; ++unit) {
        if (!(unit > lastFolding ? exact : whole).test(String.fromCharCode(unit))) continue;
        if (found.length && found.at(-1)[1] === unit - 1) found.at(-1)[1] = unit;
        else found.push([unit, unit]);
    }
    return found;
}

/** "(?:(?:a|b|c)(?=[^0-9a-zA-Z@+-]|$))" -> [a, b, c], in the order in which they are tried. */
function names(regexp) {
    const match = /^\(\?:\(\?:(.*)\)\(\?=\[\^0-9a-zA-Z@\+-\]\|\$\)\)$/.exec(regexp.source);
    if (!match) throw new Error('twitter-text writes its top-level domains in another way');
    return match[1].split('|');
}

const domains = [...names(regexps.validGTLD), ...names(regexps.validCCTLD)];
const asciiDomains = domains.filter((name) => /^[a-z0-9]+$/.test(name)).sort();
const otherDomains = domains.filter((name) => !/^[a-z0-9]+$/.test(name));
if (otherDomains.some((name) => asciiDomains.includes(/^[a-z0-9]*/.exec(name)[0]))) throw new Error('names that compete');

/** Units that stand for another unit of a name when case does not matter: [unit, unit in the name]. */
function folds() {
    const pairs = new Map();
    for (const wanted of new Set(otherDomains.join(''))) {
        for (const [first, last] of ranges(wanted)) {
            for (let unit = first; unit <= last; ++unit) {
                if (unit === wanted.charCodeAt(0)) continue;
                if (pairs.has(unit)) throw new Error('two letters of names fold into each other');
                pairs.set(unit, wanted.charCodeAt(0));
            }
        }
    }
    return [...pairs].sort((a, b) => a[0] - b[0]);
}

const always = 1;
const notBeforeTextStyle = 2;

/** The emoji as [text, condition]: what the expression takes whole, at once and not as a longer or shorter one. */
function emojis() {
    const first = (text) => new RegExp(emojiRegexp.source).exec(text)?.[0];
    return [...finiteLanguage(emojiRegexp.source)]
        .filter((text) => first(text) === text)
        .map((text) => [text, first(`${text}\uFE0E`) === text ? always : notBeforeTextStyle]);
}

/** The smallest automaton without cycles that knows the words: states [{accepts, edges: [[unit, state]]}], 0 is the start. */
function automaton(words) {
    const root = { accepts: 0, next: new Map() };
    for (const [word, condition] of words) {
        let state = root;
        for (let at = 0; at < word.length; ++at) {
            const unit = word.charCodeAt(at);
            if (!state.next.has(unit)) state.next.set(unit, { accepts: 0, next: new Map() });
            state = state.next.get(unit);
        }
        state.accepts = condition;
    }
    const states = [];
    const known = new Map();
    const number = (state) => {
        const edges = [...state.next].sort((a, b) => a[0] - b[0]).map(([unit, next]) => [unit, number(next)]);
        const key = `${state.accepts}:${edges.join(' ')}`;
        if (!known.has(key)) {
            known.set(key, states.length);
            states.push({ accepts: state.accepts, edges });
        }
        return known.get(key);
    };
    number(root);
    // The start was numbered last.
    const turned = (state) => states.length - 1 - state;
    return states.reverse().map(({ accepts, edges }) => ({ accepts, edges: edges.map(([unit, to]) => [unit, turned(to)]) }));
}

/** Edges of neighbouring units to the same state become one: [first, last, state]. */
function merged(edges) {
    const all = [];
    for (const [unit, to] of edges) {
        const last = all.at(-1);
        if (last && last[1] === unit - 1 && last[2] === to) last[1] = unit;
        else all.push([unit, unit, to]);
    }
    return all;
}

/** The items in lines of at most 130 characters. */
function lines(items, indent = '    ') {
    const all = [''];
    for (const item of items) {
        if (all.at(-1).length + item.length + 2 > 130 - indent.length) all.push('');
        all[all.length - 1] += `${all.at(-1) ? ' ' : ''}${item},`;
    }
    return all.map((line) => indent + line).join('\n');
}

const literal = (text) => [...text].map((c) => (c < '\x80' ? c : `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)).join('');

const letters = '[\\-a-z0-9' + regexps.latinAccentChars.source + ']';
const classes = {
    before_url: ['What may stand before a link.', ranges(regexps.validUrlPrecedingChars.source.replace('|^', ''))],
    label: ["What a host's label is made of, besides '-' and '_' inside it.", ranges(regexps.validDomainChars.source)],
    ascii_label: ['What a label of a link without scheme is made of.', ranges(letters)],
    path: ["What a path is made of, besides '(' and ')'.", ranges(regexps.validGeneralUrlPathChars.source)],
    path_end: ['What a path may end with, besides \')\'.', ranges(regexps.validUrlPathEndingChars.source.replace(/\|\(\?:.*$/, ''))],
    query: ['What a query is made of.', ranges(regexps.validUrlQueryChars.source)],
    query_end: ['What a query may end with.', ranges(regexps.validUrlQueryEndingChars.source)],
};

function cpp() {
    const states = automaton(emojis());
    const edges = states.flatMap((state) => merged(state.edges));
    let at = 0;
    const rows = states.map((state) => {
        const begin = at;
        at += merged(state.edges).length;
        return `{${begin}, ${at}, ${state.accepts}}`;
    });
    const table = (type, name, comment, items) =>
        `// ${comment}\nconstexpr ${type} ${name}_[] = {\n${lines(items)}\n};\n`;
    const parts = Object.entries(classes).map(([name, [comment, list]]) =>
        table('UnitRange', name, comment, list.map(([first, last]) => `{${hex(first)}, ${hex(last)}}`)));
    const span = (type, name) => `const std::span<const ${type}> ${name}{${name}_};`;
    return [
        `// Written by tests/clients/twitter-text/generate.mjs from ${origin}; not by hand.`,
        '// clang-format off',
        '#include "twitter_text_tables.hpp"',
        '',
        'namespace sportello::domain::twitter_text {',
        'namespace {',
        '',
        ...parts,
        table('std::u16string_view', 'ascii_domains', 'Top-level domains of Latin letters, in lower case, sorted.', asciiDomains.map((name) => `u"${name}"`)),
        table('std::u16string_view', 'other_domains', 'The others, in the order in which they are tried.', otherDomains.map((name) => `u"${literal(name)}"`)),
        table('UnitPair', 'domain_folds', 'Letters that stand for one of a name when case does not matter; sorted.', folds().map(([unit, to]) => `{${hex(unit)}, ${hex(to)}}`)),
        table('EmojiState', 'emoji_states', 'The emoji as an automaton over UTF-16; it begins in the first state.', rows),
        table('EmojiEdge', 'emoji_edges', 'Of one state after the other, each sorted.', edges.map(([first, last, to]) => `{${hex(first)}, ${hex(last)}, ${to}}`)),
        '} // namespace',
        '',
        ...Object.keys(classes).map((name) => span('UnitRange', name)),
        span('std::u16string_view', 'ascii_domains'),
        span('std::u16string_view', 'other_domains'),
        span('UnitPair', 'domain_folds'),
        span('EmojiState', 'emoji_states'),
        span('EmojiEdge', 'emoji_edges'),
        '',
        '} // namespace sportello::domain::twitter_text',
        '',
    ].join('\n');
}

function typescript() {
    const constant = (comment, name, value) => `/** ${comment} */\nexport const ${name} = String.raw\`${value}\`;\n`;
    const escaped = (regexp) => literal(regexp.source.replace(/^\(\?:\(\?:|\)\(\?=.*$/g, ''));
    return [
        `// Written by tests/clients/twitter-text/generate.mjs from ${origin}; not by hand.`,
        '',
        constant('Top-level domains in the order in which they are tried.', 'topLevelDomains', `${escaped(regexps.validGTLD)}|${escaped(regexps.validCCTLD)}`),
        constant('Characters that a label of a host has not.', 'notInLabel', literal(regexps.invalidDomainChars)),
        constant('Accented Latin letters.', 'latinAccents', literal(regexps.latinAccentChars.source)),
        constant('What may stand before a link.', 'beforeUrl', literal(regexps.validUrlPrecedingChars.source)),
        constant('One step of a path.', 'pathStep', literal(regexps.validUrlPath.source)),
        constant('One character of a query.', 'queryCharacter', literal(regexps.validUrlQueryChars.source)),
        constant('The last character of a query.', 'queryEnd', literal(regexps.validUrlQueryEndingChars.source)),
        constant('An emoji.', 'emoji', literal(emojiRegexp.source)),
    ].join('\n');
}

/** The files and what belongs into them. */
export const tables = [
    { path: fileURLToPath(new URL('../../../src/domain/twitter_text_tables.cpp', import.meta.url)), write: cpp },
    { path: fileURLToPath(new URL('../../../src/dashboard/app/text/twitter_text_tables.ts', import.meta.url)), write: typescript },
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    for (const { path, write } of tables) writeFileSync(path, write());
}
