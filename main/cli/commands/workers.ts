/** `testops workers`: who executes tests in an environment, and who coordinates them. Exit status 1 when nobody is there. */
import { resolve } from 'node:path';
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable, inert } from '../terminal.ts';

export function workers(options: {
  readonly environment: string;
  readonly json?: boolean;
  readonly trust?: boolean;
  readonly archive: string | undefined;
}): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    const told = await core.request('workers.list', { environmentFile: resolve(options.environment) });
    if (told.workers.length === 0) process.exitCode = exitCodes.failed;
    if (options.json) return terminal.line(JSON.stringify(told));
    if (told.workers.length === 0) return terminal.line('No daemon asks for work; one with a section worker in daemon.yaml does.');
    const rows = told.workers.map(({ worker, state, host, used, slots, labels }) => [
      worker,
      state,
      host,
      `${used}/${slots}`,
      labels.join(' '),
    ]);
    for (const line of formatTable([['WORKER', 'STATE', 'HOST', 'SLOTS', 'LABELS'], ...rows])) terminal.line(inert(line));
    terminal.line(terminal.colours.dim(told.coordinator === null ? 'no core coordinates campaigns' : `coordinated by ${told.coordinator}`));
  });
}
