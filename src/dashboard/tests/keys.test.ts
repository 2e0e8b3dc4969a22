import { describe, expect, test } from 'vitest';

import { commandOf, type KeyContext, type KeyPress } from '../app/keys/keys';

const plain: KeyContext = { inField: false, inDialog: false, going: false, singleKeys: true };

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
    return {
        key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false, altGraph: false, ...more,
    };
}

describe('on an Italian keyboard', () => {
    test.each([
        ['j', {}, 'next'],
        ['k', {}, 'previous'],
        ['r', {}, 'reply'],
        ['n', {}, 'note'],
        ['a', {}, 'take'],
        ['p', {}, 'take-next'],
        ['c', {}, 'solve'],
        ['h', {}, 'handover'],
        ['s', {}, 'snooze'],
        ['z', {}, 'undo'],
        ['Escape', {}, 'leave'],
        ['Enter', { ctrlKey: true }, 'send'],
        ['Enter', { ctrlKey: true, shiftKey: true }, 'send-and-next'],
    ] as const)('%s %j means %s', (key, more, command) => {
        expect(commandOf(press(key, more), plain)).toBe(command);
    });

    test('? is Shift with the key right of zero, and is read by its meaning', () => {
        expect(commandOf(press('?', { shiftKey: true }), plain)).toBe('help');
    });

    test('Caps Lock changes nothing', () => {
        expect(commandOf(press('J'), plain)).toBe('next');
    });

    test('AltGr types characters (@ # [ ]) and never commands, also where the browser tells it as Ctrl+Alt', () => {
        expect(commandOf(press('@', { altGraph: true }), plain)).toBeNull();
        expect(commandOf(press('r', { altGraph: true }), plain)).toBeNull();
        expect(commandOf(press('Enter', { ctrlKey: true, altKey: true }), plain)).toBeNull();
    });
});

test('in a field only sending and leaving are commands', () => {
    const field = { ...plain, inField: true };
    expect(commandOf(press('j'), field)).toBeNull();
    expect(commandOf(press('?', { shiftKey: true }), field)).toBeNull();
    expect(commandOf(press('Enter', { ctrlKey: true }), field)).toBe('send');
    expect(commandOf(press('Escape'), field)).toBe('leave');
});

test.each([
    ['an input method is composing', press('j', { isComposing: true }), plain],
    ['a dialog has the keys', press('Escape'), { ...plain, inDialog: true }],
    ['single keys are switched off', press('j'), { ...plain, singleKeys: false }],
    ['the browser has a meaning for it', press('r', { ctrlKey: true }), plain],
    ['the browser has a meaning for it with Alt', press('ArrowLeft', { altKey: true }), plain],
    ['Shift+letter means something else', press('A', { shiftKey: true }), plain],
])('no command while %s', (_why, pressed, context) => {
    expect(commandOf(pressed, context)).toBeNull();
});

test('G and then a letter goes to a view', () => {
    const going = { ...plain, going: true };
    expect(commandOf(press('g'), plain)).toBe('go');
    expect(commandOf(press('c'), going)).toBe('view-due');
    expect(commandOf(press('m'), going)).toBe('view-mine');
    expect(commandOf(press('x'), going)).toBeNull();
});
