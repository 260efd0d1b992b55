/** Checks commands against what the environment offers: their names, who executes them, and the words that are known beforehand. */
import { componentCommandSchema, type ComponentCommand } from '#shared/protocol/observations.ts';
import type { CommandDescription } from './catalogue.ts';
import { keywords } from './keywords.ts';
import { knownComponent, type CheckContext } from './check-context.ts';
import { argumentProblem } from './argument-types.ts';
import { quoteForMessage, replaceWith } from './diagnostics.ts';
import { editDistance } from './nearest-name.ts';
import type { Command, Scenario, Template } from './syntax.ts';
import { literalText } from './template-parts.ts';

export function checkCommand(context: CheckContext, scenario: Scenario, command: Command): void {
  const [first, ...words] = command.words;
  const name = first && literalText(first);
  if (!first || typeof name !== 'string') return;
  if (checkKeywordCase(context, scenario, name, first)) return;
  if (!context.environment) return warnOfMisspeltKeyword(context, scenario, name, first);
  const known = context.environment.commands.get(name);
  const ofComponents = componentCommandSchema.safeParse(name);
  if (ofComponents.success) checkComponentCommand(context, scenario, ofComponents.data, words, command);
  else if (known) checkOfferedCommand(context, scenario, known, words, command);
  else {
    const candidates = [...context.environment.commands.keys(), ...componentCommandSchema.options, ...keywords];
    const detail = context.suggestion(name, first.range, candidates);
    context.error(
      scenario,
      'unknown-command',
      `Nobody in the environment offers the command ${quoteForMessage(name)}.`,
      first.range,
      detail,
    );
  }
}

/** `Echo` and `EXIT` are commands to the parser, but hardly to the writer. */
function checkKeywordCase(context: CheckContext, scenario: Scenario, name: string, first: Template): boolean {
  const keyword = keywords.find((each) => each === name.toLowerCase());
  if (!keyword || keyword === name || first.quote !== 'none' || context.environment?.commands.has(name)) return false;
  const message = `${quoteForMessage(name)} is not a statement of the language.`;
  const detail = { tip: `Statements are written in small letters: \`${keyword}\`.`, fix: replaceWith(first.range, keyword) };
  // Without a catalogue it may be a command after all.
  if (context.environment) context.error(scenario, 'keyword-case', message, first.range, detail);
  else context.warning(scenario, 'keyword-case', message, first.range, detail);
  return true;
}

/** Without an environment any word may be a command; one that is a slip of the keys beside a keyword hardly is. */
function warnOfMisspeltKeyword(context: CheckContext, scenario: Scenario, name: string, first: Template): void {
  if (first.quote !== 'none' || name.length < shortestMisspelt || componentCommandSchema.safeParse(name).success) return;
  const keyword = keywords.find((each) => each.length >= shortestMisspelt && editDistance(name, each, 2) < 2);
  if (keyword === undefined) return;
  context.warning(scenario, 'misspelt-keyword', `${quoteForMessage(name)} is not a statement of the language.`, first.range, {
    tip: `Did you mean \`${keyword}\`?`,
    fix: replaceWith(first.range, keyword),
  });
}

/** Characters; shorter words are too near to too much. */
const shortestMisspelt = 4;

function checkOfferedCommand(
  context: CheckContext,
  scenario: Scenario,
  known: CommandDescription,
  words: readonly Template[],
  command: Command,
): void {
  if (known.daemons.length > 1) {
    const message = `The command ${quoteForMessage(known.name)} is offered by several daemons: ${known.daemons.join(', ')}.`;
    context.error(scenario, 'ambiguous-command', message, command.words[0]?.range ?? command.range, {
      tip: 'Give it an alias in the environment file that names the daemon.',
    });
  }
  // What an alias adds to its words is known only to whoever resolves it.
  if (known.source !== 'alias') checkArguments(context, scenario, known, words, command);
}

/** Words by position or, for actions, as `name=value`; a word with a reference in it fits everything. */
function checkArguments(
  context: CheckContext,
  scenario: Scenario,
  known: CommandDescription,
  words: readonly Template[],
  command: Command,
): void {
  const given = new Set<string>();
  let position = 0;
  for (const word of words) {
    const text = literalText(word);
    const key = keyOf(word);
    const named = known.source === 'action' && key !== null ? known.parameters.find(({ name }) => name === key) : undefined;
    const parameter = named ?? known.parameters[position];
    if (!named) position += 1;
    if (!parameter) {
      tooManyWords(context, scenario, known, word);
      return;
    }
    if (given.has(parameter.name)) {
      context.error(scenario, 'duplicate-parameter', `The argument ${quoteForMessage(parameter.name)} is given twice.`, word.range, {
        tip: 'Remove one of them.',
      });
      continue;
    }
    given.add(parameter.name);
    const problem = text === null ? null : argumentProblem(parameter, named ? text.slice(parameter.name.length + 1) : text);
    if (problem) {
      const message = `${quoteForMessage(text ?? '')} does not fit the argument ${quoteForMessage(parameter.name)} of \`${known.name}\`.`;
      context.error(scenario, 'bad-argument', message, word.range, { tip: problem });
    }
  }
  const missing = known.parameters.filter(({ name, default: fallback }) => fallback === undefined && !given.has(name));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => quoteForMessage(name)).join(', ');
  context.error(scenario, 'missing-argument', `\`${known.name}\` is not given ${names}.`, command.range, { tip: usageOf(known) });
}

