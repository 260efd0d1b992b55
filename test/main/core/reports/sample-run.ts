/** Archived runs with everything a report can show, also with texts that would do harm if they were not made inert. */
import { openArchive } from '#main/core/archive/archive.ts';
import { batchOf, daemon, epoch, manifestOf, realClock, runId, runStarted } from '../archive/fixtures.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { commandIdSchema, type RunId } from '#shared/identifiers.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import type { RecordBody } from '#shared/run/records.ts';
import { seriesDeclarationSchema, type SeriesDeclaration } from '#shared/telemetry/series.ts';

export const hostile = '<script>alert(1)</script>"\'&\u202e evil \u0007]]>';
export const scenarioText = `call setup
kill -9 MatchingEnginePrimary
wait state READY of MatchingEngineSecondary within 5s
expect MatchingEnginePrimary.rss < 600MB
echo ${hostile.replace(/[\u0007]/g, '')}
`;

export const series: readonly SeriesDeclaration[] = (
  [
    ['MatchingEnginePrimary', 'rss', 'bytes', 'gauge'],
    ['MatchingEnginePrimary', 'cpu', '%', 'gauge'],
    ['MatchingEngineSecondary', 'rss', 'bytes', 'gauge'],
    ['MatchingEnginePrimary', 'latency_p99', 'ms', 'gauge'],
    ['Gateway', 'orders_total{side="buy",run="mine"}', 'count', 'counter'],
    ['Gateway', 'orders_total{side="sell",run="mine"}', 'count', 'counter'],
    ['Gateway', 'orders', 'count', 'gauge'],
    ['Gateway', 'queue.depth', 'none', 'gauge'],
    ['Gateway', 'queue:depth', 'none', 'gauge'],
  ] as const
).map(([component, metric, unit, kind], id) => seriesDeclarationSchema.parse({ id, component, metric, unit, kind }));

type Step = Extract<RecordBody, { kind: 'step-started' }>['step'];

const sentKill = commandIdSchema.parse('kill-of-the-primary');
export const startedAt = Date.UTC(2026, 10, 20, 22, 17, 35);

export interface SampleRun {
  readonly number?: number;
  readonly change?: Partial<RunManifest>;
  /** Samples of each series; one every 100 ms. */
  readonly frames?: number;
  readonly outcome?: 'passed' | 'failed';
  /** Its daemon is not heard from `silence.from` to `silence.to`, ms after the run began, and came back without having been started anew. */
  readonly lost?: boolean;
}

/** When the daemon of a run with `lost` is silent, ms after the run began: from before its checks are decided on. */
export const silence = { from: 1_000, to: 3_600 } as const;

