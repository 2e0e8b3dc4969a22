import { onBeforeUnmount, onMounted, ref } from 'vue';

import { commandOf, isField, type Command } from './keys';

const handlers = new Map<Command, () => void>();
const storageKey = 'sportello.single-keys';

/** Whether single letters act; people who dictate or press keys by accident switch it off. */
export const singleKeys = ref(localStorage.getItem(storageKey) !== 'off');

export function switchSingleKeys(on: boolean): void {
    singleKeys.value = on;
    localStorage.setItem(storageKey, on ? 'on' : 'off');
}

/** Binds handlers to commands while the component is on the page. */
export function useCommands(bound: Partial<Record<Command, () => void>>): void {
    const entries = Object.entries(bound) as [Command, () => void][];
    onMounted(() => {
        for (const [command, handler] of entries) handlers.set(command, handler);
    });
    onBeforeUnmount(() => {
        for (const [command, handler] of entries) if (handlers.get(command) === handler) handlers.delete(command);
    });
}

let going = false;
let goingTimer = 0;

function listen(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const command = commandOf(
        {
            key: event.key,
            ctrlKey: event.ctrlKey,
            metaKey: event.metaKey,
            altKey: event.altKey,
            shiftKey: event.shiftKey,
            isComposing: event.isComposing,
            altGraph: event.getModifierState('AltGraph'),
        },
        {
            inField: isField(event.target),
            inDialog: document.querySelector('dialog[open]') !== null,
            going,
            singleKeys: singleKeys.value,
        },
    );
    going = false;
    if (!command) return;
    if (command === 'go') {
        going = true;
        clearTimeout(goingTimer);
        goingTimer = window.setTimeout(() => (going = false), 1500);
        return;
    }
    const handler = handlers.get(command);
    if (!handler) return;
    event.preventDefault();
    handler();
}

export function startKeys(): void {
    window.addEventListener('keydown', listen);
}
