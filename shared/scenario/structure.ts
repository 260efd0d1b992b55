/**
 * What holds a scenario's lines together: the statements in order with their step numbers, the labels, and which `end`
 * belongs to which `repeat`. Places are indexes into `statements`; `indexOfLine` finds one from a line of the file.
 */
import { withBranches } from './statement-parts.ts';
import type { Scenario, Statement } from './syntax.ts';

export interface NumberedStatement {
  /** Place among the statements of its scenario, from 0. */
  readonly index: number;
  /** Zero-based line in the file. */
  readonly line: number;
  /** As shown in traces: the written number, or the count of statements before it in the scenario. */
  readonly number: number;
  readonly statement: Statement;
}

export interface ScenarioStructure {
  readonly statements: readonly NumberedStatement[];
  /** Line of the file (`scenario.lines[line]`) to the index of the statement on it. */
  readonly indexOfLine: ReadonlyMap<number, number>;
  /** Line of a statement to its step number. */
  readonly numbers: ReadonlyMap<number, number>;
  /** Label to the index of its statement. Of labels that are given twice the first counts. */
  readonly labels: ReadonlyMap<string, number>;
  /** Index of a `repeat` to that of its `end`. */
  readonly endOfRepeat: ReadonlyMap<number, number>;
  /** Index of an `end` to that of its `repeat`. */
  readonly repeatOfEnd: ReadonlyMap<number, number>;
  /** Indexes of `repeat`s without `end`. */
  readonly openRepeats: readonly number[];
  /** Indexes of `end`s without `repeat`. */
  readonly strayEnds: readonly number[];
  /** Indexes of labels that were given before. */
  readonly duplicateLabels: readonly number[];
}

const structures = new WeakMap<Scenario, ScenarioStructure>();

/** The structure of a scenario, worked out once for each tree; also of scenarios with errors, for editors. */
export function scenarioStructure(scenario: Scenario): ScenarioStructure {
  const known = structures.get(scenario);
  if (known) return known;
  const structure = workOut(scenario);
  structures.set(scenario, structure);
  return structure;
}

function workOut(scenario: Scenario): ScenarioStructure {
  const statements = numberedStatements(scenario);
  const indexOfLine = new Map(statements.map(({ line, index }) => [line, index]));
  const numbers = new Map(statements.map(({ line, number }) => [line, number]));
  return { statements, indexOfLine, numbers, ...labelsOf(statements), ...blocksOf(statements) };
}

function numberedStatements(scenario: Scenario): NumberedStatement[] {
  const statements: NumberedStatement[] = [];
  for (const { line, number, statement } of scenario.lines) {
    const index = statements.length;
    if (statement) statements.push({ index, line, number: number?.value ?? index, statement });
  }
  return statements;
}

function labelsOf(statements: readonly NumberedStatement[]): Pick<ScenarioStructure, 'labels' | 'duplicateLabels'> {
  const labels = new Map<string, number>();
  const duplicateLabels: number[] = [];
  for (const { index, statement } of statements) {
    if (statement.kind !== 'label') continue;
    if (labels.has(statement.name.text)) duplicateLabels.push(index);
    else labels.set(statement.name.text, index);
  }
  return { labels, duplicateLabels };
}

function blocksOf(
  statements: readonly NumberedStatement[],
): Pick<ScenarioStructure, 'endOfRepeat' | 'repeatOfEnd' | 'openRepeats' | 'strayEnds'> {
  const endOfRepeat = new Map<number, number>();
  const repeatOfEnd = new Map<number, number>();
  const openRepeats: number[] = [];
  const strayEnds: number[] = [];
  for (const { index, statement } of statements) {
    if (statement.kind === 'repeat') openRepeats.push(index);
    if (statement.kind !== 'end') continue;
    const repeat = openRepeats.pop();
    if (repeat === undefined) strayEnds.push(index);
    else {
      endOfRepeat.set(repeat, index);
      repeatOfEnd.set(index, repeat);
    }
  }
  return { endOfRepeat, repeatOfEnd, openRepeats, strayEnds };
}

/** Every statement of a scenario, branches of an `if` included, in order. */
export function* statementsOf(scenario: Scenario): Generator<Statement> {
  for (const { statement } of scenario.lines) if (statement) yield* withBranches(statement);
}
