/**
 * The first question: *Am I checking all the conditions?* Every condition that the scenario could check, with what came
 * of it in this run, and the conditions that earlier runs of the scenario checked and this one does not have.
 */
import type { PastRun } from '#shared/contract/history.ts';
import { readingsInCondition } from '#shared/scenario/condition.ts';
import { conditionText } from '#shared/scenario/machine-text.ts';
import type { Condition, EventCondition, Program, SimpleStatement, Statement } from '#shared/scenario/syntax.ts';
import { doubtInWords } from '../presence-words.ts';
import { entriesOf, valueOf, type RunCondition, type RunState } from '../run-state.ts';
import type { ConditionState } from '#shared/scenario/machine-words.ts';
import { timesText } from '#shared/wording/counts.ts';

export type ConditionForm = RunCondition['form'];

export interface CheckedCondition {
  /** `failover:4`, `failover:4:then`: as the run names it. */
  readonly condition: string;
  readonly form: ConditionForm;
  readonly text: string;
  readonly scenario: string;
  /** Zero-based line in its scenario; null for limits, which stand in the environment file. */
  readonly line: number | null;
  /** By its last try; `not met` where a round of a loop found it so, whatever the other rounds found. */
  readonly state: ConditionState | 'never evaluated';
  /** What became of it before, in a few words: `not met once, met on retry`; null where there is nothing to say. */
  readonly history: string | null;
  /** Why what was found may not have been so: `judged on an old value: …`; null where there is no doubt. */
  readonly doubt: string | null;
  /** Why it could not be judged, or cannot be now: the daemon of its values is lost. Null where nothing keeps it from being judged. */
  readonly obstacle: string | null;
  readonly values: RunCondition['values'];
  readonly execution: number | null;
}

export interface ConditionsAnswer {
  readonly conditions: readonly CheckedCondition[];
  /** Conditions that were decided at least once. */
  readonly evaluated: number;
  readonly met: number;
  readonly notMet: number;
  readonly pending: number;
  /** Of those that were met: judged on a value that was old. */
  readonly doubted: number;
  /** Of those that were not decided: could not be judged, or cannot be now, since the daemon of their values is lost. */
  readonly unjudged: number;
  /** Share of the scenario's conditions that were decided, 0–100 (%); null when it has none. */
  readonly coverage: number | null;
  /** Checked (`expect`, `wait`) by earlier runs, but not in this scenario any more. */
  readonly gone: readonly { readonly text: string; readonly form: string; readonly runs: number; readonly lastRelease: string }[];
}

interface StaticCondition {
  readonly condition: string;
  readonly form: ConditionForm;
  readonly text: string;
  readonly scenario: string;
  readonly line: number;
  /** The components that it asks about. */
  readonly components: readonly string[];
}

/** The condition that a statement checks, if it checks one. */
function checkOf(statement: Statement): { readonly form: ConditionForm; readonly condition: Condition | EventCondition } | undefined {
  switch (statement.kind) {
    case 'expect':
    case 'wait':
      return { form: statement.kind, condition: statement.condition };
    case 'on':
      return { form: 'on', condition: statement.trigger };
    case 'if':
      return { form: 'if', condition: statement.condition };
    default:
      return undefined;
  }
}

function componentsAskedBy(condition: Condition | EventCondition): readonly string[] {
  if (condition.kind === 'event') return condition.component === null ? [] : [condition.component.text];
  return readingsInCondition(condition).map(componentOf);
}

function componentOf(reading: string): string {
  return reading.slice(0, reading.indexOf('.'));
}

/** Every condition of the program's scenarios, in order of their lines; the root scenario's first. */
export function conditionsOf(program: Program): readonly StaticCondition[] {
  const found: StaticCondition[] = [];
  const scenarios = [...program.scenarios].sort(([left], [right]) => Number(right === program.root) - Number(left === program.root));
  for (const [scenario, { lines }] of scenarios) {
    for (const { line, statement } of lines) {
      if (!statement) continue;
      const add = (part: Statement | SimpleStatement, suffix: string) => {
        const check = checkOf(part);
        if (!check) return;
        const { form, condition } = check;
        const name = `${scenario}:${line}${suffix}`;
        found.push({ condition: name, form, text: conditionText(condition), scenario, line, components: componentsAskedBy(condition) });
      };
      add(statement, '');
      if (statement.kind !== 'if') continue;
      add(statement.then, ':then');
      if (statement.otherwise) add(statement.otherwise, ':else');
    }
  }
  return found;
}

