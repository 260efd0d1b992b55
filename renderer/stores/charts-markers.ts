/**
 * What happened, as marks on the time axis: executed steps, injected faults, changes of state, notes. Also the states of
 * components over time, which charts draw as lanes. Built from the records of a run, or from the events of the
 * environment when no run is shown.
 */
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { followFaults, newFaults, noFaults } from '#shared/run/injected-faults.ts';
import type { RecordOf, RunRecord } from '#shared/run/records.ts';
import { Silences } from '#shared/run/silences.ts';

export type MarkerKind = 'step' | 'state' | 'note' | 'fault' | 'crash' | 'end';

export interface Marker {
  /** ms since 1970, the core's clock. */
  readonly time: number;
  readonly kind: MarkerKind;
  /** Short: stands beside the line. */
  readonly label: string;
  /** Execution number of the step that it belongs to. */
  readonly execution: number | null;
}

/** What is shown first where there is not room for everything. */
export const markerPriority: Readonly<Record<MarkerKind, number>> = { crash: 5, fault: 4, note: 3, end: 2, state: 1, step: 0 };

/** A component's state from a time on. */
export interface StateChange {
  readonly time: number;
  readonly state: string;
  /** What held before its daemon was silent, and holds again for all that is known: something told late of that time counts more. */
  readonly regained?: true;
  /** Nothing could be heard from then on; what a log tells late of that time counts more. */
  readonly unheard?: true;
}

/** What lanes say while nobody knows a component's state. */
export const unknownLane = 'UNKNOWN';

interface LostDaemon {
  readonly components: readonly string[];
  readonly epoch: string | null;
}

/** Most marks and changes that are kept; the oldest go first. */
const maximumMarkers = 100_000;
const maximumChanges = 5_000;

/** Adds an item where its time belongs; almost always that is the end. */
function insert<T extends { readonly time: number }>(items: T[], item: T, maximum: number): void {
  let place = items.length;
  while (place > 0 && (items[place - 1]?.time ?? 0) > item.time) place--;
  items.splice(place, 0, item);
  // Removing many at once keeps the cost of each addition small.
  if (items.length > maximum * 1.1) items.splice(0, items.length - maximum);
}

