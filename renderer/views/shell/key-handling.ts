/** Keys: every key press is looked up in the list of actions, before any view sees it. */
import { createActions, keyOf, type Action } from '../../stores/actions.ts';
import { createSession, type ViewName } from '../../stores/session.ts';
import { createPalette } from '../../stores/palette.ts';
import type { Stores } from '../../stores/stores.ts';

/** Keys that would make the browser do something else than the operator means. */
const neverTheBrowsers = new Set([
  'F1',
  'F3',
  'F5',
  'F6',
  'F7',
  'F9',
  'F10',
  'Shift+F5',
  'Shift+F9',
  'Shift+F10',
  'Mod+S',
  'Mod+P',
  'Mod+O',
]);

/** Signs of keys that type nothing. */
const typesNothing = /^(?:(?:Mod|Alt|Shift)\+)*F\d{1,2}$/;

/** Groups of actions on what only the Run view shows: elsewhere their keys would move what is not seen. */
const runViewGroups: ReadonlySet<string> = new Set(['Editor', 'Files', 'Charts', 'Log', 'Questions', 'Replay']);

/** Whether an action belongs to the Run view alone. */
export function needsRunView(action: Pick<Action, 'group'>): boolean {
  return runViewGroups.has(action.group);
}

export interface KeyContext {
  /** Text is being typed. */
  readonly typing: boolean;
  readonly view: ViewName;
}

/** The action of a key where the operator is; of several the latest registered that can be done now. */
export function actionOf(key: string, { typing, view }: KeyContext, actions: Iterable<Action>): Action | undefined {
  const usable = [...actions]
    .filter((action) => action.keys?.includes(key) && (view === 'run' || !needsRunView(action)))
    .filter((action) => !typing || action.whileTyping === true || typesNothing.test(key))
    .reverse();
  return usable.find((action) => action.enabled?.() ?? true) ?? usable[0];
}

/** Whether keys typed there are text. A text that cannot be changed takes none. */
function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('[data-read-only]') === null &&
    target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], .monaco-editor') !== null
  );
}

const arrows = /^(?:Shift\+)?(?:Arrow(?:Left|Right|Up|Down)|Home|End)$/;
/** What moves within itself by arrow keys, and what the space bar presses. */
const movedWithin =
  '[role=grid], [role=tree], [role=treegrid], [role=tablist], [role=menu], [role=listbox], [role=radiogroup], [type=radio], select, .monaco-editor';
const pressed =
  'button, summary, a[href], [role=button], [role=tab], [type=checkbox], [role=grid], [role=tree], [role=menu], [role=listbox]';

/** Whether what has the keyboard has a use of its own for a key that an action has, too: then the key is its. */
export function wantsKey(target: EventTarget | null, key: string): boolean {
  if (typeof Element === 'undefined' || !(target instanceof Element)) return false;
  if (arrows.test(key)) return target.closest(movedWithin) !== null;
  return key === 'Space' && target.closest(pressed) !== null;
}

/** Whether a dialog has the keyboard: what lies behind it must not move. */
function dialogIsOpen(stores: Stores): boolean {
  return stores.get(createPalette).getState().opened || document.querySelector('[role=dialog][aria-modal=true]') !== null;
}

/** What Escape closes before it dismisses notices. */
const closedByEscape = '[role=dialog], [role=alertdialog], [role=menu]';

/** Whether Escape has nothing better to do than to dismiss the notices. */
function escapeIsFree(stores: Stores, target: EventTarget | null): boolean {
  return !stores.get(createPalette).getState().opened && !takesText(target) && document.querySelector(closedByEscape) === null;
}

/** Whether an action has a key to itself. Escape closes whatever is open, so an action that cannot be done now leaves it to that. */
export function takesKey(key: string, enabled: boolean): boolean {
  return enabled || key !== 'Escape';
}

function handle(stores: Stores, event: KeyboardEvent): void {
  const session = stores.get(createSession);
  const { dismissNotices } = session;
  if (event.isComposing) return;
  const key = keyOf(event);
  if (neverTheBrowsers.has(key)) event.preventDefault();
  if (key === 'Escape' && escapeIsFree(stores, event.target)) dismissNotices();
  if (dialogIsOpen(stores) || wantsKey(event.target, key)) return;
  const context: KeyContext = { typing: takesText(event.target), view: session.getState().view };
  const action = actionOf(key, context, stores.get(createActions).getState().actions.values());
  if (!action) return;
  const enabled = action.enabled?.() ?? true;
  if (!takesKey(key, enabled)) return;
  event.preventDefault();
  event.stopPropagation();
  if (enabled) void action.perform();
}

/** Handles keys as long as the window lives; returns the end of it. */
export function handleKeys(stores: Stores): () => void {
  const take = (event: KeyboardEvent): void => handle(stores, event);
  window.addEventListener('keydown', take, { capture: true });
  return () => window.removeEventListener('keydown', take, { capture: true });
}
