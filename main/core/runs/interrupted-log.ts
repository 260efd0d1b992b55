/** The log of an interrupted run, read once: its state, and what its daemons had declared. */
import type { RunArchive } from '../ports.ts';
import type { DaemonName, Epoch, RunId } from '#shared/identifiers.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { fold, initialRunState, type RunState } from '#shared/run/run-state.ts';

export interface InterruptedLog {
  readonly state: RunState;
  /** ms from the start of the run to the last record before its core died for the first time. */
  readonly lasted: number;
  /** Events of an epoch that declare its series, in order. */
  declarations(daemon: DaemonName, epoch: Epoch): readonly DaemonEvent[];
}

/**
 * The state that an interrupted run was left in, and what its daemons had declared. Rejects with a ProblemError where the log is damaged.
 */
export async function readLog(archive: RunArchive, run: RunId): Promise<InterruptedLog> {
  let state = initialRunState();
  const declared = new Map<string, DaemonEvent[]>();
  let died: number | null = null;
  for await (const records of archive.read(run, 1)) {
    const before = state;
    state = fold(records, state);
    const recovered = records.findIndex(({ kind }) => kind === 'recovered');
    if (recovered !== -1) died ??= records[recovered - 1]?.time ?? before.time;
    for (const record of records) keepDeclarations(declared, record);
  }
  const lasted = Math.max(0, (died ?? state.time ?? 0) - (state.started?.time ?? 0));
  return { state, lasted, declarations: (daemon, epoch) => declared.get(`${daemon} ${epoch}`) ?? [] };
}

function keepDeclarations(declared: Map<string, DaemonEvent[]>, record: RunRecord): void {
  if (record.kind !== 'observation') return;
  const found = record.events.filter(({ kind }) => kind === 'series-declared' || kind === 'columns-declared');
  if (found.length === 0) return;
  const key = `${record.daemon} ${record.epoch}`;
  const known = declared.get(key);
  if (known) known.push(...found);
  else declared.set(key, found);
}
