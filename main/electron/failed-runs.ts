/** Tells the operator, by a notification of the system, that a run failed while nobody looked at the console. */
import { BrowserWindow, Notification } from 'electron';
import { connectContract } from '#shared/contract/connect-contract.ts';
import type { ContractPort } from '#shared/contract/port.ts';

/** Watches the list of runs over a port of its own, until the port closes. `show` brings the window to the front. */
export function watchFailedRuns(port: ContractPort, show: () => void): void {
  const core = connectContract(port);
  const told = new Set<string>();
  const since = Date.now();
  const look = async (): Promise<void> => {
    const { runs } = await core.request('runs.list', {});
    const failed = runs.filter((run) => run.startedAt >= since && (run.outcome === 'failed' || run.outcome === 'error'));
    for (const run of failed.filter(({ run }) => !told.has(run))) {
      told.add(run.run);
      if (BrowserWindow.getFocusedWindow()) continue;
      const notification = new Notification({ title: `${run.scenario} ${run.outcome}`, body: `Release ${run.release}` });
      notification.on('click', show);
      notification.show();
    }
  };
  // When the core is gone, the next one is watched anew.
  core.listen('runs.changes', {}, look).ended.catch(() => undefined);
}
