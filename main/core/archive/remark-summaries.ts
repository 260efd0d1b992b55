/**
 * What lists of runs tell of remarks: the decision, and how much was said. Read once from each run's file and kept until that file
 * grows; an index keeps it for the next core, so that ten thousand files need not be opened before a list is shown. The index
 * may be lost or damaged at any time.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { inGroups } from './catalogue.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { decisionOf, decisionSchema, standingRemarks, type Remark } from '#shared/run/remarks.ts';
import type { Decision } from '#shared/run/run-words.ts';

/** What lists of runs tell of a run's remarks. */
export interface RemarkSummary {
  readonly decision: Decision;
  /** Remarks that stand. */
  readonly remarks: number;
}

export const nothingSaid: RemarkSummary = { decision: 'undecided', remarks: 0 };

/** How the file of a run's remarks ends. */
export const remarksEnding = '.ndjson';
const indexFile = 'index.json';
/** Files that are read again by the next core before it is worth writing the index. */
const worthWriting = 50;

const indexSchema = z.object({
  version: z.literal(1),
  entries: z.array(z.tuple([z.string(), z.string(), decisionSchema, z.int().min(0)])).max(1_000_000),
});

interface Kept {
  /** Time and size of the file that it was read from. */
  readonly stamp: string;
  readonly summary: RemarkSummary;
}

export class RemarkSummaries {
  private readonly folder: string;
  private readonly read: (run: RunId) => Promise<readonly Remark[]>;
  private kept: Promise<Map<string, Kept>> | null = null;
  /** Entries that the index does not have. */
  private unwritten = 0;

  constructor(folder: string, read: (run: RunId) => Promise<readonly Remark[]>) {
    this.folder = folder;
    this.read = read;
  }

  /** Of each run about which anything was said. */
  async all(): Promise<ReadonlyMap<string, RemarkSummary>> {
    this.kept ??= this.load();
    const kept = await this.kept;
    const names = await readdir(this.folder).catch(() => []);
    const runs = names.flatMap((name) => (name.endsWith(remarksEnding) ? (runOf(name) ?? []) : []));
    const found = await inGroups(runs, async (run) => [run, await this.summaryOf(run, kept)] as const);
    if (kept.size > runs.length) forgetOthers(kept, new Set(runs));
    if (this.unwritten >= worthWriting) await this.save(kept);
    return new Map(found);
  }

  private async summaryOf(run: RunId, kept: Map<string, Kept>): Promise<RemarkSummary> {
    const found = await stat(join(this.folder, `${run}${remarksEnding}`)).catch(() => null);
    if (!found) return nothingSaid;
    const stamp = `${found.mtimeMs} ${found.size}`;
    const known = kept.get(run);
    if (known?.stamp === stamp) return known.summary;
    const remarks = await this.read(run).catch(() => null);
    // What cannot be read now may be readable the next time.
    if (!remarks) return nothingSaid;
    const summary = { decision: decisionOf(remarks), remarks: standingRemarks(remarks).length };
    kept.set(run, { stamp, summary });
    this.unwritten++;
    return summary;
  }

  private async load(): Promise<Map<string, Kept>> {
    try {
      const { entries } = indexSchema.parse(JSON.parse(await readFile(join(this.folder, indexFile), 'utf8')));
      return new Map(entries.map(([run, stamp, decision, remarks]) => [run, { stamp, summary: { decision, remarks } }]));
    } catch {
      return new Map();
    }
  }

  private async save(kept: ReadonlyMap<string, Kept>): Promise<void> {
    this.unwritten = 0;
    const entries = [...kept].map(([run, { stamp, summary }]) => [run, stamp, summary.decision, summary.remarks]);
    try {
      await writeAtomically(join(this.folder, indexFile), JSON.stringify({ version: 1, entries }), { mode: 0o644 });
    } catch {
      // Only an aid: without it, the next core reads the files themselves.
    }
  }
}

function runOf(name: string): RunId | null {
  return runIdSchema.safeParse(name.slice(0, -remarksEnding.length)).data ?? null;
}

function forgetOthers(kept: Map<string, Kept>, present: ReadonlySet<string>): void {
  for (const run of kept.keys()) if (!present.has(run)) kept.delete(run);
}
