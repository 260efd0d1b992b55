/** `testops environment status|pin|drift`. */
import type { Core, EnvironmentStatus } from '#shared/contract/contract.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatBytes, formatTable, Terminal } from '../terminal.ts';

interface Options {
  readonly environment: string;
  readonly json?: boolean;
  readonly archive: string | undefined;
}

export async function environment(what: 'status' | 'pin' | 'drift', options: Options): Promise<void> {
  const terminal = new Terminal();
  const access = await openCoreAccess(options.archive);
  try {
    if (what === 'pin') await pin(access.core, options, terminal);
    else {
      const status = await access.core.request('environment.status', { environmentFile: options.environment });
      if (what === 'status') showStatus(status, options, terminal);
      else showDrift(status, options, terminal);
    }
  } finally {
    await access.dispose();
  }
}

async function pin(core: Core, options: Options, terminal: Terminal): Promise<void> {
  const pinned = await core.request('environment.pin', { environmentFile: options.environment });
  if (options.json) return terminal.line(JSON.stringify(pinned));
  terminal.line(`Pinned ${pinned.daemons.join(', ')} in ${pinned.file}`);
}

function showStatus(status: EnvironmentStatus, options: Options, terminal: Terminal): void {
  if (options.json) return terminal.line(JSON.stringify(status));
  const { bold, green, red, dim } = terminal.colours;
  terminal.line(
    `${bold(status.environment)} at ${status.router}, ${status.connected ? green('connected') : red('not connected')}, release ${status.release || 'unknown'}, operator ${status.operator}`,
  );
  for (const daemon of status.daemons) {
    const offset = daemon.clockOffset === null ? '' : `, clock ${daemon.clockOffset >= 0 ? '+' : ''}${Math.round(daemon.clockOffset)} ms`;
    const presence = daemon.presence === 'present' ? green('present') : red(daemon.presence);
    terminal.line();
    terminal.line(
      `${bold(daemon.daemon)} ${presence}${dim(`${offset}, version ${daemon.catalogue?.softwareVersion ?? '?'}, configuration ${daemon.catalogue?.configurationHash.slice(0, 8) ?? '?'}`)}`,
    );
    const rows = daemon.components.map((component) => [
      `  ${component.component}`,
      component.state,
      component.pid === null ? '' : `pid ${component.pid}`,
      typeof component.metrics['rss'] === 'number' ? formatBytes(component.metrics['rss']) : '',
      typeof component.metrics['cpu'] === 'number' ? `${component.metrics['cpu'].toFixed(1)} %` : '',
    ]);
    for (const line of formatTable(rows)) terminal.line(line);
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
