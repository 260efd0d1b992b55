/**
 * The one reducer over a run's records: `fold(records) -> RunState`. The live view, the archive, replay, comparison and
 * recovery all read a run through it, so they cannot disagree. Pure and total: it takes any sequence of valid records,
 * also one that starts in the middle, and never throws. States are never changed in place and share their memory, so
 * a reader may keep many of them. What has no bound in a run is kept up to a limit (`kept`), and counted beyond it.
 */
import { followFaults, noFaults } from './injected-faults.ts';
import { emptyTable, tableOf, valueOf, withValue, type NameTable } from './name-table.ts';
import { append, emptyList } from './recent-list.ts';
import type { RecordOf, RunRecord } from './records.ts';
import { kept, type RunDeferred, type RunState } from './run-model.ts';
import { hearNothing, takePresence } from './run-daemons.ts';
import { endCommand, executionOf, isFull, takeGap, takeObservation } from './run-observations.ts';
import { attachCommand, finishStep, loseRunningStep, movePosition, placePosition, replaceTry, startStep } from './run-steps.ts';
import { takeCondition } from './run-conditions.ts';
import { followTries, noTries, replacedBy } from './tries.ts';

export type * from './run-model.ts';
export { entriesOf, valueOf } from './name-table.ts';
export { itemAt, itemsOf } from './recent-list.ts';
export { formatTrace, traceOf } from './run-trace.ts';

/** A run of which nothing is known yet. */
export function initialRunState(): RunState {
  return {
    status: 'new',
    sequence: 0,
    time: null,
    started: null,
    outcome: null,
    reason: null,
    finishedAt: null,
    lasted: null,
    position: null,
    callStack: [],
    steps: emptyList,
    running: null,
    variables: emptyTable,
    conditions: emptyTable,
    commands: emptyTable,
    components: emptyTable,
    daemons: emptyTable,
    link: null,
    deferred: [],
    paused: null,
    prompt: null,
    gaps: [],
    lines: emptyList,
    interventions: emptyList,
    edits: [],
    control: null,
    problems: emptyList,
    counters: {
      records: 0,
      steps: 0,
      checksMet: 0,
      checksNotMet: 0,
      checksRetried: 0,
      commands: 0,
      observations: 0,
      events: 0,
      logLines: 0,
      outputLines: 0,
      crashes: 0,
      handlersFired: 0,
      interventions: 0,
      recordsLost: 0,
      recordsFilled: 0,
      recoveries: 0,
      errors: 0,
      warnings: 0,
    },
    tries: noTries,
    faults: noFaults,
    namesOmitted: 0,
  };
}

/** The state after all of these records. */
export function fold(records: Iterable<RunRecord>, from: RunState = initialRunState()): RunState {
  let state = from;
  for (const record of records) state = foldRecord(state, record);
  return state;
}

/** The state after one more record. */
export function foldRecord(state: RunState, record: RunRecord): RunState {
  const tries = followTries(state.tries, record);
  const { checksMet, checksNotMet, checksRetried } = tries;
  const counters = { ...state.counters, records: state.counters.records + 1, checksMet, checksNotMet, checksRetried };
  const faults = followFaults(state.faults, record);
  const after = takeRecord({ ...state, sequence: record.sequence, time: record.time, counters, tries, faults }, record);
  const replaced = replacedBy(state.tries, record);
  return replaced === null ? after : replaceTry(after, replaced, state.tries.retry?.execution ?? replaced);
}

/**
 * Undo commands that the run still owes, in the order of their promise (they are to be run from the last to the first).
 * `started` ones may have been executed: they began, and nobody knows how they ended.
 */
export function owedCommands(state: RunState): readonly RunDeferred[] {
  return state.deferred.filter((deferred) => deferred.state === 'promised' || deferred.state === 'started');
}

