/**
 * The present values of `Component.metric` and `Component.STATE`, and who wants to know when they change. Every sample
 * passes here, so a frame costs a few array writes per value: names are looked up once per column set.
 */
import type { ComponentName, DaemonName } from '#shared/identifiers.ts';
import type { Catalogue, DaemonEvent } from '#shared/protocol/observations.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';
import { seriesName, type SeriesDeclaration } from '#shared/telemetry/series.ts';
import type { Clock } from '#platform/clock.ts';

export const stateMetric = 'STATE';
/** Reads as the process id where no series has this name. */
export const processMetric = 'pid';

interface Watched {
  readonly listeners: Set<() => void>;
  told: Reading;
  /** The daemon whose absence was told as the reason. */
  absent: DaemonName | null;
}

/** A component that two daemons report: values of `ignored` are not taken. */
export interface ContestedComponent {
  readonly component: ComponentName;
  readonly owner: DaemonName;
  readonly ignored: DaemonName;
}

interface Component {
  readonly daemon: DaemonName;
  /** The daemon tells its state. */
  isWatched: boolean;
  state: string | null;
  /** Its process; null while none runs or none is known. */
  process: number | null;
  /** Slots of its series. */
  readonly slots: Set<number>;
}

/** Slots of the series of one column set, and the order of ownership for which they hold. */
interface Slots {
  readonly slots: Int32Array;
  readonly version: number;
}

const maximumSeries = 1_000_000;
/** Slot of a series that is not kept: of a component that another daemon reports, or one too many. */
const noSlot = -1;

export class Readings {
  private readonly clock: Clock;
  private readonly staleAfter: number;
  private readonly slotsByName = new Map<string, number>();
  private readonly namesBySlot: string[] = [];
  private readonly components = new Map<string, Component>();
  private readonly present = new Set<DaemonName>();
  private readonly watched = new Map<string, Watched>();
  private readonly slotsBySeries = new WeakMap<readonly SeriesDeclaration[], Slots>();
  /** Counts changes of which daemon a component belongs to. */
  private version = 0;

  private values = new Float64Array(1_024).fill(Number.NaN);
  /** ms, monotonic: when the value came. */
  private seenAt = new Float64Array(1_024);
  /** ms since 1970, daemon's clock: when the value was observed. */
  private sampledAt = new Float64Array(1_024).fill(Number.NaN);
  /** ms between values, the greatest of late. */
  private intervals = new Float64Array(1_024);
  private isWatched = new Uint8Array(1_024);

  constructor(clock: Clock, staleAfter: number) {
    this.clock = clock;
    this.staleAfter = staleAfter;
  }

  /**
   * Components of a catalogue with their states. The first daemon that reports a component counts; but one that watches it
   * comes before one that merely has values of it, so that it does not matter who spoke first. Returns the contested ones.
   */
  takeCatalogue(catalogue: Catalogue): readonly ContestedComponent[] {
    const { daemon } = catalogue;
    const offered = new Set<string>(catalogue.components.map((each) => each.name));
    for (const [name, component] of this.components) if (component.daemon === daemon && !offered.has(name)) this.forget(name);
    const watched = new Set<string>(catalogue.states.map((each) => each.component));
    const contested: ContestedComponent[] = [];
    for (const { name } of catalogue.components) {
      const before = this.claim(name, daemon);
      const displaces = before.daemon !== daemon && watched.has(name) && !before.isWatched;
      if (displaces) this.forget(name);
      const { daemon: owner } = this.claim(name, daemon);
      if (before.daemon !== daemon) contested.push({ component: name, owner, ignored: displaces ? before.daemon : daemon });
    }
    for (const { component, state, pid } of catalogue.states) {
      this.setState(daemon, component, state);
      this.setProcess(daemon, component, pid);
    }
    this.notify(catalogue.states.flatMap(({ component }) => [`${component}.${stateMetric}`, `${component}.${processMetric}`]));
    return contested;
  }

