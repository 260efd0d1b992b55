/** The part of a run's state that follows what daemons tell: components, output of commands, and missing records. */
import type { DaemonName } from '#shared/identifiers.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { valueOf, withoutName, withValue, type NameTable } from './name-table.ts';
import { append } from './recent-list.ts';
import type { RecordOf } from './records.ts';
import { kept, type OpenGap, type RunComponent, type RunState } from './run-model.ts';

/** One numbered record of a daemon: the events of it change components, commands and the log's counts. */
export function takeObservation(state: RunState, record: RecordOf<'observation'>): RunState {
  const { counters } = state;
  let next: RunState = {
    ...state,
    counters: { ...counters, observations: counters.observations + 1, events: counters.events + record.events.length },
  };
  for (const event of record.events) next = takeEvent(next, record.daemon, event);
  return next;
}

function takeEvent(state: RunState, daemon: DaemonName, event: DaemonEvent): RunState {
  const { counters } = state;
  switch (event.kind) {
    case 'component-started':
      return changeComponent(state, event.component, { daemon, state: 'RUNNING', pid: event.pid, since: event.time });
    case 'component-stopped':
      return changeComponent(state, event.component, { daemon, state: 'STOPPED', pid: null, since: event.time });
    case 'component-crashed':
      return takeCrash(state, daemon, event);
    case 'state':
      return changeComponent(state, event.component, { daemon, state: event.state, since: event.time });
    case 'log': {
      const counted = { ...state, counters: { ...counters, logLines: counters.logLines + 1 } };
      const isError = event.severity === 'error' || event.severity === 'fatal';
      return isError && event.component !== null ? noteError(counted, event.component, event) : counted;
    }
    case 'notice': {
      const isError = event.severity === 'error' || event.severity === 'fatal';
      return isError && event.component !== undefined ? noteError(state, event.component, event) : state;
    }
    case 'command-output': {
      const { time, stream, text, command } = event;
      const lines = append(state.lines, { kind: stream, time, text, execution: executionOf(state, command), source: command }, kept.lines);
      return { ...state, lines, counters: { ...counters, outputLines: counters.outputLines + 1 } };
    }
    case 'command-finished':
      return endCommand(state, event.command);
    case 'command-refused':
      return endCommand(state, event.command);
    case 'epoch-started':
    case 'series-declared':
    case 'columns-declared':
    case 'command-accepted':
      return state;
  }
}

/** Execution of the step that gave a command, while it is in flight. */
export function executionOf(state: RunState, command: string): number | null {
  return valueOf(state.commands, command)?.execution ?? null;
}

/** The command is no longer in flight. */
export function endCommand(state: RunState, command: string): RunState {
  return { ...state, commands: withoutName(state.commands, command) };
}

function takeCrash(state: RunState, daemon: DaemonName, event: Extract<DaemonEvent, { kind: 'component-crashed' }>): RunState {
  const how = event.signal === null ? `exit status ${event.exitStatus ?? 'unknown'}` : `signal ${event.signal}`;
  const lastError = { time: event.time, text: `${event.component} crashed (${how})` };
  const crashes = (valueOf(state.components, event.component)?.crashes ?? 0) + 1;
  const counted = { ...state, counters: { ...state.counters, crashes: state.counters.crashes + 1 } };
  return changeComponent(counted, event.component, { daemon, state: 'CRASHED', pid: null, since: event.time, lastError, crashes });
}

function noteError(state: RunState, component: string, { time, text }: { readonly time: number; readonly text: string }): RunState {
  const errors = (valueOf(state.components, component)?.errors ?? 0) + 1;
  return changeComponent(state, component, { errors, lastError: { time, text } });
}

/** A state that is told is known again. */
export function changeComponent(state: RunState, component: string, change: Partial<RunComponent>): RunState {
  const known = valueOf(state.components, component);
  if (!known && isFull(state.components)) return { ...state, namesOmitted: state.namesOmitted + 1 };
  const present = known && change.state !== undefined ? withoutUnknown(known) : known;
  const before = present ?? { state: 'UNKNOWN', pid: null, since: change.since ?? 0, crashes: 0, errors: 0, lastError: null };
  return { ...state, components: withValue(state.components, component, { ...before, ...change }) };
}

/** A component that is known again. */
export function withoutUnknown({ unknown: _known, ...component }: RunComponent): RunComponent {
  return component;
}

/** Whether a collection by name holds all that is kept. */
export function isFull(names: NameTable<unknown>): boolean {
  return names.size >= kept.names;
}

/** A stretch of records is missing, or no longer: filled, or lost for ever. */
export function takeGap(state: RunState, record: RecordOf<'gap'>): RunState {
  const { daemon, epoch, from, to, reason } = record;
  const others = state.gaps.flatMap((gap) => (gap.daemon === daemon && gap.epoch === epoch ? without(gap, from, to) : [gap]));
  const count = Math.max(0, to - from + 1);
  const { counters } = state;
  switch (record.state) {
    case 'open':
      return { ...state, gaps: [...others, { daemon, epoch, from, to, reason }].slice(-kept.openGaps) };
    case 'filled':
      return { ...state, gaps: others, counters: { ...counters, recordsFilled: counters.recordsFilled + count } };
    case 'lost':
      return { ...state, gaps: others, counters: { ...counters, recordsLost: counters.recordsLost + count } };
  }
}

/** What is left of a gap when a stretch is taken out of it. */
function without(gap: OpenGap, from: number, to: number): OpenGap[] {
  if (to < gap.from || from > gap.to) return [gap];
  const rest: OpenGap[] = [];
  if (from > gap.from) rest.push({ ...gap, to: from - 1 });
  if (to < gap.to) rest.push({ ...gap, from: to + 1 });
  return rest;
}
