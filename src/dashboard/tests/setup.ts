import { vi } from 'vitest';

import { useLocale, useTexts } from '../app/i18n';
import { loadWeighted } from '../app/text/budget';
import { loadReasons } from '../app/text/reasons';

await loadWeighted();

// The pages bring their texts with them; tests find all of them there, in Italian.
if (typeof document !== 'undefined') {
    await useLocale('it');
    await useTexts('reasons', 'agent', 'incidents', 'supervision', 'settings');
    await loadReasons();
}

/** The desk comes after the first screen, by a timer: tests that want it start it themselves. */
vi.mock('../app/store/desk', async () => {
    const { shallowRef } = await import('vue');
    const { firstScreenStands } = await import('../app/store/first_screen');
    return { desk: shallowRef(null), startDeskSoon: (): void => void (firstScreenStands.value = true) };
});

/** Nothing is painted here that could be waited for. */
vi.mock('../app/time/paint', () => ({ painted: () => Promise.resolve() }));

/** A canvas is nothing that jsdom draws on. */
vi.mock('uplot', () => ({
    default: class {
        static paths = { bars: () => () => null };
        destroy(): void {}
        setSize(): void {}
        setCursor(): void {}
        valToPos(): number {
            return 0;
        }
    },
}));
