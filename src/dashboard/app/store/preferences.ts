import { ref } from 'vue';

export const undoChoices = [0, 5, 8, 15, 30];
const storageKey = 'sportello.undo';
const stored = Number(localStorage.getItem(storageKey) ?? Number.NaN);

/** Seconds in which a reply can be taken back before it leaves. */
export const undoSeconds = ref(undoChoices.includes(stored) ? stored : 8);

export function chooseUndo(seconds: number): void {
    undoSeconds.value = seconds;
    localStorage.setItem(storageKey, String(seconds));
}
