/** Starts a run: reads and checks its scenario, finds its environment and release, makes its folder, and hands it to its engine. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { asPlain } from '../contract/plain-problem.ts';
import { operatorOf } from '../environments/operators.ts';
import { dirname, resolve } from 'node:path';
import type { ActiveRuns } from './active-runs.ts';
import type { EnvironmentDescription, EnvironmentPool, EnvironmentSource, Lease } from '../environments/access.ts';
import { unknownResult } from '../engine/dry-surroundings.ts';
import { presenceRecord } from '../engine/news-recording.ts';
import { refusalOfBreakpoints } from '../engine/operator-actions.ts';
import type { CommandResolver, NewCommandId } from '../engine/surroundings.ts';
import type { PendingStart } from './pending-starts.ts';
import type { DaemonView, Link, PluginHost, RunArchive, RunJournal } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { refuseProblems, type ScenarioChecks } from './scenario-checks.ts';
import type { MayRead } from '../workspace/scenario-folder.ts';
import { readScenario, type ScenarioSource } from '../workspace/scenario-files.ts';
import { assertReachable, awaitSurroundings, leaseFor } from './start-surroundings.ts';
import { repositoryState } from '../workspace/repository-state.ts';
import type { WorkspaceTrust } from '../workspace/trust.ts';
import type { MethodResponse, methods } from '#shared/contract/contract.ts';
import { environmentNameSchema, runIdSchema, type CommandId, type RunId } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { Catalogue } from '#shared/protocol/observations.ts';
import type { RecordBody } from '#shared/run/records.ts';
import { archiveFormatVersion, type RunManifest } from '#shared/run/manifest.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';
import { startMachine } from '#shared/scenario/machine.ts';
import type { z } from 'zod';

export type RunRequest = z.output<(typeof methods)['run.start']['request']>;

export interface RunStartParts {
  readonly archive: RunArchive;
  readonly runs: ActiveRuns;
  readonly environments: EnvironmentPool;
  readonly source: EnvironmentSource;
  readonly checks: ScenarioChecks;
  readonly clock: Clock;
  readonly softwareVersion: string;
  /** Which scenarios may be read; absent: any. */
  readonly mayRead?: MayRead;
  readonly trust: WorkspaceTrust;
}

/** Steps after which a run ends in error unless it was started with another budget. */
const usualStepBudget = 1_000_000;
/** ms that the command that tells the release may take. */
const releasePatience = 30_000;

// Not decoded: it is made here, thousands of times a second in a dry run.
export const newCommandId: NewCommandId = () => randomUUID() as CommandId;

/** `20261120T221735Z-failover-3f9a`. */
export function newRunId(now: number, scenario: string, unique = randomBytes(4).toString('hex')): RunId {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return runIdSchema.parse(`${stamp}-${scenario}-${unique}`);
}

/** Who starts a run, and the start itself, which tells what it waits for and may be cancelled. */
export interface StartRequest {
  /** Null: the environment's operator, or the user of this machine. */
  readonly operator: string | null;
  readonly start: PendingStart;
}

/** Starts a run now, or refuses to: what it needs is waited for visibly, for a bounded time, and nothing begins after that. */
export async function startRun(
  parts: RunStartParts,
  { operator: given, start }: StartRequest,
  request: RunRequest,
): Promise<MethodResponse<'run.start'>> {
  const live = !request.dryRun;
  if (live && request.environmentFile === undefined) throw noEnvironment();
  const described = request.environmentFile === undefined ? null : await parts.source.describe(request.environmentFile);
  const scenario = await readScenario(request.scenarioFile, described?.scenarioFolder ?? null, parts.mayRead, request.texts);
  // The environment's folder first: it usually holds the scenario too, so that trust is asked about once. A stranger's scenario must not act
  // in an environment of one's own either.
  for (const file of live ? [request.environmentFile, request.scenarioFile] : []) {
    if (file !== undefined) await parts.source.admit?.(file);
  }
  // What is wrong in itself is told before anything is connected.
  refuseProblems(scenario.problems);
  refuseMissingParameters(scenario, request.variables ?? {});
  refuseBreakpoints(scenario, request.breakpoints ?? []);
  const lease =
    live && described && request.environmentFile !== undefined ? await leaseFor(start, parts, request.environmentFile, described) : null;
  try {
    return await prepareRun(parts, { request, scenario, described, operator: operatorOf(given, described), lease, start });
  } catch (failure) {
    lease?.release();
    throw failure;
  }
}

