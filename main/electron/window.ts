/** The console's window: a sandboxed page that can go nowhere and is granted nothing. */
import { BrowserWindow, session, shell, type Rectangle } from 'electron';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { pageOrigin } from './channels.ts';

const stateSchema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().min(400), height: z.int().min(300) }),
  maximized: z.boolean(),
});

export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_, __, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}

/** Opens the window where it was last time. `folder` keeps its place. */
export function openWindow(preload: string, folder: string): BrowserWindow {
  const file = join(folder, 'window.json');
  const state = readState(file);
  const window = new BrowserWindow({
    ...(state?.bounds ?? { width: 1440, height: 900 }),
    minWidth: 900,
    minHeight: 600,
    title: 'TestOps Console',
    backgroundColor: '#141517',
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
  });
  if (state?.maximized) window.maximize();
  window.on('close', () => writeState(file, window.getNormalBounds(), window.isMaximized()));
  confine(window);
  void window.loadURL(`${pageOrigin}/`);
  return window;
}

/** The page stays where it is; links to the web open in the system's browser. */
function confine({ webContents }: BrowserWindow): void {
  webContents.setWindowOpenHandler(({ url }) => {
    if (isWebLink(url)) void shell.openExternal(url);
    return { action: 'deny' };
  });
  const stay = (event: { preventDefault(): void }): void => event.preventDefault();
  webContents.on('will-navigate', stay);
  webContents.on('will-redirect', stay);
  webContents.on('will-attach-webview', stay);
}

/** Only https, and no address that carries a name and password. */
export function isWebLink(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}

function readState(file: string): z.output<typeof stateSchema> | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // The first start, or a file that somebody spoilt: the usual place.
    return undefined;
  }
}

function writeState(file: string, bounds: Rectangle, maximized: boolean): void {
  try {
    writeFileSync(file, JSON.stringify({ bounds, maximized }));
  } catch {
    // The window opens at the usual place next time.
  }
}
