/**
 * What is known of a run whose manifest is lost: its log says which run it was, and what was executed. Enough to look at it; nothing
 * is written, and to compare or export it the real manifest is needed.
 */
import path from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { archiveFormatVersion, runManifestSchema, type RunManifest } from '#shared/run/manifest.ts';
import type { RecordOf, RunRecord } from '#shared/run/records.ts';
import { logFile } from './layout.ts';
import { scanLog } from './log-reader.ts';

/** Lines of a scenario that are put together again; nothing honest is longer. */
const mostLines = 100_000;

/** Null: the log does not even say which run it is of. */
export async function manifestFromLog(folder: string, run: RunId): Promise<RunManifest | null> {
  const told = new ToldByLog();
  await scanLog(path.join(folder, logFile), (record) => told.add(record)).catch(() => undefined);
  const { begun, finished } = told;
  if (begun?.run !== run) return null;
  const { scenario, environment, release, operator, policy, variables, mode, softwareVersion } = begun;
  const decoded = runManifestSchema.safeParse({
    format: archiveFormatVersion,
    run,
    scenario: { name: scenario, title: null, tags: [], texts: told.texts(), hash: '0'.repeat(64) },
    environment,
    release,
    operator,
    policy,
    mode,
    variables,
    startedAt: begun.time,
    finishedAt: finished?.time ?? null,
    duration: null,
    outcome: finished?.outcome ?? 'interrupted',
    reason: finished?.reason ?? null,
    catalogues: [],
    workspaceCommit: null,
    conditions: {},
    softwareVersion,
    totals: null,
    daemons: [...told.daemons],
  });
  return decoded.success ? decoded.data : null;
}

class ToldByLog {
  begun: RecordOf<'run-started'> | null = null;
  finished: RecordOf<'run-finished'> | null = null;
  readonly daemons = new Set<string>();
  private readonly lines = new Map<string, string[]>();

  add(record: RunRecord): void {
    if (record.kind === 'run-started') this.begun ??= record;
    else if (record.kind === 'run-finished') this.finished = record;
    else if (record.kind === 'presence') this.daemons.add(record.daemon);
    else if (record.kind === 'step-started') this.addLine(record.step);
  }

  /** The texts with the lines that were executed, each in its place. */
  texts(): Record<string, string> {
    const texts = [...this.lines].map(([name, lines]) => [name, `${Array.from(lines, (line) => line ?? '').join('\n')}\n`] as const);
    return { ...(this.begun && { [this.begun.scenario]: '' }), ...Object.fromEntries(texts) };
  }

  private addLine({ scenario, line, text }: RecordOf<'step-started'>['step']): void {
    if (line >= mostLines) return;
    const lines = this.lines.get(scenario) ?? [];
    lines[line] = text;
    this.lines.set(scenario, lines);
  }
}
