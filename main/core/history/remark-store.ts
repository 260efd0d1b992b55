/**
 * Remarks beside the runs of an archive: `.remarks/<run>.ndjson`, one remark per line, only ever added to. The run's folder stays as
 * it is. A torn last line (a core that was killed) is left out and cut off by the next remark.
 */
import { mkdir, readFile, truncate } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { remarkSchema, type Remark, type RemarkBody } from '#shared/run/remarks.ts';

export const remarksFolder = '.remarks';

export class RemarkStore {
  private readonly folder: string;
  private readonly now: () => number;
  private writing: Promise<unknown> = Promise.resolve();

  /** `archive`: folder of the archive; `now`: ms since 1970. */
  constructor(archive: string, now: () => number) {
    this.folder = join(archive, remarksFolder);
    this.now = now;
  }

  /** Remarks on a run, oldest first; those taken back among them. */
  async of(run: RunId): Promise<readonly Remark[]> {
    return (await this.read(run)).remarks;
  }

  /** Adds a remark; it is on the disk when this resolves. */
  add(run: RunId, author: string, body: RemarkBody): Promise<Remark> {
    const added = this.writing.then(() => this.append(run, author, body));
    this.writing = added.catch(() => undefined);
    return added;
  }

  private async append(run: RunId, author: string, body: RemarkBody): Promise<Remark> {
    const { remarks, whole } = await this.read(run);
    if (body.kind === 'withdrawal' && !remarks.some(({ number }) => number === body.remark)) {
      throw new ProblemError({ code: 'unknown-remark', message: `There is no remark ${body.remark} on the run ${run}.` });
    }
    const remark: Remark = { ...body, number: (remarks.at(-1)?.number ?? 0) + 1, saidAt: this.now(), author };
    await mkdir(this.folder, { recursive: true });
    const file = this.fileOf(run);
    await truncate(file, whole).catch(() => undefined);
    const handle = await open(file, 'a');
    try {
      await handle.writeFile(`${JSON.stringify(remark)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return remark;
  }

  /** The remarks, and the length in bytes up to which the file is whole. */
  private async read(run: RunId): Promise<{ readonly remarks: Remark[]; readonly whole: number }> {
    const text = await readFile(this.fileOf(run), 'utf8').catch(() => '');
    const end = text.lastIndexOf('\n') + 1;
    const remarks: Remark[] = [];
    for (const line of text.slice(0, end).split('\n')) {
      if (line === '') continue;
      const decoded = remarkSchema.safeParse(parsed(line));
      if (decoded.success) remarks.push(decoded.data);
    }
    return { remarks, whole: Buffer.byteLength(text.slice(0, end)) };
  }

  private fileOf(run: RunId): string {
    return join(this.folder, `${run}.ndjson`);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
