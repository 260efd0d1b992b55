/** Runs that come from outside: chosen, dropped on the console, or opened from the desktop. Afterwards the archive shows them. */
import type { RunId } from '#shared/identifiers.ts';
import { createRunFiles } from '../../stores/run-files.ts';
import { createRunSession } from '../../stores/run-session.ts';
import { createSession } from '../../stores/session.ts';
import type { ImportedRun } from '../../transport/host.ts';
import { everyRun } from './archive-rows.ts';
import { choose } from './archive-selection.ts';
import { createArchive } from './archive-store.ts';
import type { Stores } from '../../stores/stores.ts';

/** Opens a run of the archive in the Run view, read-only. */
export function showArchivedRun(stores: Stores, run: RunId): void {
  stores.get(createRunSession).showRun(run, { live: false });
  stores.get(createSession).setState({ view: 'run' });
}

/** Imports files of the operator's computer, one after the other; the archive shows the last one. */
export async function importFiles(stores: Stores, files: readonly File[]): Promise<void> {
  for (const imported of await Promise.all(files.map(stores.get(createRunFiles).takeFile))) if (imported) showImported(stores, imported);
}

/** Imports a file of the core's computer; the archive shows the run. */
export async function importPath(stores: Stores, path: string): Promise<void> {
  const imported = await stores.get(createRunFiles).takePath(path);
  if (imported) showImported(stores, imported);
}

/** Imports a file that was opened from the desktop, or finds its run in the archive, and shows the run itself. */
export async function openBundle(stores: Stores, path: string): Promise<void> {
  const imported = await stores.get(createRunFiles).takePath(path);
  if (!imported) return;
  select(stores, imported.run);
  showArchivedRun(stores, imported.run);
}

function select(stores: Stores, run: RunId): void {
  stores.get(createArchive).setState({ ...choose(run), filter: everyRun });
}

function showImported(stores: Stores, { run, found }: ImportedRun): void {
  const session = stores.get(createSession);
  const { notify } = session;
  select(stores, run);
  session.setState({ view: 'archive' });
  const message = found ? `${run} is in the archive already.` : `Imported ${run}.`;
  notify(
    { severity: 'information', code: 'run-imported', message },
    { lifetime: 10_000, action: { title: 'Open', perform: () => showArchivedRun(stores, run) } },
  );
}
