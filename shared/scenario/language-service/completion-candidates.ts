/** The suggestions for each thing that may stand at the caret. */
import type { ComponentCommand } from '#shared/protocol/observations.ts';
import { componentCommandSchema } from '#shared/protocol/observations.ts';
import type { ComponentDescription } from '../catalogue.ts';
import { innerWordHelp, keywords, needsWholeLine, statementWords } from '../keywords.ts';
import { commonStates } from '../check-conditions.ts';
import { argumentCandidates, commandCandidates } from './completion-commands.ts';
import type { Candidate } from './completion.ts';
import { connectedDocuments, parameterPlaces } from './connected.ts';
import type { DocumentCache, ScenarioDocument } from './document.ts';
import { describedComponent } from './hover.ts';
import type { LineContext } from './line-context.ts';
import { componentCommandHelp } from './component-command-help.ts';
import type { Surroundings } from './surroundings.ts';
import { quantityText } from '#shared/wording/quantities.ts';

export function candidatesFor(
  context: LineContext,
  document: ScenarioDocument,
  line: number,
  surroundings: Surroundings,
  cache: DocumentCache,
): readonly Candidate[] {
  const references = (): Candidate[] => referenceCandidates(document, line, surroundings, cache);
  switch (context.kind) {
    case 'nothing':
    case 'new-name':
      return [];
    case 'statement':
      return [...statementCandidates(context.simple), ...everyCommand(surroundings)];
    case 'command':
      return everyCommand(surroundings);
    case 'value-or-command':
      return [{ label: '=', kind: 'operator', insert: '= ', rank: 1, detail: 'keep a value' }, ...everyCommand(surroundings)];
    case 'arguments':
      return argumentCandidates(context, surroundings.catalogue);
    case 'signal':
      return signalCandidates(surroundings, context.dashed);
    case 'component':
      return componentCandidates(surroundings, context.command);
    case 'component-or-signal':
      return [...componentCandidates(surroundings, 'kill'), ...signalCandidates(surroundings, true)];
    case 'reference':
      return [...references(), ...readingComponents(surroundings)];
    case 'member':
      return memberCandidates(context.component, surroundings);
    case 'operand':
      return operandCandidates(context, surroundings, references);
    case 'operator':
      return operatorCandidates(context.left);
    case 'after-condition':
      return afterCondition(context);
    case 'after-event':
      return [...words([context.event === 'crash' ? 'of' : 'from'], true), ...afterCondition({ ...context, given: [], joinable: false })];
    case 'event':
      return [];
    case 'duration':
      return ['500ms', '1s', '5s', '30s', '1m', '5m'].map((label, rank) => ({ label, kind: 'value', rank }));
    case 'label':
      return labelCandidates(document);
    case 'scenario':
      return scenarioCandidates(document, surroundings, cache);
    case 'call-arguments':
      return callArguments(context, surroundings, cache);
    case 'verdict':
      return words(['pass', 'fail'], true);
  }
}

function statementCandidates(simple: boolean): Candidate[] {
  return keywords
    .filter((keyword) => !simple || !needsWholeLine(keyword))
    .flatMap((keyword) =>
      statementWords[keyword].forms.map(({ title, snippet, help }) => ({
        label: title,
        kind: 'statement' as const,
        insert: snippet,
        snippet: true,
        documentation: [
          { kind: 'code' as const, text: statementWords[keyword].usage },
          { kind: 'text' as const, text: help },
        ],
        rank: 4,
      })),
    );
}

function everyCommand(surroundings: Surroundings): Candidate[] {
  const ofComponents = componentCommandSchema.options.map((name): Candidate => {
    const { usage, help, hazard } = componentCommandHelp[name];
    const documentation = [{ kind: 'code', text: usage } as const, { kind: 'text', text: help } as const];
    return {
      label: name,
      kind: 'command',
      detail: hazard === 'none' ? 'of components' : hazard,
      documentation,
      insert: `${name} `,
      rank: 3,
      goOn: true,
    };
  });
  return [...commandCandidates(surroundings.catalogue), ...ofComponents];
}

function componentCandidates(surroundings: Surroundings, command: ComponentCommand | null): Candidate[] {
  const components = surroundings.catalogue?.components ?? [];
  return components.map((component) => ({
    ...componentCandidate(component, surroundings),
    rank: command && !component.commands.includes(command) ? 8 : 2,
  }));
}

