/** What a run that failed is in Allure: `failed` says something of the system, `broken` that the test could not be done. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifestOf, realClock, runId, runStarted } from '../../archive/fixtures.ts';
import { openConsole } from '../../open-console.ts';
import { openArchive } from '#main/core/archive/archive.ts';
import type { RunRecord } from '#shared/run/records.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-allure-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Ended = Pick<Extract<RunRecord, { kind: 'step-finished' }>, 'state' | 'message'>;

/** The status of a failed run with these steps. */
async function statusWith(reason: string, ...steps: readonly Ended[]): Promise<unknown> {
  const archiveFolder = join(folder, 'archive');
  const archive = await openArchive({ folder: archiveFolder, clock: realClock });
  const run = runId(1);
  const journal = await archive.create(manifestOf(run));
  await journal.append(runStarted(run));
  for (const [index, ended] of steps.entries()) {
    const step = { execution: index + 1, scenario: 'failover', line: index, number: index, text: 'x', depth: 0, phase: 'main' } as const;
    await journal.append({ kind: 'step-started', step });
    await journal.append({ kind: 'step-finished', step, ...ended, result: null, duration: 1 });
  }
  const { time } = await journal.append({ kind: 'run-finished', outcome: 'failed', reason });
  await journal.updateManifest({ outcome: 'failed', reason, finishedAt: time });
  await journal.finish();
  await archive.dispose();
  const opened = await openConsole({ archiveFolder });
  try {
    const target = join(folder, 'allure');
    await opened.console.request('report.write', { subject: { kind: 'run', run }, format: 'allure', file: target });
    const name = (await readdir(target)).find((each) => each.endsWith('-result.json')) ?? '';
    return (JSON.parse(await readFile(join(target, name), 'utf8')) as { status: unknown }).status;
  } finally {
    await opened.owned.dispose();
  }
}

const command = { state: 'failed', message: 'The command ended with exit status 1.' } as const;
const check = { state: 'failed', message: 'The condition is not met: A.b = 4.' } as const;

test.each([
  ['by a command only', 'broken', `Step 0 of failover (x): ${command.message}`, [command]],
  ['by a check', 'failed', `Step 1 of failover (x): ${check.message}`, [command, check]],
  ['by what its scenario said', 'failed', 'The scenario said FAIL.', [command]],
] as const)('a run that failed %s is %s', { timeout: 30_000 }, async (_, status, reason, steps) => {
  expect(await statusWith(reason, ...steps)).toBe(status);
});
