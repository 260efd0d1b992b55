/** One component under watch: its process, its state, its series. */
import type { ComponentName } from '#shared/identifiers.ts';
import type { Clock } from '#platform/clock.ts';
import type { ComponentConfiguration } from '../configuration/types.ts';
import type { ComponentView, Reporter } from '../ports.ts';
import type { Remembered } from './component-memory.ts';
import { finderOf, type Finder } from './finder.ts';
import type { ListedProcess, ProcessIdentity, ProcessReader } from './process-reader.ts';
import { ProcessSeries, type Value } from './process-series.ts';

export interface Ending {
  readonly exitStatus: number | null;
  readonly signal: string | null;
}

interface Surroundings {
  readonly reader: ProcessReader;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly ended: (component: ComponentName) => void;
}

interface Living {
  readonly identity: ProcessIdentity;
  /** Present for a process that this daemon started. */
  readonly adopted: Promise<Ending> | null;
}

type List = () => Promise<readonly ListedProcess[]>;

/** ms that the exit status of an adopted process may take to arrive after it was seen dead. */
const endingGrace = 200;
/** ms beyond its stop timeout for which an expected stop stays expected. */
const expectationGrace = 10_000;

export class WatchedComponent {
  readonly name: ComponentName;
  /** Whether it can only be found by a scan of all processes. */
  readonly needsScan: boolean;
  private readonly configuration: ComponentConfiguration | null;
  private readonly surroundings: Surroundings;
  private readonly find: Finder;
  private readonly series: ProcessSeries | undefined;
  private living: Living | null = null;
  private state: string;
  private since: number;
  private told = false;
  private fromLog: { readonly state: string; readonly time: number } | null = null;
  private expectedUntil = Number.NEGATIVE_INFINITY;
  private busy: Promise<void> | undefined;
  private ambiguityTold = false;
  private disposed = false;

  /** Without a configuration, the component has no process: its state is what logs tell. */
  constructor(name: ComponentName, configuration: ComponentConfiguration | null, surroundings: Surroundings) {
    this.name = name;
    this.configuration = configuration;
    this.surroundings = surroundings;
    this.needsScan = configuration?.find.kind === 'command line';
    this.find = finderOf(configuration?.find ?? { kind: 'started by the daemon' }, surroundings.reader);
    this.series = configuration ? new ProcessSeries(name, surroundings.reporter) : undefined;
    this.state = configuration ? 'STOPPED' : 'UNKNOWN';
    this.since = surroundings.clock.now();
  }

  view(): ComponentView {
    return { component: this.name, state: this.state, pid: this.living?.identity.pid ?? null, since: this.since };
  }

  /** A process that was there before the daemon is not told as started; one that came while the daemon was away is. */
  async firstLook(remembered: Remembered | undefined, list: List): Promise<void> {
    await this.surroundings.reader.learn();
    const found = (await this.findProcess(list)) ?? this.outlivedItsDaemon(remembered);
    const same = remembered && found && this.surroundings.reader.isSame(found, remembered);
    const known = same || (remembered && !this.configuration);
    if (remembered && known && remembered.state !== null) this.fromLog = { state: remembered.state, time: remembered.since };
    if (found) {
      this.living = { identity: found, adopted: null };
      if (remembered && !same) this.event({ kind: 'component-started', pid: found.pid });
    } else if (remembered && this.configuration) {
      this.notice(
        'ended-unobserved',
        'warning',
        `${this.name} (process ${remembered.pid}) ended while the daemon was not running; how is not known.`,
      );
    }
    if (!this.configuration) this.enter(this.fromLog?.state ?? 'UNKNOWN');
    else this.enter(found ? (this.fromLog?.state ?? 'RUNNING') : 'STOPPED');
    if (remembered && known && remembered.state === this.state) this.since = remembered.since;
  }

