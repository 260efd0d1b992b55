/**
 * What happened, as marks on the time axis: executed steps, injected faults, changes of state, notes. Also the states of
 * components over time, which charts draw as lanes. Built from the records of a run, or from the events of the
 * environment when no run is shown.
 */
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import type { RunRecord } from '#shared/run/records.ts';

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
}

/** Most marks and changes that are kept; the oldest go first. */
const maximumMarkers = 100_000;
const maximumChanges = 5_000;
const faultActions: ReadonlySet<string> = new Set(['kill', 'signal', 'stop']);

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
  private readonly states = new Map<string, StateChange[]>();
  private readonly executions: ExecutionSpan[] = [];
  private readonly clockOffsets = new Map<string, number>();
  private running: number | null = null;

  clear(): void {
    this.markers.length = 0;
    this.states.clear();
    this.executions.length = 0;
    this.clockOffsets.clear();
    this.running = null;
  }

  /** Takes the next record of a run. */
  take(record: RunRecord): void {
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
      case 'command-sent':
        if (faultActions.has(record.action))
          this.mark(record.time, 'fault', [record.action, ...record.arguments].join(' '), record.execution);
        return;
      case 'presence':
        if (record.clockOffset !== null) this.clockOffsets.set(record.daemon, record.clockOffset);
        return;
      case 'observation':
        for (const event of record.events) this.takeEvent(record.daemon, event);
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
    const changes = this.states.get(component) ?? [];
    this.states.set(component, changes);
    const place = firstFrom(changes, time);
    if (changes[place - 1]?.state !== state) insert(changes, { time, state }, maximumChanges);
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

  private changeState(component: string, time: number, state: string): void {
    this.mark(time, 'state', `${component} ${state}`, this.running);
    this.rememberState(component, time, state);
  }

  private mark(time: number, kind: MarkerKind, label: string, execution: number | null): void {
    insert(this.markers, { time, kind, label, execution }, maximumMarkers);
  }
}
