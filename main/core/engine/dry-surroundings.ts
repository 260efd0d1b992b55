/**
 * The surroundings of a dry run: nothing is executed, nothing is asked, no time passes; every step is answered so that the
 * scenario goes on. Commands are still resolved, so that an unknown one shows. What a command would have answered is not
 * known; a condition on it is met, like one on readings, by a guess that is recorded with it.
 */
import { satisfyingReadings } from './dry-readings.ts';
import type { Recorder } from './recorder.ts';
import { commandSent } from './surroundings.ts';
import type { CommandResolver, Feed, NewCommandId, OutwardEffect, Surroundings } from './surroundings.ts';
import { problemOf } from '#shared/problem.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { namesInCondition } from '#shared/scenario/condition.ts';
import { uniqueName, type ValueLookup } from '#shared/scenario/interpolation.ts';
import type { EventTrigger, Readings } from '#shared/scenario/machine-contract.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import type { Condition, Program, Statement } from '#shared/scenario/syntax.ts';

/** Stands for the result of a command that was not executed. */
export const unknownResult = '(not known in a dry run)';

export interface DryParts {
  /** The program as it is now; an operator may change it. */
  readonly program: () => Program;
  readonly recorder: Recorder;
  readonly resolve: CommandResolver;
  readonly newCommandId: NewCommandId;
  readonly feed: Feed;
  /** Variables given when the run was started: `set status exec_smoke` takes its result from `status`. */
  readonly given: Readonly<Record<string, string>>;
}

export class DrySurroundings implements Surroundings {
  private readonly parts: DryParts;

  constructor(parts: DryParts) {
    this.parts = parts;
  }

  carryOut(effect: OutwardEffect, state: MachineState, execution: number | null): void {
    switch (effect.kind) {
      case 'execute':
        this.execute(effect.reference, effect.words, state, execution);
        break;
      case 'read':
        this.tellReadings(effect.reference, effect.names, state);
        break;
      case 'watch':
        // A handler's condition is told nothing: it must not turn the scenario aside.
        if (!isHandler(state, effect.reference)) this.tellReadings(effect.reference, effect.names, state);
        break;
      case 'listen':
        if (!isHandler(state, effect.reference)) this.tellEvent(effect.reference, effect.trigger);
        break;
      case 'start-timer':
        if (state.overallTimer !== effect.reference) this.parts.feed({ kind: 'timer', reference: effect.reference });
        break;
      case 'cancel':
      case 'unwatch':
      case 'unlisten':
      case 'stop-timer':
      case 'hold-timer':
      case 'continue-timer':
        break;
    }
  }

  async settle(): Promise<void> {
    // Nothing is under way.
  }

  dispose(): void {
    // Nothing is held.
  }

  private execute(reference: number, words: readonly string[], state: MachineState, execution: number | null): void {
    const { recorder, feed } = this.parts;
    try {
      const target = this.parts.resolve(words);
      const command = this.parts.newCommandId();
      const outcome = this.outcome(state);
      recorder.record(commandSent(command, target, execution));
      recorder.record({ kind: 'command-finished', command, outcome });
      feed({ kind: 'command-finished', reference, outcome });
    } catch (thrown) {
      const { message, tip } = problemOf(thrown);
      const sentence = tip ? `${message} ${tip}` : message;
      recorder.record({ kind: 'command-failed', command: null, execution, message: sentence });
      feed({ kind: 'command-failed', reference, message: sentence });
    }
  }

  private outcome(state: MachineState): CommandOutcome {
    const statement = activeStatement(this.parts.program(), state);
    const name = statement?.kind === 'set-command' ? statement.name.text : null;
    const given = name !== null && Object.hasOwn(this.parts.given, name) ? this.parts.given[name] : undefined;
    const result = given ?? (name === null ? '' : (state.unknownText ?? ''));
    return { status: 'completed', exitStatus: 0, signal: null, success: true, result, message: 'dry run', duration: 0 };
  }

  private tellReadings(reference: number, names: readonly string[], state: MachineState): void {
    const statement = activeStatement(this.parts.program(), state);
    const conditions = statement ? conditionsOf(statement) : [];
    const standIn = statement?.kind === 'repeat' ? 1 : 'dry';
    const values = Object.fromEntries(names.map((name) => [name, standIn]));
    const found = conditions.length === 0 ? {} : this.guess(conditions, names, state);
    if (found) this.parts.feed({ kind: 'readings', reference, values: { ...values, ...found } });
    else this.leaveOut(state);
  }

  private guess(conditions: readonly Condition[], names: readonly string[], state: MachineState): Readings | null {
    for (const condition of conditions) {
      const unknown = namesInCondition(condition).filter((name) => names.includes(name));
      const found = satisfyingReadings(condition, unknown, variablesOf(state));
      if (found) return found;
    }
    return null;
  }

  private leaveOut(state: MachineState): void {
    const text = state.active?.step.text ?? '';
    const message = `No values were found under which '${text}' is met; the dry run leaves this step out.`;
    this.parts.recorder.record({ kind: 'problem', severity: 'information', code: 'dry-run-step-left-out', message, tip: null });
    this.parts.feed({ kind: 'operator', input: { kind: 'skip' } });
  }

  private tellEvent(reference: number, trigger: EventTrigger): void {
    const { event: name, component } = trigger;
    this.parts.feed({ kind: 'event', reference, event: { name, severity: 'error', component, text: 'dry run' } });
  }
}

function isHandler(state: MachineState, reference: number): boolean {
  return state.handlers.some((handler) => handler.watch === reference || handler.listen === reference);
}

/** The statement being executed: a line's, or the branch of its `if`. */
function activeStatement(program: Program, state: MachineState): Statement | undefined {
  if (!state.active) return undefined;
  const { step, part } = state.active;
  const statement = program.scenarios.get(step.scenario)?.lines[step.line]?.statement ?? undefined;
  if (part === 'whole' || statement?.kind !== 'if') return statement;
  return (part === 'then' ? statement.then : statement.otherwise) ?? undefined;
}

/** What is to be met so that a statement passes: the best first. With its condition, an `if` meets that of its branch. */
function conditionsOf(statement: Statement): readonly Condition[] {
  if (statement.kind !== 'if' && statement.kind !== 'wait' && statement.kind !== 'expect') return [];
  const { condition } = statement;
  if (condition.kind === 'event') return [];
  const branch = statement.kind === 'if' ? conditionsOf(statement.then) : [];
  return [...branch.map((right) => ({ kind: 'and', left: condition, right, range: condition.range }) as const), condition];
}

function variablesOf(state: MachineState): ValueLookup {
  const parameters = state.frames.at(-1)?.parameters ?? {};
  return (name) => {
    if (name === 'release') return state.release;
    if (name.startsWith('unique.')) return uniqueName(name, state.uniqueSeed);
    if (Object.hasOwn(parameters, name)) return parameters[name];
    return Object.hasOwn(state.variables, name) ? state.variables[name] : undefined;
  };
}
