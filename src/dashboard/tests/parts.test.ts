// The cards of a reply in several messages: found in the text as the server cut it, and their boundaries moved word by word.
import { expect, test } from 'vitest';

import { cutText, isOf, joined, moved, type CutText } from '../app/text/parts';

const always = (): boolean => true;
const numbered = (...bodies: string[]) => bodies.map((body, at) => ({ text: `${body} (${at + 1}/${bodies.length})` }));
const cutOf = (text: string, ...bodies: string[]): CutText => {
    const cut = cutText(text, numbered(...bodies));
    if (!cut) throw new Error('not in the text');
    return cut;
};

test('the parts are found in the text with what stood between them, and put together it is the text again', () => {
    const text = '  Uno due.\r\n\r\nTre  quattro cinque ';
    const cut = cutOf(text, 'Uno due.', 'Tre', 'quattro cinque');
    expect(cut).toEqual({ bodies: ['Uno due.', 'Tre', 'quattro cinque'], gaps: ['\n\n', '  '] });
    expect(isOf(cut, text)).toBe(true);
    expect(isOf(cut, `${text}sei`)).toBe(false);
    expect(cutText('altro testo', numbered('Uno', 'due'))).toBeNull();
    expect(cutText('Uno due e tre', numbered('Uno', 'due'))).toBeNull();
});

test('a boundary moves up and down by a word and leaves the blanks behind it as they were', () => {
    const start = cutOf('Uno due tre quattro', 'Uno due', 'tre quattro');
    const up = moved(start, 0, -1, always);
    expect(up).toEqual({ bodies: ['Uno', 'due tre quattro'], gaps: [' \n\n'] });
    expect(joined(up!)).toBe('Uno \n\ndue tre quattro');
    const back = moved(up!, 0, 1, always);
    expect(joined(back!)).toBe('Uno due \n\ntre quattro');
    const down = moved(back!, 0, 1, always);
    expect(joined(down!)).toBe('Uno due tre \n\nquattro');
    expect(moved(down!, 0, 1, always)).toBeNull();
    expect(moved(up!, 0, -1, always)).toBeNull();
    expect(moved(start, 1, -1, always)).toBeNull();
});

test('a paragraph that a boundary leaves stays a new line, or the server would cut there again', () => {
    const up = moved(cutOf('Uno due.\n\nTre quattro', 'Uno due.', 'Tre quattro'), 0, -1, always);
    expect(joined(up!)).toBe('Uno \n\ndue.\nTre quattro');
    expect(joined(moved(up!, 0, 1, always)!)).toBe('Uno due.\n\n\nTre quattro');
});

test('it does not go where a message would not fit', () => {
    const start = cutOf('Uno due tre quattro', 'Uno due', 'tre quattro');
    expect(moved(start, 0, 1, (body) => body.length <= 8)).toBeNull();
    expect(moved(start, 0, -1, (body) => body.length > 3)).toBeNull();
});
