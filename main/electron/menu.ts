/** The native menu. Each entry performs one of the page's actions by its id; the page knows what can be done when. */
import { Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import { channels } from './channels.ts';

type Entry = readonly [label: string, action: string, accelerator?: string] | 'line';

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

export function showMenu(window: () => BrowserWindow | undefined): void {
  const perform = (action: string): void => window()?.webContents.send(channels.action, action);
  const entryOf = (entry: Entry): MenuItemConstructorOptions => {
    if (entry === 'line') return { type: 'separator' };
    const [label, action, accelerator] = entry;
    return {
      id: action,
      label,
      click: () => perform(action),
      ...(accelerator !== undefined && { accelerator, registerAccelerator: false }),
    };
  };
  const ours = menus.map(([label, entries]): MenuItemConstructorOptions => ({
    label,
    submenu: [...entries.map(entryOf), ...(label === 'File' && process.platform !== 'darwin' ? [{ role: 'quit' } as const] : [])],
  }));
  const mac: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  const template = [...mac, ...ours.slice(0, 1), { role: 'editMenu' } as const, ...ours.slice(1), { role: 'windowMenu' } as const];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