/** Writes a finished run into an archive's folder. */
export async function archiveSampleRun(
  folder: string,
  { number = 1, change = {}, frames = 40, outcome = 'failed', lost = false }: SampleRun = {},
): Promise<RunId> {
  const clock = { ...realClock, now: () => time };
  let time = startedAt + number * 60_000;
  const began = time;
  const archive = await openArchive({ folder, clock });
  try {
    const run = runId(number);
    const texts = { failover: scenarioText, setup: 'echo hello\n' };
    const scenario = { name: 'failover', title: `Fail-over ${hostile}`, tags: ['smoke'], texts, hash: 'a'.repeat(64) };
    const journal = await archive.create(manifestOf(run, { scenario, startedAt: began, ...change }));
    const tell = async (after: number, body: RecordBody): Promise<void> => {
      time += after;
      await journal.append(body);
    };
    let told = 0;
    const observe = (after: number, ...events: DaemonEvent[]): Promise<void> => {
      const number = frames + ++told;
      return tell(after, { kind: 'observation', daemon, epoch, number, events });
    };
    const started = runStarted(run);
    await tell(0, { ...started, ...(started.kind === 'run-started' && { release: change.release ?? 'rc1' }) });
    await tell(1, { kind: 'presence', daemon, state: 'present', epoch, clockOffset: 50 });
    for (let frame = 1; frame <= frames; frame++) {
      if (lost && frame * 100 > silence.from && frame * 100 < silence.to) continue;
      const wave = Math.sin(frame / 5);
      const counter = frame < 30 ? frame * 3 : (frame - 29) * 3;
      const values = [1e8 + wave * 1e7, 50 + wave * 20, 9e7, 2 + wave, counter, counter * 2, 5, frame, frame === 10 ? Number.NaN : -frame];
      // 50 ms ahead, as the daemon's clock is.
      journal.appendSamples(batchOf(series, frame, began + frame * 100 + 50, values));
    }
    const step = (execution: number, text: string, extra: Partial<Step> = {}): Step => ({
      execution,
      scenario: 'failover',
      line: execution,
      number: execution,
      text,
      depth: 0,
      phase: 'main',
      ...extra,
    });
    const runStep = async (
      step: Step,
      duration: number,
      state: 'passed' | 'failed' | 'skipped' | 'timed out',
      message: string | null = null,
      ...meanwhile: readonly RecordBody[]
    ) => {
      await tell(1, { kind: 'step-started', step });
      for (const each of meanwhile) await tell(0, each);
      await tell(duration, { kind: 'step-finished', step, state, message, result: null, duration });
    };
    const call = step(1, 'call setup');
    await tell(1, { kind: 'step-started', step: call });
    await runStep(step(2, 'echo hello', { scenario: 'setup', depth: 1, line: 0, number: 0 }), 20, 'passed');
    await tell(500, { kind: 'step-finished', step: call, state: 'passed', message: null, result: null, duration: 521 });
    const words = ['-9', 'MatchingEnginePrimary'];
    const kill: RecordBody = { kind: 'command-sent', execution: 3, command: sentKill, daemon, action: 'kill', arguments: words };
    await runStep(step(3, 'kill -9 MatchingEnginePrimary'), 10, 'passed', null, kill);
    const [primary, secondary] = [series[0]!.component, series[2]!.component];
    await observe(5, { kind: 'component-crashed', time: time + 50, component: primary, pid: 7, exitStatus: null, signal: 'KILL' });
    await observe(5, { kind: 'state', time: time + 50, component: secondary, state: 'READY', previous: 'STANDBY' });
    const line = {
      kind: 'log',
      time: time + 50,
      component: secondary,
      file: 'engine.log',
      severity: 'error',
      event: null,
      fields: {},
    } as const;
    await observe(5, { ...line, text: `lost orders ${hostile}` });
    await tell(1, condition('failover:2', 'wait', 'state READY of MatchingEngineSecondary', 'met'));
    await runStep(step(4, 'wait state READY of MatchingEngineSecondary within 5s'), 800, 'passed');
    await tell(1, condition('failover:3', 'expect', 'MatchingEnginePrimary.rss < 600MB', outcome === 'passed' ? 'met' : 'not met'));
    await runStep(step(5, 'expect MatchingEnginePrimary.rss < 600MB'), 400, outcome, outcome === 'passed' ? null : `too much ${hostile}`);
    await runStep(step(6, `echo ${hostile}`), 3, 'skipped');
    await tell(1, { kind: 'operator', operator: 'kim', action: { kind: 'note', text: `looked ${hostile}` } });
    await runStep(step(7, 'start MatchingEnginePrimary', { phase: 'deferred', deferred: 1 }), 30, 'timed out', 'no answer');
    const end = time + 2_500;
    if (lost) {
      const heard = { kind: 'presence', daemon, epoch, clockOffset: 50, lastSign: began + silence.from } as const;
      await tell(began + silence.to - 400 - time, { ...heard, state: 'lost', components: [primary, secondary] });
      await tell(400, { ...heard, state: 'present' });
    }
    await tell(end - time, { kind: 'run-finished', outcome, reason: `It ${outcome} ${hostile}` });
    await journal.updateManifest({ outcome, reason: `It ${outcome} ${hostile}`, finishedAt: time, duration: time - began });
    await journal.finish();
    return run;
  } finally {
    await archive.dispose();
  }
}

function condition(name: string, form: 'wait' | 'expect', text: string, state: 'met' | 'not met'): RecordBody {
  return { kind: 'condition', execution: 4, condition: name, form, text, state, values: { 'MatchingEnginePrimary.rss': 1e8 } };
}
