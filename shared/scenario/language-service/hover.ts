/** What is told of the thing under the pointer: what a statement or a command does and who executes it, values now, where a variable comes from, how the step went before. */
import type { Range } from '#shared/problem.ts';
import { componentCommandSchema, type Hazard } from '#shared/protocol/observations.ts';
import type { CommandDescription, ComponentDescription, ScenarioCatalogue } from '../catalogue.ts';
import { innerWordHelp, isKeyword, statementWords } from '../keywords.ts';
import { metricFamily } from '../check-context.ts';
import { literalText } from '../template-parts.ts';
import { statementText } from '../machine-text.ts';
import { connectedDocuments } from './connected.ts';
import type { DocumentCache, Place, ScenarioDocument } from './document.ts';
import { componentWords, type Element } from './elements.ts';
import { readableParameter } from './readable.ts';
import { componentCommandHelp } from './component-command-help.ts';
import type { Surroundings } from './surroundings.ts';
import { definitionsOf } from './symbols.ts';
import { durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted } from '#shared/wording/counts.ts';

/** Texts are plain: whoever shows them takes care that nothing in them is read as markup. */
export interface HoverPart {
  readonly kind: 'code' | 'text' | 'strong';
  readonly text: string;
}

export interface Hover {
  readonly range: Range;
  readonly parts: readonly HoverPart[];
}

const code = (text: string): HoverPart => ({ kind: 'code', text });
const plain = (text: string): HoverPart => ({ kind: 'text', text });
const strong = (text: string): HoverPart => ({ kind: 'strong', text });

/** What is known of the word at a place; null where there is nothing to say. */
export function hoverAt(document: ScenarioDocument, place: Place, surroundings: Surroundings, cache: DocumentCache): Hover | null {
  const element = document.inFrontMatter(place.line) ? undefined : document.elementAt(place);
  if (!element) return null;
  const parts = [...partsOf(element, document, surroundings, cache), ...historyOf(element, document, surroundings)];
  return parts.length === 0 ? null : { range: element.range, parts };
}

function partsOf(element: Element, document: ScenarioDocument, surroundings: Surroundings, cache: DocumentCache): HoverPart[] {
  const { catalogue } = surroundings;
  switch (element.kind) {
    case 'keyword':
    case 'operator':
      return keywordParts(element.text);
    case 'command':
      return commandParts(element, catalogue);
    case 'argument':
      return argumentParts(element, catalogue);
    case 'component':
      return componentParts(element.name, surroundings);
    case 'reading':
      return readingParts(element, surroundings);
    case 'variable':
      return variableParts(element, document, surroundings, cache);
    case 'label':
      return labelParts(element.name, document);
    case 'scenario':
      return scenarioParts(element.name, surroundings, cache);
    case 'parameter':
      return parameterParts(element, surroundings, cache);
    case 'state':
      return [code(element.name), plain(`A state of ${element.component}.`), ...nowOf(element.component, surroundings)];
    case 'signal':
      return [plain('The signal that is sent to the process.')];
    case 'event':
      return [code(element.name), plain('An event that a log rule of a daemon gives this name.')];
    case 'text':
    case 'number':
    case 'comment':
    case 'step-number':
      return [];
  }
}

function keywordParts(word: string): HoverPart[] {
  if (isKeyword(word)) return [code(statementWords[word].usage), plain(statementWords[word].help)];
  const help = innerWordHelp.get(word);
  return help === undefined ? [] : [code(word), plain(help)];
}

function commandParts({ name, command }: Element & { kind: 'command' }, catalogue: ScenarioCatalogue | null): HoverPart[] {
  const ofComponents = componentCommandSchema.safeParse(name);
  if (ofComponents.success) {
    const { usage, help, hazard } = componentCommandHelp[ofComponents.data];
    const target = componentWords(name, command.words.slice(1)).component;
    const component = catalogue?.components.find((each) => each.name === (target ? literalText(target) : null));
    return [code(usage), plain(help), ...hazardParts(hazard), ...(component ? [executedBy(component.daemons)] : [])];
  }
  const known = catalogue?.commands.find((each) => each.name === name);
  if (!known) return catalogue ? [code(name), plain('Nobody in the environment offers this command.')] : [];
  return describedCommand(known);
}

