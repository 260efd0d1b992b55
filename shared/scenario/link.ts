/** Gathers a scenario and everything it calls into one program, and tells of scenarios that are missing or call themselves. */
import type { Range } from '#shared/problem.ts';
import { replaceWith, scenarioError } from './diagnostics.ts';
import { nearestName } from './nearest-name.ts';
import { withBranches } from './statement-parts.ts';
import type { Name, ParsedScenario, Program, Scenario, ScenarioProblem } from './syntax.ts';

/** Scenarios in one program. */
export const maximumScenarios = 500;

const noRange: Range = { start: { line: 0, column: 0, offset: 0 }, end: { line: 0, column: 0, offset: 0 } };

export interface LinkedProgram {
  readonly program: Program;
  /** Problems of the linker and of every parsed scenario; `file` is the name of the scenario. */
  readonly problems: readonly ScenarioProblem[];
}

/** Gives the parsed scenario of a name, or undefined where there is none. */
export type ScenarioLoader = (name: string) => ParsedScenario | undefined;

/**
 * Loads `root` and, following `call`, everything it needs; each scenario is loaded once. `known` are the names to suggest
 * when one is missing.
 */
export function linkProgram(root: string, load: ScenarioLoader, known: readonly string[] = []): LinkedProgram {
  const linker = new Linker(root, load);
  linker.gather();
  linker.tellMissing(known);
  const program = { root, scenarios: linker.scenarios };
  return { program, problems: [...linker.problems, ...recursions(program)] };
}

class Linker {
  readonly scenarios = new Map<string, Scenario>();
  readonly problems: ScenarioProblem[] = [];
  private readonly root: string;
  private readonly load: ScenarioLoader;
  private readonly missing = new Set<string>();

  constructor(root: string, load: ScenarioLoader) {
    this.root = root;
    this.load = load;
  }

  gather(): void {
    // A set may grow while it is walked: every name is visited once, in the order of the calls.
    const names = new Set([this.root]);
    for (const name of names) {
      const parsed = this.load(name);
      if (!parsed) {
        this.missing.add(name);
        continue;
      }
      this.scenarios.set(name, parsed.scenario);
      this.problems.push(...parsed.problems.map((problem) => ({ ...problem, file: name })));
      for (const called of callsOf(parsed.scenario)) {
        if (names.size >= maximumScenarios && !names.has(called.text)) {
          this.problems.push(programTooLarge(name, called.range));
          break;
        }
        names.add(called.text);
      }
    }
  }

  tellMissing(known: readonly string[]): void {
    if (this.missing.has(this.root)) this.problems.push(missingScenario(this.root, this.root, noRange, known));
    for (const [caller, scenario] of this.scenarios) {
      for (const called of callsOf(scenario)) {
        if (this.missing.has(called.text)) this.problems.push(missingScenario(called.text, caller, called.range, known));
      }
    }
  }
}

function missingScenario(name: string, caller: string, range: Range, known: readonly string[]): ScenarioProblem {
  const nearest = nearestName(name, known);
  const isRoot = range === noRange;
  const detail = nearest
    ? { tip: `Did you mean \`${nearest}\`?`, ...(isRoot ? {} : { fix: replaceWith(range, nearest) }) }
    : { tip: 'Scenarios are called by the name of their file, without its ending.' };
  return { ...scenarioError('missing-scenario', `There is no scenario \`${name}\`.`, range, detail), file: caller };
}

function programTooLarge(caller: string, range: Range): ScenarioProblem {
  const message = `More than ${maximumScenarios} scenarios call one another.`;
  return { ...scenarioError('program-too-large', message, range, { tip: 'Split the work into several runs.' }), file: caller };
}

/** The names after every `call`, in order. */
export function callsOf(scenario: Scenario): Name[] {
  const names: Name[] = [];
  for (const { statement } of scenario.lines) {
    if (statement) for (const part of withBranches(statement)) if (part.kind === 'call') names.push(part.scenario);
  }
  return names;
}

/** Walks the calls depth first, with a stack of its own; a call to a scenario that is still open closes a circle. */
function recursions(program: Program): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const finished = new Set<string>();
  const open: { readonly name: string; readonly calls: Iterator<Name> }[] = [];
  const enter = (name: string) => {
    const scenario = program.scenarios.get(name);
    if (scenario) open.push({ name, calls: callsOf(scenario).values() });
  };
  enter(program.root);
  for (let current = open.at(-1); current; current = open.at(-1)) {
    const called = current.calls.next().value;
    if (called === undefined) {
      finished.add(current.name);
      open.pop();
      continue;
    }
    const circle = open.findIndex(({ name }) => name === called.text);
    if (circle >= 0) problems.push(recursiveCall(current.name, called, [...open.slice(circle).map(({ name }) => name), called.text]));
    else if (!finished.has(called.text)) enter(called.text);
  }
  return problems;
}

function recursiveCall(caller: string, called: Name, circle: readonly string[]): ScenarioProblem {
  const shown = circle.length > 8 ? [...circle.slice(0, 6), '…', ...circle.slice(-1)] : circle;
  const message = `A scenario must not call itself: ${shown.join(' → ')}.`;
  return {
    ...scenarioError('recursive-call', message, called.range, { tip: 'Use `repeat` or `goto` for what should happen again.' }),
    file: caller,
  };
}