function takeRecord(state: RunState, record: RunRecord): RunState {
  const { counters, time } = state;
  switch (record.kind) {
    case 'run-started':
      return { ...state, status: 'running', started: record, variables: tableOf(record.variables) };
    case 'step-started':
      return startStep(state, record);
    case 'step-finished':
      return finishStep(state, record);
    case 'echo':
    case 'note':
      return takeLine(state, record);
    case 'output': {
      const { stream, text, command } = record;
      const line = { kind: stream, time: record.time, text, execution: executionOf(state, command), source: command };
      const counted = { ...counters, outputLines: counters.outputLines + 1 };
      return { ...state, lines: append(state.lines, line, kept.lines), counters: counted };
    }
    case 'variable':
      return named(state, 'variables', record.name, record.value);
    case 'condition':
      return named(state, 'conditions', record.condition, takeCondition(valueOf(state.conditions, record.condition), record));
    case 'command-sent':
      return takeSentCommand(state, record);
    case 'command-finished':
      return endCommand(state, record.command);
    case 'command-failed':
      return record.command === null ? state : endCommand(state, record.command);
    case 'deferred': {
      const { identifier, words, text, scenario, line } = record;
      if (state.deferred.length >= kept.names) return { ...state, namesOmitted: state.namesOmitted + 1 };
      const others = state.deferred.filter((deferred) => deferred.identifier !== identifier);
      return { ...state, deferred: [...others, { identifier, words, text, scenario, line, state: 'promised' }] };
    }
    case 'handler-fired':
      return { ...state, counters: { ...counters, handlersFired: counters.handlersFired + 1 } };
    case 'prompt': {
      const { reference, question, choices, fallback } = record;
      return { ...state, prompt: { reference, question, choices, fallback } };
    }
    case 'operator':
      return takeIntervention(state, record);
    case 'paused':
      return {
        ...placePosition(state, record.position),
        status: 'paused',
        paused: { reason: record.reason, message: record.message, since: record.time },
      };
    case 'resumed':
      return { ...state, status: state.status === 'paused' ? 'running' : state.status, paused: null };
    case 'observation':
      return takeObservation(state, record);
    case 'gap':
      return takeGap(state, record);
    case 'presence':
      return takePresence(state, record);
    case 'link':
      return { ...state, link: { state: record.state, message: record.message, time: record.time } };
    case 'problem':
      return takeProblem(state, record);
    case 'edited': {
      const { operator, scenario, line, removed, added } = record;
      const counted = { ...state, counters: { ...counters, interventions: counters.interventions + 1 } };
      if (state.edits.length >= kept.edits) return counted;
      return { ...counted, edits: [...state.edits, { time: record.time, operator, scenario, line, removed, added }] };
    }
    case 'control':
      return { ...state, control: { operator: record.to, since: record.time } };
    case 'recovered': {
      const known = record.silentSince === undefined ? state : hearNothing(state, record.silentSince);
      const recovered = loseRunningStep(known);
      return {
        ...recovered,
        status: 'running',
        paused: null,
        commands: emptyTable,
        counters: { ...counters, recoveries: counters.recoveries + 1 },
      };
    }
    case 'run-finished': {
      const { outcome, reason, lasted = null } = record;
      return { ...state, status: 'finished', outcome, reason, finishedAt: time, lasted, paused: null, prompt: null };
    }
  }
}

type ValueIn<Key extends keyof RunState> = RunState[Key] extends NameTable<infer Value> ? Value : never;

/** Sets a name's value; names beyond the limit are only counted. */
function named<Key extends 'variables' | 'conditions' | 'commands' | 'daemons'>(
  state: RunState,
  key: Key,
  name: string,
  value: ValueIn<Key>,
): RunState {
  const table: NameTable<unknown> = state[key];
  if (isFull(table) && valueOf(table, name) === undefined) return { ...state, namesOmitted: state.namesOmitted + 1 };
  return { ...state, [key]: withValue(table, name, value) };
}

function takeLine(state: RunState, record: RecordOf<'echo'> | RecordOf<'note'>): RunState {
  const { kind, time, text, execution } = record;
  const source = record.kind === 'note' ? record.author : null;
  return { ...state, lines: append(state.lines, { kind, time, text, execution, source }, kept.lines) };
}

function takeSentCommand(state: RunState, record: RecordOf<'command-sent'>): RunState {
  const { command, execution, daemon, action, time } = record;
  const { counters } = state;
  const inFlight = { command, execution, daemon, action, arguments: record.arguments, sentAt: time };
  const sent = named({ ...state, counters: { ...counters, commands: counters.commands + 1 } }, 'commands', command, inFlight);
  return execution === null ? sent : attachCommand(sent, execution, command);
}

function takeIntervention(state: RunState, record: RecordOf<'operator'>): RunState {
  const { operator, action, time } = record;
  const { counters } = state;
  const interventions = append(state.interventions, { time, operator, action }, kept.interventions);
  const told = { ...state, interventions, counters: { ...counters, interventions: counters.interventions + 1 } };
  if (action.kind === 'goto' && state.status === 'paused') return movePosition(told, action.line);
  if (action.kind === 'answer' && state.prompt?.reference === action.reference) return { ...told, prompt: null };
  return told;
}

function takeProblem(state: RunState, record: RecordOf<'problem'>): RunState {
  const { severity, code, message, tip, time } = record;
  const { counters } = state;
  return {
    ...state,
    problems: append(state.problems, { time, severity, code, message, tip }, kept.problems),
    counters: {
      ...counters,
      errors: counters.errors + (severity === 'error' ? 1 : 0),
      warnings: counters.warnings + (severity === 'warning' ? 1 : 0),
    },
  };
}
