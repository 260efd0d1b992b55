/** A `.testops-run` file that the operator opened: the core imports it, and the page shows the archive. */
import { dialog, type BrowserWindow } from 'electron';
import { connectContract } from '#shared/contract/connect-contract.ts';
import type { ContractPort } from '#shared/contract/port.ts';
import { formatProblem, problemOf } from '#shared/problem.ts';
import { channels } from './channels.ts';

export async function importBundle(file: string, port: ContractPort, window: BrowserWindow | undefined): Promise<void> {
  const core = connectContract(port);
  try {
    await core.request('runs.import', { file });
    window?.webContents.send(channels.action, 'view.archive');
  } catch (failure) {
    dialog.showErrorBox('This run cannot be imported', formatProblem(problemOf(failure)));
  } finally {
    await core.dispose();
  }
}
