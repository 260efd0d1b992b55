/** The native menu. Each entry performs one of the page's actions by its id; the page knows what can be done when. */
import { Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import { channels } from './channels.ts';
import { menus, type Entry } from './menu-entries.ts';

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