  /** Looks whether the process lives and, where there is none, whether one has come. Without `list`, not by a scan. */
  look(list: List | undefined): Promise<void> {
    if (!this.configuration || this.disposed) return Promise.resolve();
    this.busy ??= this.lookOnce(list).finally(() => {
      this.busy = undefined;
    });
    return this.busy;
  }

  /** A look that begins now: one under way may have seen what was before. */
  async lookAnew(list: List): Promise<void> {
    await this.busy;
    await this.look(list);
  }

  /** The coming end is wanted: by `stop`, not by accident. */
  expectStop(): void {
    const timeout = this.configuration?.stop.timeout ?? 0;
    this.expectedUntil = this.surroundings.clock.monotonic() + timeout + expectationGrace;
  }

  adopt(pid: number, ended: Promise<Ending>): void {
    const identity = this.surroundings.reader.identify(pid) ?? { pid, startTime: Number.NaN };
    const known = this.living?.identity;
    this.living = { identity, adopted: ended };
    if (!known || !this.surroundings.reader.isSame(known, identity)) this.started(identity);
    // The end of a child is known from the system at once, before the next look.
    // Should this look fail, the next regular one meets the same fault and tells it.
    const lookAtOnce = (): Promise<void> => this.look(undefined).catch(() => undefined);
    void ended.then(lookAtOnce, lookAtOnce);
  }

  /** What a log tells holds while the process lives; before it is found, it waits for it. */
  stateFromLog(state: string): void {
    this.fromLog = { state, time: this.surroundings.clock.now() };
    if (this.living || !this.configuration) this.enter(state);
  }

  /** Reads what is due; the answer gives the values at the moment they are reported, none if the process ended meanwhile. */
  async sampleIfDue(): Promise<() => readonly Value[]> {
    const { series, living } = this;
    if (!series || !living || !this.configuration || this.disposed) return () => [];
    const now = this.surroundings.clock.monotonic();
    if (!series.isDue(now, this.configuration.interval)) return () => [];
    const sample = await this.surroundings.reader.sample(living.identity);
    return () => (sample && this.living === living ? series.values(sample, now) : []);
  }

  remembered(): Remembered | undefined {
    const state = this.fromLog?.state === this.state ? this.state : null;
    if (!this.configuration) return state === null ? undefined : { component: this.name, pid: 0, startTime: 0, state, since: this.since };
    if (!this.living || Number.isNaN(this.living.identity.startTime)) return undefined;
    return { component: this.name, ...this.living.identity, state, since: this.since };
  }

  dispose(): void {
    this.disposed = true;
  }

  private async lookOnce(list: List | undefined): Promise<void> {
    const { living } = this;
    if (living) {
      const present = this.surroundings.reader.identify(living.identity.pid);
      if (present && this.surroundings.reader.isSame(present, living.identity)) return this.makeSure(living, present);
      await this.bury(living);
    }
    if (this.living || this.disposed) return;
    if (!list && this.needsScan) return;
    const found = await this.findProcess(list ?? (() => Promise.resolve([])));
    // Adopted while we looked.
    if (!found || this.living) return;
    this.living = { identity: found, adopted: null };
    this.started(found);
  }

  /** Its start may become known only after it was found; from then on a reused number is noticed. */
  private makeSure(living: Living, present: ProcessIdentity): void {
    if (Number.isNaN(living.identity.startTime) && !Number.isNaN(present.startTime)) this.living = { ...living, identity: present };
  }

  private async bury(living: Living): Promise<void> {
    const ending = living.adopted ? await endingOf(living.adopted, this.surroundings.clock) : null;
    // Another process was adopted while we waited: its start has been told, and this end is no news.
    if (this.living !== living || this.disposed) return;
    this.living = null;
    if (ending?.exitStatus === 0 && !this.expected() && (await this.handOver(living))) return;
    const { pid } = living.identity;
    const wanted = this.expected();
    this.expectedUntil = Number.NEGATIVE_INFINITY;
    this.fromLog = null;
    this.giveUpSeries();
    if (wanted) this.event({ kind: 'component-stopped', pid });
    else
      this.event({
        kind: 'component-crashed',
        pid,
        exitStatus: ending?.exitStatus ?? null,
        signal: ending?.signal?.replace(/^SIG/, '') ?? null,
      });
    this.enter(wanted ? 'STOPPED' : 'CRASHED');
  }