/** What is known of a run before it has its folder. */
interface RunPlan {
  readonly request: RunRequest;
  readonly scenario: ScenarioSource;
  readonly described: EnvironmentDescription | null;
  readonly operator: string;
  /** Null in a dry run. */
  readonly lease: Lease | null;
  readonly start: PendingStart;
}

async function prepareRun(parts: RunStartParts, plan: RunPlan): Promise<MethodResponse<'run.start'>> {
  const { request, scenario, operator, lease, start } = plan;
  const { archive, runs, clock } = parts;
  const missing = lease ? await awaitSurroundings(start, lease.environment) : [];
  const notices = [...missing, ...(lease ? pluginNotices(lease.environment.plugins) : [])];
  const around = lease
    ? { catalogue: lease.environment.catalogue(), resolve: lease.environment.resolve }
    : request.environmentFile === undefined
      ? null
      : await parts.source.offlineCatalogue(request.environmentFile);
  const found = parts.checks.check(scenario, around?.catalogue ?? null);
  // What a daemon offers that has not answered yet is not known; the steps will tell.
  const problems = [...scenario.problems, ...(missing.length === 0 ? found : withoutCatalogue(parts.checks, scenario, found))];
  refuseProblems(problems);
  const release = await releaseOf(parts.clock, plan);
  const manifest = await manifestOf(parts, plan, release);
  // From here on nothing is awaited that may take long: it begins now, or never.
  start.assertWanted();
  if (lease) assertReachable(lease.environment, 'The run was not started');
  const journal = await archive.create(manifest);
  try {
    await recordBeginning(journal, manifest, notices, lease);
  } catch (failure) {
    await journal.suspend().catch(() => undefined);
    throw failure;
  }
  const { run, variables, policy, mode } = manifest;
  const state = startMachine(scenario.program, {
    variables,
    release,
    uniqueSeed: run.slice(run.lastIndexOf('-') + 1),
    failurePolicy: policy,
    stepBudget: request.stepBudget ?? usualStepBudget,
    breakpoints: request.breakpoints ?? [],
    startPaused: request.startPaused ?? false,
    ...(mode === 'dry' && { unknownText: unknownResult }),
  });
  const engine = {
    program: scenario.program,
    texts: scenario.texts,
    state,
    journal,
    clock,
    link: lease?.environment.link ?? null,
    plugins: lease?.environment.plugins ?? null,
    resolve: around?.resolve ?? resolveNowhere,
    newCommandId,
    limits: lease?.environment.description.limits ?? [],
    mode,
    attended: request.attended,
    operator,
  };
  const origin = {
    scenario: scenario.name,
    scenarioFile: scenario.fileOf(scenario.name),
    environmentFile: request.environmentFile === undefined ? null : resolve(request.environmentFile),
  };
  runs.start(engine, () => lease?.release(), origin);
  return { run, folder: journal.folder, problems: [...notices, ...problems].map(asPlain) };
}

/** Problems against an incomplete catalogue: errors only where the scenario is wrong in itself. */
function withoutCatalogue(checks: ScenarioChecks, scenario: ScenarioSource, found: readonly Problem[]): readonly Problem[] {
  const place = ({ code, range }: Problem): string => `${code}:${range?.start.offset}`;
  const certain = new Set(checks.check(scenario, null).map(place));
  return found.map((problem) => (certain.has(place(problem)) ? problem : { ...problem, severity: 'warning' }));
}