function componentCandidate(component: ComponentDescription, surroundings: Surroundings): Candidate {
  const now = surroundings.live?.component(component.name);
  return {
    label: component.name,
    kind: 'component',
    ...(now ? { detail: now.state } : {}),
    documentation: describedComponent(component, surroundings),
  };
}

/** Components whose reading is to follow, with the dot. */
function readingComponents(surroundings: Surroundings): Candidate[] {
  return (surroundings.catalogue?.components ?? []).map((component) => ({
    ...componentCandidate(component, surroundings),
    insert: `${component.name}.`,
    goOn: true,
  }));
}

function signalCandidates({ catalogue }: Surroundings, dashed: boolean): Candidate[] {
  const allowed = new Map<string, string[]>();
  for (const { name, signals } of catalogue?.components ?? []) {
    for (const signal of signals) allowed.set(signal, [...(allowed.get(signal) ?? []), name]);
  }
  const named = [...allowed].map(([signal, components]): Candidate => ({
    label: `${dashed ? '-' : ''}${signal}`,
    kind: 'signal',
    detail: `allowed for ${components.length > 2 ? `${components.length} components` : components.join(', ')}`,
    rank: 6,
    insert: `${dashed ? '-' : ''}${signal} `,
    goOn: true,
  }));
  const nine: Candidate[] =
    dashed && (allowed.has('KILL') || !catalogue)
      ? [{ label: '-9', kind: 'signal', detail: 'KILL', rank: 5, insert: '-9 ', goOn: true }]
      : [];
  return [...nine, ...named];
}

function memberCandidates(name: string, { catalogue, live }: Surroundings): Candidate[] {
  const component = catalogue?.components.find((each) => each.name === name);
  if (!component) return [];
  const state = live?.component(name)?.state;
  const metrics = component.metrics.map(({ name: metric, unit }): Candidate => {
    const value = live?.metric(name, metric);
    const now = value === undefined ? unit : value === null ? 'no value' : quantityText(value, unit);
    return { label: metric, kind: 'metric', detail: now, documentation: [{ kind: 'text', text: `Unit: ${unit}.` }] };
  });
  return [{ label: 'STATE', kind: 'metric', rank: 1, ...(state === undefined ? {} : { detail: state }) }, ...metrics];
}

function operandCandidates(
  context: LineContext & { kind: 'operand' },
  surroundings: Surroundings,
  references: () => Candidate[],
): readonly Candidate[] {
  const state = context.left === null ? null : /^(?:#\{)?([A-Za-z][\w-]*)\.STATE\}?$/.exec(context.left);
  if (state) return stateCandidates(state[1] ?? '', surroundings);
  const variables = references().map((candidate) => ({
    ...candidate,
    label: `#{${candidate.label}}`,
    insert: `#{${candidate.insert ?? candidate.label}}`,
  }));
  const events = context.first && statementWords[context.statement].takes === 'condition or event' ? eventForms() : [];
  const negation = context.left === null ? words(['not'], true) : [];
  return [...readingComponents(surroundings), ...variables, ...events, ...negation];
}

function eventForms(): Candidate[] {
  const forms: readonly [string, string][] = [
    ['error from', 'error from '],
    ['crash of', 'crash of '],
    ['event', 'event '],
  ];
  return forms.map(([label, insert]) => {
    const help = innerWordHelp.get(label.split(' ')[0] ?? '') ?? '';
    return { label, kind: 'keyword', insert, rank: 6, goOn: true, documentation: [{ kind: 'text', text: help }] };
  });
}

function stateCandidates(name: string, { catalogue, live }: Surroundings): Candidate[] {
  const component = catalogue?.components.find((each) => each.name === name);
  const now = live?.component(name)?.state;
  const states = [...new Set([...(component?.states ?? []), ...commonStates])];
  return states.map((label) => ({
    label,
    kind: 'state',
    rank: component?.states.includes(label) ? 1 : 5,
    ...(label === now ? { detail: 'now' } : {}),
  }));
}

function operatorCandidates(left: string): Candidate[] {
  const onlyEquality = /\.STATE\}?$/.test(left);
  const operators = onlyEquality ? ['==', '!='] : ['==', '!=', '<', '<=', '>', '>=', 'contains', 'matches'];
  return operators.map((label, rank) => ({ label, kind: 'operator', insert: `${label} `, rank, goOn: true }));
}

