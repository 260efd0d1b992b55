/** What scenarios may name in an environment: made of what daemons and plugins offer and of the environment's aliases. */
import { componentCommandSchema, type ComponentCommand, type Parameter } from '#shared/protocol/observations.ts';
import type { CommandDescription, ComponentDescription, ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import { componentCommandHazards, expandAliases, ownersOf, type CommandSurroundings, type Offer } from './resolution.ts';

/** @param scenarios names that `call` may use, where they are known */
export function scenarioCatalogue(surroundings: CommandSurroundings, scenarios?: readonly string[]): ScenarioCatalogue {
  const commands = [...describeActions(surroundings.offers), ...describePlugins(surroundings.plugins)];
  const components = describeComponents(surroundings.offers);
  return {
    commands: [...commands, ...describeAliases(surroundings, commands, components)],
    components,
    ...(scenarios !== undefined && { scenarios }),
  };
}

function describeActions(offers: readonly Offer[]): readonly CommandDescription[] {
  const byName = new Map<string, CommandDescription>();
  for (const { daemon, actions } of offers) {
    for (const { name, help, parameters, hazard } of actions) {
      const known = byName.get(name);
      const daemons = [...(known?.daemons ?? []), daemon];
      byName.set(
        name,
        known ? { ...known, daemons } : { name, parameters, hazard, source: 'action', daemons, ...(help !== undefined && { help }) },
      );
    }
  }
  return [...byName.values()];
}

function describePlugins(plugins: CommandSurroundings['plugins']): readonly CommandDescription[] {
  return plugins.map(({ name, help, parameters, hazard }) => ({
    name,
    parameters,
    hazard,
    source: 'plugin',
    daemons: [],
    ...(help !== null && { help }),
  }));
}

/** An alias is described as what is left of the command that it stands for. */
function describeAliases(
  { aliases }: CommandSurroundings,
  commands: readonly CommandDescription[],
  components: readonly ComponentDescription[],
): readonly CommandDescription[] {
  return Object.keys(aliases).map((name) => {
    const [target, ...given] = expandAliases([name], aliases);
    const help = `Stands for: ${[target, ...given].join(' ')}`;
    const command = commands.find((each) => each.name === target);
    const componentCommand = componentCommandSchema.safeParse(target).data;
    if (!command && componentCommand) return describeComponentAlias(name, help, componentCommand, given, components);
    const parameters = command?.parameters.slice(given.length) ?? [];
    return { name, help, parameters, hazard: command?.hazard ?? 'none', source: 'alias', daemons: command?.daemons ?? [] };
  });
}

function describeComponentAlias(
  name: string,
  help: string,
  command: ComponentCommand,
  given: readonly string[],
  components: readonly ComponentDescription[],
): CommandDescription {
  const component = components.find((each) => given.includes(each.name));
  const parameters: readonly Parameter[] = component ? [] : [{ name: 'component', type: 'string' }];
  return { name, help, parameters, hazard: componentCommandHazards[command], source: 'alias', daemons: component?.daemons ?? [] };
}

/** Values may come of what no configuration lists as a component; then the daemon that sends them is the one. */
function daemonsOf(component: string, offers: readonly Offer[]): readonly string[] {
  const owners = ownersOf(component, offers).map((owner) => owner.daemon);
  if (owners.length > 0) return owners;
  return offers.filter(({ series }) => series.some((each) => each.component === component)).map(({ daemon }) => daemon);
}

interface Gathered {
  readonly states: Set<string>;
  readonly commands: Set<ComponentCommand>;
  readonly signals: Set<string>;
  readonly metrics: Map<string, Unit>;
}

/** States that every component can be in. */
const commonStates = ['RUNNING', 'STOPPED', 'CRASHED'];

function describeComponents(offers: readonly Offer[]): readonly ComponentDescription[] {
  const byName = new Map<string, Gathered>();
  const gather = (name: string): Gathered => {
    const known = byName.get(name) ?? {
      states: new Set(),
      commands: new Set(),
      signals: new Set(),
      metrics: new Map(),
    };
    byName.set(name, known);
    return known;
  };
  for (const { components, series } of offers) {
    for (const component of components) {
      const gathered = gather(component.name);
      for (const state of [...commonStates, ...component.states]) gathered.states.add(state);
      for (const command of component.commands) gathered.commands.add(command);
      for (const signal of component.signals) gathered.signals.add(signal);
      for (const metric of component.metrics) gathered.metrics.set(metric, gathered.metrics.get(metric) ?? 'none');
    }
    // The host and what is scraped may have metrics without being components of the configuration.
    for (const { component, metric, unit } of series) {
      const gathered = gather(component);
      gathered.metrics.set(metric, unit);
    }
  }
  return [...byName].map(([name, gathered]) => ({
    name,
    daemons: daemonsOf(name, offers),
    states: [...gathered.states],
    commands: [...gathered.commands],
    signals: [...gathered.signals],
    metrics: [...gathered.metrics].map(([metric, unit]) => ({ name: metric, unit })),
  }));
}
