/** The console's window: a sandboxed page that can go nowhere and is granted nothing. */
import { BrowserWindow, session, shell } from 'electron';
import { pageOrigin } from './channels.ts';

export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_, __, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}

/** Opens the window where it was last time. */
export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    name: 'console',
    windowStatePersistence: true,
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    title: 'TestOps Console',
    backgroundColor: '#141517',
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, spellcheck: false },
  });
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
