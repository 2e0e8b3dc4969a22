import type { MessageKey } from '../i18n';

/** What a label's mark may be: each is told apart from the grounds of both themes (`contrast.test.ts`), and has a name. */
export const labelColours: [colour: string, name: MessageKey][] = [
    ['#1b8794', 'colour.teal'],
    ['#3f7ad6', 'colour.blue'],
    ['#8a63d2', 'colour.violet'],
    ['#c2528b', 'colour.pink'],
    ['#d0453d', 'colour.red'],
    ['#c4601d', 'colour.orange'],
    ['#a66f00', 'colour.amber'],
    ['#3d8a3d', 'colour.green'],
    ['#75818f', 'colour.grey'],
];
