/** Runs, clocks and folders for the tests of the archive. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunJournal, SampleBatch } from '#main/core/ports.ts';
import type { Clock } from '#platform/clock.ts';
import { daemonNameSchema, epochSchema, runIdSchema, type DaemonName, type Epoch, type RunId } from '#shared/identifiers.ts';
import { runManifestSchema, type RunManifest } from '#shared/run/manifest.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';
import { seriesDeclarationSchema, type SeriesDeclaration } from '#shared/telemetry/series.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'testops-archive-'));
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

export function runId(number = 1): RunId {
  return runIdSchema.parse(`20261120T221735Z-failover-${number.toString(16).padStart(4, '0')}`);
}

export function manifestOf(run: RunId, change: Partial<RunManifest> = {}): RunManifest {
  return runManifestSchema.parse({
    format: 1,
    run,
    scenario: { name: 'failover', title: 'Fail-over', tags: ['smoke'], texts: { failover: 'echo PASS\n' }, hash: 'a'.repeat(64) },
    environment: 'demo',
    release: 'rc1',
    operator: 'kim',
    policy: 'pause',
    mode: 'live',
    variables: {},
    startedAt: Date.UTC(2026, 10, 20, 22, 17, 35),
    finishedAt: null,
    duration: null,
    outcome: null,
    reason: null,
    catalogues: [],
    workspaceCommit: null,
    conditions: { host: 'laptop' },
    softwareVersion: '0.1.0',
    totals: null,
    daemons: ['MEP'],
    ...change,
  });
}

export const daemon: DaemonName = daemonNameSchema.parse('MEP');
export const epoch: Epoch = epochSchema.parse('0192f0a1b2c3d4e5');

export function declarations(count: number, component = 'MatchingEnginePrimary'): SeriesDeclaration[] {
  return Array.from({ length: count }, (_, id) =>
    seriesDeclarationSchema.parse({ id, component, metric: `metric_${id}`, unit: 'none', kind: 'gauge' }),
  );
}

export function batchOf(series: readonly SeriesDeclaration[], sequence: number, time: number, values?: readonly number[]): SampleBatch {
  return { daemon, epoch, sequence, time, series, values: Float64Array.from(values ?? series.map((_, index) => index + sequence / 10)) };
}

export function echo(text: string): RecordBody {
  return { kind: 'echo', execution: 1, text };
}

export function runStarted(run: RunId): RecordBody {
  const { environment } = manifestOf(run);
  return {
    kind: 'run-started',
    run,
    scenario: 'failover',
    environment,
    release: 'rc1',
    operator: 'kim',
    policy: 'pause',
    variables: {},
    mode: 'live',
    softwareVersion: '0.1.0',
  };
}

export function step(execution: number, line: number, depth = 0): Extract<RecordBody, { kind: 'step-started' }>['step'] {
  return { execution, scenario: 'failover', line, number: line, text: 'echo PASS', depth, phase: 'main' };
}

/** A short but complete run: steps, observations, samples, an end. */
export async function recordRun(journal: RunJournal, frames = 5, seriesCount = 10): Promise<void> {
  const series = declarations(seriesCount);
  await journal.append(runStarted(journal.run));
  await journal.append({ kind: 'step-started', step: step(1, 0) });
  for (let frame = 1; frame <= frames; frame++) journal.appendSamples(batchOf(series, frame, Date.now()));
  await journal.append({ kind: 'observation', daemon, epoch, number: frames + 1, events: [] });
  await journal.append(echo('PASS'));
  await journal.append({ kind: 'step-finished', step: step(1, 0), state: 'passed', message: null, result: null, duration: 1 });
  await journal.append({ kind: 'run-finished', outcome: 'passed', reason: 'echo PASS' });
  await journal.updateManifest({ outcome: 'passed', reason: 'echo PASS', finishedAt: Date.now(), duration: 12 });
}

export async function readAll(batches: AsyncIterable<readonly RunRecord[]>): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}
