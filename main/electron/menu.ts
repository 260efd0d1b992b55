/** The native menu, as the page describes it. Each entry performs one of the page's actions; the page knows what can be done when. */
import { Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import { z } from 'zod';
import { channels } from './channels.ts';

const action = z.object({ label: z.string().max(4_096), action: z.string().max(8_192), accelerator: z.string().max(64).optional() });
const submenu = z.object({ label: z.string().max(255), entries: z.array(action).max(50) });
/** Null is a line. */
const entry = z.union([action, submenu, z.null()]);
export const menusSchema = z.array(z.object({ label: z.string().max(255), entries: z.array(entry).max(50) })).max(10);

const mac = process.platform === 'darwin';

export function showMenu(window: () => BrowserWindow | undefined, menus: z.output<typeof menusSchema>): void {
  const itemOf = (each: z.output<typeof entry>): MenuItemConstructorOptions => {
    if (each === null) return { type: 'separator' };
    // A single & would mark a letter as the entry's key.
    const label = each.label.replaceAll('&', '&&');
    if ('entries' in each) return { label, enabled: each.entries.length > 0, submenu: each.entries.map(itemOf) };
    const click = (): void => window()?.webContents.send(channels.action, each.action);
    const { accelerator } = each;
    // The page handles its keys; the menu shows them.
    return { id: each.action, label, click, ...(accelerator !== undefined && { accelerator, registerAccelerator: false }) };
  };
  const [file = [], ...others] = menus.map(({ label, entries }) => [{ label, submenu: entries.map(itemOf) }]);
  if (!mac) for (const { submenu: items } of file) items.push({ role: 'quit' });
  const template = [...(mac ? [{ role: 'appMenu' } as const] : []), ...file, { role: 'editMenu' } as const, ...others.flat()];
  Menu.setApplicationMenu(Menu.buildFromTemplate([...template, { role: 'windowMenu' }]));
}
