/** Watches a core for runs that fail while it is watched, through deaths of the core, so that a host can tell somebody. */
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Owned } from '#shared/disposable.ts';
import type { RunSummary } from '#shared/run/manifest.ts';
import type { CoreDoor } from './core-door.ts';
import { portOver } from './text-channel.ts';

/** ms before a core that was gone is asked again. */
const patience = 1_000;

/** Each run that failed or broke since now is told once. */
export function watchFailedRuns(door: CoreDoor, failed: (run: RunSummary) => void): Owned {
  const told = new Set<string>();
  const since = Date.now();
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  let close = (): void | Promise<void> => undefined;

  const watch = (): void => {
    const channel = door.open({ operator: null });
    const core = connectContract(portOver(channel));
    close = () => core.dispose();
    const look = async (): Promise<void> => {
      const { runs } = await core.request('runs.list', {});
      const broken = runs.filter((run) => run.startedAt >= since && (run.outcome === 'failed' || run.outcome === 'error'));
      for (const run of broken.filter(({ run }) => !told.has(run))) {
        told.add(run.run);
        failed(run);
      }
    };
    core.listen('runs.changes', {}, look).ended.catch(() => undefined);
    channel.onClose(() => {
      if (!ended) timer = setTimeout(watch, patience);
    });
  };
  watch();
  return {
    dispose: () => {
      ended = true;
      clearTimeout(timer);
      return close();
    },
  };
}