/** Documentation of a command, for hovers and completions alike. */
export function describedCommand(known: CommandDescription): HoverPart[] {
  return [
    code(usageOf(known)),
    ...(known.help === undefined ? [] : [plain(known.help)]),
    ...known.parameters.map((parameter) => plain(readableParameter(parameter))),
    ...hazardParts(known.hazard),
    known.source === 'plugin' ? plain('Executed by a plugin of the workspace.') : executedBy(known.daemons),
    ...(known.source === 'alias' ? [plain('An alias of the environment file.')] : []),
  ];
}

/** `start_load [orders]`: a command with its parameters, those in brackets that have a default. */
export function usageOf(known: CommandDescription): string {
  return [known.name, ...known.parameters.map(({ name, default: fallback }) => (fallback === undefined ? name : `[${name}]`))].join(' ');
}

function executedBy(daemons: readonly string[]): HoverPart {
  if (daemons.length === 0) return plain('No daemon executes it at present.');
  return plain(daemons.length === 1 ? `Executed by ${daemons[0] ?? ''}.` : `Ambiguous: offered by ${daemons.join(', ')}.`);
}

function hazardParts(hazard: Hazard): HoverPart[] {
  return hazard === 'none'
    ? []
    : [strong(hazard === 'dangerous' ? 'Dangerous: it can break the environment.' : 'Disruptive: it changes the environment.')];
}

function argumentParts({ command, position, text }: Element & { kind: 'argument' }, catalogue: ScenarioCatalogue | null): HoverPart[] {
  const name = command.words[0] ? literalText(command.words[0]) : null;
  const known = catalogue?.commands.find((each) => each.name === name);
  const equals = text?.indexOf('=') ?? -1;
  const named =
    known?.source === 'action' ? known.parameters.find((parameter) => parameter.name === text?.slice(0, Math.max(0, equals))) : undefined;
  const parameter = named ?? known?.parameters[position];
  return known && parameter ? [code(usageOf(known)), plain(readableParameter(parameter))] : [];
}

function componentParts(name: string, surroundings: Surroundings): HoverPart[] {
  const known = surroundings.catalogue?.components.find((each) => each.name === name);
  if (!known) return surroundings.catalogue ? [code(name), plain('The environment has no component of this name.')] : [];
  return describedComponent(known, surroundings);
}

/** A component as it is now, who watches it, and what may be done to it. */
export function describedComponent(known: ComponentDescription, surroundings: Surroundings): HoverPart[] {
  const commands = known.commands.length === 0 ? 'no commands' : known.commands.join(', ');
  return [
    code(known.name),
    ...nowOf(known.name, surroundings),
    plain(`Watched by ${known.daemons.join(', ') || 'nobody'}. Allows ${commands}.`),
    ...(known.states.length > 0 ? [plain(`States: ${known.states.join(', ')}.`)] : []),
  ];
}

function nowOf(component: string, { live }: Surroundings): HoverPart[] {
  const now = live?.component(component);
  if (!now) return live ? [plain('Its state is not known at present.')] : [];
  return [strong(`Now ${now.state}${now.pid === null ? ', not running' : `, process ${now.pid}`}.`)];
}

function readingParts({ name, component, metric }: Element & { kind: 'reading' }, surroundings: Surroundings): HoverPart[] {
  if (metric === 'STATE') return [code(name), ...nowOf(component, surroundings)];
  const known = surroundings.catalogue?.components.find((each) => each.name === component);
  const described =
    known?.metrics.find((each) => each.name === metric) ?? known?.metrics.find((each) => metricFamily(each.name) === metric);
  const unit = described?.unit ?? 'none';
  const value = surroundings.live?.metric(component, metric);
  return [
    code(name),
    ...(value === undefined
      ? [plain('Its value is not known at present.')]
      : [strong(`Now ${value === null ? 'no value' : quantityText(value, unit)}.`)]),
    plain(described ? `Unit: ${unit === 'none' ? 'none' : unit}.` : 'The environment has not told of this metric yet.'),
  ];
}

