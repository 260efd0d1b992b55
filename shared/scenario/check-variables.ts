/** Checks variables, parameters and what `call`, `prompt` and `exit` are given. */
import { checkReading, comparisonsOf } from './check-conditions.ts';
import type { CheckContext } from './check-context.ts';
import { quoteForMessage, replaceWith } from './diagnostics.ts';
import type { Condition, Program, Scenario, ScenarioParameter, Statement, Template, TemplatePart } from './syntax.ts';
import { filledTextsOf, triggerOf, variableSetBy } from './statement-parts.ts';
import { statementsOf } from './structure.ts';
import { literalText } from './template-parts.ts';

/** Every name that some scenario of the program gives a value to. */
export function variablesOf(program: Program): ReadonlySet<string> {
  const names = new Set(['release']);
  for (const scenario of program.scenarios.values()) {
    for (const { name } of scenario.frontMatter?.parameters ?? []) names.add(name);
    for (const statement of statementsOf(scenario)) {
      const name = variableSetBy(statement)?.name;
      if (name) names.add(name.text);
    }
  }
  return names;
}

export function checkVariables(context: CheckContext, scenario: Scenario, statement: Statement, known: ReadonlySet<string>): void {
  const name = variableSetBy(statement)?.name;
  if (name && (name.text === 'release' || name.text === 'unique')) {
    context.error(scenario, 'reserved-variable', `\`${name.text}\` has a meaning of its own and cannot be set.`, name.range, {
      tip: 'Use another name.',
    });
  }
  for (const template of templatesOf(statement)) {
    for (const part of template.parts) if (part.kind === 'reference') checkReference(context, scenario, part, known);
  }
}

/** Judges the references in a condition's texts. */
export function checkReferences(context: CheckContext, scenario: Scenario, condition: Condition, known: ReadonlySet<string>): void {
  for (const { parts } of templatesInCondition(condition)) {
    for (const part of parts) if (part.kind === 'reference') checkReference(context, scenario, part, known);
  }
}

function templatesInCondition(condition: Condition): Template[] {
  return [...comparisonsOf(condition)].flatMap(({ left, right }) =>
    [left, right].flatMap((side) => (side.kind === 'text' ? [side.template] : [])),
  );
}

function checkReference(
  context: CheckContext,
  scenario: Scenario,
  { name, range }: TemplatePart & { kind: 'reference' },
  known: ReadonlySet<string>,
): void {
  if (name.startsWith('unique.') || known.has(name)) return;
  if (name.includes('.')) {
    // Names after `#{` with white space before them are too rare to be worth a fix of their own.
    checkReading(context, scenario, name, range);
    return;
  }
  const { fix, tip } = context.suggestion(name, range, known);
  const mended = fix ? { fix: replaceWith(range, `#{${fix.replacement}}`), ...(tip ? { tip } : {}) } : {};
  context.warning(scenario, 'unknown-variable', `Nothing gives the variable ${quoteForMessage(name)} a value.`, range, {
    tip: `Write \`set ${name} = …\` before it, or name it under \`parameters\` in the front matter.`,
    ...mended,
  });
}

/** Every text of a statement in which references may stand, branches of an `if` not included. */
export function templatesOf(statement: Statement): Template[] {
  const trigger = triggerOf(statement);
  const compared = trigger && trigger.kind !== 'event' ? templatesInCondition(trigger) : [];
  return [...compared, ...filledTextsOf(statement)];
}

export function checkCall(context: CheckContext, scenario: Scenario, call: Statement & { kind: 'call' }): void {
  const called = context.program.scenarios.get(call.scenario.text);
  const parameters: readonly ScenarioParameter[] = called?.frontMatter?.parameters ?? [];
  const given = new Set<string>();
  for (const { name } of call.arguments) {
    if (given.has(name.text)) {
      context.error(scenario, 'duplicate-parameter', `The parameter ${quoteForMessage(name.text)} is given twice.`, name.range, {
        tip: 'Remove one of them.',
      });
    }
    given.add(name.text);
    if (!called || parameters.some((parameter) => parameter.name === name.text)) continue;
    const detail = context.suggestion(
      name.text,
      name.range,
      parameters.map((parameter) => parameter.name),
    );
    const message = `The scenario ${quoteForMessage(call.scenario.text)} has no parameter ${quoteForMessage(name.text)}.`;
    context.error(scenario, 'unknown-parameter', message, name.range, {
      ...detail,
      tip: detail.tip ?? 'Name it under `parameters` in the front matter of that scenario.',
    });
  }
  const missing = parameters.filter((parameter) => parameter.default === null && !given.has(parameter.name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => quoteForMessage(name)).join(', ');
  context.error(scenario, 'missing-argument', `The scenario ${quoteForMessage(call.scenario.text)} needs ${names}.`, call.range, {
    tip: `Write \`call ${call.scenario.text} ${missing.map(({ name }) => `${name}=…`).join(' ')}\`.`,
  });
}

export function checkPrompt(context: CheckContext, scenario: Scenario, prompt: Statement & { kind: 'prompt' }): void {
  if (!prompt.fallback || prompt.choices.length === 0) return;
  const fallback = literalText(prompt.fallback);
  const choices = prompt.choices.map((choice) => literalText(choice));
  if (fallback === null || choices.includes(null) || choices.includes(fallback)) return;
  context.warning(
    scenario,
    'prompt-fallback',
    `The default ${quoteForMessage(fallback)} is not one of the choices.`,
    prompt.fallback.range,
    {
      tip: `Choices are: ${choices.join(', ')}.`,
    },
  );
}

const verdictWords: ReadonlyMap<string, 'pass' | 'fail'> = new Map([
  ...['pass', 'passed', 'ok', 'success', 'successful', '0'].map((word) => [word, 'pass'] as const),
  ...['fail', 'failed', 'failure', 'error', 'ko', '1'].map((word) => [word, 'fail'] as const),
]);

/** `exit FAILED …` ends the run with a reason, but without the verdict that was probably meant. */
export function checkExit(context: CheckContext, scenario: Scenario, exit: Statement & { kind: 'exit' }): void {
  const part = exit.reason?.parts[0];
  if (exit.verdict !== null || !exit.reason || exit.reason.quote !== 'none' || part?.kind !== 'text') return;
  const word = /^[^\s]+/.exec(part.text)?.[0] ?? '';
  const verdict = verdictWords.get(word.toLowerCase().replace(/[.,:;!]$/, ''));
  if (!verdict) return;
  const { start } = part.range;
  const end = { line: start.line, column: start.column + word.length, offset: start.offset + word.length };
  context.warning(
    scenario,
    'odd-verdict',
    `${quoteForMessage(word)} is taken as the reason of the exit, not as its verdict.`,
    { start, end },
    {
      tip: `Write \`exit ${verdict}\`, or put quotes round the reason.`,
      fix: replaceWith({ start, end }, verdict),
    },
  );
}
