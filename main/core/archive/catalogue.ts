/**
 * The list of runs. It is derived from the runs' manifests; a file keeps what was read so that a long list opens fast. That file
 * can be lost or damaged at any time: it is made again.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { runSummarySchema, type RunManifest, type RunSummary } from '#shared/run/manifest.ts';
import { isMissing } from './files.ts';
import { catalogueFile, manifestFile, runOfFolder, startOfRun } from './layout.ts';
import { isFinished, readManifest } from './manifest-file.ts';
import { isOpen } from './lock.ts';

/** Version of the catalogue file; another version is made again. */
const header = '{"catalogue":1}';
/** Folders looked at together. */
const concurrency = 32;

const entrySchema = z.object({
  /** Size and time of the manifest that the summary was read from. */
  stamp: z.string(),
  finished: z.boolean(),
  summary: runSummarySchema,
});
type Entry = z.infer<typeof entrySchema>;

export class Catalogue {
  private readonly folder: string;
  private entries: Map<string, Entry> | null = null;
  private refreshing: Promise<Map<string, Entry>> | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** All runs, the latest first. A run without an end that no living core has open is told as interrupted. */
  async list(): Promise<RunSummary[]> {
    const entries = await this.refresh();
    const summaries = await inGroups([...entries.values()], ({ finished, summary }) =>
      finished || summary.damage !== null ? Promise.resolve(summary) : this.asItStands(summary),
    );
    return summaries.sort((one, other) => other.startedAt - one.startedAt || (one.run < other.run ? 1 : -1));
  }

  /** Runs that are not finished, with what their manifests say of their end. */
  async unfinished(): Promise<readonly { readonly run: RunId; readonly ended: boolean }[]> {
    const entries = await this.refresh();
    return [...entries.values()]
      .filter(({ finished, summary }) => !finished && summary.damage === null)
      .map(({ summary }) => ({ run: summary.run, ended: summary.outcome !== null }))
      .sort((one, other) => (one.run < other.run ? -1 : 1));
  }

  /** Forgets what was kept and reads every manifest again. */
  async rebuild(): Promise<{ runs: number; damaged: number }> {
    await this.refreshing;
    this.entries = new Map();
    const entries = [...(await this.refresh()).values()];
    return { runs: entries.length, damaged: entries.filter(({ summary }) => summary.damage !== null).length };
  }

  private async asItStands(summary: RunSummary): Promise<RunSummary> {
    if (summary.outcome !== null || (await isOpen(path.join(this.folder, summary.run)))) return summary;
    return { ...summary, outcome: 'interrupted', reason: summary.reason ?? 'The console ended before the run did.' };
  }

  private refresh(): Promise<Map<string, Entry>> {
    this.refreshing ??= this.readFolders().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async readFolders(): Promise<Map<string, Entry>> {
    const known = this.entries ?? (await this.load());
    let changed = this.entries === null;
    const names = (await readdir(this.folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const runs = names.map(runOfFolder).filter((run) => run !== null);
    const read = await inGroups(runs, async (run) => {
      const stamp = await stampOf(path.join(this.folder, run, manifestFile));
      const old = known.get(run);
      if (old?.stamp === stamp) return [run, old] as const;
      changed = true;
      const entry = await readEntry(path.join(this.folder, run), run, stamp);
      // A run that another console is just deleting is no damaged one.
      return entry.summary.damage !== null && (await isGone(path.join(this.folder, run))) ? null : ([run, entry] as const);
    });
    this.entries = new Map(read.filter((entry) => entry !== null));
    if (changed || known.size !== this.entries.size) await this.save();
    return this.entries;
  }

  private async load(): Promise<Map<string, Entry>> {
    try {
      const [first, ...lines] = (await readFile(path.join(this.folder, catalogueFile), 'utf8')).trimEnd().split('\n');
      if (first !== header) return new Map();
      const entries = lines.map((line) => entrySchema.parse(JSON.parse(line)));
      return new Map(entries.map((entry) => [entry.summary.run, entry]));
    } catch {
      return new Map();
    }
  }

  /** Only an aid: where it cannot be written, everything works as before, more slowly. */
  private async save(): Promise<void> {
    const file = path.join(this.folder, catalogueFile);
    const lines = [header, ...[...(this.entries ?? []).values()].map((entry) => JSON.stringify(entry))];
    try {
      await writeAtomically(file, `${lines.join('\n')}\n`, { mode: 0o644 });
    } catch {
      // Told nobody: the list itself is right.
    }
  }
}

function isGone(folder: string): Promise<boolean> {
  return stat(folder).then(() => false, isMissing);
}

async function stampOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(
    ({ mtimeNs, size, ino }) => `${mtimeNs}-${size}-${ino}`,
    () => 'missing',
  );
}

async function readEntry(folder: string, run: RunId, stamp: string): Promise<Entry> {
  try {
    const manifest = await readManifest(folder);
    if (manifest.run !== run) throw new Error(`its manifest is that of ${manifest.run}`);
    return { stamp, finished: isFinished(manifest), summary: summaryOf(manifest) };
  } catch (failure) {
    return { stamp, finished: false, summary: damagedSummary(run, problemOf(failure).message) };
  }
}

/** The line of a run in lists, of its manifest. */
export function summaryOf(manifest: RunManifest): RunSummary {
  return runSummarySchema.parse({ ...manifest, scenario: manifest.scenario.name, damage: null });
}

function damagedSummary(run: RunId, damage: string): RunSummary {
  return runSummarySchema.parse({
    run,
    scenario: run.slice(17, run.lastIndexOf('-')),
    environment: 'unknown',
    release: '',
    operator: '',
    mode: 'live',
    startedAt: startOfRun(run),
    finishedAt: null,
    duration: null,
    outcome: null,
    reason: null,
    totals: null,
    damage,
  });
}

/** Maps with a bounded number at work at once, so that thousands of folders do not need thousands of open files. */
export async function inGroups<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += concurrency) {
    results.push(...(await Promise.all(items.slice(start, start + concurrency).map(map))));
  }
  return results;
}
