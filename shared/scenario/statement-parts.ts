/**
 * What each kind of statement is made of, in the order in which it is written. Told once, here: how statements are printed
 * and coloured, which values they need, what the checker looks at and which commands they give all follow from it.
 */
import type { Command, Condition, Duration, EventCondition, Name, Statement, Template } from './syntax.ts';

export type WrittenPart =
  /** A word or sign of the language. */
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'trigger'; readonly trigger: Condition | EventCondition }
  | { readonly kind: 'duration'; readonly duration: Duration }
  /** `rest`: reaches to the end of the statement, its white space included. */
  | { readonly kind: 'text'; readonly template: Template; readonly rest: boolean }
  /** A variable that the statement sets; `values` is what it may be set to, null where only the run can tell. */
  | { readonly kind: 'variable'; readonly name: Name; readonly values: readonly Template[] | null }
  | { readonly kind: 'label'; readonly name: Name; readonly role: 'definition' | 'use' }
  | { readonly kind: 'scenario'; readonly name: Name }
  /** `name=value`, for the scenario that is called. */
  | { readonly kind: 'argument'; readonly scenario: Name; readonly name: Name; readonly value: Template }
  /** A statement within this one. */
  | { readonly kind: 'branch'; readonly statement: Statement }
  /** What could not be understood. */
  | { readonly kind: 'source'; readonly text: string };

interface StatementKind<S extends Statement> {
  /** What is null is not written. */
  parts(statement: S): readonly (WrittenPart | null)[];
  /** It takes no time and changes nothing that a condition may depend on; its branches may. */
  readonly instant?: true;
}

const kinds: { readonly [Kind in Statement['kind']]: StatementKind<Statement & { readonly kind: Kind }> } = {
  command: { parts: ({ command }) => [given(command)] },
  'set-command': { parts: ({ name, command }) => [word('set'), variable(name, null), given(command)] },
  'set-value': { parts: ({ name, value }) => [word('set'), variable(name, [value]), word('='), text(value)] },
  goto: { instant: true, parts: ({ label: name }) => [word('goto'), label(name, 'use')] },
  echo: { instant: true, parts: (statement) => [word('echo'), rest(statement.text)] },
  note: { instant: true, parts: (statement) => [word('note'), rest(statement.text)] },
  'wait-duration': { parts: (statement) => [word('wait'), duration(statement.duration)] },
  wait: { parts: ({ condition, within }) => [word('wait'), trigger(condition), ...limit('within', within)] },
  expect: {
    parts: ({ condition, within, holdsFor }) => [word('expect'), trigger(condition), ...limit('within', within), ...limit('for', holdsFor)],
  },
  on: { instant: true, parts: (statement) => [word('on'), trigger(statement.trigger), word('goto'), label(statement.label, 'use')] },
  off: { instant: true, parts: (statement) => [word('off'), statement.trigger && trigger(statement.trigger)] },
  defer: { parts: ({ command }) => [word('defer'), given(command)] },
  prompt: {
    parts: ({ name, question, choices, fallback }) => [
      word('prompt'),
      variable(name, choices.length === 0 ? null : [...choices, ...(fallback ? [fallback] : [])]),
      text(question),
      ...choices.map((choice) => text(choice)),
      ...(fallback ? [word('default'), text(fallback)] : []),
    ],
  },
  call: {
    parts: ({ scenario, arguments: values }) => [
      word('call'),
      { kind: 'scenario', name: scenario },
      ...values.map(({ name, value }) => ({ kind: 'argument', scenario, name, value }) as const),
    ],
  },
  exit: { instant: true, parts: ({ verdict, reason }) => [word('exit'), verdict && word(verdict), reason && rest(reason)] },
  if: {
    instant: true,
    parts: ({ condition, then, otherwise }) => [
      word('if'),
      trigger(condition),
      word('then'),
      branch(then),
      ...(otherwise ? [word('else'), branch(otherwise)] : []),
    ],
  },
  label: { instant: true, parts: ({ name }) => [word('label'), label(name, 'definition')] },
  repeat: { instant: true, parts: ({ times }) => [word('repeat'), text(times)] },
  end: { instant: true, parts: () => [word('end')] },
  invalid: { instant: true, parts: (statement) => [{ kind: 'source', text: statement.text }] },
};

const word = (text: string): WrittenPart => ({ kind: 'word', text });
const given = (command: Command): WrittenPart => ({ kind: 'command', command });
const trigger = (trigger: Condition | EventCondition): WrittenPart => ({ kind: 'trigger', trigger });
const duration = (duration: Duration): WrittenPart => ({ kind: 'duration', duration });
const text = (template: Template): WrittenPart => ({ kind: 'text', template, rest: false });
const rest = (template: Template): WrittenPart => ({ kind: 'text', template, rest: true });
const variable = (name: Name, values: readonly Template[] | null): WrittenPart => ({ kind: 'variable', name, values });
const label = (name: Name, role: 'definition' | 'use'): WrittenPart => ({ kind: 'label', name, role });
const branch = (statement: Statement): WrittenPart => ({ kind: 'branch', statement });
const limit = (name: string, time: Duration | null): WrittenPart[] => (time ? [word(name), duration(time)] : []);

function kindOf(statement: Statement): StatementKind<Statement> {
  return kinds[statement.kind];
}

/** The parts of a statement in the order in which they are written. */
export function partsOf(statement: Statement): readonly WrittenPart[] {
  return kindOf(statement)
    .parts(statement)
    .filter((part) => part !== null);
}

type PartOf<Kind extends WrittenPart['kind']> = Extract<WrittenPart, { kind: Kind }>;

function partsOfKind<Kind extends WrittenPart['kind']>(statement: Statement, kind: Kind): PartOf<Kind>[] {
  return partsOf(statement).filter((part): part is PartOf<Kind> => part.kind === kind);
}

/** The command that a statement gives, if it gives one. */
export function commandOf(statement: Statement): Command | null {
  return partsOfKind(statement, 'command')[0]?.command ?? null;
}

/** The condition or event that a statement depends on, if any. */
export function triggerOf(statement: Statement): Condition | EventCondition | null {
  return partsOfKind(statement, 'trigger')[0]?.trigger ?? null;
}

/** The variable that a statement sets, if it sets one. */
export function variableSetBy(statement: Statement): PartOf<'variable'> | null {
  return partsOfKind(statement, 'variable')[0] ?? null;
}

/** The labels that a statement itself may go to. */
export function targetsOf(statement: Statement): Name[] {
  return partsOfKind(statement, 'label').flatMap(({ name, role }) => (role === 'use' ? [name] : []));
}

/** The texts of a statement that are filled in when it is executed; not those of its condition and its branches. */
export function filledTextsOf(statement: Statement): readonly Template[] {
  return partsOf(statement).flatMap((part) => {
    if (part.kind === 'command') return part.command.words;
    if (part.kind === 'text') return [part.template];
    return part.kind === 'argument' ? [part.value] : [];
  });
}

/** The statement and those within it, in order. */
export function withBranches(statement: Statement): readonly Statement[] {
  return [statement, ...partsOfKind(statement, 'branch').flatMap((part) => withBranches(part.statement))];
}

/** Whether a step takes time or changes something that a condition may depend on. */
export function takesTimeOrChanges(statement: Statement): boolean {
  return withBranches(statement).some((each) => kindOf(each).instant !== true);
}
