import { describe, expect, test } from 'vitest';

import { labelColours } from '../app/look/label_colours';

const files = import.meta.glob<string>('../app/look/tokens.css', { query: '?raw', import: 'default', eager: true });
const tokens = new Map<string, [light: string, dark: string]>();
for (const match of Object.values(files).join().matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)) {
    tokens.set(match[1]!, [match[2]!, match[3]!]);
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
    const [red, green, blue] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
    return (high + 0.05) / (low + 0.05);
}

const grounds = ['canvas', 'surface', 'hover', 'selected', 'bubble-in', 'bubble-out', 'bubble-note'];
const on = (ink: string, ...under: string[]): [string, string][] => under.map((ground) => [ink, ground]);

const text: [string, string][] = [
    ...on('text', ...grounds),
    ...on('text2', ...grounds),
    ...on('text3', 'canvas', 'surface', 'hover', 'selected', 'bubble-in', 'bubble-out', 'bubble-note'),
    ...on('accent-text', 'surface', 'hover', 'selected', 'bubble-in', 'bubble-out', 'bubble-note'),
    ['on-accent', 'accent'],
    ...on('ok', 'ok-ground', 'surface', 'selected', 'bubble-out'),
    ...on('warn', 'warn-ground', 'surface', 'selected', 'bubble-note'),
    ...on('late', 'late-ground', 'surface', 'selected'),
    ...on('info', 'info-ground', 'surface', 'selected'),
    ...on('brand-a', 'surface'), ...on('brand-b', 'surface'), ...on('brand-c', 'surface'),
];
const shapes: [string, string][] = [
    ...['brand-a', 'brand-b', 'brand-c'].flatMap((stripe) => on(stripe, 'surface', 'hover', 'selected')),
    ...on('edge', 'surface', 'canvas'),
    ...on('accent', 'surface', 'canvas', 'selected', 'bubble-note'),
    ['on-facebook', 'facebook'],
    ['on-twitter', 'twitter'],
];

describe.each([{ name: 'light', theme: 0 }, { name: 'dark', theme: 1 }] as const)('$name theme', ({ theme }) => {
    const ratio = ([ink, ground]: [string, string]): number =>
        contrast(tokens.get(ink)![theme], tokens.get(ground)![theme]);

    test.each(labelColours)('a label’s %s is told apart from every ground of a table', (colour) => {
        for (const ground of ['surface', 'hover']) expect(contrast(colour, tokens.get(ground)![theme])).toBeGreaterThanOrEqual(3);
    });

    test.each(text)('%s is readable on %s', (ink, ground) => {
        expect(ratio([ink, ground])).toBeGreaterThanOrEqual(4.5);
    });

    test.each(shapes)('%s can be told from %s', (ink, ground) => {
        expect(ratio([ink, ground])).toBeGreaterThanOrEqual(3);
    });
});
