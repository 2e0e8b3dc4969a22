import { ref } from 'vue';

export type Theme = 'auto' | 'light' | 'dark';
const storageKey = 'sportello.theme';
const stored = localStorage.getItem(storageKey);

export const chosenTheme = ref<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto');

/** The whole palette follows `color-scheme`; without a choice it is the system's. */
export function applyTheme(): void {
    document.documentElement.style.colorScheme = chosenTheme.value === 'auto' ? '' : chosenTheme.value;
}

export function chooseTheme(theme: Theme): void {
    chosenTheme.value = theme;
    localStorage.setItem(storageKey, theme);
    applyTheme();
}
