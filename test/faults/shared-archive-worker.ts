/**
 * A second console on an archive, in a process of its own: imports, accepts, exports and deletes runs without end, in an order that a
 * seed decides, until its input ends. Says at last how often it did what; anything but a problem told in a sentence ends it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '#main/core/core.ts';
import { RemarkStore } from '#main/core/archive/remark-store.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

const [archiveFolder = '', bundleFolder = '', seedText = '1', ...names] = process.argv.slice(2);
const runs = names.map((name) => runIdSchema.parse(name));
let seed = Number(seedText);
const over = new AbortController();
process.stdin.on('end', () => over.abort());
process.stdin.resume();

/** A number below another; the same for the same seed. */
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

const home = await mkdtemp(join(tmpdir(), 'testops-shared-'));
const core = await openCore({ archiveFolder, home });
const remarks = new RemarkStore(archiveFolder, () => Date.now());
const done = { imported: 0, deleted: 0, accepted: 0, exported: 0, refused: 0 };

async function act(run: RunId): Promise<void> {
  switch (random(5)) {
    case 0:
    case 1:
      await core.request('runs.delete', { run });
      done.deleted++;
      return;
    case 2:
    case 3:
      await core.request('runs.import', { file: join(bundleFolder, `${run}.testops-run`) });
      done.imported++;
      return;
    default:
      await remarks.add(run, 'worker', { kind: 'decision', decision: 'accepted', text: 'shared' });
      done.accepted++;
      await core.request('runs.export', { run, file: join(home, 'exported.testops-run') });
      done.exported++;
  }
}

try {
  process.stdout.write('ready\n');
  while (!over.signal.aborted) {
    const run = runs[random(runs.length)];
    try {
      if (run) await act(run);
    } catch (failure) {
      if (!(failure instanceof ProblemError)) throw failure;
      done.refused++;
    }
  }
  process.stdout.write(`${JSON.stringify(done)}\n`);
} finally {
  await core.dispose();
  await rm(home, { recursive: true, force: true });
}
