// @vitest-environment jsdom
import { describe, expect, test } from 'vitest';

import { chooseKeys } from '../app/keys/commands';
import { holderOf, keysFrom, rebind } from '../app/keys/remap';
import { actions } from '../app/keys/map';
import { commandOf, tablesWith, type KeyContext, type KeyPress } from '../app/keys/keys';

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
    ['Shift+letter means something else', press('C', { shiftKey: true }), plain],
])('no command while %s', (_why, pressed, context) => {
    expect(commandOf(pressed, context)).toBeNull();
});

test('G and then a letter goes to a view', () => {
    const going = { ...plain, going: true };
    expect(commandOf(press('g'), plain)).toBe('go');
    expect(commandOf(press('c'), going)).toBe('view-due');
    expect(commandOf(press('m'), going)).toBe('view-mine');
    expect(commandOf(press('q'), going)).toBeNull();
});

describe('keys that the agent chose', () => {
    const tables = tablesWith({ take: 'Q', reply: 'Shift Q', search: 'G Q', note: '' });

    test.each([
        [press('q'), false, 'take'],
        [press('a'), false, null],
        [press('Q', { shiftKey: true }), false, 'reply'],
        [press('r'), false, null],
        [press('q'), true, 'go-search'],
        [press('f'), false, null],
        [press('/', { shiftKey: true }), false, null],
        [press('n'), false, null],
        [press('k'), false, 'previous'],
    ] as const)('%j after G %s is %s', (pressed, going, command) => {
        expect(commandOf(pressed, { ...plain, going, tables })).toBe(command === 'go-search' ? 'search' : command);
    });

    const event = (key: string, more: Partial<KeyboardEvent> = {}) =>
        ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, getModifierState: (): boolean => false, ...more });

    test.each([
        [event('q'), false, 'Q'],
        [event('Q', { shiftKey: true }), false, 'Shift Q'],
        [event('?', { shiftKey: true }), false, '?'],
        [event('g'), false, 'G'],
        [event('q'), true, 'G Q'],
        [event('Q', { shiftKey: true }), true, null],
        [event('q', { ctrlKey: true }), false, null],
        [event('@', { getModifierState: (): boolean => true }), false, null],
        [event('Enter'), false, null],
        [event(' '), false, null],
    ])('%o after G %s is written %s', (pressed, going, written) => {
        expect(keysFrom(pressed, going)).toBe(written);
    });

    test('a key is given to one command only, and what has it is named', () => {
        const take = actions.find(({ command }) => command === 'take')!;
        expect(holderOf('Z', 'take')?.command).toBe('undo');
        expect(holderOf('/', 'take')?.command).toBe('search');
        expect(holderOf('A', 'take')).toBeUndefined();
        rebind(take, 'Q');
        expect(holderOf('A', 'reply')).toBeUndefined();
        expect(holderOf('Q', 'reply')?.command).toBe('take');
        expect(JSON.parse(localStorage.getItem('sportello.keys')!)).toEqual({ take: 'Q' });
        rebind(take, 'A');
        expect(localStorage.getItem('sportello.keys')).toBe('{}');
        chooseKeys({});
    });

    test('no two commands share their usual keys', () => {
        const keys = actions.map((action) => action.keys).filter(Boolean);
        expect(new Set(keys).size).toBe(keys.length);
    });
});