function afterCondition({
  statement,
  given,
  joinable,
}: Pick<LineContext & { kind: 'after-condition' }, 'statement' | 'given' | 'joinable'>): Candidate[] {
  const next = (statementWords[statement].thenWords ?? []).filter((word) => !given.includes(word));
  return [...words(next, true), ...(joinable ? words(['and', 'or'], true) : [])];
}

function words(list: readonly string[], goOn: boolean): Candidate[] {
  return list.map((label, rank) => {
    const help = innerWordHelp.get(label);
    return {
      label,
      kind: 'keyword',
      insert: `${label} `,
      rank,
      goOn,
      ...(help === undefined ? {} : { documentation: [{ kind: 'text' as const, text: help }] }),
    };
  });
}

function labelCandidates(document: ScenarioDocument): Candidate[] {
  const { labels, statements } = document.structure;
  return [...labels].map(([label, index]) => ({ label, kind: 'label', detail: `line ${(statements[index]?.line ?? 0) + 1}` }));
}

function scenarioCandidates(document: ScenarioDocument, { scenarios }: Surroundings, cache: DocumentCache): Candidate[] {
  return [...scenarios]
    .filter(([name]) => name !== document.name)
    .map(([name, text]) => {
      const { frontMatter } = cache.document(name, text).parsed.scenario;
      const needed = (frontMatter?.parameters ?? []).filter((parameter) => parameter.default === null);
      const given = needed.map((parameter, index) => ` ${parameter.name}=\${${index + 1}:value}`).join('');
      return {
        label: name,
        kind: 'scenario',
        insert: `${name}${given}`,
        snippet: true,
        ...(frontMatter?.title ? { detail: frontMatter.title } : {}),
      };
    });
}

function callArguments(context: LineContext & { kind: 'call-arguments' }, { scenarios }: Surroundings, cache: DocumentCache): Candidate[] {
  const text = scenarios.get(context.scenario);
  const parameters = text === undefined ? [] : (cache.document(context.scenario, text).parsed.scenario.frontMatter?.parameters ?? []);
  return parameters
    .filter(({ name }) => !context.given.includes(name))
    .map(({ name, default: fallback, help }) => ({
      label: `${name}=`,
      kind: 'parameter',
      detail: fallback === null ? 'must be given' : `default ${fallback}`,
      rank: fallback === null ? 1 : 3,
      ...(help === null ? {} : { documentation: [{ kind: 'text' as const, text: help }] }),
    }));
}

/** Variables that something gives a value, and what has a meaning of its own. */
function referenceCandidates(document: ScenarioDocument, line: number, surroundings: Surroundings, cache: DocumentCache): Candidate[] {
  const places = new Map<string, string>();
  for (const each of connectedDocuments(document, surroundings.scenarios, cache)) {
    const own = each.name === document.name;
    for (const name of parameterPlaces(each).keys())
      if (!places.has(name)) places.set(name, own ? 'parameter' : `parameter of ${each.name}`);
    for (const element of each.allElements()) {
      if (element.kind !== 'variable' || element.role !== 'definition' || places.has(element.name)) continue;
      const at = element.range.start.line;
      if (own && at === line) continue;
      places.set(element.name, own ? `line ${at + 1}` : `${each.name}, line ${at + 1}`);
    }
  }
  const { live } = surroundings;
  return [
    ...[...places].map(([label, detail]): Candidate => ({ label, kind: 'variable', detail, rank: 1 })),
    { label: 'release', kind: 'variable', rank: 3, detail: live?.release ?? 'the release candidate under test' },
    { label: 'unique.', kind: 'variable', rank: 4, detail: 'a name unique to this run', insert: 'unique.${1:name}', snippet: true },
  ];
}

const frontMatterKeys: readonly [string, string, string][] = [
  ['title', 'title: ${1:what the scenario shows}', 'Shown instead of the name.'],
  ['tags', 'tags: [${1:smoke}]', 'Words by which scenarios are chosen.'],
  ['timeout', 'timeout: ${1:10m}', 'A run that takes longer ends in error.'],
  ['parameters', 'parameters:\n  ${1:name}: { default: ${2:value}, help: ${3:what it is} }', 'What the caller may give.'],
];

export function frontMatterCandidates(text: string): Candidate[] {
  if (text.includes(':') || /^\s/.test(text)) return [];
  return frontMatterKeys.map(([label, insert, help]) => ({
    label,
    kind: 'keyword',
    insert,
    snippet: true,
    documentation: [{ kind: 'text', text: help }],
  }));
}
