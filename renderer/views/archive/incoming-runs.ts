/** Runs that come from outside: chosen, dropped on the console, or opened from the desktop. Afterwards the archive shows them. */
import type { RunId } from '#shared/identifiers.ts';
import { takeFile, takePath } from '../../stores/run-files.ts';
import { showRun } from '../../stores/run-session.ts';
import { notify, useSession } from '../../stores/session.ts';
import type { ImportedRun } from '../../transport/host.ts';
import { everyRun } from './archive-rows.ts';
import { choose } from './archive-selection.ts';
import { useArchive } from './archive-store.ts';

/** Opens a run of the archive in the Run view, read-only. */
export function showArchivedRun(run: RunId): void {
  showRun(run, { live: false });
  useSession.setState({ view: 'run' });
}

/** Imports files of the operator's computer, one after the other; the archive shows the last one. */
export async function importFiles(files: readonly File[]): Promise<void> {
  for (const imported of await Promise.all(files.map(takeFile))) if (imported) showImported(imported);
}

/** Imports a file of the core's computer; the archive shows the run. */
export async function importPath(path: string): Promise<void> {
  const imported = await takePath(path);
  if (imported) showImported(imported);
}

/** Imports a file that was opened from the desktop, or finds its run in the archive, and shows the run itself. */
export async function openBundle(path: string): Promise<void> {
  const imported = await takePath(path);
  if (!imported) return;
  select(imported.run);
  showArchivedRun(imported.run);
}

function select(run: RunId): void {
  useArchive.setState({ ...choose(run), filter: everyRun });
}

function showImported({ run, found }: ImportedRun): void {
  select(run);
  useSession.setState({ view: 'archive' });
  const message = found ? `${run} is in the archive already.` : `Imported ${run}.`;
  notify(
    { severity: 'information', code: 'run-imported', message },
    { lifetime: 10_000, action: { title: 'Open', perform: () => showArchivedRun(run) } },
  );
}
