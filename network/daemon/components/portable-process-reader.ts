/**
 * Processes where there is no /proc (macOS, BSD, Windows), by the library's list of all processes. One list serves all
 * components; threads and open files are not in it. Command lines come from `ps` where there is one, since the library
 * leaves out the arguments of some.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { systemInformation, type SystemInformation } from '../host/system-information.ts';
import type { ListedProcess, ProcessIdentity, ProcessReader, ProcessSample } from './process-reader.ts';

/** ms for which a list is used, unless it is said otherwise; the library itself answers with the same one for half a second. */
const usualListAge = 2_000;
/** ms by which two readings of one start may differ: the system tells ages in whole seconds. */
const startTolerance = 2_500;
/** Where ages are told, a start is worked out by the clock of the wall; where it is told itself, it is a fixed time. */
const tellsAges = process.platform !== 'win32';
/** On these the library tells shares of all cores, elsewhere of one. */
const shareOfAllCores = process.platform === 'win32' || process.platform === 'linux';

interface Known {
  /** ms since 1970, as it was first read: does not change with the clock. */
  readonly startTime: number;
  /** The same by a clock that is never set. */
  readonly steadyStart: number;
  readonly dead: boolean;
  /** bytes */
  readonly rss: number;
  /** % of one core */
  readonly cpuShare: number;
  readonly commandLine: string;
}

interface Snapshot {
  /** monotonic ms */
  readonly time: number;
  readonly processes: ReadonlyMap<number, Known>;
}

export class PortableProcessReader implements ProcessReader {
  private readonly library: () => Promise<Pick<SystemInformation, 'processes'>>;
  private readonly listAge: number;
  private snapshot: Snapshot = { time: Number.NEGATIVE_INFINITY, processes: new Map() };
  private reading: Promise<void> | undefined;
  /** Lists out of which a process was sampled, by its number: a value is told once. */
  private readonly sampled = new Map<number, number>();

  /** @param listAge ms for which a list is used */
  constructor(library: () => Promise<Pick<SystemInformation, 'processes'>> = systemInformation, listAge = usualListAge) {
    this.library = library;
    this.listAge = listAge;
  }

  /** Between two lists, what Node can tell: whether there is a process of this number. */
  identify(pid: number): ProcessIdentity | undefined {
    const known = this.snapshot.processes.get(pid);
    if (known?.dead || !isThere(pid)) return undefined;
    return { pid, startTime: known?.startTime ?? Number.NaN };
  }

  isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
    if (one.pid !== other.pid) return false;
    return Number.isNaN(one.startTime) || Number.isNaN(other.startTime) || Math.abs(one.startTime - other.startTime) <= startTolerance;
  }

  learn(): Promise<void> {
    return this.refresh();
  }

  async sample(identity: ProcessIdentity): Promise<ProcessSample | undefined> {
    await this.refresh();
    const { time, processes } = this.snapshot;
    const known = processes.get(identity.pid);
    if (!known || known.dead || !this.isSame(identity, { pid: identity.pid, startTime: known.startTime })) return undefined;
    if (this.sampled.get(identity.pid) === time) return undefined;
    this.sampled.set(identity.pid, time);
    const { rss, cpuShare, steadyStart } = known;
    const uptime = Math.max(0, performance.now() - steadyStart);
    return { rss, cpuShare, cpuTime: Number.NaN, uptime, threads: Number.NaN, openFiles: Number.NaN };
  }

  async list(): Promise<readonly ListedProcess[]> {
    const [, told] = await Promise.all([this.refresh(), tellsAges ? commandLines() : null]);
    if (told) return told;
    return [...this.snapshot.processes].map(([pid, { commandLine }]) => ({ pid, commandLine }));
  }

  startedAt(identity: ProcessIdentity): number {
    return identity.startTime;
  }

  /** Reads all processes unless that was done just now; a list that cannot be read leaves the one before it. */
  private async refresh(): Promise<void> {
    if (performance.now() - this.snapshot.time < this.listAge) return;
    this.reading ??= this.read()
      .catch(() => undefined)
      .finally(() => {
        this.reading = undefined;
      });
    await this.reading;
  }

  private async read(): Promise<void> {
    const library = await this.library();
    const zone = new Date().getTimezoneOffset();
    const { list } = await library.processes();
    // The clock was changed to summer time or back while the starts were told: an hour would be wrong.
    if (list.length === 0 || new Date().getTimezoneOffset() !== zone) return;
    const time = performance.now();
    const ahead = Date.now() - time;
    const before = this.snapshot.processes;
    const cores = shareOfAllCores ? availableParallelism() : 1;
    const processes = new Map<number, Known>();
    for (const { pid, started, state, memRss, cpu, command } of list) {
      const told = startOf(started, zone);
      const start = { startTime: told, steadyStart: told - ahead };
      const earlier = before.get(pid);
      const same = earlier && isSameStart(earlier, start);
      const { startTime, steadyStart } = same ? earlier : start;
      const dead = state === 'zombie' || state === 'dead';
      processes.set(pid, { startTime, steadyStart, dead, rss: memRss * 1_024, cpuShare: cpu * cores, commandLine: command });
    }
    for (const pid of this.sampled.keys()) if (!processes.has(pid)) this.sampled.delete(pid);
    this.snapshot = { time, processes };
  }
}

type Start = Pick<Known, 'startTime' | 'steadyStart'>;

function isSameStart(one: Start, other: Start): boolean {
  const apart = tellsAges ? one.steadyStart - other.steadyStart : one.startTime - other.startTime;
  // A start that was not told says nothing against being the same.
  return !(Math.abs(apart) > startTolerance);
}

/**
 * `2026-11-20 23:41:13`, local time, in ms since 1970. Starts that were worked out from ages are written with the offset
 * that holds now (minutes), others with the one that held then.
 */
export function startOf(text: string, zone: number, workedOut = tellsAges): number {
  const iso = text.replace(' ', 'T');
  return workedOut ? Date.parse(`${iso}Z`) + zone * 60_000 : Date.parse(iso);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    // The process of another user lives too.
    return failure instanceof Error && 'code' in failure && failure.code === 'EPERM';
  }
}

function commandLines(): Promise<readonly ListedProcess[]> {
  return new Promise((resolve) => {
    execFile('ps', ['-axo', 'pid=,command='], { timeout: 5_000, maxBuffer: 16_000_000 }, (failure, output) => {
      const lines = failure ? [] : output.split('\n');
      resolve(
        lines.flatMap((line) => {
          const parts = /^\s*(\d+)\s(.*)$/.exec(line);
          return parts ? [{ pid: Number(parts[1]), commandLine: parts[2] ?? '' }] : [];
        }),
      );
    });
  });
}
