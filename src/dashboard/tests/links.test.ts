import { expect, test } from 'vitest';

import { linked } from '../app/text/links';

test.each([
    ['vedi https://www.tim.it/aiuto.', ['https://www.tim.it/aiuto']],
    ['(http://a.it/b?c=1&d=2)', ['http://a.it/b?c=1&d=2']],
    ['javascript:alert(1) e <b>https://a.it</b>', ['https://a.it']],
    ['data:text/html,x', []],
    ['https://', []],
])('%j leads to %j', (text, hrefs) => {
    const parts = linked(text);
    expect(parts.flatMap(({ href }) => href ?? [])).toEqual(hrefs);
    expect(parts.map((part) => part.text).join('')).toBe(text);
});
