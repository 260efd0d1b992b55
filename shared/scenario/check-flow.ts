/** Checks of the flow: labels, blocks, steps that control never reaches, loops that control never leaves. */
import type { CheckContext } from './check-context.ts';
import { quoteForMessage } from './diagnostics.ts';
import { controlFlow, circlesOf, reachedFrom, type ControlFlow } from './control-flow.ts';
import { takesTimeOrChanges, targetsOf, withBranches } from './statement-parts.ts';
import { scenarioStructure, type ScenarioStructure } from './structure.ts';
import type { Name, Scenario } from './syntax.ts';

export function checkFlow(context: CheckContext, scenario: Scenario): void {
  const structure = scenarioStructure(scenario);
  checkLabels(context, scenario, structure);
  checkBlocks(context, scenario, structure);
  const flow = controlFlow(structure);
  const reached = reachedFrom(flow, 0);
  checkReachability(context, scenario, structure, reached);
  checkLoops(context, scenario, structure, flow, reached);
}

function checkLabels(context: CheckContext, scenario: Scenario, structure: ScenarioStructure): void {
  const { statements, labels, duplicateLabels } = structure;
  for (const index of duplicateLabels) {
    const statement = statements[index]?.statement;
    if (statement?.kind !== 'label') continue;
    const first = statements[labels.get(statement.name.text) ?? 0];
    const message = `The label ${quoteForMessage(statement.name.text)} is already on line ${(first?.line ?? 0) + 1}.`;
    context.error(scenario, 'duplicate-label', message, statement.name.range, { tip: 'Give it another name.' });
  }
  const used = new Set<string>();
  for (const { index, statement } of statements) {
    for (const target of withBranches(statement).flatMap(targetsOf)) {
      used.add(checkTarget(context, scenario, structure, index, target));
    }
  }
  for (const { statement } of statements) {
    if (statement.kind !== 'label' || used.has(statement.name.text)) continue;
    const message = `Nothing goes to the label ${quoteForMessage(statement.name.text)}.`;
    context.warning(scenario, 'unused-label', message, statement.range, { tip: 'Remove it, or use it in a `goto`.' });
  }
}

/** Gives the label that is meant: of a misspelt one the nearest, so that it is not called unused as well. */
function checkTarget(context: CheckContext, scenario: Scenario, structure: ScenarioStructure, from: number, target: Name): string {
  const index = structure.labels.get(target.text);
  if (index === undefined) {
    const detail = context.suggestion(target.text, target.range, structure.labels.keys());
    const tip = detail.tip ?? `Write \`label ${target.text}\` where control should go on.`;
    context.error(scenario, 'unknown-label', `There is no label ${quoteForMessage(target.text)}.`, target.range, { ...detail, tip });
    return detail.fix?.replacement ?? target.text;
  }
  const block = innermostRepeat(structure).get(index);
  if (block === undefined || (block < from && from < (structure.endOfRepeat.get(block) ?? 0))) return target.text;
  const message = `The label ${quoteForMessage(target.text)} stands inside a \`repeat\` that control would enter from outside.`;
  context.warning(scenario, 'goto-into-repeat', message, target.range, {
    tip: 'The rounds are not counted then; put the label before the `repeat`.',
  });
  return target.text;
}

const innermostRepeats = new WeakMap<ScenarioStructure, ReadonlyMap<number, number>>();

/** Index of every label inside a closed `repeat` to that of the innermost one. */
function innermostRepeat(structure: ScenarioStructure): ReadonlyMap<number, number> {
  const known = innermostRepeats.get(structure);
  if (known) return known;
  const innermost = new Map<number, number>();
  const open: number[] = [];
  for (const { index, statement } of structure.statements) {
    const block = open.at(-1);
    if (structure.endOfRepeat.has(index)) open.push(index);
    else if (structure.repeatOfEnd.has(index)) open.pop();
    else if (statement.kind === 'label' && block !== undefined) innermost.set(index, block);
  }
  innermostRepeats.set(structure, innermost);
  return innermost;
}

function checkBlocks(context: CheckContext, scenario: Scenario, structure: ScenarioStructure): void {
  for (const index of structure.openRepeats) {
    const range = structure.statements[index]?.statement.range;
    if (range)
      context.error(scenario, 'repeat-without-end', 'This `repeat` has no `end`.', range, {
        tip: 'Write `end` after the last step to repeat.',
      });
  }
  for (const index of structure.strayEnds) {
    const range = structure.statements[index]?.statement.range;
    if (range)
      context.error(scenario, 'end-without-repeat', 'This `end` belongs to no `repeat`.', range, {
        tip: 'Remove it. A run ends with `exit`, or after the last step.',
      });
  }
}

/** Tells of the first of each stretch of steps that cannot be reached. */
function checkReachability(context: CheckContext, scenario: Scenario, structure: ScenarioStructure, reached: readonly boolean[]): void {
  let told = false;
  for (const { index, statement } of structure.statements) {
    if (reached[index]) told = false;
    // Labels and ends only give shape; an unused label is told of anyway.
    else if (!told && statement.kind !== 'label' && statement.kind !== 'end' && statement.kind !== 'invalid') {
      told = true;
      context.warning(scenario, 'unreachable-step', 'Control never comes to this step.', statement.range, {
        tip: 'What stands before it always goes elsewhere; put a label here, or remove it.',
      });
    }
  }
}

function checkLoops(
  context: CheckContext,
  scenario: Scenario,
  structure: ScenarioStructure,
  flow: ControlFlow,
  reached: readonly boolean[],
): void {
  const hasHandlers = [...context.program.scenarios.values()].some(({ lines }) => lines.some(({ statement }) => statement?.kind === 'on'));
  for (const circle of circlesOf(flow)) {
    const first = structure.statements[circle[0] ?? 0];
    if (!first || !reached[first.index]) continue;
    const members = new Set(circle);
    const canLeave = circle.some((index) => flow.next[index]?.some((target) => !members.has(target)) || flow.stops[index]);
    const changes = circle.some((index) => {
      const statement = structure.statements[index]?.statement;
      return statement && takesTimeOrChanges(statement);
    });
    if (!canLeave && !(hasHandlers && changes) && !scenario.frontMatter?.timeout) {
      context.warning(scenario, 'endless-loop', 'Control never leaves the loop that begins here.', first.statement.range, {
        tip: 'Use `repeat N` … `end`, leave with `if … then goto`, or give the scenario a timeout in its front matter.',
      });
    } else if (!changes) {
      context.warning(
        scenario,
        'endless-loop',
        'The loop that begins here goes round without waiting for anything.',
        first.statement.range,
        {
          tip: 'Wait for the condition instead: `wait condition within 30s`.',
        },
      );
    }
  }
}
