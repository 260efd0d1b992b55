/** Executes statements: what each does when its step runs, and what it makes of the driver's answers. */
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { wholeNumber } from './exact-number.ts';
import { failUnjudged, startTimer, startWait, tellCondition } from './machine-conditions.ts';
import type { Readings } from './machine-contract.ts';
import { endStatements } from './machine-ending.ts';
import { failForHandlers, registerHandler, removeHandlers, unknownLabel } from './machine-handlers.ts';
import { enterScenario, jump, replaceFrame, statementAt, structureOf } from './machine-position.ts';
import { maximumRepetitions } from './statement-parser.ts';
import {
  assignVariable,
  awaitAnswer,
  currentFrame,
  machineLimits,
  newReference,
  type Awaiting,
  type StatementPart,
  type Transition,
} from './machine-state.ts';
import { commandCancelled, commandEnded, failedResult, shortened } from './machine-text.ts';
import { closeStep, failStep, openStep, passStep, stepInControl } from './machine-steps.ts';
import { decideCondition, doubtAbout, fillIn, fillInAll, readingsToRead } from './machine-values.ts';
import type { Command, Statement, Template } from './syntax.ts';

type StatementOf<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

/** Opens the step of the statement at the position and executes it, when the readings that it needs are known. */
export function startStatement(transition: Transition, statement: Statement): void {
  openStep(transition, stepInControl(transition));
  if (failForHandlers(transition)) return;
  const names = readingsToRead(transition.state, statement);
  if (names.length === 0) {
    runStatement(transition, statement, {});
    return;
  }
  const reference = newReference(transition);
  transition.effects.push({ kind: 'read', reference, names });
  awaitAnswer(transition, { kind: 'reading', reference });
}

/** The readings that the running step needs have come. */
export function continueWithReadings(transition: Transition, readings: Readings): void {
  const { active } = transition.state;
  const statement = active && statementAt(transition.program, active.step.scenario, active.step.line, active.part);
  if (statement) runStatement(transition, statement, readings);
}

function runStatement(transition: Transition, statement: Statement, readings: Readings): void {
  switch (statement.kind) {
    case 'command':
    case 'set-command':
      execute(transition, statement.command, readings);
      return;
    case 'set-value':
      withText(transition, statement.value, readings, (value) => {
        assignVariable(transition, statement.name.text, value, doubtAbout(transition, statement.value));
        passStep(transition, { result: value });
      });
      return;
    case 'goto':
      goToLabel(transition, statement.label.text);
      return;
    case 'echo':
    case 'note':
      withText(transition, statement.text, readings, (text) => say(transition, statement.kind, text));
      return;
    case 'wait-duration':
      awaitAnswer(transition, { kind: 'pause', timer: startTimer(transition, statement.duration.milliseconds) });
      return;
    case 'wait':
    case 'expect':
      startWait(transition, statement, readings);
      return;
    case 'on':
      registerHandler(transition, statement);
      return;
    case 'off':
      removeHandlers(transition, statement);
      return;
    case 'defer':
      promise(transition, statement.command, readings);
      return;
    case 'prompt':
      ask(transition, statement, readings);
      return;
    case 'call':
      call(transition, statement, readings);
      return;
    case 'exit':
      exit(transition, statement, readings);
      return;
    case 'if':
      decide(transition, statement, readings);
      return;
    case 'repeat':
      startLoop(transition, statement, readings);
      return;
    case 'end':
      endRound(transition);
      return;
    case 'label':
      passStep(transition);
      return;
    case 'invalid':
      fail(transition, `This line is not a statement that the scenario language knows: ${shortened(statement.text, 200)}`);
  }
}

function fail(transition: Transition, message: string): void {
  failStep(transition, { state: 'error', message });
}

function withText(transition: Transition, template: Template, readings: Readings, use: (text: string) => void): void {
  const filled = fillIn(transition, template, readings);
  if ('problem' in filled) fail(transition, filled.problem);
  else use(filled.text);
}

/** The words of a command, or null after the step has failed for want of a value. */
function wordsOf(transition: Transition, command: Command, readings: Readings): readonly string[] | null {
  const filled = fillInAll(transition, command.words, readings);
  if ('problem' in filled) fail(transition, filled.problem);
  else if ((filled.texts[0] ?? '') === '') fail(transition, 'The name of the command is empty.');
  else if (filled.texts.length > machineLimits.commandWords) fail(transition, `A command has ${machineLimits.commandWords} words at most.`);
  else if (filled.texts.some((word) => word.length > machineLimits.wordLength))
    fail(transition, `A word of a command has ${machineLimits.wordLength} characters at most.`);
  else return filled.texts;
  return null;
}

function execute(transition: Transition, command: Command, readings: Readings): void {
  const { state, effects } = transition;
  const words = wordsOf(transition, command, readings);
  if (!words) return;
  const reference = newReference(transition);
  state.lastCommand = state.executions;
  effects.push({ kind: 'execute', reference, words, deferred: false });
  awaitAnswer(transition, { kind: 'command', reference });
}

