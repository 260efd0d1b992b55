/**
 * The checker: what can be said of a program before it runs. Syntax is the parser's business and calls that lead nowhere
 * are the linker's; this is about flow, names, arguments, units and variables.
 */
import type { ScenarioCatalogue } from './catalogue.ts';
import { checkCommand } from './check-commands.ts';
import { checkTrigger } from './check-conditions.ts';
import { CheckContext } from './check-context.ts';
import { checkFlow } from './check-flow.ts';
import { checkCall, checkExit, checkPrompt, checkVariables, variablesOf } from './check-variables.ts';
import { commandOf } from './statement-parts.ts';
import { statementsOf } from './structure.ts';
import type { Program, Scenario, ScenarioProblem, Statement } from './syntax.ts';

/**
 * Checks every scenario of the program, against the catalogue where one is given. Problems come in the order of scenarios
 * and lines; `file` is the scenario's name. An error means that a step is bound to fail or cannot mean what it says.
 */
export function checkScenario(program: Program, catalogue: ScenarioCatalogue | undefined): ScenarioProblem[] {
  const context = new CheckContext(program, catalogue);
  const variables = variablesOf(program);
  for (const scenario of program.scenarios.values()) {
    checkFlow(context, scenario);
    for (const statement of statementsOf(scenario)) checkStatement(context, scenario, statement, variables);
  }
  return inReadingOrder(context.problems, [...program.scenarios.keys()]);
}

function checkStatement(context: CheckContext, scenario: Scenario, statement: Statement, variables: ReadonlySet<string>): void {
  const command = commandOf(statement);
  if (command) checkCommand(context, scenario, command);
  checkTrigger(context, scenario, statement);
  checkVariables(context, scenario, statement, variables);
  if (statement.kind === 'call') checkCall(context, scenario, statement);
  if (statement.kind === 'prompt') checkPrompt(context, scenario, statement);
  if (statement.kind === 'exit') checkExit(context, scenario, statement);
}

function inReadingOrder(problems: readonly ScenarioProblem[], scenarios: readonly string[]): ScenarioProblem[] {
  const place = new Map(scenarios.map((name, index) => [name, index]));
  const order = (problem: ScenarioProblem) => place.get(problem.file ?? '') ?? 0;
  return problems.toSorted((left, right) => order(left) - order(right) || left.range.start.offset - right.range.start.offset);
}
