/**
 * Makes the run that replay is measured with: 5,000 series at 1 Hz for an hour (18 M samples), a step a minute, ten log lines a
 * second, a crash in the middle. A process of its own: `node replay-run.ts <archive folder> [seconds]`. Prints the run.
 */
import { openArchive } from '#main/core/archive/archive.ts';
import type { Clock } from '#platform/clock.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { componentNameSchema } from '#shared/identifiers.ts';
import { daemon, declarations, epoch, manifestOf, realClock, runId, runStarted } from '../main/core/archive/fixtures.ts';
import { realisticValues } from './archive.ts';
import { replayedSeries, replayedStep, runStart, stepSeconds } from './replay-shape.ts';

const [folder = '', wantedSeconds = '3600'] = process.argv.slice(2);
const seconds = Number(wantedSeconds);
const engine = componentNameSchema.parse('MatchingEnginePrimary');

/** The run's clock: it is always as late as the sample that is being written. */
let now = runStart;
const clock: Clock = { ...realClock, now: () => now };

const archive = await openArchive({ folder, clock });
const run = runId();
const steps = Math.ceil(seconds / stepSeconds);
const text = Array.from({ length: steps }, (_, index) => `wait ${stepSeconds}s # minute ${index}\n`).join('');
const scenario = { ...manifestOf(run).scenario, texts: { failover: text } };
const journal = await archive.create(manifestOf(run, { startedAt: runStart, scenario }));
void journal.append(runStarted(run));

const series = declarations(replayedSeries);
const next = realisticValues();
let sequence = 0;
const tell = (...events: DaemonEvent[]): void => void journal.append({ kind: 'observation', daemon, epoch, number: ++sequence, events });
const line = (second: number, place: number): DaemonEvent => ({
  kind: 'log',
  time: now,
  component: engine,
  file: '/var/log/engine.log',
  severity: 'info',
  event: null,
  text: `second ${second} order ${second * 10 + place} accepted`,
  fields: {},
});

for (let second = 0; second < seconds; second++) {
  now = runStart + second * 1_000;
  if (second % stepSeconds === 0) {
    const minute = second / stepSeconds;
    if (minute > 0) finishStep(minute - 1);
    void journal.append({ kind: 'step-started', step: replayedStep(minute) });
    void journal.append({ kind: 'variable', execution: minute + 1, name: 'minute', value: String(minute) });
  }
  if (second === Math.floor(seconds / 2))
    tell({ kind: 'component-crashed', time: now, component: engine, pid: 1, exitStatus: null, signal: 'KILL' });
  for (let place = 0; place < 10; place++) tell(line(second, place));
  journal.appendSamples({ daemon, epoch, sequence: ++sequence, time: now, series, values: next(second) });
  // About as much at once as a full network sends, then time for what was written.
  if (second % 100 === 99) await journal.commitSamples();
}
finishStep(steps - 1);
await journal.append({ kind: 'run-finished', outcome: 'passed', reason: 'measured' });
await journal.updateManifest({ outcome: 'passed', reason: 'measured', finishedAt: now, duration: seconds * 1_000 });
await journal.finish();
await archive.dispose();
process.stdout.write(`${run}\n`);

function finishStep(minute: number): void {
  const step = replayedStep(minute);
  void journal.append({ kind: 'step-finished', step, state: 'passed', message: null, result: null, duration: stepSeconds * 1_000 });
}
