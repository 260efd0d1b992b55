/** What the checks share: the program, what the environment offers by name, and where problems go. */
import type { Range } from '#shared/problem.ts';
import type { CommandDescription, ComponentDescription, ScenarioCatalogue } from './catalogue.ts';
import {
  quoteForMessage,
  replaceWith,
  scenarioError,
  scenarioWarning,
  type ProblemDetail,
  type ScenarioProblemCode,
} from './diagnostics.ts';
import { nearestName } from './nearest-name.ts';
import { wordsOnly } from './check-known-values.ts';
import type { Program, Scenario, ScenarioProblem } from './syntax.ts';

/** Problems told of one program. */
const maximumProblems = 1_000;
/** Names for which a similar one is looked for; a hopeless text is not worth more time. */
const maximumSuggestions = 100;

export class CheckContext {
  readonly program: Program;
  /** Null where nothing is known of the environment: then no name of it is judged. */
  readonly environment: KnownNames | null;
  private readonly found: ScenarioProblem[] = [];
  private suggestions = 0;
  private words: ReadonlyMap<string, string> | null = null;

  constructor(program: Program, catalogue: ScenarioCatalogue | undefined) {
    this.program = program;
    this.environment = catalogue ? knownNames(catalogue) : null;
  }

  get problems(): readonly ScenarioProblem[] {
    return this.found;
  }

  /** Variables that the program gives nothing but texts which are no numbers; each with one of them. */
  get wordsOnly(): ReadonlyMap<string, string> {
    this.words ??= wordsOnly(this.program);
    return this.words;
  }

  error(scenario: Scenario, code: ScenarioProblemCode, message: string, range: Range, detail: ProblemDetail = {}): void {
    this.add(scenario, scenarioError(code, message, range, detail));
  }

  warning(scenario: Scenario, code: ScenarioProblemCode, message: string, range: Range, detail: ProblemDetail = {}): void {
    this.add(scenario, scenarioWarning(code, message, range, detail));
  }

  private add(scenario: Scenario, problem: ScenarioProblem): void {
    if (this.found.length < maximumProblems) this.found.push({ ...problem, file: scenario.name });
  }

  /** Tip and fix that lead from an unknown name to the one that was probably meant, or else to the names there are. */
  suggestion(name: string, range: Range, candidates: Iterable<string>): ProblemDetail {
    this.suggestions += 1;
    const nearest = this.suggestions <= maximumSuggestions ? nearestName(name, candidates) : null;
    if (nearest !== null) return { tip: `Did you mean \`${nearest}\`?`, fix: replaceWith(range, nearest) };
    const some = firstOf(candidates, 8);
    return some.length === 0 ? {} : { tip: `Known are: ${some.join(', ')}.` };
  }
}

/** At most `count` names, for a sentence; `…` where there are more. */
export function firstOf(names: Iterable<string>, count: number): string[] {
  const some: string[] = [];
  for (const name of names) {
    if (some.length === count) return [...some, '…'];
    some.push(name);
  }
  return some;
}

/** The catalogue, by name. */
export interface KnownNames {
  readonly commands: ReadonlyMap<string, CommandDescription>;
  readonly components: ReadonlyMap<string, ComponentDescription>;
  /** Metrics of a component by name, and by name without its label set. Made when first asked for. */
  metricsOf(component: ComponentDescription): MetricNames;
}

export type Metric = ComponentDescription['metrics'][number];
export interface MetricNames {
  readonly byName: ReadonlyMap<string, Metric>;
  readonly families: ReadonlyMap<string, Metric>;
}

function knownNames(catalogue: ScenarioCatalogue): KnownNames {
  const metrics = new Map<ComponentDescription, MetricNames>();
  return {
    commands: new Map(catalogue.commands.map((command) => [command.name, command])),
    components: new Map(catalogue.components.map((component) => [component.name, component])),
    metricsOf: (component) => {
      const names = metrics.get(component) ?? metricNames(component);
      metrics.set(component, names);
      return names;
    },
  };
}

function metricNames(component: ComponentDescription): MetricNames {
  const byName = new Map(component.metrics.map((metric) => [metric.name, metric]));
  const families = new Map(component.metrics.map((metric) => [metricFamily(metric.name), metric]));
  return { byName, families };
}

/** A metric's name without its label set. */
export function metricFamily(name: string): string {
  const brace = name.indexOf('{');
  return brace < 0 ? name : name.slice(0, brace);
}

/** The component that a name stands for, once it is known to exist and to belong to one daemon; null after telling otherwise. */
export function knownComponent(context: CheckContext, scenario: Scenario, name: string, range: Range): ComponentDescription | null {
  if (!context.environment) return null;
  const { components } = context.environment;
  const component = components.get(name);
  if (!component) {
    const detail = context.suggestion(name, range, components.keys());
    context.error(scenario, 'unknown-component', `The environment has no component ${quoteForMessage(name)}.`, range, detail);
    return null;
  }
  if (component.daemons.length > 1) {
    const message = `${quoteForMessage(name)} is claimed by several daemons: ${component.daemons.join(', ')}.`;
    context.error(scenario, 'ambiguous-component', message, range, { tip: 'Rename one of them in its daemon.yaml.' });
  }
  return component;
}
