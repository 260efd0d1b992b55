/**
 * Which daemon executes a command? Decided against what the daemons and plugins offer, before anything happens: a
 * command of a component goes to the daemon that owns the component, an action to the daemon that offers it. What is
 * absent or ambiguous is a problem with a suggestion.
 */
import type { ComponentName, DaemonName } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import { componentCommandSchema, type Catalogue, type ComponentCommand, type Hazard } from '#shared/protocol/observations.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import type { Link, PluginCommand } from '../ports.ts';
import { listed } from '#shared/wording/names.ts';

/** What one daemon offers, as its catalogue or a pin tells it. */
export interface Offer extends Pick<Catalogue, 'daemon' | 'components' | 'actions'> {
  readonly series: readonly { readonly component: ComponentName; readonly metric: string; readonly unit: Unit }[];
}

/** Command words by alias; arguments are appended. */
export type Aliases = Readonly<Record<string, readonly string[]>>;

export interface CommandSurroundings {
  readonly offers: readonly Offer[];
  readonly plugins: readonly Pick<PluginCommand, 'name' | 'help' | 'parameters' | 'hazard'>[];
  readonly aliases: Aliases;
  /** Daemons that should be there and have not told what they offer. */
  readonly absent?: readonly string[];
}

export type ResolvedCommand =
  | {
      readonly kind: 'component';
      readonly daemon: DaemonName;
      readonly component: ComponentName;
      readonly action: ComponentCommand;
      readonly arguments: readonly string[];
      readonly hazard: Hazard;
    }
  | {
      readonly kind: 'action';
      readonly daemon: DaemonName;
      readonly action: string;
      readonly arguments: readonly string[];
      readonly hazard: Hazard;
    }
  | { readonly kind: 'plugin'; readonly name: string; readonly arguments: readonly string[]; readonly hazard: Hazard }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** How much harm each command of a component can do. */
export const componentCommandHazards: Readonly<Record<ComponentCommand, Hazard>> = {
  kill: 'dangerous',
  signal: 'dangerous',
  stop: 'disruptive',
  start: 'disruptive',
  status: 'none',
};

/** What the daemons of a link offer now, lost ones included. */
export function offersOf(link: Pick<Link, 'daemons'>): readonly Offer[] {
  return link.daemons().flatMap(({ catalogue }) => catalogue ?? []);
}

/** Who executes a command, its aliases expanded; a problem where nobody offers it, several do, or it is not allowed. */
export function resolveCommand(words: readonly string[], surroundings: CommandSurroundings): ResolvedCommand {
  const [name, ...rest] = expandAliases(words, surroundings.aliases);
  if (name === undefined || name === '')
    return problem('empty-command', 'A command needs a name.', 'Write the command that is to be executed.');
  const componentCommand = componentCommandSchema.safeParse(name).data;
  const owned = componentCommand && resolveComponentCommand(componentCommand, rest, surroundings);
  // An action may be called `status` too; it is meant where no component is named.
  if (owned && (owned.kind !== 'problem' || !isOffered(name, surroundings))) return owned;
  return resolveAction(name, rest, surroundings);
}

/** Replaces an alias by its words, also where those begin with another alias; each at most once. */
export function expandAliases(words: readonly string[], aliases: Aliases): readonly string[] {
  const used = new Set<string>();
  let expanded = words;
  for (;;) {
    const [name, ...rest] = expanded;
    if (name === undefined || used.has(name) || !Object.hasOwn(aliases, name)) return expanded;
    used.add(name);
    expanded = [...(aliases[name] ?? []), ...rest];
  }
}

