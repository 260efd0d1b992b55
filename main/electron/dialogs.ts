/** Native dialogs for the page: each answers with a path, or null when the operator thought better of it. */
import { app, BrowserWindow, dialog, type OpenDialogOptions, type SaveDialogOptions, type WebContents } from 'electron';
import { basename } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import { channels } from './channels.ts';
import { answerPage } from './page-requests.ts';

/** Most characters of a text that is saved; a report with its charts has far fewer. */
const maximumText = 256_000_000;
const bundles = [{ name: 'Archived runs', extensions: ['testops-run'] }];

export function offerDialogs(): void {
  answerPage(channels.chooseFolder, z.tuple([]), async (page) => {
    const folder = await choose(page, { title: 'Open a workspace', properties: ['openDirectory', 'createDirectory'] });
    // The system's own list of what was open lately.
    if (folder !== null) app.addRecentDocument(folder);
    return folder;
  });
  answerPage(channels.chooseBundle, z.tuple([]), (page) =>
    choose(page, { title: 'Import a run', properties: ['openFile'], filters: bundles }),
  );
  answerPage(channels.chooseExportFile, z.tuple([z.string().min(1).max(255)]), (page, [suggestion]) => {
    return chooseNewFile(page, { title: 'Export the run', defaultPath: basename(suggestion), filters: bundles });
  });
  answerPage(channels.saveText, z.tuple([z.string().min(1).max(255), z.string().max(maximumText)]), async (page, [name, text]) => {
    const file = await chooseNewFile(page, { title: 'Save', defaultPath: basename(name) });
    if (file !== null) {
      await writeAtomically(file, text, { mode: 0o644 }).catch((failure: NodeJS.ErrnoException) => {
        throw new Error(`${file} cannot be written (${failure.code ?? failure.message}). Choose another place.`);
      });
    }
    return file;
  });
}

async function chooseNewFile(page: WebContents, options: SaveDialogOptions): Promise<string | null> {
  const window = BrowserWindow.fromWebContents(page);
  const { canceled, filePath } = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options));
  return canceled || filePath === '' ? null : filePath;
}

async function choose(page: WebContents, options: OpenDialogOptions): Promise<string | null> {
  const window = BrowserWindow.fromWebContents(page);
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
  return canceled ? null : (filePaths[0] ?? null);
}