/** What stands before the first `=` of a word. */
function keyOf(word: Template): string | null {
  const first = word.parts[0];
  const equals = first?.kind === 'text' ? first.text.indexOf('=') : -1;
  return first?.kind === 'text' && equals > 0 ? first.text.slice(0, equals) : null;
}

function tooManyWords(context: CheckContext, scenario: Scenario, known: CommandDescription, word: Template): void {
  const count = known.parameters.length;
  const takes = count === 0 ? 'takes no arguments' : `takes ${count === 1 ? 'one argument' : `${count} arguments at most`}`;
  context.error(scenario, 'too-many-arguments', `\`${known.name}\` ${takes}; this is one too many.`, word.range, {
    tip: `${usageOf(known)} A value of several words needs quotes.`,
  });
}

function usageOf(known: CommandDescription): string {
  const shown = known.parameters.map(({ name, default: fallback }) => (fallback === undefined ? name : `[${name}]`));
  return `Write \`${[known.name, ...shown].join(' ')}\`.`;
}

const usages: Readonly<Record<ComponentCommand, string>> = {
  kill: 'kill [-SIGNAL] Component',
  signal: 'signal SIGNAL Component',
  start: 'start Component',
  stop: 'stop Component',
  status: 'status Component',
};

function checkComponentCommand(
  context: CheckContext,
  scenario: Scenario,
  name: ComponentCommand,
  words: readonly Template[],
  command: Command,
): void {
  const usage = { tip: `Write \`${usages[name]}\`.` };
  const { signal, rest } = splitSignal(name, words);
  const [componentWord, surplus] = rest;
  if (!componentWord || (name === 'signal' && !signal)) {
    context.error(
      scenario,
      'missing-argument',
      `\`${name}\` does not say ${signal || name !== 'signal' ? 'which component' : 'which signal'}.`,
      command.range,
      usage,
    );
    return;
  }
  if (surplus)
    context.error(scenario, 'too-many-arguments', `\`${name}\` takes one component; this is one word too many.`, surplus.range, usage);
  const text = literalText(componentWord);
  const component = text === null ? null : knownComponent(context, scenario, text, componentWord.range);
  if (!component) return;
  if (!component.commands.includes(name)) {
    context.error(scenario, 'command-not-allowed', `\`${name}\` is not allowed for ${quoteForMessage(component.name)}.`, command.range, {
      tip:
        component.commands.length === 0
          ? 'Its daemon.yaml allows no commands for it.'
          : `Its daemon.yaml allows: ${component.commands.join(', ')}.`,
    });
  } else if (signal) checkSignal(context, scenario, component.name, component.signals, signal);
}

/** As the daemon reads it: `kill -9 X`, `kill -KILL X`, `kill -s KILL X`, `kill X`, `signal HUP X`. */
function splitSignal(name: ComponentCommand, words: readonly Template[]): { signal: SignalWord | null; rest: readonly Template[] } {
  const [first, second] = words;
  const text = first ? literalText(first) : null;
  if (name === 'signal') return { signal: first ? { word: first, text, prefix: '' } : null, rest: words.slice(1) };
  if (name !== 'kill' || !first || !mayBeOption(first, words)) return { signal: null, rest: words };
  if (text === '-s') return { signal: second ? { word: second, text: literalText(second), prefix: '' } : null, rest: words.slice(2) };
  return { signal: { word: first, text: text === null ? null : text.slice(1), prefix: '-' }, rest: words.slice(1) };
}

/** Whether the first word of a `kill` is its signal; one that begins with a reference is, where another word follows. */
function mayBeOption(first: Template, words: readonly Template[]): boolean {
  const part = first.parts[0];
  return part?.kind === 'reference' ? words.length > 1 : part?.text.startsWith('-') === true;
}

interface SignalWord {
  readonly word: Template;
  /** Null where it is only known at run time. */
  readonly text: string | null;
  /** What stands before the signal in its word. */
  readonly prefix: string;
}

/** The signals that scenarios use by number; the same on all systems that daemons run on. */
const signalNumbers: ReadonlyMap<string, string> = new Map([
  ['1', 'HUP'],
  ['2', 'INT'],
  ['3', 'QUIT'],
  ['6', 'ABRT'],
  ['9', 'KILL'],
  ['14', 'ALRM'],
  ['15', 'TERM'],
]);

function checkSignal(context: CheckContext, scenario: Scenario, component: string, allowed: readonly string[], given: SignalWord): void {
  if (given.text === null) return;
  const upper = given.text.toUpperCase().replace(/^SIG/, '');
  const name = signalNumbers.get(upper) ?? upper;
  // Other numbers differ from system to system; the daemon knows its own.
  if (allowed.includes(name) || /^[0-9]+$/.test(name)) return;
  const detail = context.suggestion(name, given.word.range, allowed);
  const mended = detail.fix ? { ...detail, fix: replaceWith(given.word.range, given.prefix + detail.fix.replacement) } : detail;
  context.error(
    scenario,
    'unknown-signal',
    `${quoteForMessage(given.text)} is not among the signals allowed for \`${component}\`.`,
    given.word.range,
    mended,
  );
}
