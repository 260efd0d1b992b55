/** The desktop shell: one instance, one window, one core. It shows the page and starts the core; what they do is not its business. */
import { app, dialog, type BrowserWindow } from 'electron';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { importBundle } from './bundle-import.ts';
import { channels } from './channels.ts';
import { ElectronCore } from './core.ts';
import { offerDialogs } from './dialogs.ts';
import { watchFailedRuns } from './failed-runs.ts';
import { portOfMain } from './main-port.ts';
import { showMenu } from './menu.ts';
import { openingOf, openingOfPath, type Opening } from './opened-files.ts';
import { announcePageScheme, servePage } from './page-protocol.ts';
import { answerPage } from './page-requests.ts';
import { denyPermissions, openWindow } from './window.ts';

/** The package; plain Node, which runs the daemons of the demo, reads only what is outside the asar archive. */
const packageRoot = join(__dirname, '..', '..');
const unpackedRoot = packageRoot.replace(/app\.asar$/, 'app.asar.unpacked');
const nodeName = process.platform === 'win32' ? 'node.exe' : 'node';

let window: BrowserWindow | undefined;
let core: ElectronCore | undefined;
let opening: Opening = openingOf(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());

function programs(): { command: string; arguments: string[] } {
  if (app.isPackaged) {
    return { command: join(process.resourcesPath, nodeName), arguments: [join(unpackedRoot, 'dist', 'cli', 'testops.mjs')] };
  }
  const node = join(packageRoot, 'node_modules', 'node', 'bin', nodeName);
  const source = join(packageRoot, 'main', 'cli', 'testops.ts');
  return { command: node, arguments: ['--disable-warning=ExperimentalWarning', source] };
}

function startCore(): ElectronCore {
  const archiveFolder = process.env['TESTOPS_ARCHIVE'] || join(homedir(), '.testops', 'archive');
  const settings = { archiveFolder, programs: programs(), resources: join(unpackedRoot, 'resources') };
  return new ElectronCore(join(unpackedRoot, 'dist', 'electron', 'core-process.mjs'), settings, (status) => {
    process.stderr.write(`The core's process ended with status ${status}; it is started again.\n`);
    setTimeout(watchRuns, 1_000);
  });
}

function watchRuns(): void {
  const port = core?.openPort();
  if (port) watchFailedRuns(portOfMain(port), showWindow);
}

function showWindow(): void {
  if (!window) return openConsole();
  if (window.isMinimized()) window.restore();
  window.focus();
}

function openConsole(): void {
  window = openWindow(join(__dirname, 'preload.cjs'), app.getPath('userData'));
  window.on('closed', () => (window = undefined));
}

/** Something was opened while the console is there: it starts over with it. Unsaved texts are kept as drafts. */
function openAlso(next: Opening): void {
  opening = next;
  if (window && next.bundle === null) window.webContents.reload();
  showWindow();
  importOpened();
}

function importOpened(): void {
  const port = opening.bundle === null ? undefined : core?.openPort();
  if (port && opening.bundle !== null) void importBundle(opening.bundle, portOfMain(port), window);
}

function answerRequests(): void {
  answerPage(channels.start, z.tuple([]), () => opening);
  answerPage(channels.openPort, z.tuple([z.int().min(1)]), (page, [request]) => {
    const port = core?.openPort();
    if (port) page.postMessage(channels.port, request, [port]);
    return port !== undefined;
  });
  offerDialogs();
}

async function begin(): Promise<void> {
  await app.whenReady();
  denyPermissions();
  await servePage(join(packageRoot, 'dist', 'renderer'));
  core = startCore();
  watchRuns();
  answerRequests();
  showMenu(() => window);
  openConsole();
  importOpened();
}

app.enableSandbox();
announcePageScheme();
if (!app.requestSingleInstanceLock()) {
  app.quit();
} else {
  app.on('second-instance', (_, words, folder) => openAlso(openingOf(words.slice(app.isPackaged ? 1 : 2), folder)));
  app.on('open-file', (event, file) => {
    event.preventDefault();
    if (!existsSync(file)) return;
    if (app.isReady()) openAlso(openingOfPath(file));
    else opening = openingOfPath(file);
  });
  app.on('activate', showWindow);
  // On a Mac the app stays without a window; its runs go on. Elsewhere it ends with its window.
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit());
  let ended = false;
  app.on('before-quit', (event) => {
    if (ended || !core) return;
    event.preventDefault();
    void core.end().finally(() => {
      ended = true;
      app.quit();
    });
  });
  begin().catch((failure: unknown) => {
    dialog.showErrorBox('TestOps Console cannot start', failure instanceof Error ? failure.message : String(failure));
    app.exit(1);
  });
}
