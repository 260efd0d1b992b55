/**
 * Earlier runs of a scenario. A finished run never changes, so what is told of it is made once and kept in a file beside
 * the list of runs; that file may be lost or damaged at any time, and is made again.
 */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RunQueries } from '../archive/queries.ts';
import type { RemarkStore } from '../archive/remark-store.ts';
import type { MethodTable } from '../contract/method-tables.ts';
import type { RunArchive } from '../ports.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { pastRunOf } from './past-run.ts';
import { comparableRuns } from './baselines.ts';
import { usualBaseline, type RunToCompare } from '#shared/analysis/usual-baseline.ts';
import { pastRunSchema, type PastBaseline, type PastRun } from '#shared/contract/history.ts';
import type { MethodRequest } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { fold, initialRunState } from '#shared/run/run-state.ts';
import { RecentMap } from '#shared/recent-map.ts';

export interface ScenarioHistoryParts {
  readonly archive: RunArchive;
  readonly queries: () => Promise<RunQueries>;
  readonly remarks: RemarkStore;
  readonly report: (problem: Problem) => void;
}

/** Folder in the archive's folder. */
const folderName = '.history';
/** What is told of a run changed: what was kept before is made again. */
const version = 2;
/** Runs kept in memory, and made at one time. */
const bounds = { kept: 300, together: 4, accepted: 10, baseline: 20 } as const;

const keptSchema = z.object({ version: z.literal(version), stamp: z.string(), past: pastRunSchema });

export class ScenarioHistory {
  readonly methods: MethodTable<'scenario.history'>;
  private readonly parts: ScenarioHistoryParts;
  private readonly kept = new RecentMap<RunId, { readonly stamp: string; readonly past: PastRun }>(bounds.kept);
  private tidied = false;

  constructor(parts: ScenarioHistoryParts) {
    this.parts = parts;
    this.methods = {
      'scenario.history': async (request) => ({
        runs: await this.runsOf(request.scenario, request.limit, request.of ?? null),
        baseline: await this.baselineOf(request),
      }),
    };
  }

  private async runsOf(scenario: string, limit: number, of: RunId | null): Promise<PastRun[]> {
    const [all, said] = await Promise.all([this.parts.archive.list(), this.parts.remarks.summarised()]);
    await this.tidy(new Set(all.map(({ run }) => run)));
    const finished = all.filter((run) => run.mode === 'live' && run.totals !== null && run.outcome !== null && run.damage === null);
    const until = all.find(({ run }) => run === of)?.startedAt ?? Infinity;
    const earlier = finished.filter((run) => run.scenario === scenario && (run.startedAt < until || run.run === of));
    const isAccepted = (run: RunId): boolean => said.get(run)?.decision === 'accepted';
    const older = earlier.slice(limit).filter(({ run }) => isAccepted(run));
    const wanted = [...earlier.slice(0, limit), ...older.slice(0, bounds.accepted)];
    return (await this.pastRuns(wanted)).map((each) => ({ ...each, accepted: isAccepted(each.run) }));
  }

  /** What the run is compared with while nobody chooses. */
  private async baselineOf({ scenario, of, environment, release }: MethodRequest<'scenario.history'>): Promise<PastBaseline | null> {
    const [all, known] = await Promise.all([this.parts.archive.list(), comparableRuns(this.parts)]);
    const unknown = { run: null, scenario, environment: environment ?? null, release: release ?? null, startedAt: Infinity };
    const candidate: RunToCompare = all.find(({ run }) => run === of) ?? unknown;
    const live = known.filter(({ mode }) => mode === 'live');
    const usual = usualBaseline({ ...candidate, scenario }, live, bounds.baseline);
    if (!usual) return null;
    const runs = (await this.pastRuns(usual.runs)).map((each) => ({ ...each, accepted: true }));
    return { release: usual.release, reason: usual.reason, runs };
  }

  /** Those that can be read, in the same order. */
  private async pastRuns(wanted: readonly { readonly run: RunId }[]): Promise<PastRun[]> {
    const past: PastRun[] = [];
    for (let start = 0; start < wanted.length; start += bounds.together) {
      const group = await Promise.all(wanted.slice(start, start + bounds.together).map(({ run }) => this.pastRun(run)));
      past.push(...group.filter((each) => each !== null));
    }
    return past;
  }

  /** Null where the run cannot be read; that is told to whoever is told of problems, and keeps nobody from the other runs. */
  private async pastRun(run: RunId): Promise<PastRun | null> {
    const folder = join(this.parts.archive.folder, run);
    try {
      const { mtimeMs, size, ino } = await stat(join(folder, 'run.json'));
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.kept.get(run);
      if (known?.stamp === stamp) return known.past;
      const past = (await this.load(run, stamp)) ?? (await this.make(run, stamp));
      this.kept.set(run, { stamp, past });
      return past;
    } catch (failure) {
      const problem = problemOf(failure);
      this.parts.report({ ...problem, severity: 'warning', message: `The run ${run} is left out of comparisons: ${problem.message}` });
      return null;
    }
  }

  private async load(run: RunId, stamp: string): Promise<PastRun | null> {
    try {
      const kept = keptSchema.parse(JSON.parse(await readFile(this.fileOf(run), 'utf8')));
      return kept.stamp === stamp && kept.past.run === run ? kept.past : null;
    } catch {
      return null;
    }
  }

  private async make(run: RunId, stamp: string): Promise<PastRun> {
    const { archive, queries } = this.parts;
    const [{ manifest }, asking] = await Promise.all([archive.show(run), queries()]);
    let state = initialRunState();
    for await (const records of archive.read(run, 1)) state = fold(records, state);
    // Where the samples are damaged, steps and conditions can still be compared.
    const summary = await asking.summaryOf(run, { execution: 0 }).catch(() => []);
    const past = pastRunOf(manifest, state, summary);
    await this.save(run, { version, stamp, past });
    return past;
  }

  /** Only an aid: an archive that cannot be written is read all the same, more slowly. */
  private async save(run: RunId, kept: z.infer<typeof keptSchema>): Promise<void> {
    try {
      await mkdir(join(this.parts.archive.folder, folderName), { recursive: true });
      await writeAtomically(this.fileOf(run), JSON.stringify(kept), { mode: 0o644 });
    } catch {
      // Made again next time.
    }
  }

  /** Removes what was kept of runs that are gone, once in a core's life. */
  private async tidy(present: ReadonlySet<string>): Promise<void> {
    if (this.tidied) return;
    this.tidied = true;
    const folder = join(this.parts.archive.folder, folderName);
    const names = await readdir(folder).catch(() => []);
    const gone = names.filter((name) => name.endsWith('.json') && !present.has(name.slice(0, -'.json'.length)));
    await Promise.all(gone.map((name) => rm(join(folder, name), { force: true }).catch(() => undefined)));
  }

  private fileOf(run: RunId): string {
    return join(this.parts.archive.folder, folderName, `${run}.json`);
  }
}
