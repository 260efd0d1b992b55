/**
 * Everything an operator can do, by name: one list that menus, buttons, keys, the palette and the list of keys (`?`) are
 * made of. Views register their actions while they are there.
 */
import { createStore } from 'zustand/vanilla';
import { storeHook } from './context.ts';

export interface Action {
  /** Stable: `run.step`. */
  readonly id: string;
  readonly title: string;
  /** Heading in the palette: Run, View, Editor, Environment, Archive, Charts, Log. */
  readonly group: string;
  /** As `F5`, `Shift+F5`, `Mod+S` (Mod is Ctrl, on a Mac Cmd). */
  readonly keys?: readonly string[];
  /** Whether it can be done now; asked when it is shown or its key is pressed. */
  readonly enabled?: () => boolean;
  /** Works while text is being typed, too. Function keys always do, since they type nothing. */
  readonly whileTyping?: boolean;
  readonly perform: () => void | Promise<void>;
}

interface ActionsState {
  readonly actions: ReadonlyMap<string, Action>;
}

export function createActions() {
  const actionsStore = createStore<ActionsState>(() => ({ actions: new Map() }));

  /** Adds actions; returns the removal. A second action of the same id takes the first one's place. */
  function registerActions(actions: readonly Action[]): () => void {
    actionsStore.setState((state) => ({ actions: new Map([...state.actions, ...actions.map((each) => [each.id, each] as const)]) }));
    return () =>
      actionsStore.setState((state) => ({
        actions: new Map([...state.actions].filter(([id, action]) => !actions.some((each) => each.id === id && each === action))),
      }));
  }

  function performAction(id: string): void {
    const action = actionsStore.getState().actions.get(id);
    if (action && (action.enabled?.() ?? true)) void action.perform();
  }

  return { ...actionsStore, registerActions, performAction };
}

export const useActions = storeHook(createActions);

/** `Shift+F5` of a key event, in the order Mod, Alt, Shift, key; the space bar is `Space`. */
export function keyOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'> & { readonly code?: string },
): string {
  // With Alt or Shift a digit key may give any sign, by the keyboard's layout and the system; the digit is meant.
  const digit = event.ctrlKey || event.metaKey || event.altKey ? /^Digit(\d)$/.exec(event.code ?? '')?.[1] : undefined;
  const named = event.key === ' ' ? 'Space' : event.key;
  const key = digit ?? (named.length === 1 ? named.toUpperCase() : named);
  const letterOrNamed = key.length > 1 || /[a-z0-9]/i.test(key);
  const parts = [
    event.ctrlKey || event.metaKey ? 'Mod' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && letterOrNamed ? 'Shift' : '',
    key,
  ];
  return parts.filter((part) => part !== '').join('+');
}
