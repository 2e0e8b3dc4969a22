// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';

test.each([
    ['while the language changes', async ({ useLocale, useTexts }: typeof import('../app/i18n')) => {
        await Promise.all([useLocale('en'), useTexts('agent')]);
    }],
    ['just before it changes', async ({ useLocale, useTexts }: typeof import('../app/i18n')) => {
        await Promise.all([useTexts('agent'), useLocale('en')]);
    }],
])('a part that comes %s has its texts in the new language', async (_, happens) => {
    vi.resetModules();
    const texts = await import('../app/i18n');
    await texts.useLocale('it');
    await happens(texts);
    expect(texts.locale()).toBe('en');
    expect(texts.t('notifications.unread', { n: 3 })).toBe('3 unread notifications');
});
