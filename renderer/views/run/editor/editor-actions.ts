/** What an operator can do in the editor, with its keys, in the palette and in menus alike. */
import { createActions, type Action } from '../../../stores/actions.ts';
import { createBreakpoints } from '../../../stores/breakpoints.ts';
import { createOpenFiles } from '../../../stores/open-files.ts';
import { createSaving } from '../../../stores/saving.ts';
import { createApplyEdit } from './apply-edit-store.ts';
import { editBreakpoint, toggleAtCaret } from './breakpoint-decorations.ts';
import { createFollowing } from './following.ts';
import type { CodeEditor } from './monaco.ts';
import type { Stores } from '../../../stores/stores.ts';

/** Monaco's own actions under our names. Keys that Monaco handles itself are told, so that they stand in the list. */
const monacoActions: readonly (Pick<Action, 'id' | 'title' | 'keys'> & { readonly action: string })[] = [
  { id: 'editor.format', title: 'Format the scenario', keys: ['Alt+Shift+F'], action: 'editor.action.formatDocument' },
  { id: 'editor.find', title: 'Find in the file', keys: ['Mod+F'], action: 'actions.find' },
  { id: 'editor.replace', title: 'Find and replace in the file', keys: ['Mod+H'], action: 'editor.action.startFindReplaceAction' },
  { id: 'editor.outline', title: 'Go to a label', keys: ['Mod+Shift+O'], action: 'editor.action.quickOutline' },
  { id: 'editor.go-to-line', title: 'Go to a line', keys: ['Mod+G'], action: 'editor.action.gotoLine' },
  { id: 'editor.definition', title: 'Go to the definition', keys: ['F12'], action: 'editor.action.revealDefinition' },
  { id: 'editor.references', title: 'Show all references', keys: ['Shift+F12'], action: 'editor.action.goToReferences' },
  { id: 'editor.rename', title: 'Rename everywhere', keys: ['F2'], action: 'editor.action.rename' },
  { id: 'editor.quick-fix', title: 'Mend the problem at the caret', keys: ['Mod+.'], action: 'editor.action.quickFix' },
  { id: 'editor.next-problem', title: 'Go to the next problem', keys: ['Alt+F8'], action: 'editor.action.marker.next' },
  { id: 'editor.previous-problem', title: 'Go to the previous problem', keys: ['Alt+Shift+F8'], action: 'editor.action.marker.prev' },
  { id: 'editor.suggest', title: 'Suggest what can be written', keys: ['Mod+I'], action: 'editor.action.triggerSuggest' },
  { id: 'editor.hover', title: 'Explain what is at the caret', keys: ['Mod+Alt+I'], action: 'editor.action.showHover' },
  { id: 'editor.fold-all', title: 'Fold everything', action: 'editor.foldAll' },
  { id: 'editor.unfold-all', title: 'Unfold everything', action: 'editor.unfoldAll' },
  { id: 'editor.comment', title: 'Comment the lines out, or in again', keys: ['Mod+/'], action: 'editor.action.commentLine' },
];

const group = 'Editor';

/** Registers the actions; returns their removal. */
export function registerEditorActions(stores: Stores, editor: CodeEditor): () => void {
  const openFiles = stores.get(createOpenFiles);
  const { activateNeighbour } = openFiles;
  const savingStore = stores.get(createSaving);
  const { saveAll } = savingStore;
  const breakpointsStore = stores.get(createBreakpoints);
  const { clearBreakpoints } = breakpointsStore;
  const applyEditStore = stores.get(createApplyEdit);
  const { editOfRun } = applyEditStore;
  const open = (): boolean => openFiles.getState().active !== null;
  const passed = monacoActions.map(({ action, ...rest }) => ({
    ...rest,
    group,
    whileTyping: true,
    enabled: open,
    perform: () => {
      editor.focus();
      const own = editor.getAction(action);
      // Some of Monaco's actions are commands of the window, not of the editor.
      if (own) void own.run();
      else editor.trigger('keyboard', action, null);
    },
  }));
  return stores.get(createActions).registerActions([
    ...passed,
    { id: 'editor.save', title: 'Save', group, keys: ['Mod+S'], whileTyping: true, enabled: open, perform: () => saveActive(stores) },
    {
      id: 'editor.save-all',
      title: 'Save all files',
      group,
      keys: ['Mod+Alt+S'],
      whileTyping: true,
      enabled: open,
      perform: async () => void (await saveAll()),
    },
    {
      id: 'editor.close',
      title: 'Close the file',
      group,
      keys: ['Alt+W'],
      whileTyping: true,
      enabled: open,
      perform: () => closeActive(stores),
    },
    {
      id: 'editor.next-file',
      title: 'Show the next open file',
      group,
      keys: ['Alt+PageDown'],
      whileTyping: true,
      enabled: open,
      perform: () => activateNeighbour(1),
    },
    {
      id: 'editor.previous-file',
      title: 'Show the previous open file',
      group,
      keys: ['Alt+PageUp'],
      whileTyping: true,
      enabled: open,
      perform: () => activateNeighbour(-1),
    },
    {
      id: 'editor.toggle-breakpoint',
      title: 'Set or remove a breakpoint',
      group,
      keys: ['F9'],
      whileTyping: true,
      enabled: open,
      perform: () => toggleAtCaret(stores, editor),
    },
    {
      id: 'editor.edit-breakpoint',
      title: 'Edit breakpoint…',
      group,
      keys: ['Shift+F9'],
      whileTyping: true,
      enabled: open,
      perform: () => editBreakpoint(stores, editor),
    },
    {
      id: 'editor.clear-breakpoints',
      title: 'Remove all breakpoints',
      group,
      enabled: () => breakpointsStore.getState().breakpoints.length > 0,
      perform: clearBreakpoints,
    },
    {
      id: 'editor.format-on-save',
      title: 'Format when saving: on or off',
      group,
      perform: () => savingStore.setState(({ formatOnSave }) => ({ formatOnSave: !formatOnSave })),
    },
    {
      id: 'editor.follow-run',
      title: 'Follow the run in the editor: on or off',
      group,
      perform: stores.get(createFollowing).toggleFollowing,
    },
    {
      id: 'editor.apply-edit',
      title: 'Apply the edit to the paused run',
      group: 'Run',
      keys: ['Mod+Enter'],
      whileTyping: true,
      enabled: () => editOfRun() !== null,
      perform: () => applyEditStore.setState({ previewed: true }),
    },
  ]);
}

async function saveActive(stores: Stores): Promise<void> {
  const { active } = stores.get(createOpenFiles).getState();
  if (active !== null) await stores.get(createSaving).saveFile(active);
}

function closeActive(stores: Stores): void {
  const openFiles = stores.get(createOpenFiles);
  const { closeFile } = openFiles;
  const { active } = openFiles.getState();
  if (active !== null) closeFile(active);
}
