/** Checks conditions: the readings they name, the states and units they compare with, their patterns; and events. */
import { RE2JS } from 're2js';
import type { Range } from '#shared/problem.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import type { ComponentDescription } from './catalogue.ts';
import { knownComponent, metricFamily, type CheckContext } from './check-context.ts';
import { isOrder, quantityOf, type OrderOperator } from './comparison.ts';
import { quoteForMessage } from './diagnostics.ts';
import { parseQuantity, type QuantityUnit } from './quantity.ts';
import type { Condition, Operand, Scenario, Statement, Template } from './syntax.ts';
import { triggerOf } from './statement-parts.ts';
import { literalText } from './template-parts.ts';

/** States that every component can have. */
export const commonStates = ['RUNNING', 'STOPPED', 'CRASHED', 'UNKNOWN'];

/** Tells what is wrong with the condition or the event that a statement waits for, expects or listens to. */
export function checkTrigger(context: CheckContext, scenario: Scenario, statement: Statement): void {
  const trigger = triggerOf(statement);
  if (trigger?.kind !== 'event') {
    if (trigger) checkComparisons(context, scenario, trigger);
    return;
  }
  if (trigger.component) knownComponent(context, scenario, trigger.component.text, trigger.component.range);
  if (statement.kind === 'expect' && statement.holdsFor) {
    context.error(scenario, 'event-cannot-hold', 'An event happens at a moment; it cannot hold `for` a time.', statement.holdsFor.range, {
      tip: 'Use `within`.',
    });
  }
}

/** Every comparison of a condition, from left to right. */
export function* comparisonsOf(condition: Condition): Generator<Condition & { kind: 'comparison' }> {
  if (condition.kind === 'comparison') yield condition;
  else if (condition.kind === 'not') yield* comparisonsOf(condition.condition);
  else {
    yield* comparisonsOf(condition.left);
    yield* comparisonsOf(condition.right);
  }
}

/** Judges what a condition compares: names of readings and states, units, patterns. */
export function checkComparisons(context: CheckContext, scenario: Scenario, condition: Condition): void {
  for (const { left, operator, right } of comparisonsOf(condition)) {
    for (const operand of [left, right]) if (operand.kind === 'reading') checkReading(context, scenario, operand.name, operand.range);
    if (operator === 'matches') checkPattern(context, scenario, right);
    if (operator === 'contains' || operator === 'matches') continue;
    if (isOrder(operator) && !checkOrder(context, scenario, left, operator, right)) continue;
    if (!isOrder(operator) && !checkMetricBesideWord(context, scenario, left, right)) continue;
    if (!checkState(context, scenario, left, right) && !checkState(context, scenario, right, left)) {
      checkUnits(context, scenario, left, right);
    }
  }
}

/** A name with a dot in it must be a component's state or metric. */
export function checkReading(context: CheckContext, scenario: Scenario, name: string, range: Range): void {
  const { component: componentName, metric } = splitReading(name);
  // The component's name is where the range begins, after `#{` in a reference; a fix may replace only that.
  const start = range.end.offset - range.start.offset === name.length ? 0 : 2;
  const component = knownComponent(context, scenario, componentName, partOf(range, start, componentName.length));
  if (!component || !context.environment || metric === 'STATE') return;
  const names = context.environment.metricsOf(component);
  if (names.byName.has(metric) || (metric.includes('{') ? false : names.families.has(metric))) return;
  const family = metricFamily(metric);
  const place = partOf(range, start + componentName.length + 1, family.length);
  const message = `${quoteForMessage(component.name)} has no metric ${quoteForMessage(metric)}${names.families.has(family) ? ' with these labels' : ''}.`;
  const detail = names.families.has(family)
    ? { tip: 'A metric may also appear with its first sample; until then the condition is not met.' }
    : context.suggestion(family, place, ['STATE', ...names.families.keys()]);
  context.warning(scenario, 'unknown-metric', message, place, detail);
}

function partOf(range: Range, from: number, length: number): Range {
  const { line, column, offset } = range.start;
  const place = (distance: number) => ({ line, column: column + distance, offset: offset + distance });
  return { start: place(from), end: place(from + length) };
}

/** `Component.metric` at its first dot; the metric itself may have more of them. */
export function splitReading(name: string): { component: string; metric: string } {
  const dot = name.indexOf('.');
  return { component: name.slice(0, dot), metric: name.slice(dot + 1) };
}

function checkPattern(context: CheckContext, scenario: Scenario, operand: Operand): void {
  const pattern = operand.kind === 'text' ? literalText(operand.template) : null;
  if (pattern === null) return;
  try {
    RE2JS.compile(pattern.slice(0, 1_000));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : 'it is not valid';
    context.error(scenario, 'bad-pattern', `The pattern cannot be used: ${reason}.`, operand.range, {
      tip: 'Patterns are RE2: no backreferences and no look-around; put \\ before a special character that is meant literally.',
    });
  }
}

/** Whether `operand` is a component's state; then what it is compared with is judged as a state. */
function checkState(context: CheckContext, scenario: Scenario, operand: Operand, other: Operand): boolean {
  if (operand.kind !== 'reading') return false;
  const { component: name, metric } = splitReading(operand.name);
  if (metric !== 'STATE') return false;
  const component = context.environment?.components.get(name);
  if (other.kind === 'number') {
    context.error(scenario, 'unit-mismatch', `${quoteForMessage(operand.name)} is a word such as RUNNING, not a number.`, other.range);
  } else if (other.kind === 'text' && component) checkStateName(context, scenario, component, other.template);
  return true;
}