  /** A start command may have put the real process into the background and ended well. */
  private async handOver(living: Living): Promise<boolean> {
    const found = await this.findProcess(() => this.surroundings.reader.list());
    if (!found || found.pid === living.identity.pid || this.living) return this.living !== null;
    this.giveUpSeries();
    this.living = { identity: found, adopted: null };
    this.event({ kind: 'component-started', pid: found.pid });
    return true;
  }

  private expected(): boolean {
    return this.surroundings.clock.monotonic() <= this.expectedUntil;
  }

  private started(identity: ProcessIdentity): void {
    this.expectedUntil = Number.NEGATIVE_INFINITY;
    this.series?.restart();
    const now = this.surroundings.clock.now();
    // A state that was read since this process started is its own, though it was read before the process was found.
    const startedAt = Number.isNaN(identity.startTime) ? now : this.surroundings.reader.startedAt(identity, now);
    if (this.fromLog && this.fromLog.time < startedAt) this.fromLog = null;
    this.event({ kind: 'component-started', pid: identity.pid });
    this.enter(this.fromLog?.state ?? 'RUNNING');
  }

  private giveUpSeries(): void {
    const gone = this.series?.gone() ?? [];
    if (gone.length > 0) this.surroundings.reporter.samples(this.surroundings.clock.now(), gone);
    this.surroundings.ended(this.name);
  }

  private enter(state: string): void {
    if (this.told && state === this.state) return;
    const previous = this.told ? this.state : null;
    const time = this.surroundings.clock.now();
    this.state = state;
    this.since = time;
    this.told = true;
    this.surroundings.reporter.event({ kind: 'state', time, component: this.name, state, previous });
  }

  private event(
    event:
      | { readonly kind: 'component-started' | 'component-stopped'; readonly pid: number }
      | { readonly kind: 'component-crashed'; readonly pid: number; readonly exitStatus: number | null; readonly signal: string | null },
  ): void {
    this.surroundings.reporter.event({ ...event, time: this.surroundings.clock.now(), component: this.name });
  }

  private async findProcess(list: List): Promise<ProcessIdentity | undefined> {
    const found = await this.find(this.surroundings.clock.now(), list);
    if (found && found.candidates > 1 && !this.ambiguityTold) {
      this.ambiguityTold = true;
      const text = `${found.candidates} processes fit ${this.name}; the oldest (${found.identity.pid}) is watched. Make find.commandLine more exact, or use a pid file.`;
      this.notice('ambiguous-process', 'warning', text);
    }
    return found?.identity;
  }

  /** One that the daemon before this one started, and that lives on though its daemon was killed. */
  private outlivedItsDaemon(remembered: Remembered | undefined): ProcessIdentity | undefined {
    if (this.configuration?.find.kind !== 'started by the daemon' || !remembered) return undefined;
    const present = this.surroundings.reader.identify(remembered.pid);
    return present && this.surroundings.reader.isSame(present, remembered) ? present : undefined;
  }

  private notice(code: string, severity: 'warning' | 'info', text: string): void {
    this.surroundings.reporter.event({ kind: 'notice', time: this.surroundings.clock.now(), severity, code, text, component: this.name });
  }
}

/** How an adopted process ended; null when that is not told in time. */
function endingOf(ended: Promise<Ending>, clock: Clock): Promise<Ending | null> {
  return new Promise((resolve) => {
    const stop = clock.after(endingGrace, () => resolve(null));
    const settle = (ending: Ending | null): void => {
      stop();
      resolve(ending);
    };
    ended.then(settle, () => settle(null));
  });
}
