import { chosenKeys, chooseKeys } from './commands';
import type { Command } from './keys';
import { actions, type Action } from './map';

/** Sending, leaving and the palette keep their keys: they also work while one is writing. */
const fixed = new Set<Command>(['send', 'send-and-next', 'palette', 'leave']);
export const isFixed = (command: Command): boolean => fixed.has(command);

export const keysOf = (action: Action): string => chosenKeys.value[action.command] ?? action.keys;

/** What else has these keys: all of its own, or one of the two that it has. */
export function holderOf(keys: string, besides: Command): Action | undefined {
    const usual = { search: ['F', '/'] } as Partial<Record<Command, string[]>>;
    return actions.find((action) => action.command !== besides
        && (chosenKeys.value[action.command] === undefined ? usual[action.command] ?? [action.keys] : [keysOf(action)]).includes(keys));
}

/** A key press as the map writes it; `G` waits for the key after it. Null: no key for a command. */
export function keysFrom(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'getModifierState'>, going: boolean): string | null {
    if (event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph')) return null;
    if ([...event.key].length !== 1 || event.key === ' ') return null;
    const key = event.key.toUpperCase();
    const letter = key !== event.key.toLowerCase();
    if (going) return event.shiftKey && letter ? null : `G ${key}`;
    return event.shiftKey && letter ? `Shift ${key}` : key;
}

/** Empty keys: none. The usual ones are not written down, so that a later version may change them. */
export function rebind(action: Action, keys: string): void {
    const { [action.command]: _before, ...others } = chosenKeys.value;
    chooseKeys(keys === action.keys ? others : { ...others, [action.command]: keys });
}
