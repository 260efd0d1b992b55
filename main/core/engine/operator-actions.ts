/** Which operator actions make sense at a moment of a run. What does not is refused with a sentence, and not recorded. */
import { formatProblem, type Problem } from '#shared/problem.ts';
import type { OperatorAction } from '#shared/run/records.ts';
import { parseBreakpointCondition } from '#shared/scenario/breakpoint.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import type { Program } from '#shared/scenario/syntax.ts';

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Why this action is refused now, or null when it is not. */
export function refusalOf(action: OperatorAction, state: MachineState, program: Program): string | null {
  if (state.status === 'finished') return 'The run has ended; nothing can be done to it any more.';
  const paused = state.status === 'paused';
  switch (action.kind) {
    case 'continue':
      // While a step runs it withdraws the pause that was to follow.
      return paused || state.pauseRequested || state.stepMode ? null : 'The run is not paused, so it cannot continue; it goes on already.';
    case 'step':
    case 'step-over':
    case 'step-out':
      return paused ? null : 'The run is not paused, so it cannot be stepped; pause it first.';
    case 'pause':
      if (paused) return 'The run is paused already.';
      return state.phase === 'deferred' ? 'The undo commands are running; they cannot be paused, only stopped or skipped.' : null;
    case 'retry':
      return paused && state.trouble ? null : 'There is no failed step to try again; retry is possible while the run is paused on one.';
    case 'skip':
      return paused || state.active ? null : 'No step is running, so there is none to skip; pause the run first.';
    case 'goto':
      return refusalOfGoto(action.line, state, program);
    case 'set-variable':
      return variableName.test(action.name)
        ? null
        : `'${action.name}' is no name for a variable; it starts with a letter and holds only letters, digits and _.`;
    case 'set-breakpoints':
      return refusalOfBreakpoints(action.breakpoints, program);
    case 'answer':
      return refusalOfAnswer(action, state);
    case 'stop':
    case 'note':
      return null;
  }
}

function refusalOfGoto(line: number, state: MachineState, program: Program): string | null {
  if (state.status !== 'paused') return 'The run is not paused, so its position cannot be moved; pause it first.';
  const scenario = state.frames.at(-1)?.scenario;
  if (scenario === undefined) return 'The undo commands are running; the position cannot be moved any more.';
  const statement = program.scenarios.get(scenario)?.lines[line]?.statement;
  if (statement && statement.kind !== 'invalid') return null;
  return `Line ${line + 1} of '${scenario}' is no statement, so the run cannot go on there; choose a line with one.`;
}

/** Why breakpoints cannot be set in a run of a program, or null where they can. */
export function refusalOfBreakpoints(breakpoints: readonly Breakpoint[], program: Program): string | null {
  for (const { scenario, line, condition } of breakpoints) {
    const place = `Line ${line + 1} of '${scenario}'`;
    if (!program.scenarios.has(scenario)) return `The run has no scenario '${scenario}', so a breakpoint there would never be reached.`;
    if (!program.scenarios.get(scenario)?.lines[line]?.statement) {
      return `${place} is no statement, so a breakpoint there would never be reached.`;
    }
    const problem = condition === undefined ? null : parseBreakpointCondition(condition).problem;
    if (problem) return `${place}: the condition of the breakpoint is wrong: ${formatProblem({ ...plainSentence(problem) })}`;
  }
  return null;
}

function plainSentence({ severity, code, message, tip }: Problem): Problem {
  return { severity, code, message, ...(tip !== undefined && { tip }) };
}

function refusalOfAnswer(action: Extract<OperatorAction, { kind: 'answer' }>, state: MachineState): string | null {
  const awaiting = state.active?.awaiting;
  if (awaiting?.kind !== 'answer' || awaiting.reference !== action.reference) return 'This question is not open (any more).';
  if (awaiting.choices.length === 0 || awaiting.choices.includes(action.answer)) return null;
  return `'${action.answer}' is not among the answers: ${awaiting.choices.join(', ')}.`;
}
