#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/**
 * A test's stand-in for the Electron executable: Node is the main process, Chromium the window. Playwright's
 * `_electron.launch({ executablePath })` takes it. It shows that the shell is wired rightly (pages, preload script, ports,
 * dialogs, menus, the app:// protocol and its headers); it shows nothing of Electron's sandbox or context isolation.
 */
import { EventEmitter } from 'node:events';
import { open as openInspector } from 'node:inspector';
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { Browser } from './browser.ts';
import { MessageChannelMain } from './ports.ts';
import { BrowserWindow, surroundWindows, WebContents, type SchemeHandler, type Surroundings } from './window.ts';

const words = process.argv.slice(2);
const own = words.filter((word) => !/^--(?:inspect|remote-debugging-port)/.test(word));
const program = resolve(own.find((word) => !word.startsWith('-')) ?? '.');
const browser = new Browser(process.env['TESTOPS_CHROMIUM'] ?? '/usr/bin/chromium');
process.on('exit', () => browser.end());

const schemes = new Map<string, SchemeHandler>();
const handlers: Surroundings['handlers'] = new Map();
const windows = new Set<BrowserWindow>();
const ready = Promise.withResolvers<void>();
let isReady = false;
/** What the shell set and asked for, for tests to look at. */
const record = { menu: null as unknown, externals: [] as string[], notifications: [] as unknown[], permissions: null as unknown };
Object.assign(globalThis, { standIn: record });

const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  whenReady: () => ready.promise,
  isReady: () => isReady,
  enableSandbox: () => undefined,
  requestSingleInstanceLock: () => true,
  addRecentDocument: () => undefined,
  getPath: (name: string) => join(browser.folder, name === 'userData' ? '' : name),
  getName: () => 'TestOps Console',
  getVersion: () => '0.0.0',
  commandLine: { appendSwitch: () => undefined },
  exit: (status = 0) => process.exit(status),
  quit: () => {
    let prevented = false;
    app.emit('before-quit', { preventDefault: () => (prevented = true) });
    if (!prevented) process.exit(0);
  },
});
surroundWindows({ browser, schemes, handlers, windows, allClosed: () => app.emit('window-all-closed') });

class Notification extends EventEmitter {
  constructor(options: unknown) {
    super();
    record.notifications.push(options);
  }
  show(): void {}
}

const electron = {
  app,
  BrowserWindow,
  MessageChannelMain,
  Notification,
  ipcMain: { handle: (channel: string, handler: () => unknown) => handlers.set(channel, handler) },
  protocol: {
    registerSchemesAsPrivileged: () => undefined,
    handle: (scheme: string, handler: SchemeHandler) => schemes.set(scheme, handler),
  },
  session: {
    defaultSession: {
      setPermissionRequestHandler: (handler: unknown) => (record.permissions = handler),
      setPermissionCheckHandler: () => undefined,
      setDevicePermissionHandler: () => undefined,
    },
  },
  shell: { openExternal: (url: string) => (record.externals.push(url), Promise.resolve()) },
  dialog: {
    showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
    showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
    showErrorBox: (title: string, text: string) => process.stderr.write(`${title}: ${text}\n`),
  },
  Menu: { buildFromTemplate: (template: unknown) => template, setApplicationMenu: (menu: unknown) => (record.menu = menu) },
  webContents: {
    fromDevToolsTargetId: (id: string) => [...windows].map((window) => window.webContents).find((each) => each.targetId === id),
  },
  WebContents,
};

Object.assign(record, { electron });
registerHooks({
  resolve: (name, context, next) =>
    name === 'electron'
      ? { url: new URL('electron.cjs', import.meta.url).href, format: 'commonjs', shortCircuit: true }
      : next(name, context),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => app.quit());

await browser.connect();
await browser.send('Target.setDiscoverTargets', { discover: true });
if (words.includes('--inspect=0')) {
  // Playwright joins main process and browser by these two lines, and then says that the program may run.
  const joined = Promise.withResolvers<void>();
  Object.assign(globalThis, { __playwright_run: () => Promise.resolve(joined.resolve()) });
  openInspector(0, '127.0.0.1');
  process.stderr.write(`DevTools listening on ${browser.url}\n`);
  await Promise.race([joined.promise, new Promise((over) => setTimeout(over, 8_000))]);
}
process.argv = [process.argv[0] ?? '', ...own];
createRequire(import.meta.url)(program);
isReady = true;
ready.resolve();
app.emit('ready', {});
