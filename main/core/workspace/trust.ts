/**
 * Which folders this user trusts. Until somebody said so of a folder, nothing of it makes a program start, a connection be opened or
 * anything be signed: it can be read, edited, checked and replayed, no more. One file for each trusted folder, so that two consoles that
 * write at the same time lose nothing, and each is asked anew, so that what is taken back at a terminal counts in a running console too.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { Clock } from '#platform/clock.ts';
import { ProblemError } from '#shared/problem.ts';

const trustedFolderSchema = z.object({ folder: z.string().max(4_096), since: z.number() });
/** A folder that is trusted with all that is in it; `since` in ms since 1970. */
export type TrustedFolder = z.infer<typeof trustedFolderSchema>;

/** The code of the problem with which everything is refused that needs trust. */
export const untrustedCode = 'workspace-untrusted';

export class WorkspaceTrust {
  private readonly folder: string;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly named: readonly string[];

  /**
   * @param home folder of what is kept for the user of the console
   * @param named folders that whoever started this program named for it to act in; that is not kept
   */
  constructor(home: string, clock: Pick<Clock, 'now'>, named: readonly string[] = []) {
    this.folder = join(resolve(home), 'trusted');
    this.clock = clock;
    this.named = named;
  }

  /** The trusted folders, in alphabetical order. */
  async folders(): Promise<TrustedFolder[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    const found = await Promise.all(names.map((name) => this.read(name)));
    return found.filter((each) => each !== null).sort((left, right) => (left.folder < right.folder ? -1 : 1));
  }

  /** The trusted folder in which a file or folder lies once links are followed; null where it lies in none. */
  async covering(path: string): Promise<string | null> {
    const real = await realpath(resolve(path)).catch(() => null);
    const named = new Set(await Promise.all(this.named.map((folder) => realpath(folder).catch(() => folder))));
    for (let place = real; place !== null; place = parentOf(place)) {
      if (named.has(place)) return place;
      if ((await this.read(fileNameOf(place)))?.folder === place) return place;
    }
    return null;
  }

  /** Trusts a folder and all that is in it; answers with its path once links are followed. */
  async grant(folder: string): Promise<string> {
    const real = await realFolder(folder);
    if (parse(real).root === real) {
      throw new ProblemError({
        code: 'trust-too-wide',
        message: `The whole file system (${real}) cannot be trusted at once.`,
        tip: 'Name the folder of the workspace.',
      });
    }
    const entry: TrustedFolder = { folder: real, since: this.clock.now() };
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeAtomically(join(this.folder, fileNameOf(real)), JSON.stringify(entry), { mode: 0o600 });
    } catch (failure) {
      throw new ProblemError({
        code: 'home-not-writable',
        message: `That the folder is trusted cannot be kept (${(failure as NodeJS.ErrnoException).code ?? String(failure)}).`,
        tip: 'Name a folder that this user may write in TESTOPS_HOME.',
        file: this.folder,
      });
    }
    return real;
  }

  /** Takes back every trust in which a folder lies; answers with the folders that were trusted until now. A folder that is gone can be named too. */
  async takeBack(folder: string): Promise<string[]> {
    const taken: string[] = [];
    for (;;) {
      const covering = (await this.covering(folder)) ?? (await this.entryOf(resolve(folder)));
      if (covering === null || taken.includes(covering)) return taken;
      await rm(join(this.folder, fileNameOf(covering)), { force: true });
      taken.push(covering);
    }
  }

  /** Refuses where the folder of a file is not trusted. */
  async assertFile(file: string): Promise<void> {
    // A link may stand for a file of another folder: the folder of both must be trusted.
    const real = await realpath(resolve(file)).catch(() => null);
    // What is not there cannot act; whoever reads it says so.
    if (real === null) return;
    for (const place of new Set([resolve(file), real])) {
      const folder = dirname(place);
      if ((await this.covering(folder)) === null) throw untrusted(folder);
    }
  }

  private async entryOf(folder: string): Promise<string | null> {
    return (await this.read(fileNameOf(folder)))?.folder ?? null;
  }

  /** Null for what is not there or none of ours: then nothing is trusted by it. */
  private async read(name: string): Promise<TrustedFolder | null> {
    try {
      const decoded = trustedFolderSchema.safeParse(JSON.parse(await readFile(join(this.folder, name), 'utf8')));
      return decoded.success ? decoded.data : null;
    } catch {
      return null;
    }
  }
}

/** @param folder what is not trusted */
export function untrusted(folder: string): ProblemError {
  return new ProblemError({
    code: untrustedCode,
    message: `The folder ${folder} is not trusted, so nothing of it is executed or connected to: it can be read, edited, checked and replayed.`,
    tip: `If you know who made it, trust it: testops workspace trust ${quoted(folder)}`,
    file: folder,
  });
}

function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function fileNameOf(folder: string): string {
  return `${createHash('sha256').update(folder).digest('hex')}.json`;
}

function parentOf(place: string): string | null {
  const parent = dirname(place);
  return parent === place ? null : parent;
}

async function realFolder(folder: string): Promise<string> {
  const real = await realpath(resolve(folder)).catch(() => null);
  const isFolder =
    real !== null &&
    (await stat(real).then(
      (status) => status.isDirectory(),
      () => false,
    ));
  if (real !== null && isFolder) return real;
  throw new ProblemError({ code: 'no-workspace', message: `There is no folder ${folder}.`, tip: 'Name a folder that is there.' });
}
