/** `testops environment status|pin|drift`. */
import type { Core } from '#shared/contract/contract.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTable, inert, Terminal } from '../terminal.ts';
import { differenceText, durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { listed } from '#shared/wording/names.ts';

interface Options {
  readonly environment: string;
  readonly json?: boolean;
  readonly trust?: boolean;
  readonly archive: string | undefined;
}

/** What is worth a place in a table; everything else is in --json. */
const shownMetrics = [
  { metric: 'rss', label: 'memory', unit: 'bytes' },
  { metric: 'memory_used_percent', label: 'memory', unit: '%' },
  { metric: 'cpu', label: 'cpu', unit: '%' },
] as const;

export async function environment(what: 'status' | 'pin' | 'drift', options: Options): Promise<void> {
  const terminal = new Terminal();
  const access = await openCoreAccess(options.archive, options.trust);
  try {
    if (what === 'pin') await pin(access.core, options, terminal);
    else {
      const status = what === 'status' ? await fullStatus(access.core, options) : await askStatus(access.core, options);
      if (what === 'status') showStatus(status, options, terminal);
      else showDrift(status, options, terminal);
    }
  } finally {
    await access.dispose();
  }
}

function askStatus(core: Core, options: Options): Promise<EnvironmentStatus> {
  return core.request('environment.status', { environmentFile: options.environment });
}

/** ms to wait for the first values of metrics; daemons send them about once a second. */
const valuePatience = 2_500;

/** The status with the values of metrics, which arrive a little after the connection; without them where none come. */
async function fullStatus(core: Core, options: Options): Promise<EnvironmentStatus> {
  const deadline = performance.now() + valuePatience;
  for (;;) {
    const status = await askStatus(core, options);
    const present = status.daemons.filter((daemon) => daemon.presence === 'present' && (daemon.catalogue?.series.length ?? 0) > 0);
    const valued = present.every(({ components }) =>
      components.every(
        ({ pid, metrics }) => (pid === null && components.length > 1) || Object.values(metrics).some((value) => value !== null),
      ),
    );
    if (valued || performance.now() > deadline) return status;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

async function pin(core: Core, options: Options, terminal: Terminal): Promise<void> {
  const pinned = await core.request('environment.pin', { environmentFile: options.environment });
  if (options.json) return terminal.line(JSON.stringify(pinned));
  terminal.line(`Pinned ${listed(pinned.daemons)} in ${pinned.file}`);
}

function showStatus(status: EnvironmentStatus, options: Options, terminal: Terminal): void {
  const { problems = [] } = status;
  // A pipeline asks whether the environment is there: it is not while a daemon of it is absent, or cannot be commanded.
  const isThere = status.connected && status.daemons.every((daemon) => daemon.presence === 'present');
  if (!isThere || problems.some(({ severity }) => severity === 'error')) process.exitCode = exitCodes.failed;
  if (options.json) return terminal.line(JSON.stringify(status));
  const { bold, green, red, dim } = terminal.colours;
  terminal.line(
    `${bold(status.environment)} at ${status.router}, ${status.connected ? green('connected') : red('not connected')}, release ${status.release || 'unknown'}, operator ${status.operator}`,
  );
  for (const { tip, ...problem } of problems) terminal.problem({ ...problem, ...(tip !== undefined && { tip }) });
  for (const daemon of status.daemons) {
    const offset = daemon.clockOffset === null ? '' : `, clock ${differenceText(daemon.clockOffset)}`;
    const heard = daemon.presence === 'lost' && daemon.silence !== null ? `, heard last ${durationText(daemon.silence)} ago` : '';
    const presence = daemon.presence === 'present' ? green('present') : red(`${daemon.presence}${heard}`);
    terminal.line();
    terminal.line(
      `${bold(daemon.daemon)} ${presence}${dim(`${offset}, version ${daemon.catalogue?.softwareVersion ?? '?'}, configuration ${daemon.catalogue?.configurationHash.slice(0, 8) ?? '?'}`)}`,
    );
    const rows = daemon.components.map(({ component, state, pid, metrics }) => [
      `  ${component}`,
      component === 'System' ? '' : state,
      pid === null ? '' : `pid ${pid}`,
      ...shownMetrics.map(({ metric, label, unit }) => {
        const value = metrics[metric];
        return typeof value === 'number' ? `${label} ${quantityText(value, unit)}` : '';
      }),
    ]);
    for (const line of formatTable(rows)) terminal.line(inert(line));
    const actions = daemon.catalogue?.actions.map((action) => action.name) ?? [];
    if (actions.length > 0) terminal.line(dim(`  actions: ${actions.join(', ')}`));
  }
}

function showDrift(status: EnvironmentStatus, options: Options, terminal: Terminal): void {
  const drift = status.drift;
  if (options.json) terminal.line(JSON.stringify(drift));
  else if (drift === null) terminal.line('Nothing is pinned; `testops environment pin` remembers the present configuration.');
  else if (drift.length === 0) terminal.line('No drift: the environment is as pinned.');
  else for (const each of drift) terminal.problem({ severity: each.severity, code: 'drift', message: `${each.daemon}: ${each.message}` });
  if (drift === null) process.exitCode = exitCodes.usage;
  else if (drift.length > 0) process.exitCode = exitCodes.failed;
}
