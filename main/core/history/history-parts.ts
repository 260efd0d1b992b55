/** What the services about the past are made of. */
import type { Caller } from '../contract/method-tables.ts';
import type { ActiveRuns } from '../runs/active-runs.ts';
import type { RunQueries } from '../archive/queries.ts';
import type { RunArchive } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import type { RunsInUse } from '../runs/runs-in-use.ts';
import type { Profiles } from './profiles.ts';
import type { RemarkStore } from '../archive/remark-store.ts';
import type { SampleRuns } from './sample-runs.ts';
import type { Problem } from '#shared/problem.ts';

export interface HistoryParts {
  readonly archive: RunArchive;
  /** Opened when first needed. */
  readonly queries: () => Promise<RunQueries>;
  readonly remarks: RemarkStore;
  /** The name under which what a caller says is kept. */
  readonly nameOf: (caller: Caller) => string;
  readonly profiles: Profiles;
  readonly runs: ActiveRuns;
  /** Runs that are being packed or looked at. */
  readonly inUse: RunsInUse;
  /** Those that come with the product. */
  readonly samples: SampleRuns;
  readonly clock: Clock;
  readonly softwareVersion: string;
  /** Folder of what comes with the product; null: none is known. */
  readonly resources: string | null;
  readonly report: (problem: Problem) => void;
  /** The list of runs, or what is said of them, is not as it was. */
  readonly changed: () => void;
}