function variableParts(
  { name, range }: Element & { kind: 'variable' },
  document: ScenarioDocument,
  surroundings: Surroundings,
  cache: DocumentCache,
): HoverPart[] {
  if (name === 'release') {
    const release = surroundings.live?.release;
    return [
      code('#{release}'),
      plain(`The release candidate under test${release === undefined || release === null ? '' : `, now ${release}`}.`),
    ];
  }
  if (name.startsWith('unique.')) return [code(`#{${name}}`), plain('A name made for this run, the same wherever the run says it.')];
  const places = definitionsOf({ kind: 'variable', name, range }, document, surroundings, cache);
  if (places.length === 0) return [code(name), plain('Nothing gives this variable a value; the run may be given it at the start.')];
  const documents = new Map(connectedDocuments(document, surroundings.scenarios, cache).map((each) => [each.name, each]));
  const shown = places.slice(0, 5).map(({ scenario, range: place }) => {
    const where = `${scenario === document.name ? 'line' : `${scenario}, line`} ${place.start.line + 1}`;
    return plain(`Set in ${where}: ${documents.get(scenario)?.lineText(place.start.line).trim() ?? ''}`);
  });
  return [code(name), ...shown, ...(places.length > 5 ? [plain(`And in ${counted(places.length - 5, 'more place')}.`)] : [])];
}

function labelParts(name: string, document: ScenarioDocument): HoverPart[] {
  const { labels, statements } = document.structure;
  const line = statements[labels.get(name) ?? -1]?.line;
  return [code(`label ${name}`), plain(line === undefined ? 'There is no such label.' : `Stands in line ${line + 1}.`)];
}

function scenarioParts(name: string, { scenarios }: Surroundings, cache: DocumentCache): HoverPart[] {
  const text = scenarios.get(name);
  if (text === undefined) return [code(name), plain('There is no such scenario beside this one.')];
  const { frontMatter } = cache.document(name, text).parsed.scenario;
  const parameters = frontMatter?.parameters ?? [];
  const usage = ['call', name, ...parameters.map((each) => (each.default === null ? `${each.name}=…` : `[${each.name}=${each.default}]`))];
  return [
    code(usage.join(' ')),
    ...(frontMatter?.title ? [plain(frontMatter.title)] : []),
    ...parameters.flatMap((each) => (each.help === null ? [] : [plain(`${each.name}: ${each.help}`)])),
  ];
}

function parameterParts(element: Element & { kind: 'parameter' }, { scenarios }: Surroundings, cache: DocumentCache): HoverPart[] {
  const text = scenarios.get(element.scenario);
  const parameters = text === undefined ? [] : (cache.document(element.scenario, text).parsed.scenario.frontMatter?.parameters ?? []);
  const known = parameters.find((each) => each.name === element.name);
  if (!known) return [];
  const fallback = known.default === null ? 'must be given' : `default ${known.default}`;
  return [code(known.name), plain(`A parameter of ${element.scenario}, ${fallback}${known.help === null ? '' : `: ${known.help}`}.`)];
}

/** How this statement went before, told where it begins. */
function historyOf(element: Element, document: ScenarioDocument, { history }: Surroundings): HoverPart[] {
  if (!history || (element.kind !== 'keyword' && element.kind !== 'command')) return [];
  const statement = document.lines[element.range.start.line]?.statement;
  if (!statement || statement.range.start.column !== element.range.start.column) return [];
  const past = history(statementText(statement));
  const [last] = past;
  if (!last) return [plain('Not executed in earlier runs of this scenario.')];
  const others = past.length > 1 ? ` (${past.length} executions in earlier runs)` : '';
  return [plain(`Last time, with ${last.release}: ${last.state} after ${durationText(last.duration)}${others}.`)];
}