/** Answers the question for a run (or for a scenario that was not run yet: everything is "never evaluated"). */
export function answerConditions(program: Program | null, state: RunState, history: readonly PastRun[]): ConditionsAnswer {
  const planned = program ? conditionsOf(program) : [];
  const conditions: CheckedCondition[] = planned.map(({ components, ...each }) => {
    const seen = valueOf(state.conditions, each.condition);
    return {
      ...each,
      state: seen?.state ?? 'never evaluated',
      values: seen?.values ?? {},
      execution: seen?.execution ?? null,
      history: historyOf(seen),
      doubt: doubtOf(seen),
      obstacle: obstacleOf(seen, components, state),
    };
  });
  const names = new Set(planned.map((each) => each.condition));
  for (const [condition, seen] of entriesOf(state.conditions)) {
    if (names.has(condition)) continue;
    const { form, text, state: found, values, execution } = seen;
    const obstacle = obstacleOf(seen, Object.keys(values).map(componentOf), state);
    const told = { state: found, values, execution, history: historyOf(seen), doubt: doubtOf(seen), obstacle };
    conditions.push({ condition, form, text, scenario: condition.split(':')[0] ?? '', line: null, ...told });
  }
  const count = (wanted: CheckedCondition['state']) => conditions.filter((each) => each.state === wanted).length;
  const [met, notMet, pending] = [count('met'), count('not met'), count('pending')];
  const evaluated = met + notMet;
  return {
    conditions,
    evaluated,
    met,
    notMet,
    pending,
    doubted: conditions.filter(({ doubt }) => doubt !== null).length,
    unjudged: conditions.filter(({ obstacle }) => obstacle !== null).length,
    coverage: conditions.length === 0 ? null : (evaluated / conditions.length) * 100,
    gone: program ? goneConditions(planned, history) : [],
  };
}

function doubtOf(seen: RunCondition | undefined): string | null {
  return seen?.doubt && seen.state === 'met' ? doubtInWords(seen.doubt) : null;
}

/** Why a condition that was not decided could not be, or cannot be now. */
function obstacleOf(seen: RunCondition | undefined, components: readonly string[], state: RunState): string | null {
  if (seen?.state === 'met' || seen?.state === 'not met') return null;
  if (seen?.lost !== undefined) return `could not be judged: ${seen.lost}`;
  const lost = entriesOf(state.daemons).find(
    ([, daemon]) => daemon.silentSince !== null && daemon.components.some((component) => components.includes(component)),
  );
  if (!lost) return null;
  const [daemon] = lost;
  return state.status === 'finished' ? `never judged: ${daemon} was lost at the end` : `cannot be judged now: ${daemon} is lost`;
}

/** What of a condition its state does not say. */
function historyOf(seen: RunCondition | undefined): string | null {
  if (!seen) return null;
  const { form, state, latest, misses, retried } = seen;
  const told: string[] = [];
  if (misses > 1 || (misses === 1 && latest.state === 'met')) told.push(`not met ${timesText(misses)}`);
  if (misses > 0 && latest.state === 'met') told.push(form === 'limit' ? 'kept again' : 'met in another execution');
  if (retried > 0 && misses === 0) told.push(`not met ${timesText(retried)}`, state === 'met' ? 'met on retry' : 'retried');
  else if (retried > 0) told.push(`retried ${timesText(retried)}`);
  return told.length === 0 ? null : told.join(', ');
}

function goneConditions(planned: readonly StaticCondition[], history: readonly PastRun[]): ConditionsAnswer['gone'] {
  const present = new Set(planned.map((each) => each.text));
  const gone = new Map<string, { text: string; form: string; runs: number; lastRelease: string }>();
  for (const past of history) {
    const counted = new Set<string>();
    for (const { form, text } of past.conditions) {
      if ((form !== 'expect' && form !== 'wait') || present.has(text) || counted.has(text)) continue;
      counted.add(text);
      const known = gone.get(text);
      if (known) known.runs++;
      else gone.set(text, { text, form, runs: 1, lastRelease: past.release });
    }
  }
  return [...gone.values()];
}