/** Index of the first item at or after a time. */
export function firstFrom(items: readonly { readonly time: number }[], time: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface ExecutionSpan {
  readonly time: number;
  readonly execution: number;
  readonly text: string;
  end: number | null;
}

export class Happenings {
  readonly markers: Marker[] = [];
  /** When daemons of the shown run were not heard. */
  readonly silences = new Silences();
  private readonly states = new Map<string, StateChange[]>();
  private readonly executions: ExecutionSpan[] = [];
  private readonly clockOffsets = new Map<string, number>();
  /** Components by the daemon that told their states, and the daemons that are lost. */
  private readonly reported = new Map<string, Set<string>>();
  private readonly lost = new Map<string, LostDaemon>();
  private readonly epochs = new Map<string, string>();
  private faults = noFaults;
  private running: number | null = null;
  private isHeard = true;

  clear(): void {
    this.silences.clear();
    this.reported.clear();
    this.lost.clear();
    this.epochs.clear();
    this.markers.length = 0;
    this.states.clear();
    this.executions.length = 0;
    this.clockOffsets.clear();
    this.faults = noFaults;
    this.running = null;
    this.isHeard = true;
  }

  /** Takes the next record of a run. */
  take(record: RunRecord): void {
    this.hearOn();
    this.silences.take(record);
    this.markFaults(record);
    switch (record.kind) {
      case 'step-started':
        this.running = record.step.execution;
        insert(this.executions, { time: record.time, execution: record.step.execution, text: record.step.text, end: null }, maximumMarkers);
        this.mark(record.time, 'step', `${record.step.number}`, record.step.execution);
        return;
      case 'step-finished': {
        const span = this.executions.findLast(({ execution }) => execution === record.step.execution);
        if (span) span.end = record.time;
        return;
      }
      case 'note':
        return this.mark(record.time, 'note', record.text, record.execution);
      case 'presence':
        return this.takePresence(record);
      case 'observation':
        for (const event of record.events) this.takeEvent(record.daemon, event);
        return;
      case 'recovered':
        if (record.silentSince !== undefined)
          for (const component of this.states.keys()) this.rememberState(component, record.silentSince, unknownLane);
        return;
      case 'run-finished':
        return this.mark(record.time, 'end', `run ${record.outcome}`, null);
      default:
        return;
    }
  }

  /** Takes an event of a daemon. */
  takeEvent(daemon: string, event: DaemonEvent): void {
    const time = event.time - (this.clockOffsets.get(daemon) ?? 0);
    if ('component' in event && event.component && event.kind !== 'log' && event.kind !== 'notice') this.attribute(daemon, event.component);
    switch (event.kind) {
      case 'state':
        return this.changeState(event.component, time, event.state);
      case 'component-started':
        return this.changeState(event.component, time, 'RUNNING');
      case 'component-stopped':
        return this.changeState(event.component, time, 'STOPPED');
      case 'component-crashed':
        this.mark(time, 'crash', `${event.component} crashed`, this.running);
        return this.rememberState(event.component, time, 'CRASHED');
      default:
        return;
    }
  }

  /** Takes a state that was seen, not told: marks nothing, but begins a lane. */
  rememberState(component: string, time: number, state: string): void {
    const changes = this.changesOf(component);
    const place = firstFrom(changes, time);
    if (changes[place]?.regained) changes.splice(place, 1);
    if (changes[place - 1]?.state !== state) insert(changes, { time, state }, maximumChanges);
  }

  /** A daemon is lost: from its last sign of life on, nobody knows the states of its components. */
  loseDaemon(daemon: string, components: readonly string[], from: number, epoch: string | null = null): void {
    if (this.lost.has(daemon)) return;
    const all = new Set([...components, ...(this.reported.get(daemon) ?? [])]);
    this.lost.set(daemon, { components: [...all], epoch: epoch ?? this.epochs.get(daemon) ?? null });
    for (const component of all) this.rememberState(component, from, unknownLane);
  }

  /** A lost daemon is heard again: what it told holds again from now on, unless it was started anew. */
  regainDaemon(daemon: string, time: number, anew: boolean): void {
    const lost = this.lost.get(daemon);
    this.lost.delete(daemon);
    if (!lost || anew) return;
    for (const component of lost.components) {
      const changes = this.changesOf(component);
      const before = changes.at(-2);
      if (changes.at(-1)?.state === unknownLane && before) insert(changes, { time, state: before.state, regained: true }, maximumChanges);
    }
  }

  /** Nobody tells anything any more: from the last sign of life on, no state of any component is known. */
  hearNothing(from: number): void {
    for (const changes of this.states.values()) {
      const last = changes.at(-1);
      if (last && last.state !== unknownLane) changes.push({ time: Math.max(from, last.time), state: unknownLane, unheard: true });
    }
    this.isHeard = false;
  }

  /** The log of the shown run goes on, and tells what nobody could hear. */
  hearOn(): void {
    if (this.isHeard) return;
    this.isHeard = true;
    for (const [component, changes] of this.states)
      this.states.set(
        component,
        changes.filter(({ unheard }) => unheard !== true),
      );
  }

  /** Whether the daemon that reports a component is lost: what is told of the component is old. */
  isLost(daemon: string): boolean {
    return this.lost.has(daemon);
  }

  statesOf(component: string): readonly StateChange[] {
    return this.states.get(component) ?? [];
  }

  /** The state that was current at a time; null when it is not known. */
  stateAt(component: string, time: number): string | null {
    const changes = this.statesOf(component);
    return changes[firstFrom(changes, time + 1e-6) - 1]?.state ?? null;
  }

  /** The step that ran at a time: the last one that had started by then. */
  executionAt(time: number): { readonly execution: number; readonly text: string } | null {
    return this.executions[firstFrom(this.executions, time + 1e-6) - 1] ?? null;
  }

  /** From when to when an execution ran; `end` is null while it runs. */
  spanOf(execution: number): { readonly from: number; readonly end: number | null } | null {
    const span = this.executions.find((each) => each.execution === execution);
    return span ? { from: span.time, end: span.end } : null;
  }

  /** Texts of the executed steps, one per line. */
  executedText(): string {
    return [...new Set(this.executions.map(({ text }) => text))].join('\n');
  }

  /** A fault is marked when it is known to have happened, at the time of its command. */
  private markFaults(record: RunRecord): void {
    const before = this.faults;
    this.faults = followFaults(before, record);
    for (const { time, text, execution } of newFaults(before, this.faults)) this.mark(time, 'fault', text, execution);
  }

  private takePresence(record: RecordOf<'presence'>): void {
    const { daemon, clockOffset, epoch, components = [], states = [], time, lastSign } = record;
    if (clockOffset !== null) this.clockOffsets.set(daemon, clockOffset);
    const before = this.lost.get(daemon)?.epoch ?? this.epochs.get(daemon) ?? null;
    if (epoch !== null) this.epochs.set(daemon, epoch);
    if (record.state === 'lost') {
      this.mark(lastSign ?? time, 'crash', `${daemon} lost`, this.running);
      return this.loseDaemon(daemon, components, lastSign ?? time, epoch);
    }
    const anew = before !== null && epoch !== null && before !== epoch;
    // One that was started anew so soon that nobody missed it.
    if (anew && !this.lost.has(daemon)) this.loseDaemon(daemon, components, lastSign ?? time, before);
    if (this.lost.has(daemon)) this.mark(time, 'note', `${daemon} back`, this.running);
    this.regainDaemon(daemon, time, anew);
    for (const { component, state } of states) this.rememberState(component, time, state);
  }

  private attribute(daemon: string, component: string): void {
    const own = this.reported.get(daemon) ?? new Set();
    this.reported.set(daemon, own.add(component));
  }

  private changesOf(component: string): StateChange[] {
    const changes = this.states.get(component) ?? [];
    this.states.set(component, changes);
    return changes;
  }

  private changeState(component: string, time: number, state: string): void {
    this.mark(time, 'state', `${component} ${state}`, this.running);
    this.rememberState(component, time, state);
  }

  private mark(time: number, kind: MarkerKind, label: string, execution: number | null): void {
    insert(this.markers, { time, kind, label, execution }, maximumMarkers);
  }
}
