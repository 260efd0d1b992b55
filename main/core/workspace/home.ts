/**
 * What a console keeps for its user outside the workspaces: unsaved texts, the layout of each workspace, and which
 * workspaces were open lately. A file each, written whole, readable by nobody else.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { Clock } from '#platform/clock.ts';
import { draftSchema, type Draft } from '#shared/contract/workspace.ts';
import { ProblemError } from '#shared/problem.ts';

/** Where the user's own things are kept unless a host says otherwise: TESTOPS_HOME, or a folder in the user's home. */
export function defaultConsoleHome(): string {
  return join((process.env['TESTOPS_HOME'] || undefined) ?? join(homedir(), '.testops'), 'console');
}

const recentSchema = z.object({ folders: z.array(z.string().max(4_096)).max(100) });
const layoutSchema = z.object({ folder: z.string(), layout: z.string().max(1_000_000) });
const keptDraftSchema = z.object({ folder: z.string(), draft: draftSchema });

/** Kept of each; more drafts are refused rather than thrown away, since each is somebody's work. */
const bounds = { recent: 20, drafts: 200, draftBytes: 64_000_000 } as const;

export class ConsoleHome {
  private readonly folder: string;
  private readonly clock: Clock;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string, clock: Clock) {
    this.folder = resolve(folder);
    this.clock = clock;
  }

  /** Workspaces that were open lately and are still there, the last one first. */
  async recent(): Promise<string[]> {
    const { folders } = (await this.read('recent.json', recentSchema)) ?? { folders: [] };
    const there = await Promise.all(folders.map(isFolder));
    return folders.filter((_, index) => there[index]);
  }

  remember(folder: string): Promise<void> {
    return this.inTurn(async () => {
      const before = (await this.read('recent.json', recentSchema)) ?? { folders: [] };
      const folders = [folder, ...before.folders.filter((each) => each !== folder)].slice(0, bounds.recent);
      await this.write('recent.json', { folders });
    });
  }

  async layout(folder: string): Promise<string | null> {
    const kept = await this.read(join('layouts', `${keyOf(folder)}.json`), layoutSchema);
    return kept?.layout ?? null;
  }

  saveLayout(folder: string, layout: string): Promise<void> {
    return this.inTurn(() => this.write(join('layouts', `${keyOf(folder)}.json`), { folder, layout }));
  }

  async drafts(folder: string): Promise<Draft[]> {
    const place = join('drafts', keyOf(folder));
    const names = await readdir(join(this.folder, place)).catch(() => []);
    const kept = await Promise.all(
      names.filter((name) => /^[0-9a-f]+\.json$/.test(name)).map((name) => this.read(join(place, name), keptDraftSchema)),
    );
    return kept.flatMap((each) => (each ? [each.draft] : [])).sort((left, right) => right.savedAt - left.savedAt);
  }

  saveDraft(folder: string, draft: Omit<Draft, 'savedAt'>): Promise<void> {
    return this.inTurn(async () => {
      const file = draftFile(folder, draft.path);
      await this.assertRoom(dirname(file), file, Buffer.byteLength(draft.text));
      await this.write(file, { folder, draft: { ...draft, savedAt: this.clock.now() } });
    });
  }

  discardDraft(folder: string, path: string): Promise<void> {
    return this.inTurn(() => rm(join(this.folder, draftFile(folder, path)), { force: true }));
  }

  private async assertRoom(place: string, file: string, bytes: number): Promise<void> {
    const names = (await readdir(join(this.folder, place)).catch(() => [])).filter((name) => join(place, name) !== file);
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(this.folder, place, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    const total = sizes.reduce((sum, size) => sum + size, bytes);
    if (names.length < bounds.drafts && total <= bounds.draftBytes) return;
    throw new ProblemError({
      code: 'too-many-drafts',
      message: `This workspace has ${names.length} unsaved texts; no more can be kept safe from a crash.`,
      tip: 'Save or discard some of them.',
    });
  }

  /** A file that cannot be read, or is none of ours, counts as not there: it holds conveniences, and drafts are written whole. */
  private async read<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> {
    try {
      const decoded = schema.safeParse(JSON.parse(await readFile(join(this.folder, path), 'utf8')));
      return decoded.success ? decoded.data : null;
    } catch {
      return null;
    }
  }

  private async write(path: string, content: unknown): Promise<void> {
    const file = join(this.folder, path);
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeAtomically(file, JSON.stringify(content), { mode: 0o600 });
    } catch (failure) {
      const reason = (failure as NodeJS.ErrnoException).code ?? String(failure);
      throw new ProblemError({
        code: 'home-not-writable',
        message: `The console's own folder cannot be written (${reason}).`,
        tip: 'Name a folder that this user may write in TESTOPS_HOME.',
        file,
      });
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function draftFile(folder: string, path: string): string {
  return join('drafts', keyOf(folder), `${keyOf(path)}.json`);
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}