function checkStateName(context: CheckContext, scenario: Scenario, component: ComponentDescription, template: Template): void {
  const text = literalText(template);
  const states = new Set([...component.states, ...commonStates]);
  // Without rules for its states nothing is known of them.
  if (text === null || states.has(text) || component.states.length === 0) return;
  const { fix, ...detail } = context.suggestion(text, template.range, states);
  const nearest = fix && template.quote !== 'none' ? { ...fix, replacement: `'${fix.replacement}'` } : fix;
  context.error(
    scenario,
    'unknown-state',
    `${quoteForMessage(component.name)} is never in the state ${quoteForMessage(text)}.`,
    template.range,
    {
      ...detail,
      ...(nearest ? { fix: nearest } : {}),
    },
  );
}

/** Whether both sides of `<` and its kin may be numbers, as far as that is known before the run. */
function checkOrder(context: CheckContext, scenario: Scenario, left: Operand, operator: OrderOperator, right: Operand): boolean {
  const tip = 'Use == or !=, or compare with a number such as `500`, `500MB`, `10ms`, `1e3`.';
  const rule = `\`${operator}\` compares numbers, sizes, durations and shares only`;
  for (const operand of [left, right]) {
    const why = whyNoNumber(operand);
    if (why === null) continue;
    context.error(scenario, 'not-a-number', `${why}, and ${rule}.`, operand.range, { tip });
    return false;
  }
  for (const operand of [left, right]) {
    const variable = operand.kind === 'text' ? onlyReference(operand.template) : null;
    const word = variable === null ? undefined : context.wordsOnly.get(variable);
    if (variable === null || word === undefined) continue;
    const message = `${quoteForMessage(variable)} is never given a number, but for example ${quoteForMessage(word)}, and ${rule}.`;
    context.warning(scenario, 'not-a-number', message, operand.range, { tip });
    return true;
  }
  return true;
}

/** Why an operand cannot be a number, whatever happens in the run; null where it can. */
function whyNoNumber(operand: Operand): string | null {
  switch (operand.kind) {
    case 'number':
      return null;
    case 'reading':
      return isState(operand.name) ? `${quoteForMessage(operand.name)} is a word such as RUNNING` : null;
    case 'text': {
      const text = literalText(operand.template);
      if (text !== null) return quantityOf(text) ? null : `${quoteForMessage(text)} is no number`;
      const name = onlyReference(operand.template);
      if (name === null) return null;
      if (name.startsWith('unique.')) return `${quoteForMessage(name)} is a name`;
      return isState(name) ? `${quoteForMessage(name)} is a word such as RUNNING` : null;
    }
  }
}

function isState(name: string): boolean {
  return name.includes('.') && splitReading(name).metric === 'STATE';
}

function onlyReference({ parts }: Template): string | null {
  const [only] = parts;
  return parts.length === 1 && only?.kind === 'reference' ? only.name : null;
}

/** A metric is always a number: that it is (or is not) a certain word says nothing. */
function checkMetricBesideWord(context: CheckContext, scenario: Scenario, left: Operand, right: Operand): boolean {
  for (const [operand, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const text = other.kind === 'text' ? literalText(other.template) : null;
    if (operand.kind !== 'reading' || isState(operand.name) || text === null || quantityOf(text)) continue;
    const message = `${quoteForMessage(operand.name)} is a number, and ${quoteForMessage(text)} is none.`;
    context.error(scenario, 'not-a-number', message, other.range, { tip: 'Compare a metric with a number, a state with a word.' });
    return false;
  }
  return true;
}

const kindsOfUnit: Readonly<Record<Unit, readonly QuantityUnit[]>> = {
  bytes: ['bytes'],
  ms: ['ms'],
  '%': ['%'],
  count: ['none'],
  'per second': ['none'],
  'bytes per second': ['bytes'],
  // Nothing is known of it: every number may be meant.
  none: ['bytes', 'ms', '%', 'none'],
};

const unitExamples: Readonly<Record<QuantityUnit, string>> = { bytes: '500MB', ms: '10ms', '%': '80%', none: '500' };

function checkUnits(context: CheckContext, scenario: Scenario, left: Operand, right: Operand): void {
  const leftUnits = unitsOf(context, left);
  const rightUnits = unitsOf(context, right);
  if (!leftUnits || !rightUnits || leftUnits.some((unit) => rightUnits.includes(unit))) return;
  const [given, wanted, place] = left.kind === 'reading' ? [rightUnits, leftUnits, right] : [leftUnits, rightUnits, left];
  const message = `A value in ${unitName(wanted)} is compared with one in ${unitName(given)}.`;
  const tip = `Write the unit, for example \`${unitExamples[wanted[0] ?? 'none']}\`.`;
  // A number without unit counts in the base unit (bytes, ms, %), which may even be meant.
  if (given.includes('none') || wanted.includes('none')) context.warning(scenario, 'unit-mismatch', message, place.range, { tip });
  else context.error(scenario, 'unit-mismatch', message, place.range, { tip });
}

function unitName(units: readonly QuantityUnit[]): string {
  return units.map((unit) => (unit === 'none' ? 'plain numbers' : unit)).join(' or ');
}

/** The units that an operand may have; null where that is only known at run time. */
function unitsOf(context: CheckContext, operand: Operand): readonly QuantityUnit[] | null {
  switch (operand.kind) {
    case 'number':
      return [operand.unit];
    case 'text': {
      const quantity = parseQuantity(literalText(operand.template) ?? '');
      return quantity && [quantity.unit];
    }
    case 'reading': {
      const { component: name, metric } = splitReading(operand.name);
      const component = context.environment?.components.get(name);
      const names = component && context.environment?.metricsOf(component);
      const known = names?.byName.get(metric) ?? names?.families.get(metric);
      return known ? kindsOfUnit[known.unit] : null;
    }
  }
}