function resolveComponentCommand(action: ComponentCommand, rest: readonly string[], surroundings: CommandSurroundings): ResolvedCommand {
  const names = surroundings.offers.flatMap((offer) => offer.components.map((component) => component.name));
  const named = rest.find((word) => names.some((name) => name === word)) ?? rest.findLast((word) => !word.startsWith('-'));
  if (named === undefined) {
    return problem('no-component', `${action} does not say which component is meant.`, `Write: ${example(action)}.`);
  }
  const owners = ownersOf(named, surroundings.offers);
  const [owner] = owners;
  if (!owner) {
    const tip = didYouMean(nearestName(named, names)) ?? absentTip(surroundings);
    return problem('unknown-component', `No connected daemon knows a component ${named}.`, tip);
  }
  const daemons = owners.map((each) => each.daemon);
  if (daemons.length > 1) return ambiguous('component', named, daemons);
  if (!owner.commands.includes(action)) {
    const allowed = owner.commands.length > 0 ? `Allowed are ${owner.commands.join(', ')}.` : undefined;
    const tip = [allowed, `The configuration of ${owner.daemon} decides.`].filter((part) => part !== undefined).join(' ');
    return problem('command-not-allowed', `${owner.daemon} does not allow ${action} for ${named}.`, tip);
  }
  const hazard = componentCommandHazards[action];
  return { kind: 'component', daemon: owner.daemon, component: owner.name, action, arguments: rest, hazard };
}

/**
 * Daemons that a component belongs to. One that lets it be commanded comes before those that merely have values of it,
 * such as lines of its log; more than one is ambiguous.
 */
export function ownersOf(name: string, offers: readonly Offer[]): readonly (Offer['components'][number] & Pick<Offer, 'daemon'>)[] {
  const claims = offers.flatMap(({ daemon, components }) =>
    components.filter((each) => each.name === name).map((each) => ({ ...each, daemon })),
  );
  const commanding = claims.filter((claim) => claim.commands.length > 0);
  return commanding.length > 0 ? commanding : claims.slice(0, 1);
}

function isOffered(name: string, { offers, plugins }: CommandSurroundings): boolean {
  return plugins.some((plugin) => plugin.name === name) || offers.some((offer) => offer.actions.some((action) => action.name === name));
}

function resolveAction(name: string, rest: readonly string[], surroundings: CommandSurroundings): ResolvedCommand {
  const offered = surroundings.offers.flatMap((offer) =>
    offer.actions.filter((action) => action.name === name).map((action) => ({ daemon: offer.daemon, action })),
  );
  const plugin = surroundings.plugins.find((each) => each.name === name);
  const sources = [...offered.map((each) => each.daemon), ...(plugin ? ['a plugin'] : [])];
  if (sources.length > 1) return ambiguous('command', name, sources);
  if (plugin) return { kind: 'plugin', name, arguments: rest, hazard: plugin.hazard };
  const [only] = offered;
  if (only) return { kind: 'action', daemon: only.daemon, action: name, arguments: rest, hazard: only.action.hazard };
  const suggestion = nearestName(name, commandNames(surroundings));
  return problem('unknown-command', `No connected daemon and no plugin offers ${name}.`, didYouMean(suggestion) ?? absentTip(surroundings));
}

function commandNames({ offers, plugins, aliases }: CommandSurroundings): readonly string[] {
  return [
    ...offers.flatMap((offer) => offer.actions.map((action) => action.name)),
    ...plugins.map((plugin) => plugin.name),
    ...Object.keys(aliases),
    ...componentCommandSchema.options,
  ];
}

function ambiguous(what: string, name: string, sources: readonly string[]): ResolvedCommand {
  const list = listed(sources);
  return problem(
    `ambiguous-${what}`,
    `The ${what} ${name} is offered by ${list}.`,
    'Keep it in one place only, or give one of them another name.',
  );
}

function problem(code: string, message: string, tip: string | undefined): ResolvedCommand {
  return { kind: 'problem', problem: { severity: 'error', code, message, ...(tip !== undefined && { tip }) } };
}

const didYouMean = (suggestion: string | null): string | undefined => (suggestion === null ? undefined : `Did you mean ${suggestion}?`);

function absentTip({ absent }: CommandSurroundings): string {
  if (absent === undefined || absent.length === 0) return 'See "testops environment status" for what is offered.';
  return `Not connected: ${listed(absent)}. Start them, or see "testops environment status".`;
}

function example(action: ComponentCommand): string {
  if (action === 'kill') return 'kill -9 Component';
  return action === 'signal' ? 'signal TERM Component' : `${action} Component`;
}
