/**
 * Remarks beside the runs of an archive: `.remarks/<run>.ndjson`, one remark per line, only ever added to. The run's folder stays as
 * it is. A remark's number is its line, so several cores on one archive can say something at the same time: each adds one whole line.
 * A torn line (a core that was killed) or a hostile one is left out; it keeps its number, and the next remark begins a new line.
 */
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { decisionOf, remarkBodySchema, standingRemarks, type Decision, type Remark, type RemarkBody } from '#shared/run/remarks.ts';

export const remarksFolder = '.remarks';
/** What is read of one file, and lines that count. */
export const remarkBounds = { bytes: 8e6, lines: 10_000 } as const;

const lineSchema = z.intersection(z.object({ saidAt: z.number(), author: z.string().max(64) }), remarkBodySchema);

/** What lists of runs tell of a run's remarks. */
export interface RemarkSummary {
  readonly decision: Decision;
  /** Remarks that stand. */
  readonly remarks: number;
}

export const nothingSaid: RemarkSummary = { decision: 'undecided', remarks: 0 };

export class RemarkStore {
  private readonly folder: string;
  private readonly now: () => number;
  private readonly summaries = new Map<string, RemarkSummary & { readonly stamp: string }>();

  /** `archive`: folder of the archive; `now`: ms since 1970. */
  constructor(archive: string, now: () => number) {
    this.folder = join(archive, remarksFolder);
    this.now = now;
  }

  /** Remarks on a run, oldest first; those taken back among them. */
  async of(run: RunId): Promise<readonly Remark[]> {
    return remarksIn(await this.text(run));
  }

  /** What was said of each run about which anything was said. */
  async summarised(): Promise<ReadonlyMap<string, RemarkSummary>> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith('.ndjson'));
    const found = await Promise.all(names.map((name) => this.summaryOf(name.slice(0, -'.ndjson'.length) as RunId)));
    return new Map(names.map((name, index) => [name.slice(0, -'.ndjson'.length), found[index] ?? nothingSaid]));
  }

  /** Adds a remark; it is on the disk when this resolves. */
  async add(run: RunId, author: string, body: RemarkBody): Promise<Remark> {
    const before = await this.text(run);
    const remarks = remarksIn(before);
    if (body.kind === 'withdrawal' && !remarks.some(({ number, kind }) => number === body.remark && kind !== 'withdrawal')) {
      throw new ProblemError({ code: 'unknown-remark', message: `There is no remark ${body.remark} on the run ${run}.` });
    }
    if (before.length > remarkBounds.bytes - 20_000 || remarks.length >= remarkBounds.lines) {
      throw new ProblemError({ code: 'too-many-remarks', message: `So much was said about the run ${run} that nothing more is taken.` });
    }
    const line = JSON.stringify({ saidAt: this.now(), author: author.slice(0, 64), ...body });
    await this.append(run, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`);
    const number = (await this.text(run)).split('\n').lastIndexOf(line) + 1;
    const added = remarksIn(await this.text(run)).find((remark) => remark.number === number);
    if (added) return added;
    throw new ProblemError({ code: 'remark-lost', message: `What was said about the run ${run} cannot be found again; say it once more.` });
  }

  /** The lines as they are, for a bundle; empty where nothing was said. */
  text(run: RunId): Promise<string> {
    return readFile(this.fileOf(run), 'utf8').catch((failure: NodeJS.ErrnoException) => {
      if (failure.code === 'ENOENT') return '';
      throw new ProblemError({
        code: 'remarks-unreadable',
        message: `What was said about the run ${run} cannot be read (${failure.code}).`,
      });
    });
  }

  /** Forgets what was said about a run that is gone. */
  async remove(run: RunId): Promise<void> {
    this.summaries.delete(run);
    await rm(this.fileOf(run), { force: true }).catch(() => undefined);
  }

  private async append(run: RunId, lines: string): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const handle = await open(this.fileOf(run), 'a');
      try {
        await handle.appendFile(lines);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (failure) {
      const code = failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
      throw new ProblemError({
        code: 'remark-not-written',
        message: `What was said about the run ${run} could not be written (${code}).`,
        tip: `The folder ${this.folder} must be writable and have room.`,
      });
    }
  }

  private async summaryOf(run: RunId): Promise<RemarkSummary> {
    const found = await stat(this.fileOf(run)).catch(() => null);
    if (!found) return nothingSaid;
    const stamp = `${found.mtimeMs} ${found.size}`;
    const known = this.summaries.get(run);
    if (known?.stamp === stamp) return known;
    const remarks = await this.of(run).catch(() => []);
    const summary = { stamp, decision: decisionOf(remarks), remarks: standingRemarks(remarks).length };
    this.summaries.set(run, summary);
    return summary;
  }

  private fileOf(run: RunId): string {
    return join(this.folder, `${run}.ndjson`);
  }
}

/** Whole lines that are remarks; a line that is none keeps its number. */
export function remarksIn(text: string): Remark[] {
  if (text.length > remarkBounds.bytes) return [];
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.slice(0, remarkBounds.lines * 2).flatMap((line, index) => {
    const decoded = line === '' ? null : lineSchema.safeParse(parsed(line));
    return decoded?.success ? [{ ...decoded.data, number: index + 1 }] : [];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