/** The first records: what the run is, and who is there at its start. */
async function recordBeginning(
  journal: RunJournal,
  manifest: RunManifest,
  notices: readonly Problem[],
  lease: Lease | null,
): Promise<void> {
  const { run, scenario, environment, release, operator, policy, variables, mode, softwareVersion } = manifest;
  const begun = { run, scenario: scenario.name, environment, release, operator, policy, variables, mode, softwareVersion };
  await journal.append({ kind: 'run-started', ...begun });
  const views = (lease?.environment.link.daemons() ?? []).filter(({ state }) => state !== 'never seen');
  if (lease) {
    const { connected } = lease.environment.link;
    await journal.append({ kind: 'link', state: connected ? 'connected' : 'disconnected', message: null });
  }
  await Promise.all([
    ...notices.map(({ severity, code, message, tip = null }) => journal.append({ kind: 'problem', severity, code, message, tip })),
    ...views.map((view) => journal.append(presenceAtStart(view))),
  ]);
}

function presenceAtStart({ daemon, state, catalogue, clockOffset, lastSign }: DaemonView): RecordBody {
  const components = catalogue?.components.map(({ name }) => name);
  return presenceRecord({
    daemon,
    state: state === 'present' ? 'present' : 'lost',
    epoch: catalogue?.epoch ?? null,
    clockOffset,
    ...(state === 'lost' && typeof lastSign === 'number' && { lastSign }),
    ...(components && { components }),
  });
}

function refuseMissingParameters(scenario: ScenarioSource, variables: Readonly<Record<string, string>>): void {
  const parameters = scenario.program.scenarios.get(scenario.name)?.frontMatter?.parameters ?? [];
  const missing = parameters.filter((parameter) => parameter.default === null && !Object.hasOwn(variables, parameter.name));
  const [first] = missing;
  if (!first) return;
  const names = missing.map((parameter) => `'${parameter.name}'`).join(', ');
  throw new ProblemError({
    code: 'missing-parameter',
    message: `The scenario needs a value for ${names}, and none was given.`,
    tip: `Give it when the run is started: --set ${first.name}=value${first.help === null ? '' : ` (${first.help})`}.`,
    file: scenario.fileOf(scenario.name),
  });
}

/** A run that would not stop where it is wanted must not start: it may do harm behind that line. */
function refuseBreakpoints(scenario: ScenarioSource, breakpoints: readonly Breakpoint[]): void {
  const message = refusalOfBreakpoints(breakpoints, scenario.program);
  if (message !== null) {
    throw new ProblemError({
      code: 'bad-breakpoint',
      message,
      tip: `Scenarios of this run: ${[...scenario.program.scenarios.keys()].join(', ')}.`,
    });
  }
}

/** What is wrong with plugins keeps no run from starting: a scenario that needs them is refused for want of their commands. */
export function pluginNotices(plugins: Pick<PluginHost, 'problems'>): readonly Problem[] {
  return plugins.problems.map((problem) => (problem.severity === 'information' ? problem : { ...problem, severity: 'warning' }));
}

/** In a dry run without an environment every command counts as known. */
const resolveNowhere: CommandResolver = ([command = '', ...rest]) => ({ kind: 'plugin', command, arguments: rest });

async function releaseOf(clock: Clock, { request, described, lease, start }: RunPlan): Promise<string> {
  if (request.release !== undefined) return request.release;
  const release = described?.release ?? null;
  if (release === null) return 'unknown';
  if (release.kind === 'value') return release.value;
  if (!lease) return 'unknown';
  const awaited = `the release under test, which '${release.words.join(' ')}' names`;
  return start.during(awaited, releasePatience, askRelease(clock, lease, release.words));
}

