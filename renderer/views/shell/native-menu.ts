/** The native menus of a desktop host, as data: labels, the page's actions they perform, and the page's own keys for them. */
import { createActions } from '../../stores/actions.ts';
import { createOpening } from '../../stores/workspace.ts';
import type { NativeMenu, NativeMenuEntry } from '../../transport/host.ts';
import type { Stores } from '../../stores/stores.ts';

const entry = (label: string, action: string, accelerator?: string): NativeMenuEntry => ({
  label,
  action,
  ...(accelerator !== undefined && { accelerator }),
});

const line = null;

/** Stands before the folder of a workspace that was opened lately. */
const recentWorkspace = 'workspace.recent:';
/** So many of them are offered. */
const offered = 10;

export function nativeMenus(recent: readonly string[]): readonly NativeMenu[] {
  const workspaces = recent.slice(0, offered).map((folder) => entry(folder, `${recentWorkspace}${folder}`));
  return [
    {
      label: 'File',
      entries: [
        entry('Open Workspace…', 'workspace.open', 'CmdOrCtrl+O'),
        { label: 'Open Recent', entries: workspaces },
        entry('Close Workspace', 'workspace.close'),
        line,
        entry('Trust This Folder…', 'workspace.trust'),
        entry('Take Back the Trust in This Folder', 'workspace.distrust'),
        line,
        entry('Switch Environment…', 'environment.switch'),
        entry('Import a Run…', 'archive.import'),
        entry('Export the Run…', 'archive.export'),
      ],
    },
    {
      label: 'Run',
      entries: [
        entry('Start or Go', 'run.start', 'F5'),
        entry('Pause or Retry', 'run.pause', 'F6'),
        entry('Step', 'run.step', 'F10'),
        entry('Step Over', 'run.step-over'),
        entry('Step Out', 'run.step-out'),
        entry('Skip', 'run.skip'),
        entry('Stop', 'run.stop', 'Shift+F5'),
        line,
        entry('Dry Run', 'run.dry'),
        entry('Note…', 'run.note'),
      ],
    },
    {
      label: 'View',
      entries: [
        entry('Find an Action…', 'palette.open', 'CmdOrCtrl+P'),
        entry('Dark or Light', 'theme.toggle'),
        entry('Reset the Layout', 'view.reset-layout'),
        line,
        entry('Keys', 'keys.list'),
      ],
    },
  ];
}

/** An entry was chosen. */
export function performMenuAction(stores: Stores, action: string): void {
  if (action.startsWith(recentWorkspace)) void stores.get(createOpening).openWorkspace(action.slice(recentWorkspace.length));
  else stores.get(createActions).performAction(action);
}
