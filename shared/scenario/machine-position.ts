/**
 * Where control is: the statement at the position, jumps, loops, calls and returns.
 * Positions are indexes into the statements of a scenario; lines (of the file) are what steps and breakpoints name.
 */
import type { Doubt } from './comparison.ts';
import { releaseHandlers } from './machine-release.ts';
import { currentFrame, type Frame, type StatementPart, type Transition } from './machine-state.ts';
import { scenarioStructure, type NumberedStatement, type ScenarioStructure } from './structure.ts';
import type { Program, Scenario, Statement } from './syntax.ts';

const structures = new WeakMap<Scenario, ScenarioStructure>();

/** Statements, labels and loops of a scenario, or undefined where the program has no such scenario. */
export function structureOf(program: Program, scenario: string): ScenarioStructure | undefined {
  const found = program.scenarios.get(scenario);
  if (!found) return undefined;
  // A scenario is never changed, so its structure is worked out once.
  let structure = structures.get(found);
  if (!structure) {
    structure = scenarioStructure(found);
    structures.set(found, structure);
  }
  return structure;
}

/** The statement on a line, or one branch of its `if`; undefined where there is none. */
export function statementAt(program: Program, scenario: string, line: number, part: StatementPart): Statement | undefined {
  const structure = structureOf(program, scenario);
  const statement = structure?.statements[structure.indexOfLine.get(line) ?? -1]?.statement;
  if (part === 'whole' || statement?.kind !== 'if') return statement;
  return (part === 'then' ? statement.then : statement.otherwise) ?? undefined;
}

/** The statement at the position; undefined when the scenario in control is at its end. */
export function statementInControl(transition: Transition): NumberedStatement | undefined {
  const frame = currentFrame(transition.state);
  return frame && structureOf(transition.program, frame.scenario)?.statements[frame.position];
}

/** Moves control within the scenario in control. Loops that do not enclose the new position are left. */
export function jump(transition: Transition, position: number): void {
  const frame = currentFrame(transition.state);
  if (!frame) return;
  transition.state.breakpointDecided = false;
  const loops = frame.loops.filter((loop) => loop.start < position && position <= loop.end);
  replaceFrame(transition, { ...frame, ...positionFrom(transition.program, frame.scenario, position), loops });
}

/** Moves control behind the statement at the position. */
export function leaveStatement(transition: Transition): void {
  const frame = currentFrame(transition.state);
  if (frame) jump(transition, frame.position + 1);
}

/** Returns from called scenarios that are at their end. */
export function returnFromEnded(transition: Transition): void {
  while (transition.state.frames.length > 1 && !statementInControl(transition)) {
    dropFrame(transition);
    leaveStatement(transition);
  }
}

/** Enters a scenario at its first statement. The frame that calls stays on its `call` until this one returns. */
export function enterScenario(
  transition: Transition,
  scenario: string,
  parameters: Readonly<Record<string, string>>,
  doubts: Readonly<Record<string, Doubt>> = {},
): void {
  const { state, program } = transition;
  const frame = { identifier: state.nextFrame, scenario, ...positionFrom(program, scenario, 0), loops: [], parameters, doubts };
  state.nextFrame += 1;
  state.frames = [...state.frames, frame];
}

/** Ends called scenarios until the given frame is in control. */
export function unwindTo(transition: Transition, frame: number): void {
  while (transition.state.frames.length > 1 && currentFrame(transition.state)?.identifier !== frame) dropFrame(transition);
}

/** Puts another frame in the place of the one in control. */
export function replaceFrame(transition: Transition, frame: Frame): void {
  transition.state.frames = [...transition.state.frames.slice(0, -1), frame];
}

/** Called scenarios take their handlers with them, and uncover the variables that their parameters hid. */
function dropFrame(transition: Transition): void {
  const { state } = transition;
  const frame = currentFrame(state);
  if (!frame) return;
  state.frames = state.frames.slice(0, -1);
  releaseHandlers(transition, (handler) => handler.frame === frame.identifier);
  if (state.pendingHandler?.frame === frame.identifier) state.pendingHandler = null;
  const visible = { ...state.variables, ...currentFrame(state)?.parameters };
  for (const name of Object.keys(frame.parameters)) {
    const value = Object.hasOwn(visible, name) ? visible[name] : undefined;
    if (value !== undefined) transition.effects.push({ kind: 'variable', name, value });
  }
}

/** The first position from here on with something to execute; labels are passed silently. */
function positionFrom(program: Program, scenario: string, from: number): Pick<Frame, 'position' | 'entered'> {
  const statements = structureOf(program, scenario)?.statements ?? [];
  let position = from;
  while (statements[position]?.statement.kind === 'label') position += 1;
  return { position: Math.min(position, statements.length), entered: from };
}
