/** What a run needs around it before it begins: its environment open, the router in reach, the daemons that the environment names. */
import type { EnvironmentDescription, EnvironmentPool, Lease, OpenEnvironment } from '../environments/access.ts';
import type { DaemonView } from '../ports.ts';
import type { PendingStart } from './pending-starts.ts';
import type { DaemonName } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { secondsText } from '#shared/wording/durations.ts';
import { listed } from '#shared/wording/names.ts';

/** ms to wait for the daemons that an environment names before a run starts without them. */
export const daemonPatience = 5_000;
/** ms to wait for a router that is out of reach; then the start is refused. */
const routerPatience = 10_000;
/** ms in which a router that is well has answered long since: nothing is told of the question then. */
const shortly = 250;
/** ms that the router may take to answer before something that is done now. */
const answerPatience = 5_000;
/** ms that opening an environment may take, its plugins included. */
const openingPatience = 30_000;

/** Opens the environment of a start; one that comes after the start was given up is closed again. */
export async function leaseFor(
  start: PendingStart,
  { environments }: { readonly environments: EnvironmentPool },
  file: string,
  { name, router }: EnvironmentDescription,
): Promise<Lease> {
  const opening = environments.lease(file);
  try {
    return await start.during(`the environment ${name}, which is connected to the router at ${router}`, openingPatience, opening);
  } catch (failure) {
    opening.then(
      (late) => late.release(),
      () => undefined,
    );
    throw failure;
  }
}

/** Waits for the router, then for the daemons. Problems of those that did not come are returned; without the router it rejects. */
export async function awaitSurroundings(start: PendingStart, environment: OpenEnvironment): Promise<readonly Problem[]> {
  await awaitRouter(start, environment);
  return (await awaitDaemons(start, environment)).map((daemon) => absence(environment, daemon));
}

/** Waits until the router is connected and answers: one that is frozen keeps its connections. */
async function awaitRouter(start: PendingStart, environment: OpenEnvironment): Promise<void> {
  const { link, description } = environment;
  const probe: { answer: 'wanted' | 'awaited' | 'here' } = { answer: (await link.answers(shortly)) ? 'here' : 'wanted' };
  const missing = (): string | null => {
    if (!link.connected) {
      probe.answer = 'wanted';
      return `the router at ${description.router}, not reachable for ${timeAway(environment)}`;
    }
    if (probe.answer === 'wanted') {
      probe.answer = 'awaited';
      void link.answers(routerPatience).then((came) => {
        probe.answer = came ? 'here' : 'wanted';
      });
    }
    return probe.answer === 'here' ? null : `the router at ${description.router}, which does not answer`;
  };
  const came = await start.until({ missing, patience: routerPatience, dispensable: false });
  assertReachable(environment, 'The run was not started');
  if (!came) throw routerSilent(environment, 'The run was not started');
}

/** Refuses what would otherwise be done whenever the router is back, unasked. */
export function assertReachable(environment: Pick<OpenEnvironment, 'link' | 'description'>, refused: string): void {
  if (environment.link.connected) return;
  throw new ProblemError({
    code: 'router-unreachable',
    message: `${refused}: the router at ${environment.description.router} has not been reachable for ${timeAway(environment)}.`,
    tip: 'Check whether the router runs, then try again; nothing is done by itself when it is back.',
  });
}

/** The same, also of a router that is connected and does not answer. */
export async function assertAnswering(environment: Pick<OpenEnvironment, 'link' | 'description'>, refused: string): Promise<void> {
  assertReachable(environment, refused);
  if (await environment.link.answers(answerPatience)) return;
  assertReachable(environment, refused);
  throw routerSilent(environment, refused);
}

function routerSilent({ description }: Pick<OpenEnvironment, 'description'>, refused: string): ProblemError {
  return new ProblemError({
    code: 'router-silent',
    message: `${refused}: the router at ${description.router} is connected, but does not answer.`,
    tip: "Look at the router's host, then try again; nothing is done by itself when it answers again.",
  });
}

const timeAway = ({ link }: Pick<OpenEnvironment, 'link'>): string => secondsText(link.unreachableFor ?? 0);

async function awaitDaemons(start: PendingStart, { link, description }: OpenEnvironment): Promise<readonly DaemonName[]> {
  const { expected, name } = description;
  const those = (fits: (view: DaemonView | undefined) => boolean): readonly DaemonName[] => {
    const views = new Map(link.daemons().map((view) => [view.daemon, view]));
    return expected.filter((daemon) => fits(views.get(daemon)));
  };
  const readiness: { missing: readonly DaemonName[] | null } = { missing: null };
  const ready = link.ready(expected, daemonPatience).then(({ missing }) => {
    readiness.missing = missing;
  });
  const unheard = (): readonly DaemonName[] => those((view) => !view?.catalogue);
  const unready = (): string | null =>
    readiness.missing === null && unheard().length > 0 ? wordsOf(unheard(), name, 'not answered') : null;
  await Promise.race([ready, start.until({ missing: unready, patience: daemonPatience, dispensable: true })]);
  // All have answered: a moment later it is certain of each that no other has its name. That is nothing to speak of.
  if (unheard().length === 0) await ready;
  start.assertWanted();
  const silent = readiness.missing ?? unheard();
  if (silent.length > 0) return silent;
  const lost = (): readonly DaemonName[] => those((view) => view?.state === 'lost');
  const stillLost = (): string | null => (lost().length === 0 ? null : wordsOf(lost(), name, 'been lost'));
  return (await start.until({ missing: stillLost, patience: daemonPatience, dispensable: true })) ? [] : lost();
}

function wordsOf(daemons: readonly DaemonName[], environment: string, why: string): string {
  if (daemons.length === 1) return `the daemon ${daemons.join('')} of the environment ${environment}, which has ${why}`;
  return `the daemons ${listed(daemons)} of the environment ${environment}, which have ${why}`;
}

function absence({ description, link }: OpenEnvironment, daemon: DaemonName): Problem {
  const seen = link.daemons().some((view) => view.daemon === daemon && view.state !== 'never seen');
  return {
    severity: 'warning',
    code: 'daemon-missing',
    message: `The daemon ${daemon} of the environment ${description.name} ${seen ? 'is lost' : 'has not answered'}; its commands will fail until it does.`,
    tip: 'Look at its host: is it running, and can it reach the router?',
  };
}
