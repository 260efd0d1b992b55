/**
 * The pinned environment: what its daemons offered when somebody said that this is right. It stands under version control
 * beside the environment file; what differs from it later is drift. Without a connection it tells what scenarios may name.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { driftSchema } from '#shared/contract/environments.ts';
import { componentNameSchema, daemonNameSchema, environmentNameSchema, type EnvironmentName } from '#shared/identifiers.ts';
import { writeAtomically } from '#platform/atomic-file.ts';
import { ProblemError } from '#shared/problem.ts';
import { catalogueActionSchema, catalogueComponentSchema, catalogueSchema, type Catalogue } from '#shared/protocol/observations.ts';
import { unitSchema } from '#shared/telemetry/series.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import type { DaemonView, Link } from '../ports.ts';
import type { CommandSurroundings } from '../link/resolution.ts';
import { scenarioCatalogue } from '../link/scenario-catalogue.ts';

const pinnedDaemonSchema = catalogueSchema.pick({ daemon: true, softwareVersion: true, configurationHash: true }).extend({
  daemon: daemonNameSchema,
  components: z.array(catalogueComponentSchema).max(1_000),
  actions: z.array(catalogueActionSchema).max(1_000),
  /** So that metrics have their units without a connection. */
  series: z.array(z.object({ component: componentNameSchema, metric: z.string().max(256), unit: unitSchema })).max(200_000),
});
export type PinnedDaemon = z.infer<typeof pinnedDaemonSchema>;

export const pinSchema = z.object({
  format: z.literal(1),
  environment: environmentNameSchema,
  daemons: z.array(pinnedDaemonSchema).max(1_000),
});
export type Pin = z.infer<typeof pinSchema>;
export type Drift = z.infer<typeof driftSchema>;

/** What the daemons of a link offer now, in an order that does not change from one time to the next. */
export function pinOf(environment: EnvironmentName, link: Pick<Link, 'daemons'>): Pin {
  const catalogues = link.daemons().flatMap(({ catalogue }) => catalogue ?? []);
  return { format: 1, environment, daemons: catalogues.map(pinnedDaemon).toSorted((left, right) => compare(left.daemon, right.daemon)) };
}

function pinnedDaemon(catalogue: Catalogue): PinnedDaemon {
  const byName = <T extends { name: string }>(list: readonly T[]): T[] => list.toSorted((left, right) => compare(left.name, right.name));
  const series = catalogue.series.map(({ component, metric, unit }) => ({ component, metric, unit }));
  return {
    daemon: catalogue.daemon,
    softwareVersion: catalogue.softwareVersion,
    configurationHash: catalogue.configurationHash,
    components: byName(catalogue.components),
    actions: byName(catalogue.actions),
    series: series.toSorted((left, right) => compare(`${left.component}.${left.metric}`, `${right.component}.${right.metric}`)),
  };
}

/** Not by locale: the file must come out the same on every machine. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Writes the pin file whole or not at all. */
export async function writePin(file: string, pin: Pin): Promise<void> {
  try {
    await writeAtomically(file, `${JSON.stringify(pin, null, 2)}\n`, { mode: 0o644 });
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
    throw new ProblemError({
      code: 'pin-not-written',
      message: `The pin file cannot be written (${code}).`,
      tip: 'Its folder must exist and be writable.',
      file,
    });
  }
}