  takeEvents(daemon: DaemonName, events: readonly DaemonEvent[]): void {
    const changed: string[] = [];
    for (const event of events) {
      if (!('component' in event) || !event.component) continue;
      const state = stateAfter(event, this.components.get(event.component)?.state ?? null);
      if (state === null) continue;
      this.setState(daemon, event.component, state);
      if (event.kind !== 'state') this.setProcess(daemon, event.component, event.kind === 'component-started' ? event.pid : null);
      changed.push(`${event.component}.${stateMetric}`, `${event.component}.${processMetric}`);
      if (event.kind === 'component-crashed' || event.kind === 'component-stopped')
        changed.push(...this.clearValues(daemon, event.component));
    }
    if (changed.length > 0) this.notify(changed);
  }

  /** The values of one frame. @param time ms since 1970, daemon's clock */
  takeSamples(daemon: DaemonName, series: readonly SeriesDeclaration[], values: Float64Array, time: number): void {
    const slots = this.slotsFor(daemon, series);
    const now = this.clock.monotonic();
    let watched: string[] | undefined;
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] ?? noSlot;
      if (slot === noSlot) continue;
      const value = values[index] ?? Number.NaN;
      // NaN before the second value.
      const elapsed = time - (this.sampledAt[slot] ?? Number.NaN);
      // Rises at once and falls slowly, so that a value is not called stale because two of many came close together.
      if (elapsed > 0) this.intervals[slot] = Math.max(elapsed, (this.intervals[slot] ?? 0) * 0.9);
      this.sampledAt[slot] = time;
      this.seenAt[slot] = now;
      this.values[slot] = value;
      // Also where the value is the same: it may have been stale before.
      if (this.isWatched[slot] === 1) (watched ??= []).push(this.namesBySlot[slot] ?? '');
    }
    if (watched) this.notify(watched);
  }

  /** A daemon is there or lost; what a lost one reported has no present value. */
  setPresent(daemon: DaemonName, present: boolean): void {
    if (present) this.present.add(daemon);
    else this.present.delete(daemon);
    this.sweep();
  }

  /** A new epoch: nothing that the daemon said before is known to be true still. */
  forgetValues(daemon: DaemonName): void {
    for (const [name, component] of this.components) {
      if (component.daemon !== daemon) continue;
      component.state = null;
      component.process = null;
      this.clearValues(daemon, name);
    }
    this.sweep();
  }

  reading(name: string): Reading {
    const dot = name.indexOf('.');
    const component = this.components.get(name.slice(0, dot));
    if (!component || !this.present.has(component.daemon)) return null;
    if (name.slice(dot + 1) === stateMetric) return component.state;
    const slot = this.slotsByName.get(name);
    if (slot === undefined) return name.slice(dot + 1) === processMetric ? component.process : null;
    const value = this.values[slot] ?? Number.NaN;
    const age = this.clock.monotonic() - (this.seenAt[slot] ?? 0);
    return Number.isNaN(value) || age > Math.max(this.staleAfter, 3 * (this.intervals[slot] ?? 0)) ? null : value;
  }

  /** The daemon that a reading has no value for, since it is away or has not spoken since it was started anew; null: it is there, or nobody reports this. */
  absentSource(name: string): DaemonName | null {
    const component = this.components.get(name.slice(0, name.indexOf('.')));
    return component && !this.present.has(component.daemon) ? component.daemon : null;
  }

  /** Calls the listener once for each batch of news in which any of the readings changed. */
  watch(names: readonly string[], listener: () => void): () => void {
    // The same function may watch twice; each watch ends by itself.
    const own = (): void => listener();
    for (const name of new Set(names)) {
      const watched = this.watched.get(name) ?? { listeners: new Set(), told: this.reading(name), absent: this.absentSource(name) };
      watched.listeners.add(own);
      this.watched.set(name, watched);
      this.markWatched(name, 1);
    }
    return () => {
      for (const name of new Set(names)) this.unwatch(name, own);
    };
  }

  /** Looks whether watched values have become stale or come back. */
  sweep(): void {
    this.notify([...this.watched.keys()]);
  }

  private unwatch(name: string, listener: () => void): void {
    const watched = this.watched.get(name);
    watched?.listeners.delete(listener);
    if (watched?.listeners.size !== 0) return;
    this.watched.delete(name);
    this.markWatched(name, 0);
  }

  private markWatched(name: string, mark: 0 | 1): void {
    const slot = this.slotsByName.get(name);
    if (slot !== undefined) this.isWatched[slot] = mark;
  }

  private notify(names: readonly string[]): void {
    const listeners = new Set<() => void>();
    for (const name of names) {
      const watched = this.watched.get(name);
      if (!watched) continue;
      const reading = this.reading(name);
      const absent = this.absentSource(name);
      if (Object.is(watched.told, reading) && watched.absent === absent) continue;
      watched.told = reading;
      watched.absent = absent;
      for (const listener of watched.listeners) listeners.add(listener);
    }
    for (const listener of listeners) listener();
  }

  private setState(daemon: DaemonName, name: ComponentName, state: string): void {
    const component = this.claim(name, daemon);
    if (component.daemon !== daemon) return;
    component.isWatched = true;
    component.state = state;
  }

  private setProcess(daemon: DaemonName, name: ComponentName, process: number | null): void {
    const component = this.claim(name, daemon);
    if (component.daemon === daemon) component.process = process;
  }

  private claim(name: string, daemon: DaemonName): Component {
    const known = this.components.get(name);
    if (known) return known;
    const component: Component = { daemon, isWatched: false, state: null, process: null, slots: new Set() };
    this.components.set(name, component);
    this.version++;
    return component;
  }

  private forget(name: string): void {
    const component = this.components.get(name);
    if (!component) return;
    this.clearValues(component.daemon, name);
    this.components.delete(name);
    this.version++;
  }

  /** Names of the values cleared. */
  private clearValues(daemon: DaemonName, name: string): readonly string[] {
    const component = this.components.get(name);
    if (component?.daemon !== daemon) return [];
    for (const slot of component.slots) this.values[slot] = Number.NaN;
    return [...component.slots].map((slot) => this.namesBySlot[slot] ?? '');
  }

  private slotsFor(daemon: DaemonName, series: readonly SeriesDeclaration[]): Int32Array {
    const known = this.slotsBySeries.get(series);
    if (known?.version === this.version) return known.slots;
    // Looking up may claim components, which changes the version: it is read afterwards.
    const slots = Int32Array.from(series, (each) => this.slotOf(daemon, each));
    this.slotsBySeries.set(series, { slots, version: this.version });
    return slots;
  }

  private slotOf(daemon: DaemonName, series: SeriesDeclaration): number {
    const component = this.claim(series.component, daemon);
    if (component.daemon !== daemon) return noSlot;
    const name = seriesName(series);
    const slot = this.slotsByName.get(name) ?? this.newSlot(name);
    if (slot !== noSlot) component.slots.add(slot);
    return slot;
  }

  private newSlot(name: string): number {
    const slot = this.namesBySlot.length;
    if (slot >= maximumSeries) return noSlot;
    if (slot === this.values.length) this.grow();
    this.slotsByName.set(name, slot);
    this.namesBySlot.push(name);
    this.isWatched[slot] = this.watched.has(name) ? 1 : 0;
    return slot;
  }

  private grow(): void {
    const size = this.values.length * 2;
    const enlarged = (old: Float64Array<ArrayBuffer>, rest: number): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(size).fill(rest, old.length);
      larger.set(old);
      return larger;
    };
    this.values = enlarged(this.values, Number.NaN);
    this.seenAt = enlarged(this.seenAt, 0);
    this.sampledAt = enlarged(this.sampledAt, Number.NaN);
    this.intervals = enlarged(this.intervals, 0);
    const marks = new Uint8Array(size);
    marks.set(this.isWatched);
    this.isWatched = marks;
  }
}

/** Null for events that say nothing about a component's state. */
function stateAfter(event: DaemonEvent, before: string | null): string | null {
  switch (event.kind) {
    case 'component-started':
      // A process that took over from another keeps the state; what its log says comes as an event of its own.
      return before === null || before === 'STOPPED' || before === 'CRASHED' ? 'RUNNING' : before;
    case 'component-stopped':
      return 'STOPPED';
    case 'component-crashed':
      return 'CRASHED';
    case 'state':
      return event.state;
    default:
      return null;
  }
}
