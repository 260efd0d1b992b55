/** Runs that come into the archive or leave it as files: one after the other, with what is under way, how far, and how to stop it. */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import { importFile, importPath, saveRun, type ImportedRun } from '../transport/host.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface Transfer {
  /** `Importing run.testops-run`. */
  readonly what: string;
  /** 0 to 1; null where it cannot be said. */
  readonly share: number | null;
  /** Null: it cannot be stopped any more. */
  readonly cancel: (() => void) | null;
}

/** What a file of an archived run is called. */
export const bundleEnding = '.testops-run';

export function createRunFiles(stores: Stores) {
  const { inform, notify, currentCore } = stores.get(createSession);

  const runFiles = createStore<{ readonly transfer: Transfer | null }>(() => ({ transfer: null }));

  /** Files wait for each other. */
  let last: Promise<unknown> = Promise.resolve();

  /** Shows what is under way; a failure is told as a notice. Null: it failed, or was cancelled. */
  function transferring<T>(what: string, work: () => Promise<T>): Promise<T | null> {
    const mine = last.then(async () => {
      runFiles.setState({ transfer: { what, share: null, cancel: null } });
      try {
        return await work();
      } catch (failure) {
        const problem = problemOf(failure);
        if (problem.code === 'cancelled') inform(problem.message);
        else notify(problem);
        return null;
      } finally {
        runFiles.setState({ transfer: null });
      }
    });
    last = mine;
    return mine;
  }

  function core() {
    const connected = currentCore();
    if (connected) return connected;
    throw new ProblemError({ code: 'not-connected', message: 'There is no connection to the core.', tip: 'Try again when it is back.' });
  }

  /** Takes a file of the operator's computer into the archive. */
  function takeFile(file: File): Promise<ImportedRun | null> {
    return transferring(`Importing ${file.name}`, async () => {
      if (!file.name.endsWith(bundleEnding)) {
        throw new ProblemError({
          code: 'not-a-run',
          message: `${file.name} is no archived run.`,
          tip: `Choose a file whose name ends in ${bundleEnding}.`,
        });
      }
      const sending = importFile(core(), file, (share) => {
        const { transfer } = runFiles.getState();
        // Once the core has all of it, it is read and checked to its end.
        if (share >= 1) runFiles.setState({ transfer: { what: `Checking ${file.name}`, share: null, cancel: null } });
        else if (transfer) runFiles.setState({ transfer: { ...transfer, share, cancel: sending.cancel } });
      });
      return sending.finished;
    });
  }

  /** Takes a file of the core's computer into the archive. */
  function takePath(path: string): Promise<ImportedRun | null> {
    return transferring(`Importing ${path}`, () => importPath(core(), path));
  }

  /** Hands a run out as a file. */
  async function handOut(run: RunId): Promise<void> {
    const file = await transferring(`Exporting ${run}`, () => saveRun(core(), run));
    if (file !== null) inform(`Exported to ${file}.`);
  }

  return { ...runFiles, takeFile, takePath, handOut };
}

export const useRunFiles = storeHook(createRunFiles);
