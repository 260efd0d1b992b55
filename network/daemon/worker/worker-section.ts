/** The section `worker` of daemon.yaml: that this daemon executes tests of campaigns, which, how many at once, as whom and within which bounds. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { choice, duration, fault, integer, leaf, section, shown, size, text } from '#platform/configuration/leaves.ts';
import { adapters, type Adapter } from '#shared/campaign/words.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';
import { globMatcher } from '../name-glob.ts';
import type { Finding } from '../configuration/finding.ts';
import { path, user } from '../configuration/daemon-leaves.ts';
import type { TrustedOperator } from '../configuration/types.ts';

/** Scenarios are executed by the core; everything else is executed here. */
export const workerAdapters = adapters.filter((each) => each !== 'scenario');

const label = leaf((input) => {
  if (typeof input === 'string' && /^[A-Za-z0-9][A-Za-z0-9_.:=/-]{0,63}$/.test(input)) return input;
  return fault('bad-label', `is not a label: ${shown(input)}`, 'Labels hold letters, digits and _ . : = / - (64 at most): linux, gpu=2.');
});

const processors = leaf((input) => {
  if (input === null) return null;
  if (typeof input === 'number' && input >= 0.01 && input <= 1_024) return input;
  return fault('out-of-range', `must be a number of processors from 0.01 to 1024, not ${shown(input)}`);
});

const defaultEvidence = { files: 50, size: 20_000_000 };
const defaultLimits = { memory: undefined, cpu: null, threads: 1 };
const defaultRecycle = { tests: 1_000, memory: undefined, idle: 300_000 };

export const workerSection = section({
  slots: integer(1, 1_000).optional(),
  labels: z.array(label).max(100).default([]),
  adapters: z.array(choice(workerAdapters)).max(50).default([]),
  packages: z.array(text(128)).max(200).default([]),
  folders: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/), path).default({}),
  folder: path.optional(),
  keep: size('1MB', '10TB').default(10_000_000_000),
  user: user.default(null),
  limits: section({ memory: size('1MB', '10TB').optional(), cpu: processors.default(null), threads: integer(0, 1_024).default(1) }).default(
    defaultLimits,
  ),
  recycle: section({
    tests: integer(1, 1_000_000).default(defaultRecycle.tests),
    memory: size('1MB', '10TB').optional(),
    idle: duration('0s', '24h').default(defaultRecycle.idle),
  }).default(defaultRecycle),
  output: size('1kB', '16MB').default(256_000),
  evidence: section({
    files: integer(0, 100).default(defaultEvidence.files),
    size: size('0kB', '10GB').default(defaultEvidence.size),
  }).default(defaultEvidence),
});
export type WorkerFile = z.infer<typeof workerSection>;

/** A worker as it is configured: paths absolute, sizes in bytes, times in ms. */
export interface WorkerConfiguration {
  readonly slots: number;
  readonly labels: readonly string[];
  readonly adapters: readonly Adapter[];
  /** Globs over the names of packages that may be delivered. */
  readonly packages: readonly string[];
  /** Folders that stand here already, by the name of the package that refers to them. */
  readonly folders: Readonly<Record<string, string>>;
  /** Where packages are laid out, and where runners have what they need to write. */
  readonly folder: string;
  /** Bytes of packages that are kept; the least recently used go first. */
  readonly keep: number;
  readonly user: string | number | null;
  /** Of each runner. */
  readonly limits: RunnerLimits;
  readonly recycle: { readonly tests: number; readonly memory: number | null; readonly idle: number };
  /** Bytes of output that are kept of an attempt: its first part and its last. */
  readonly output: number;
  /** Of an attempt. */
  readonly evidence: { readonly files: number; readonly size: number };
}

export interface RunnerLimits {
  readonly memory: number | null;
  /** Processors; null: as many as there are. */
  readonly cpu: number | null;
  /** Told to libraries that start threads by themselves; 0: nothing is told. */
  readonly threads: number;
}

export function resolveWorker(
  decoded: WorkerFile | undefined,
  state: string,
  absolute: (path: string) => string,
): WorkerConfiguration | null {
  if (!decoded) return null;
  const { slots, folders, folder, limits, recycle, ...rest } = decoded;
  return {
    ...rest,
    slots: slots ?? availableParallelism(),
    folders: Object.fromEntries(Object.entries(folders).map(([name, each]) => [name, absolute(each)])),
    folder: folder === undefined ? join(state, 'work') : absolute(folder),
    limits: { ...limits, memory: limits.memory ?? null },
    recycle: { ...recycle, memory: recycle.memory ?? null },
  };
}

/** What nobody would ever use is mostly a mistake, though not wrong by itself. */
export function checkWorker(decoded: WorkerFile | undefined, trust: readonly TrustedOperator[]): readonly Finding[] {
  if (!decoded) return [];
  const told: Finding[] = [];
  const warn = (key: string, code: string, message: string, tip: string): void =>
    void told.push({ path: ['worker', key], code, message, tip, severity: 'warning' });
  if (decoded.adapters.length === 0) {
    warn(
      'adapters',
      'idle-worker',
      'worker has no adapters, so it executes nothing.',
      `Add adapters: [${workerAdapters.join(', ')}], or some of them.`,
    );
  }
  if (decoded.packages.length === 0 && Object.keys(decoded.folders).length === 0) {
    const tip = "Add packages: ['*'], or folders: { name: path }.";
    warn('packages', 'idle-worker', 'worker allows no packages and has no folders, so it executes nothing.', tip);
  }
  if (decoded.user !== null && decoded.folder === undefined) {
    const message = 'worker runs tests as another user, who cannot enter the state folder of the daemon.';
    told.push({
      path: ['worker', 'user'],
      code: 'closed-folder',
      message,
      tip: 'Add folder: /var/lib/testops-work, a folder whose way is open to that user.',
    });
  }
  const givers = trust.filter(({ allow }) => [...offersOfWorker(decoded)].some(globMatcher(allow)));
  if (givers.length === 0) {
    const tip = 'Add "work" to what an operator may do under trust.';
    told.push({ path: ['worker'], code: 'idle-worker', message: 'Nobody may give this worker work.', tip, severity: 'warning' });
  }
  return told;
}

/** What `allow` under `trust` may name because of this section. */
export function offersOfWorker(decoded: Pick<WorkerFile, 'adapters'> | undefined): readonly string[] {
  return decoded ? ['work', ...decoded.adapters.map((adapter) => `work:${adapter}`)] : [];
}

/** What the worker offers, as the check of the configuration says it. */
export function workerText({ slots, adapters }: WorkerConfiguration): string {
  const of = adapters.length === 0 ? 'no adapters' : listed(adapters);
  return `It executes tests of campaigns: ${counted(slots, 'slot')}, ${of}.`;
}
