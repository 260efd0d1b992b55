/**
 * An archive of which the truth is known: 27 runs of one scenario over three releases, whose first step takes a little longer
 * from run to run, and which does not always pass on the last release though nothing changed.
 */
import { openArchive } from '#main/core/archive/archive.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { batchOf, declarations, manifestOf, realClock, runStarted, step } from '../main/core/archive/fixtures.ts';

export const madeRuns = 27;
export const madeReleases = ['rc1', 'rc2', '<b>rc3</b>'] as const;
/** Runs of the last release that do not pass. */
const failing = new Set([20, 24]);
const start = Date.UTC(2026, 10, 19, 12);

export async function recordMadeHistory(folder: string): Promise<void> {
  const series = declarations(3);
  for (let number = 0; number < madeRuns; number++) {
    let now = start + number * 600_000;
    const archive = await openArchive({ folder, clock: { ...realClock, now: () => now } });
    const run = runIdSchema.parse(`20261119T120000Z-failover-${number.toString(16).padStart(4, '0')}`);
    const release = madeReleases[Math.floor((number * madeReleases.length) / madeRuns)] ?? 'rc1';
    const outcome = failing.has(number) ? 'failed' : 'passed';
    const journal = await archive.create(manifestOf(run, { startedAt: now, release }));
    await journal.append(runStarted(run));
    for (const [index, text] of ['start the gateway', 'wait 2s'].entries()) {
      const own = { ...step(index + 1, index), text };
      const duration = 2_000 + (index === 0 ? number * 100 + (number % 3) * 20 : (number * 37) % 50);
      await journal.append({ kind: 'step-started', step: own });
      for (let at = 1; at <= 4; at++) {
        const values = series.map((_, of) => 100 * (of + 1) + ((number * 13 + at * 7) % 10));
        journal.appendSamples(batchOf(series, index * 4 + at, now + (at * duration) / 5, values));
      }
      now += duration;
      await journal.append({ kind: 'step-finished', step: own, state: 'passed', message: null, result: null, duration });
    }
    await journal.append({ kind: 'run-finished', outcome, reason: '' });
    await journal.updateManifest({ outcome, reason: null, finishedAt: now, duration: now - start - number * 600_000 });
    await journal.finish();
    await archive.dispose();
  }
}
