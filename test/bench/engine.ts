/** How fast the engine is: steps per second of a dry run through the contract, with the real journal (fsync, group commit). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';

/** Executed steps of the measured run. */
const rounds = 8_000;
const scenario = `repeat ${rounds}
  exec_smoke quick
  set status exec_smoke full
  if #{status} == PASS then echo passed else echo failed
  expect Engine.rss < 500MB within 5s
end
`;

/** Measures a dry run of 40,000 steps: commands, results, conditions and checks. */
export async function benchEngine(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-engine-'));
  try {
    const file = join(folder, 'measured.scn');
    await writeFile(file, scenario);
    const core = await openCore({ archiveFolder: join(folder, 'archive') });
    const console = connectInProcess(core);
    const began = performance.now();
    const request = { scenarioFile: file, policy: 'abort', dryRun: true, attended: false } as const;
    const { run } = await console.request('run.start', request);
    let steps = 0;
    await console.listen('run.records', { run, from: 1 }, (records) => {
      for (const record of records) if (record.kind === 'step-finished') steps++;
    }).ended;
    const seconds = (performance.now() - began) / 1_000;
    await console.dispose();
    await core.dispose();
    if (steps < rounds * 5) throw new Error(`The measured run ended after ${steps} steps instead of ${rounds * 5}.`);
    return [{ figure: 'engine: steps of a dry run, journal on', ours: Math.round(steps / seconds), target: '>= 5000', unit: 'steps/s' }];
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) console.table(await benchEngine());