/** The running step's command has ended. `set` wants its result whatever the exit status; otherwise only success passes. */
export function finishCommand(transition: Transition, outcome: CommandOutcome): void {
  const { active } = transition.state;
  const statement = active && statementAt(transition.program, active.step.scenario, active.step.line, active.part);
  const failure = commandFailure(outcome);
  if (active && statement?.kind === 'set-command' && outcome.status === 'completed') {
    const exitStatus = outcome.exitStatus !== null && outcome.result === String(outcome.exitStatus);
    const doubt = failure && { why: failedResult(active.step, failure.message), exitStatus };
    assignVariable(transition, statement.name.text, outcome.result, doubt);
    passStep(transition, { result: outcome.result, message: failure?.message ?? null });
  } else if (failure) {
    failStep(transition, failure, outcome.result);
  } else {
    passStep(transition, { result: outcome.result, message: outcome.message ?? null });
  }
}

/** Why a command did not succeed; null where it did. */
export function commandFailure(
  outcome: CommandOutcome,
): { readonly state: 'failed' | 'error' | 'timed out'; readonly message: string } | null {
  const told = outcome.message === undefined ? '' : ` ${outcome.message}`;
  switch (outcome.status) {
    case 'timed out':
      return { state: 'timed out', message: `The command did not end in time.${told}` };
    case 'failed to start':
      return { state: 'error', message: `The command could not be started.${told}` };
    case 'cancelled':
      return { state: 'failed', message: `${commandCancelled}${told}` };
    case 'completed': {
      if (outcome.success) return null;
      const how = outcome.signal === null ? `with exit status ${outcome.exitStatus ?? 'unknown'}` : `by signal ${outcome.signal}`;
      return { state: 'failed', message: `${commandEnded}${how}.${told}` };
    }
  }
}

function goToLabel(transition: Transition, label: string): void {
  const { state, program } = transition;
  const position = structureOf(program, currentFrame(state)?.scenario ?? '')?.labels.get(label);
  if (position === undefined) fail(transition, unknownLabel(label));
  else passStep(transition, {}, () => jump(transition, position));
}

function say(transition: Transition, kind: 'echo' | 'note', text: string): void {
  const { state, effects } = transition;
  effects.push({ kind, text });
  if (kind === 'echo' && (text === 'PASS' || text === 'FAIL')) state.tally = { ...state.tally, echoed: text };
  passStep(transition);
}

function promise(transition: Transition, command: Command, readings: Readings): void {
  const { state, effects } = transition;
  const words = wordsOf(transition, command, readings);
  if (!words || !state.active) return;
  if (state.deferred.length >= machineLimits.deferredCommands) {
    fail(transition, `No more than ${machineLimits.deferredCommands} commands can be deferred.`);
    return;
  }
  const { scenario, line, text } = state.active.step;
  const deferred = { identifier: state.nextDeferred, words, text, scenario, line };
  state.nextDeferred += 1;
  state.deferred = [...state.deferred, deferred];
  effects.push({ kind: 'deferred', ...deferred });
  passStep(transition);
}

function ask(transition: Transition, statement: StatementOf<'prompt'>, readings: Readings): void {
  const { question, choices, fallback } = statement;
  if (choices.length > machineLimits.choices) {
    fail(transition, `A question has ${machineLimits.choices} choices at most.`);
    return;
  }
  const filled = fillInAll(transition, [question, ...choices, ...(fallback ? [fallback] : [])], readings);
  if ('problem' in filled) {
    fail(transition, filled.problem);
    return;
  }
  const [asked = '', ...rest] = filled.texts;
  const offered = rest.slice(0, choices.length);
  const reference = newReference(transition);
  prompt(transition, { kind: 'answer', reference, question: asked, choices: offered, fallback: rest[choices.length] ?? null });
}

function prompt(transition: Transition, awaiting: Extract<Awaiting, { kind: 'answer' }>): void {
  const { reference, question, choices, fallback } = awaiting;
  transition.effects.push({ kind: 'prompt', reference, question, choices, fallback });
  awaitAnswer(transition, awaiting);
}

/** The operator's answer; one that is none of the choices is asked for again. */
export function takeAnswer(transition: Transition, awaiting: Extract<Awaiting, { kind: 'answer' }>, answer: string): void {
  if (awaiting.choices.length > 0 && !awaiting.choices.includes(answer)) prompt(transition, awaiting);
  else keepAnswer(transition, answer, null);
}

/** Nobody can answer: the default is taken, or the step is in error. */
export function takeNoAnswer(transition: Transition, awaiting: Extract<Awaiting, { kind: 'answer' }>, message: string): void {
  if (awaiting.fallback === null) fail(transition, `The question '${awaiting.question}' was not answered: ${message}`);
  else keepAnswer(transition, awaiting.fallback, `The default was taken: ${message}`);
}

function keepAnswer(transition: Transition, answer: string, message: string | null): void {
  const { active } = transition.state;
  const statement = active && statementAt(transition.program, active.step.scenario, active.step.line, active.part);
  if (statement?.kind !== 'prompt') return;
  assignVariable(transition, statement.name.text, answer);
  passStep(transition, { result: answer, message });
}