async function askRelease(clock: Clock, { environment }: Lease, words: readonly string[]): Promise<string> {
  const { outcome } = await executeOnce(clock, environment, words, releasePatience);
  const told = outcome.result.trim();
  if (outcome.success && told !== '' && told.length <= 128) return told;
  throw new ProblemError({
    code: 'release-unknown',
    message: `The release under test is not known: '${words.join(' ')}' ${outcome.success ? 'told nothing usable' : 'did not succeed'}.`,
    tip: 'Name it with --release, or mend the command in the environment file.',
  });
}

/** Executes one command outside a run. */
export async function executeOnce(
  clock: Clock,
  environment: Lease['environment'],
  words: readonly string[],
  patience: number,
): Promise<MethodResponse<'command.execute'>> {
  const target = environment.resolve(words);
  if (target.kind === 'plugin') {
    const context = { run: null, release: '', read: (name: string) => environment.link.reading(name) };
    return { outcome: await environment.plugins.execute(target.command, target.arguments, context, () => undefined).finished };
  }
  const watch = environment.link.send(target.daemon, target.action, target.arguments, newCommandId(), { onlyNow: true });
  const stop = clock.after(patience, () => void watch.cancel().catch(() => undefined));
  try {
    return { outcome: await watch.finished };
  } finally {
    stop();
  }
}

async function manifestOf({ clock, softwareVersion, trust }: RunStartParts, plan: RunPlan, release: string): Promise<RunManifest> {
  const { request, scenario, described, operator, lease } = plan;
  const now = clock.now();
  const daemons = lease?.environment.link.daemons() ?? [];
  return {
    format: archiveFormatVersion,
    run: newRunId(now, scenario.name, request.unique),
    scenario: { name: scenario.name, title: scenario.title, tags: [...scenario.tags], texts: { ...scenario.texts }, hash: scenario.hash },
    environment: described?.name ?? environmentNameSchema.parse('none'),
    release,
    operator,
    policy: request.policy,
    mode: request.dryRun ? 'dry' : 'live',
    variables: request.variables ?? {},
    startedAt: now,
    finishedAt: null,
    duration: null,
    outcome: null,
    reason: null,
    catalogues: daemons.flatMap(({ catalogue }) => (catalogue && lease ? [withPresentStates(lease.environment.link, catalogue, now)] : [])),
    workspaceCommit: commitWith(request.texts ?? {}, await commitOf(trust, dirname(scenario.fileOf(scenario.name)))),
    conditions: { host: hostname(), platform: `${process.platform} ${process.arch}`, node: process.version },
    softwareVersion,
    totals: null,
    daemons: daemons.map(({ daemon }) => daemon),
  };
}

/** Texts that were run as drafts are changes that no commit has, whatever becomes of their files. */
function commitWith(drafts: Readonly<Record<string, string>>, commit: string | null): string | null {
  if (commit === null || Object.keys(drafts).length === 0 || commit.endsWith('+changes')) return commit;
  return `${commit}+changes`;
}

/** Not even git looks at a folder that nobody trusts. */
async function commitOf(trust: WorkspaceTrust, folder: string): Promise<string | null> {
  return (await trust.covering(folder)) === null ? null : repositoryState(folder);
}

/** A catalogue with the states that its components have now: it was told when the daemon was met, and they have changed since. */
function withPresentStates(link: Pick<Link, 'reading'>, catalogue: Catalogue, now: number): Catalogue {
  const states = catalogue.components.flatMap(({ name }): Catalogue['states'] => {
    const told = catalogue.states.find(({ component }) => component === name);
    const state = link.reading(`${name}.STATE`);
    if (typeof state !== 'string' || state === told?.state) return told ? [told] : [];
    const pid = link.reading(`${name}.pid`);
    return [{ component: name, state, pid: typeof pid === 'number' && Number.isInteger(pid) ? pid : null, since: now }];
  });
  return { ...catalogue, states };
}

function noEnvironment(): ProblemError {
  return new ProblemError({
    code: 'no-environment',
    message: 'A run needs an environment.',
    tip: 'Name its file, or walk through the scenario in a dry run.',
  });
}
