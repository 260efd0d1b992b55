/** Files in and out of the console as its operator moves them, on either host: dragged, chosen in a dialog, saved. */
import type { ConsolePage } from './console-page.ts';
import { electronBinary } from './desktop.ts';
import { basename } from 'node:path';

/** Drags files from the desktop over the middle of the window, as a real drag of the browser's; drops them where wanted. */
export async function dragFiles(opened: ConsolePage, files: readonly string[], how: 'drop' | 'leave' | 'stay' = 'drop'): Promise<void> {
  const { page, context } = opened;
  if (opened.host === 'desktop' && electronBinary === undefined) {
    // The stand-in cannot ask Chromium where a dropped file stands.
    const paths = Object.fromEntries(files.map((file) => [basename(file), file]));
    await page.evaluate((known) => Object.assign(window, { standInPaths: known }), paths);
  }
  const session = await context.newCDPSession(page);
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
    session.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data: { items: [], files: [...files], dragOperationsMask: 1 } });
  await drag('dragEnter');
  await drag('dragOver');
  if (how === 'drop') await drag('drop');
  // The protocol's own dragCancel tells the page nothing.
  if (how === 'leave') await page.evaluate(() => document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true })));
  await session.detach();
}

/** Does what asks for a file, and chooses it. */
export async function chooseFile(opened: ConsolePage, file: string, ask: () => Promise<void>): Promise<void> {
  const { page, shell } = opened;
  if (shell) {
    await shell.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
    }, file);
    return ask();
  }
  await ask();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files…' }).click();
  await (await chooser).setFiles(file);
}

/** Does what saves a file, and has it written to a path. */
export async function saveFile(opened: ConsolePage, file: string, save: () => Promise<void>): Promise<void> {
  const { page, shell } = opened;
  if (shell) {
    await shell.evaluate(({ dialog }, path) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
    }, file);
    return save();
  }
  const download = page.waitForEvent('download');
  await save();
  await (await download).saveAs(file);
}