function call(transition: Transition, statement: StatementOf<'call'>, readings: Readings): void {
  const { state, program, effects } = transition;
  const called = program.scenarios.get(statement.scenario.text);
  if (!called) {
    fail(transition, `There is no scenario '${statement.scenario.text}' to call.`);
    return;
  }
  if (state.frames.length > machineLimits.callDepth) {
    fail(transition, `Scenarios call one another more than ${machineLimits.callDepth} deep.`);
    return;
  }
  const filled = fillInAll(
    transition,
    statement.arguments.map((argument) => argument.value),
    readings,
  );
  if ('problem' in filled) {
    fail(transition, filled.problem);
    return;
  }
  const given = new Map(statement.arguments.map((argument, index) => [argument.name.text, filled.texts[index] ?? '']));
  for (const parameter of called.frontMatter?.parameters ?? []) {
    const value = given.get(parameter.name) ?? parameter.default;
    if (value === null) {
      fail(transition, `The scenario '${called.name}' needs a value for '${parameter.name}': call ${called.name} ${parameter.name}=….`);
      return;
    }
    given.set(parameter.name, value);
  }
  const doubts = statement.arguments.flatMap(({ name, value }) => {
    const doubt = doubtAbout(transition, value);
    return doubt ? [[name.text, doubt] as const] : [];
  });
  passStep(transition, {}, () => {
    enterScenario(transition, statement.scenario.text, Object.fromEntries(given), Object.fromEntries(doubts));
    for (const [name, value] of given) effects.push({ kind: 'variable', name, value });
  });
}

function exit(transition: Transition, statement: StatementOf<'exit'>, readings: Readings): void {
  const { state } = transition;
  const { reason } = statement;
  const filled = reason ? fillIn(transition, reason, readings) : { text: null };
  if ('problem' in filled) {
    fail(transition, filled.problem);
    return;
  }
  state.tally = { ...state.tally, exit: { verdict: statement.verdict, reason: filled.text } };
  closeStep(transition, 'passed', { message: filled.text });
  endStatements(transition, { kind: 'completed' });
}

function decide(transition: Transition, statement: StatementOf<'if'>, readings: Readings): void {
  const { state } = transition;
  const verdict = decideCondition(state, currentFrame(state), statement.condition, readings);
  if (verdict.problem !== null) {
    fail(transition, verdict.problem);
    return;
  }
  if (verdict.lost !== null) {
    failUnjudged(transition, 'if', statement.condition, verdict, 'The condition cannot be judged');
    return;
  }
  tellCondition(transition, 'if', statement.condition, verdict.met ? 'met' : 'not met', verdict.values);
  const chosen = verdict.met ? statement.then : statement.otherwise;
  if (!chosen || !state.active) {
    passStep(transition);
    return;
  }
  const part: StatementPart = verdict.met ? 'then' : 'else';
  state.active = { ...state.active, part, awaiting: null };
  runStatement(transition, chosen, readings);
}

function startLoop(transition: Transition, statement: StatementOf<'repeat'>, readings: Readings): void {
  withText(transition, statement.times, readings, (text) => {
    const frame = currentFrame(transition.state);
    const end = frame && structureOf(transition.program, frame.scenario)?.endOfRepeat.get(frame.position);
    const times = wholeNumber(text, maximumRepetitions);
    const doubt = doubtAbout(transition, statement.times);
    if (!frame || end === undefined) fail(transition, "This 'repeat' has no 'end'.");
    else if (doubt) fail(transition, `'repeat' cannot be told how often: '${shortened(text, 80)}' is ${doubt.why}.`);
    else if (times === null)
      fail(transition, `'repeat' needs a whole number from 0 to ${maximumRepetitions}, and '${shortened(text, 80)}' is none.`);
    else if (times === 0) passStep(transition, {}, () => jump(transition, end + 1));
    else {
      const start = frame.position;
      passStep(transition, {}, () => enterRound(transition, start + 1, { start, end, times, round: 1 }));
    }
  });
}

function endRound(transition: Transition): void {
  const frame = currentFrame(transition.state);
  const loop = frame?.loops.findLast((candidate) => candidate.end === frame.position);
  // Control came into the loop by `goto`: there are no rounds to count.
  if (!loop) passStep(transition);
  else if (loop.round >= loop.times) passStep(transition, { message: `Round ${loop.round} of ${loop.times}.` });
  else {
    const next = { ...loop, round: loop.round + 1 };
    passStep(transition, { message: `Round ${loop.round} of ${loop.times}.` }, () => enterRound(transition, loop.start + 1, next));
  }
}

function enterRound(transition: Transition, position: number, loop: { start: number; end: number; times: number; round: number }): void {
  jump(transition, position);
  const frame = currentFrame(transition.state);
  if (!frame) return;
  replaceFrame(transition, { ...frame, loops: [...frame.loops.filter((other) => other.start !== loop.start), loop] });
}
