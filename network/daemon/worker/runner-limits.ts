/**
 * Bounds of memory and processors for a runner and all that comes of it: a control group (cgroup v2) of its own where the daemon may make
 * one, else the limit of memory alone, for each process, by `prlimit`. What can be bounded in no way is said once.
 */
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { quantityText } from '#shared/wording/quantities.ts';
import type { RunnerLimits } from './worker-section.ts';

export interface Limiter {
  /** The command with what bounds its memory before it. */
  wrap(command: readonly string[]): readonly string[];
  /** Puts a process that was just started under the bounds of its runner. */
  admit(runner: string, pid: number): void;
  /** Whether the system ended a process of this runner because it needed more memory than allowed. */
  ranOutOfMemory(runner: string): boolean;
  /** The runner has ended. */
  remove(runner: string): void;
}

/** Why bounds do not hold as they are written, in a sentence. */
export type LimitNotice = (code: 'limits-in-part' | 'limits-missing', text: string) => void;

/** μs of the period in which processor time is shared out. */
const period = 100_000;
const unlimited: Limiter = { wrap: (command) => command, admit: () => undefined, ranOutOfMemory: () => false, remove: () => undefined };

export interface LimiterPlaces {
  /** Folder of the control group in which the daemon is; null: there is no cgroup v2. */
  readonly group: string | null;
  /** Path of `prlimit`; null: it is not there. */
  readonly prlimit: string | null;
}

export function findPlaces(): LimiterPlaces {
  return { group: ownGroup(), prlimit: findProgram('prlimit') };
}

export function openLimiter(limits: RunnerLimits, notice: LimitNotice, places: LimiterPlaces = findPlaces()): Limiter {
  if (limits.memory === null && limits.cpu === null) return unlimited;
  const group = places.group === null ? undefined : openGroups(places.group, limits);
  if (group) return group;
  const { memory } = limits;
  const noCpu = limits.cpu === null ? '' : ' Processors are not limited.';
  if (memory === null || places.prlimit === null) {
    const tip = 'run the daemon where it has a control group (cgroup v2) of its own, as a service with Delegate=yes';
    notice('limits-missing', `The limits of worker do not hold here: ${tip}.`);
    return unlimited;
  }
  notice(
    'limits-in-part',
    `There is no cgroup v2 that the daemon may use: ${quantityText(memory, 'bytes')} of memory are the limit of each process, not of a runner as a whole.${noCpu}`,
  );
  // Of data, not of addresses: some runtimes reserve far more addresses than they ever use.
  const { prlimit } = places;
  return { ...unlimited, wrap: (command) => [prlimit, `--data=${memory}`, '--', ...command] };
}

function ownGroup(): string | null {
  try {
    const mount = readFileSync('/proc/self/mounts', 'latin1')
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, , type]) => type === 'cgroup2')?.[1];
    const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'latin1'))?.[1];
    return mount === undefined || path === undefined ? null : join(mount, path);
  } catch {
    return null;
  }
}

function findProgram(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Looked for in the next one.
    }
  }
  return null;
}

function openGroups(base: string, limits: RunnerLimits): Limiter | undefined {
  const wanted = [...(limits.memory === null ? [] : ['memory']), ...(limits.cpu === null ? [] : ['cpu'])];
  try {
    const offered = readFileSync(join(base, 'cgroup.controllers'), 'latin1').trim().split(' ');
    if (!wanted.every((each) => offered.includes(each))) return undefined;
    handDown(base, wanted.map((each) => `+${each}`).join(' '));
    // Whether runners can have groups is known only when one had.
    const limiter = groupsIn(base, limits);
    limiter.admit('try', 0);
    limiter.remove('try');
    return limiter;
  } catch {
    return undefined;
  }
}

/** A group that hands controllers down may hold no process itself, so the daemon moves into a group below. */
function handDown(base: string, controllers: string): void {
  const file = join(base, 'cgroup.subtree_control');
  try {
    writeFileSync(file, controllers);
  } catch {
    mkdirSync(join(base, 'testops-daemon'), { recursive: true });
    writeFileSync(join(base, 'testops-daemon', 'cgroup.procs'), String(process.pid));
    writeFileSync(file, controllers);
  }
}

function groupsIn(base: string, { memory, cpu }: RunnerLimits): Limiter {
  const folderOf = (runner: string): string => join(base, `testops-runner-${process.pid}-${runner}`);
  return {
    wrap: (command) => command,
    admit(runner, pid) {
      const folder = folderOf(runner);
      mkdirSync(folder, { recursive: true });
      if (memory !== null) writeFileSync(join(folder, 'memory.max'), String(memory));
      if (cpu !== null) writeFileSync(join(folder, 'cpu.max'), `${Math.max(1_000, Math.round(cpu * period))} ${period}`);
      if (pid > 0) writeFileSync(join(folder, 'cgroup.procs'), String(pid));
    },
    ranOutOfMemory(runner) {
      try {
        return Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folderOf(runner), 'memory.events'), 'latin1'))?.[1] ?? 0) > 0;
      } catch {
        return false;
      }
    },
    remove(runner) {
      try {
        rmdirSync(folderOf(runner));
      } catch {
        // Still in use, or gone: an empty group costs nothing.
      }
    },
  };
}