/** Reads the pin file; null when there is none. Rejects with a {@link ProblemError} when it is damaged. */
export async function readPin(file: string): Promise<Pin | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
    if (code === 'ENOENT') return null;
    throw new ProblemError({ code: 'unreadable-pin', message: `The pin file cannot be read (${String(code)}).`, file });
  }
  const decoded = pinSchema.safeParse(parseJson(text));
  if (decoded.success) return decoded.data;
  const issue = decoded.error.issues[0];
  const place = issue && issue.path.length > 0 ? ` at ${issue.path.map(String).join('.')}` : '';
  throw new ProblemError({
    code: 'bad-pin',
    message: `The pin file is damaged${place}.`,
    tip: 'Restore it from version control, or write it anew with "testops environment pin".',
    file,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What scenarios may name, without a connection. */
export function catalogueFromPin(
  pin: Pin,
  surroundings: Pick<CommandSurroundings, 'plugins' | 'aliases'>,
  scenarios?: readonly string[],
): ScenarioCatalogue {
  return scenarioCatalogue({ offers: pin.daemons, ...surroundings }, scenarios);
}

/** In what the environment differs from its pin: first what is missing, then what has changed, then what is more. */
export function driftFrom(pin: Pin, link: Pick<Link, 'daemons'>): readonly Drift[] {
  const views = link.daemons();
  const missing: Drift[] = [];
  const changed: Drift[] = [];
  for (const pinned of pin.daemons) {
    const view = views.find((each) => each.daemon === pinned.daemon);
    if (!view?.catalogue || view.state !== 'present') missing.push(absence(pinned, view));
    if (view?.catalogue) changed.push(...differences(pinned, pinnedDaemon(view.catalogue)));
  }
  const extra = views.filter((view) => view.catalogue && !pin.daemons.some((each) => each.daemon === view.daemon));
  return [...missing, ...changed, ...extra.map(({ daemon }) => drift('warning', daemon, 'The daemon is not pinned.'))];
}

function absence({ daemon }: PinnedDaemon, view: DaemonView | undefined): Drift {
  return drift('error', daemon, view?.state === 'lost' ? 'The daemon is lost.' : 'The daemon is not connected.');
}

function drift(severity: Drift['severity'], daemon: string, message: string): Drift {
  return { severity, daemon, message };
}

function differences(before: PinnedDaemon, now: PinnedDaemon): readonly Drift[] {
  const { daemon } = before;
  const found: Drift[] = [];
  if (before.softwareVersion !== now.softwareVersion) {
    found.push(drift('warning', daemon, `The daemon's version is ${now.softwareVersion}; pinned is ${before.softwareVersion}.`));
  }
  if (before.configurationHash !== now.configurationHash) {
    const [short, shortBefore] = [now.configurationHash, before.configurationHash].map((hash) => hash.slice(0, 8));
    found.push(drift('warning', daemon, `The configuration has changed: ${short}; pinned is ${shortBefore}.`));
  }
  const component = (name: string): string => `The component ${name}`;
  const action = (name: string): string => `The action ${name}`;
  return [
    ...found,
    ...compareNamed(daemon, component, before.components, now.components, componentDifferences),
    ...compareNamed(daemon, action, before.actions, now.actions, actionDifferences),
  ];
}

function compareNamed<T extends { readonly name: string }>(
  daemon: string,
  called: (name: string) => string,
  before: readonly T[],
  now: readonly T[],
  differencesOf: (before: T, now: T) => readonly string[],
): readonly Drift[] {
  const present = new Map(now.map((each) => [each.name, each]));
  const pinned = new Set(before.map((each) => each.name));
  const found: Drift[] = [];
  for (const each of before) {
    const other = present.get(each.name);
    if (!other) found.push(drift('error', daemon, `${called(each.name)} is missing.`));
    else for (const difference of differencesOf(each, other)) found.push(drift('warning', daemon, `${called(each.name)} ${difference}.`));
  }
  for (const each of now) if (!pinned.has(each.name)) found.push(drift('warning', daemon, `${called(each.name)} is not pinned.`));
  return found;
}

type PinnedComponent = PinnedDaemon['components'][number];
type PinnedAction = PinnedDaemon['actions'][number];

/** Metrics are left out: which of them a component has shows only as it runs. */
function componentDifferences(before: PinnedComponent, now: PinnedComponent): readonly string[] {
  return [
    ...changes('command', before.commands, now.commands),
    ...changes('signal', before.signals, now.signals),
    ...changes('state', before.states, now.states),
  ];
}

function actionDifferences(before: PinnedAction, now: PinnedAction): readonly string[] {
  const names = (action: PinnedAction): readonly string[] => action.parameters.map((parameter) => parameter.name);
  const found = [...changes('parameter', names(before), names(now))];
  for (const parameter of before.parameters) {
    const other = now.parameters.find((each) => each.name === parameter.name);
    if (other && stable(parameter) !== stable(other)) found.push(`has another definition of its parameter ${parameter.name}`);
  }
  if (found.length === 0 && names(before).join(' ') !== names(now).join(' ')) found.push('takes its parameters in another order');
  if (before.hazard !== now.hazard) found.push(`has the hazard ${now.hazard}; pinned is ${before.hazard}`);
  if (before.timeout !== now.timeout) found.push(`may take ${now.timeout} ms; pinned are ${before.timeout} ms`);
  return found;
}

/** The same text for the same content, whatever the order of keys. */
function stable(value: object): string {
  return JSON.stringify(Object.entries(value).toSorted(([left], [right]) => compare(left, right)));
}

function changes(what: string, before: readonly string[], now: readonly string[]): readonly string[] {
  const list = (names: readonly string[]): string => `${what}${names.length > 1 ? 's' : ''} ${names.join(', ')}`;
  const gone = before.filter((each) => !now.includes(each));
  const added = now.filter((each) => !before.includes(each));
  return [...(gone.length > 0 ? [`has no longer the ${list(gone)}`] : []), ...(added.length > 0 ? [`has gained the ${list(added)}`] : [])];
}
