/**
 * The recorded runs that come with the product, taken into an archive: so that comparing, replaying and trends have something true
 * to show before anybody has a history of their own. What was brought is remembered in the archive: a run that was deleted there
 * comes back only when somebody asks for it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { RunArchive } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import type { RemarkStore } from '../archive/remark-store.ts';
import { sampleListFile, sampleListSchema, samplesFolder, type SampleList } from './sample-list.ts';
import type { Owned } from '#shared/disposable.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError, type Problem } from '#shared/problem.ts';
import type { Immutable } from '#shared/immutable.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';

/** Who accepted the runs that are a baseline. */
export const samplesAuthor = 'samples';
/** In the archive: which runs were brought. */
export const broughtFile = '.samples.json';
const broughtSchema = z.object({ version: z.literal(1), brought: z.array(runIdSchema).max(100_000) });

/** ms after the demo is ready: whoever starts it has the machine first. */
const patience = 3_000;

export interface SampleRunsParts {
  readonly archive: RunArchive;
  readonly remarks: RemarkStore;
  readonly clock: Clock;
  /** Folder of what comes with the product; null: none is known. */
  readonly resources: string | null;
  readonly report: (problem: Problem) => void;
  /** The list of runs is not as it was. */
  readonly changed: () => void;
}

export type SamplesImported = Immutable<MethodResponse<'samples.import'>>;

type Sample = SampleList['runs'][number];

export class SampleRuns implements Owned {
  private readonly parts: SampleRunsParts;
  private readonly stop = new AbortController();
  /** The last import; one goes on at a time. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(parts: SampleRunsParts) {
    this.parts = parts;
  }

  /** Brings every sample that is not in the archive, those that were deleted there too. */
  import(): Promise<SamplesImported> {
    return this.after(() => this.bring({ again: true }));
  }

  /** Brings, a little later, those that were never brought. What goes wrong is reported; this resolves when it is over. */
  importSoon(): Promise<void> {
    const { clock, report } = this.parts;
    const over = Promise.withResolvers<void>();
    const cancel = clock.after(patience, () => {
      this.after(() => this.bring({ again: false }))
        .then(
          () => undefined,
          (failure: unknown) => report({ ...problemOf(failure), severity: 'warning' }),
        )
        .finally(over.resolve);
    });
    this.stop.signal.addEventListener('abort', () => (cancel(), over.resolve()), { once: true });
    return over.promise;
  }

  async dispose(): Promise<void> {
    this.stop.abort();
    await this.last.catch(() => undefined);
  }

  private after<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work, work);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** One bundle after the other, each checked like anybody's; other work has its turn in between. */
  private async bring({ again }: { readonly again: boolean }): Promise<SamplesImported> {
    const { archive, resources, changed } = this.parts;
    if (resources === null) throw noSamples();
    const { runs } = await readList(join(resources, samplesFolder));
    const there = new Set((await archive.list()).map(({ run }) => run));
    const brought = await readBrought(archive.folder);
    const counts = { imported: 0, already: 0 };
    const failures: unknown[] = [];
    for (const sample of runs) {
      if (this.stop.signal.aborted) break;
      const known = brought.has(sample.run);
      try {
        const wanted = !there.has(sample.run) && (again || !known);
        const fresh = wanted && (await this.bringOne(sample, resources));
        if (fresh) counts.imported++;
        else if (wanted || there.has(sample.run)) counts.already++;
        // A core that was ended between run and decision left a sample that nobody accepted.
        if (fresh || !known) await this.accept(sample);
        if (!known) await writeBrought(archive.folder, brought.add(sample.run));
      } catch (failure) {
        // The others are no worse for it.
        failures.push(failure);
      }
      await new Promise(setImmediate);
    }
    if (counts.imported > 0) changed();
    if (failures.length > 0) throw failures[0];
    return counts;
  }

  /** Whether it was not there before. */
  private async bringOne(sample: Sample, resources: string): Promise<boolean> {
    const file = join(resources, samplesFolder, sample.file);
    const { run, found } = await this.parts.archive.importRun(file, { orFind: true });
    if (run !== sample.run) throw damagedSamples(file, 'it is another run than the list says');
    return !found;
  }

  /** Nobody's own decision is written over. */
  private async accept({ run, accepted }: Sample): Promise<void> {
    const { remarks } = this.parts;
    if (accepted === undefined || (await remarks.of(run)).length > 0) return;
    await remarks.add(run, samplesAuthor, { kind: 'decision', decision: 'accepted', text: accepted });
  }
}

export async function readList(folder: string): Promise<SampleList> {
  const file = join(folder, sampleListFile);
  const text = await readFile(file, 'utf8').catch(() => {
    throw noSamples();
  });
  try {
    return sampleListSchema.parse(JSON.parse(text));
  } catch {
    throw damagedSamples(file, 'it is no list of samples');
  }
}

async function readBrought(archive: string): Promise<Set<RunId>> {
  try {
    return new Set(broughtSchema.parse(JSON.parse(await readFile(join(archive, broughtFile), 'utf8'))).brought);
  } catch {
    // Without it, samples that were deleted come back once; nothing else is lost.
    return new Set();
  }
}

async function writeBrought(archive: string, brought: ReadonlySet<RunId>): Promise<void> {
  const text = `${JSON.stringify({ version: 1, brought: [...brought] })}\n`;
  await writeAtomically(join(archive, broughtFile), text, { mode: 0o644 });
}

function noSamples(): ProblemError {
  return new ProblemError({ code: 'no-samples', message: 'No sample history came with this console.' });
}

function damagedSamples(file: string, why: string): ProblemError {
  return new ProblemError({
    code: 'samples-damaged',
    message: `The sample history cannot be read: ${why}.`,
    tip: 'Install the console again.',
    file,
  });
}
