/** The desktop shell: one instance, one window, one core. It shows the page and starts the core; what they do is not its business. */
import { app, BrowserWindow, dialog, MessageChannelMain, Notification } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { beginDemo } from '#main/core-process/begin-demo.ts';
import { watchFailedRuns } from '#main/core-process/failed-runs.ts';
import { startOfPath, startOfWords, type ConsoleStart } from '#main/web/console-start.ts';
import { formatProblem, problemOf } from '#shared/problem.ts';
import { channels } from './channels.ts';
import { startCore } from './core.ts';
import { offerDialogs } from './dialogs.ts';
import { menusSchema, showMenu } from './menu.ts';
import { joinPort } from './page-port.ts';
import { announcePageScheme, servePage } from './page-protocol.ts';
import { answerPage } from './page-requests.ts';
import { denyPermissions, openWindow } from './window.ts';

const packageRoot = join(__dirname, '..', '..');

let window: BrowserWindow | undefined;
let core: ReturnType<typeof startCore> | undefined;
/** What the page opens when it is loaded. */
let start = startOf(process.argv, process.cwd());

/** From the words of a command line; before the paths stand the program's own. */
function startOf(words: readonly string[], folder: string): ConsoleStart {
  return startOfWords(words.slice(app.isPackaged ? 1 : 2), folder);
}

function showWindow(): void {
  if (!window) return openConsole();
  if (window.isMinimized()) window.restore();
  window.focus();
}

function openConsole(): void {
  window = openWindow(join(__dirname, 'preload.cjs'));
  window.on('closed', () => (window = undefined));
}

/** Something was opened while the console is there, or is being started: the page shows it. */
function openAlso(next: ConsoleStart): void {
  start = next;
  if (!app.isReady()) return;
  window?.webContents.send(channels.opened, next);
  showWindow();
}

function answerRequests(): void {
  answerPage(channels.start, z.tuple([]), () => start);
  answerPage(channels.openPort, z.tuple([z.int().min(1)]), async (page, [request]) => {
    const door = await core;
    // Between two lives of the core the page is told to ask again.
    if (!door || door.processId === null) return false;
    const { port1, port2 } = new MessageChannelMain();
    joinPort(port2, door.open({ operator: null }));
    page.postMessage(channels.port, request, [port1]);
    return true;
  });
  answerPage(channels.menu, z.tuple([menusSchema]), (_, [menus]) => showMenu(() => window, menus));
  offerDialogs();
}

async function begin(): Promise<void> {
  await app.whenReady();
  core = startCore(packageRoot);
  if (start.demo) core.then(beginDemo, () => undefined);
  denyPermissions();
  await servePage(join(packageRoot, 'dist', 'renderer'));
  answerRequests();
  showMenu(() => window, []);
  openConsole();
  watchFailedRuns(await core, ({ scenario, outcome, release }) => {
    if (BrowserWindow.getFocusedWindow()) return;
    const notification = new Notification({ title: `${scenario} ${outcome ?? ''}`, body: `Release ${release}` });
    notification.on('click', showWindow);
    notification.show();
  });
}

app.enableSandbox();
announcePageScheme();
if (!app.requestSingleInstanceLock()) {
  app.quit();
} else {
  app.on('second-instance', (_, words, folder) => openAlso(startOf(words, folder)));
  app.on('open-file', (event, file) => {
    event.preventDefault();
    if (existsSync(file)) openAlso(startOfPath(file));
  });
  app.on('activate', showWindow);
  // On a Mac the app stays without a window; its runs go on. Elsewhere it ends with its window.
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit());
  let ended = false;
  app.on('before-quit', (event) => {
    if (ended || !core) return;
    event.preventDefault();
    void core
      .then((started) => started.dispose())
      .finally(() => {
        ended = true;
        app.quit();
      });
  });
  begin().catch((failure: unknown) => {
    dialog.showErrorBox('TestOps Console cannot start', formatProblem(problemOf(failure)));
    app.exit(1);
  });
}
