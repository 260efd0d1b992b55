/**
 * Remarks beside the runs of an archive: `.remarks/<run>.ndjson`, one remark per line, only ever added to. The run's folder stays as
 * it is. A remark's number is its line, so several cores on one archive can say something at the same time: each adds one whole line.
 * A torn line (a core that was killed) or a hostile one is left out; it keeps its number, and the next remark begins a new line.
 */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { realFiles } from './files.ts';
import { remarksEnding, RemarkSummaries, type RemarkSummary } from './remark-summaries.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { remarkBodySchema, type Remark, type RemarkBody } from '#shared/run/remarks.ts';

export const remarksFolder = '.remarks';
/** Of one file: what is read at most, and how much of it is left to cores that say something at the very same time. */
export const remarkBounds = { bytes: 8e6, lines: 10_000, reserve: { bytes: 200_000, lines: 100 } } as const;

const lineSchema = z.intersection(z.object({ saidAt: z.number(), author: z.string().max(64) }), remarkBodySchema);

export { nothingSaid, type RemarkSummary } from './remark-summaries.ts';

export class RemarkStore {
  private readonly folder: string;
  private readonly now: () => number;
  private readonly summaries: RemarkSummaries;

  /** `archive`: folder of the archive; `now`: ms since 1970. */
  constructor(archive: string, now: () => number) {
    this.folder = join(archive, remarksFolder);
    this.now = now;
    this.summaries = new RemarkSummaries(this.folder, (run) => this.of(run));
  }

  /** Remarks on a run, oldest first; those taken back among them. */
  async of(run: RunId): Promise<readonly Remark[]> {
    return remarksIn(await this.text(run));
  }

  /** What was said of each run about which anything was said. */
  summarised(): Promise<ReadonlyMap<string, RemarkSummary>> {
    return this.summaries.all();
  }

  /** Adds a remark; it is on the disk when this resolves. */
  async add(run: RunId, author: string, body: RemarkBody): Promise<Remark> {
    const before = await this.text(run);
    const remarks = remarksIn(before);
    if (body.kind === 'withdrawal' && !remarks.some(({ number, kind }) => number === body.remark && kind !== 'withdrawal')) {
      throw new ProblemError({ code: 'unknown-remark', message: `There is no remark ${body.remark} on the run ${run}.` });
    }
    const line = JSON.stringify({ saidAt: this.now(), author: author.slice(0, 64), ...body });
    if (!hasRoom(before, line)) {
      throw new ProblemError({ code: 'too-many-remarks', message: `So much was said about the run ${run} that nothing more is taken.` });
    }
    await this.append(run, `${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`, before === '');
    const after = await this.text(run);
    const number = after.split('\n').lastIndexOf(line) + 1;
    const added = remarksIn(after).find((remark) => remark.number === number);
    if (added) return added;
    throw new ProblemError({ code: 'remark-lost', message: `What was said about the run ${run} cannot be found again; say it once more.` });
  }

  /** The lines as they are, up to a little more than the bound; empty where nothing was said. */
  private async text(run: RunId): Promise<string> {
    try {
      const handle = await open(this.fileOf(run), 'r');
      try {
        const { size } = await handle.stat();
        const buffer = Buffer.allocUnsafe(Math.min(size, remarkBounds.bytes + 1));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (failure) {
      if (codeOf(failure) === 'ENOENT') return '';
      throw new ProblemError({
        code: 'remarks-unreadable',
        message: `What was said about the run ${run} cannot be read (${codeOf(failure)}).`,
      });
    }
  }

  /** Forgets what was said about a run that is gone. */
  async remove(run: RunId): Promise<void> {
    await rm(this.fileOf(run), { force: true }).catch(() => undefined);
  }

  private async append(run: RunId, lines: string, first: boolean): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      const handle = await open(this.fileOf(run), 'a');
      try {
        await handle.appendFile(lines);
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (first) await realFiles.syncFolder(this.folder);
    } catch (failure) {
      throw new ProblemError({
        code: 'remark-not-written',
        message: `What was said about the run ${run} could not be written (${codeOf(failure)}).`,
        tip: `The folder ${this.folder} must be writable and have room.`,
      });
    }
  }

  private fileOf(run: RunId): string {
    return join(this.folder, `${run}${remarksEnding}`);
  }
}

/** Whole lines that are remarks; a line that is none keeps its number. */
export function remarksIn(text: string): Remark[] {
  if (Buffer.byteLength(text) > remarkBounds.bytes) return [];
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.slice(0, remarkBounds.lines).flatMap((line, index) => {
    const decoded = line === '' ? null : lineSchema.safeParse(parsed(line));
    return decoded?.success ? [{ ...decoded.data, number: index + 1 }] : [];
  });
}

function hasRoom(text: string, line: string): boolean {
  const { bytes, lines, reserve } = remarkBounds;
  return Buffer.byteLength(text) + Buffer.byteLength(line) < bytes - reserve.bytes && text.split('\n').length < lines - reserve.lines;
}

function codeOf(failure: unknown): string {
  return failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
