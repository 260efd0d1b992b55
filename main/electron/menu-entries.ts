/** The native menus as data: labels, the page's actions they perform, and the page's own keys for them. */

export type Entry = readonly [label: string, action: string, accelerator?: string] | 'line';

/** The menus, with the page's own keys; the page handles them, the menu shows them. */
export const menus: readonly (readonly [title: string, entries: readonly Entry[]])[] = [
  [
    'File',
    [
      ['Open Workspace…', 'workspace.open', 'CmdOrCtrl+O'],
      ['Close Workspace', 'workspace.close'],
      'line',
      ['Switch Environment…', 'environment.switch'],
      ['Import a Run…', 'archive.import'],
      ['Export the Run…', 'archive.export'],
    ],
  ],
  [
    'Run',
    [
      ['Start or Go', 'run.start', 'F5'],
      ['Pause or Retry', 'run.pause', 'F6'],
      ['Step', 'run.step', 'F10'],
      ['Step Over', 'run.step-over'],
      ['Step Out', 'run.step-out'],
      ['Skip', 'run.skip'],
      ['Stop', 'run.stop', 'Shift+F5'],
      'line',
      ['Dry Run', 'run.dry'],
      ['Note…', 'run.note'],
    ],
  ],
  [
    'View',
    [
      ['Find an Action…', 'palette.open', 'CmdOrCtrl+P'],
      ['Dark or Light', 'theme.toggle'],
      ['Reset the Layout', 'view.reset-layout'],
      'line',
      ['Keys', 'keys.list'],
    ],
  ],
];
