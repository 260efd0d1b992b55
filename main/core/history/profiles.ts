/**
 * Profiles of the archive's runs. A finished run never changes, so its profile is made once and kept in a file in `.profiles`, which may
 * be lost or damaged at any time and is made again. Those looked at last stay in memory.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeProfile, encodeProfile } from './profile-file.ts';
import { makeProfile } from './run-profile.ts';
import type { RunQueries } from '../archive/queries.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { ActiveRuns } from '../runs/active-runs.ts';
import type { RunArchive } from '../ports.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import type { Owned } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { RecentMap } from '#shared/recent-map.ts';

export const profilesFolder = '.profiles';
/** Bytes of profiles kept in memory, and profiles that are made or read at one time. */
const bounds = { memory: 128e6, together: 4 } as const;

interface Kept {
  readonly stamp: string;
  readonly profile: RunProfile;
  readonly bytes: number;
}

export interface ProfilesParts {
  readonly archive: RunArchive;
  readonly queries: () => Promise<RunQueries>;
}

export class Profiles implements Owned {
  private readonly parts: ProfilesParts;
  private readonly folder: string;
  /** Those used longest ago first. */
  private readonly kept = new RecentMap<RunId, Kept>(bounds.memory, ({ bytes }) => bytes);
  private readonly making = new Map<RunId, Promise<RunProfile>>();
  private tidied: Promise<void> | null = null;

  constructor(parts: ProfilesParts) {
    this.parts = parts;
    this.folder = join(parts.archive.folder, profilesFolder);
  }

  /** Makes the profile of each run that ends from now on, so that it is there when somebody compares; returns the end of it. */
  follow(runs: Pick<ActiveRuns, 'list' | 'onChange'>): () => void {
    let going = new Set(runs.list().map(({ run }) => run));
    return runs.onChange(() => {
      const now = new Set(runs.list().map(({ run }) => run));
      // Whoever compares is told what is wrong with a run that has none.
      for (const run of going.difference(now)) this.of(run).catch(() => undefined);
      going = now;
    });
  }

  /** The run is gone. */
  async remove(run: RunId): Promise<void> {
    await this.making.get(run)?.catch(() => undefined);
    this.kept.delete(run);
    await rm(this.fileOf(run), { force: true }).catch(() => undefined);
  }

  /** Waits for what is being made. */
  async dispose(): Promise<void> {
    await Promise.allSettled(this.making.values());
  }

  /** The profile of a finished run; rejects with one sentence where there is none to be had. */
  of(run: RunId): Promise<RunProfile> {
    const making = this.making.get(run);
    if (making) return making;
    const made = this.find(run).finally(() => this.making.delete(run));
    this.making.set(run, made);
    return made;
  }

  /** Profiles of several runs in their order; of runs that cannot be read null. */
  ofAll(runs: readonly RunId[]): Promise<(RunProfile | null)[]> {
    return this.each(runs, (profile) => profile);
  }

  /** What is wanted of the profiles of several runs, in their order; only that stays in memory. Of runs that cannot be read null. */
  async each<T>(runs: readonly RunId[], wanted: (profile: RunProfile) => T): Promise<(T | null)[]> {
    const found: (T | null)[] = [];
    for (let start = 0; start < runs.length; start += bounds.together) {
      const group = runs.slice(start, start + bounds.together).map((run) => this.of(run).then(wanted, () => null));
      found.push(...(await Promise.all(group)));
    }
    return found;
  }

  private async find(run: RunId): Promise<RunProfile> {
    await this.tidy();
    const stamp = await this.stampOf(run);
    const known = this.kept.get(run);
    if (known?.stamp === stamp) {
      this.kept.set(run, known);
      return known.profile;
    }
    const read = await this.read(run, stamp);
    if (read) return read;
    const { archive, queries } = this.parts;
    const profile = await makeProfile(archive, await queries(), run);
    const bytes = encodeProfile(profile, stamp);
    if (bytes) await this.save(run, bytes);
    this.kept.set(run, { stamp, profile, bytes: bytes?.length ?? 1e6 });
    return profile;
  }

  private async read(run: RunId, stamp: string): Promise<RunProfile | null> {
    const bytes = await readFile(this.fileOf(run)).catch(() => null);
    const profile = bytes && decodeProfile(bytes, stamp);
    if (profile) this.kept.set(run, { stamp, profile, bytes: bytes.length });
    return profile;
  }

  /** What tells whether the run is the one that the profile was made of. */
  private async stampOf(run: RunId): Promise<string> {
    const found = await stat(join(this.parts.archive.folder, run, 'run.json')).catch(() => null);
    if (!found) {
      throw new ProblemError({
        code: 'unknown-run',
        message: `There is no run ${run} in the archive.`,
        tip: 'List the runs to see which there are.',
      });
    }
    return `${found.mtimeMs} ${found.size} ${found.ino}`;
  }

  /** Only an aid: an archive that cannot be written is compared all the same, more slowly. */
  private async save(run: RunId, bytes: Buffer): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      await writeAtomically(this.fileOf(run), bytes, { mode: 0o644 });
    } catch {
      // Made again next time.
    }
  }

  /** Removes profiles of runs that are gone, once in a core's life. */
  private tidy(): Promise<void> {
    this.tidied ??= (async () => {
      const names = await readdir(this.folder).catch(() => []);
      const present = new Set<string>(await readdir(this.parts.archive.folder).catch(() => []));
      const gone = names.filter((name) => !present.has(name.replace(/\.profile.*$/, '')));
      await Promise.all(gone.map((name) => rm(join(this.folder, name), { force: true }).catch(() => undefined)));
    })();
    return this.tidied;
  }

  private fileOf(run: RunId): string {
    return join(this.folder, `${run}.profile`);
  }
}
