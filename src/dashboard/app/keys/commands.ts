import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';

import { commandOf, isField, tablesWith, type ChosenKeys, type Command } from './keys';

const handlers = new Map<Command, () => void>();
const storageKey = 'sportello.single-keys';

/** Whether single letters act; people who dictate or press keys by accident switch it off. */
export const singleKeys = ref(localStorage.getItem(storageKey) !== 'off');

export function switchSingleKeys(on: boolean): void {
    singleKeys.value = on;
    localStorage.setItem(storageKey, on ? 'on' : 'off');
}

const chosenKey = 'sportello.keys';

function storedKeys(): ChosenKeys {
    try {
        const stored: unknown = JSON.parse(localStorage.getItem(chosenKey) ?? '{}');
        return Object.fromEntries(Object.entries(stored ?? {}).filter(([, keys]) => typeof keys === 'string')) as ChosenKeys;
    } catch {
        return {};
    }
}

/** The keys that the agent chose in place of the usual ones. */
export const chosenKeys = shallowRef(storedKeys());
let tables = tablesWith(chosenKeys.value);

export function chooseKeys(chosen: ChosenKeys): void {
    chosenKeys.value = chosen;
    tables = tablesWith(chosen);
    localStorage.setItem(chosenKey, JSON.stringify(chosen));
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

/** What can be done here and now, in no order. */
export function available(): Set<Command> {
    return new Set(handlers.keys());
}

/** Does what the key of a command does. */
export function run(command: Command): void {
    handlers.get(command)?.();
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
            tables,
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
