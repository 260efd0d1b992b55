/**
 * The core: puts the archive, the environments, the plugins and the engine together, and offers them through the contract.
 * Runs live here; consoles come and go.
 */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type { z } from 'zod';
import packageFile from '../../package.json' with { type: 'json' };
import { defaultConsoleHome } from './workspace/home.ts';
import { openConsoleServices, type ConsoleServices, type CoreMethod, type CoreStream } from './console-services.ts';
import { FedEnvironments } from './telemetry/environment-feed.ts';
import { ActiveRuns } from './runs/active-runs.ts';
import { PendingStarts } from './runs/pending-starts.ts';
import { assertAnswering, daemonPatience } from './runs/start-surroundings.ts';
import { openArchive } from './archive/archive.ts';
import type { ArchiveFiles } from './archive/files.ts';
import { EnvironmentPool, type EnvironmentSource } from './environments/access.ts';
import { fileEnvironments } from './environments/files.ts';
import { environmentStatus } from './environments/status.ts';
import type { Caller, Decoded, DecodedStream, Listener, Listening, MethodTable, StreamTable } from './contract/method-tables.ts';
import type { RunArchive } from './ports.ts';
import type { Clock } from '#platform/clock.ts';
import { streamRecords } from './runs/record-stream.ts';
import { endHarmlessRuns, interruptedRuns, recoverRun, type RecoveryParts } from './runs/recovery.ts';
import { asPlain } from './contract/plain-problem.ts';
import { executeOnce, pluginNotices, startRun, type RunStartParts } from './runs/start.ts';
import { scenarioChecks } from './runs/scenario-checks.ts';
import { remoteRequests, type RemoteRequests } from './served/remote-requests.ts';
import { nothingServed, ServedPlaces, type Served } from './served/served-places.ts';
import { RunsInUse } from './runs/runs-in-use.ts';
import { readScenario } from './workspace/scenario-files.ts';
import { nothingSaid, type RemarkSummary } from './archive/remark-store.ts';
import type { NetworkPrograms } from '#main/demo/template-environment.ts';
import { WorkspaceTrust, untrustedCode } from './workspace/trust.ts';
import { systemClock } from '#platform/clock.ts';
import {
  methods,
  streams,
  type Core,
  type Method,
  type MethodRequest,
  type MethodResponse,
  type Stream,
  type StreamItem,
  type StreamRequest,
} from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { problemOf, ProblemError, type Problem } from '#shared/problem.ts';
import { listed } from '#shared/wording/names.ts';

export interface CoreOptions {
  /** Where run folders are kept; made if it is not there. */
  readonly archiveFolder: string;
  readonly clock?: Clock;
  /** Who acts where a console does not say; unless given, the operator of the environment, or the user of this machine. */
  readonly operator?: string;
  /** Told of what nobody asked for: an interrupted run that cannot be read, a run that cannot be closed. */
  readonly onProblem?: (problem: Problem) => void;
  /** The file system of the archive; tests give one that fails. */
  readonly archiveFiles?: ArchiveFiles;
  /** How environments are opened; their files unless given. */
  readonly environments?: EnvironmentSource;
  /** Where drafts, layouts and the list of recent workspaces are kept; TESTOPS_HOME or the user's home unless given. */
  readonly home?: string;
  /** How programs of the network are started, for the demo environment; without it there is none. */
  readonly programs?: NetworkPrograms;
  /** Folder of what comes with the product (`resources`), which holds the demo environment. */
  readonly resources?: string;
  /**
   * Whether it takes up campaigns that a core before it left: for cores that stay. One that answers a single command would take the
   * coordinator's seat for a moment only.
   */
  readonly resumesCampaigns?: boolean;
  /** What it is part of, for people who look for the process: `console`, `campaign run`; a command unless given. */
  readonly purpose?: string;
  /** What consoles of other machines reach; unless given, none of its workspaces and environments. */
  readonly served?: Served;
}

/** A core that tells its consoles apart. */
export interface ConsoleHost extends Core {
  /** The same core for one connection, which counts as a console of its own. */
  forConsole(gone?: AbortSignal): Core;
}

export interface OpenCore extends ConsoleHost {
  /** The same core for one operator: what is done through it is recorded under this name. `remote`: it comes from another machine. */
  forOperator(operator: string, remote?: boolean): ConsoleHost;
  /** Finishes runs that have ended; those that go on are left to be recovered by the next core. */
  dispose(): Promise<void>;
}

/** ms that a command given by hand may take before it is cancelled; the daemon's own limit usually comes first. */
const commandPatience = 24 * 3_600_000;

/** Everything that is answered and streamed. */
interface Tables {
  readonly methods: MethodTable<Method>;
  readonly streams: StreamTable<Stream>;
  readonly remote: RemoteRequests;
}

/** Opens a core on an archive. Interrupted runs that owe nothing are ended before this resolves. */
export async function openCore(options: CoreOptions): Promise<OpenCore> {
  const { clock = systemClock, operator = null, onProblem = () => undefined } = options;
  const ownership = new Ownership();
  const { archiveFolder: folder, archiveFiles: files } = options;
  const archive = await openArchive({ folder, clock, ...(files && { files }) });
  ownership.own(archive);
  const { programs = null, resources = null, home = defaultConsoleHome() } = options;
  const trust = new WorkspaceTrust(home, clock, foldersOf(options.served ?? nothingServed));
  const source = new FedEnvironments(options.environments ?? fileEnvironments(clock, trust, home), clock);
  const environments = new EnvironmentPool(source, clock);
  ownership.own(environments);
  const runs = new ActiveRuns(onProblem);
  const places = new ServedPlaces(options.served ?? nothingServed);
  const inUse = new RunsInUse(() => clock.monotonic());
  const starts = new PendingStarts(clock);
  const parts = {
    archive,
    inUse,
    environments,
    runs,
    clock,
    source,
    trust,
    checks: scenarioChecks,
    // A core that is served reads no scenario elsewhere, whoever's texts call it.
    ...(options.served && { mayRead: (file: string) => places.holdsScenario(file) }),
    softwareVersion: packageFile.version,
    report: onProblem,
  };
  try {
    await endHarmlessRuns(parts);
  } catch (failure) {
    await ownership.dispose();
    throw failure;
  }
  const demo = { programs, resources, core: () => forOperator(null) };
  const stays = options.resumesCampaigns ?? false;
  const services = openConsoleServices({
    ...parts,
    home,
    demo,
    coreOf: (name) => forOperator(name),
    stays,
    purpose: options.purpose ?? 'command',
  });
  ownership.own(services);
  // Runs are left as they are before the demo environment, which they may run on, is taken down.
  ownership.own(runs);
  ownership.own(() => services.leaveCampaigns());
  const tables: Tables = {
    methods: { ...methodsOf({ ...parts, starts }, services), ...services.methods, 'workspace.trust': trusting(parts, services) },
    streams: { ...streamsOf(archive, runs, inUse, starts), ...services.streams },
    remote: remoteRequests({ places, source, runs, campaigns: services.campaignPlaces }),
  };
  const forOperator = (name: string | null, remote = false): ConsoleHost => hostFor(tables, name?.slice(0, 64) ?? null, remote);
  if (stays) services.resumeCampaigns().catch((failure: unknown) => onProblem(problemOf(failure)));
  return { ...forOperator(operator), forOperator, dispose: () => ownership.dispose() };
}

/** Whoever serves workspaces and environments to others trusts them. */
function foldersOf({ workspaces, environments }: Served): readonly string[] {
  return [...workspaces.map(({ folder }) => folder), ...environments.map(({ file }) => dirname(file))];
}

/** The core for one operator: itself a console, and the maker of others. */
function hostFor(tables: Tables, operator: string | null, remote: boolean): ConsoleHost {
  const forConsole = (gone?: AbortSignal): Core => coreFor(tables, { operator, remote, console: randomUUID(), ...(gone && { gone }) });
  return { ...forConsole(), forConsole };
}

function coreFor(tables: Tables, caller: Caller): Core {
  return {
    request: async <M extends Method>(method: M, request: MethodRequest<M>): Promise<MethodResponse<M>> => {
      // A name that is in no table comes from a host that was given something else than the contract's types allow.
      if (!Object.hasOwn(tables.methods, method)) {
        throw new ProblemError({ code: 'not-available', message: `This core does not answer '${method}'.` });
      }
      const answer = tables.methods[method] as MethodTable<M>[M];
      const decoded = decode(`the request ${method}`, methods[method].request, request) as Decoded<M>;
      if (!caller.remote) return answer(decoded, caller);
      return tables.remote.answer(method, await answer(await tables.remote.method(method, decoded, caller), caller));
    },
    listen: <S extends Stream>(stream: S, request: StreamRequest<S>, listener: Listener<StreamItem<S>>): Listening => {
      if (!Object.hasOwn(tables.streams, stream)) {
        throw new ProblemError({ code: 'unknown-stream', message: `There is no stream '${stream}' in the contract.` });
      }
      const feed = tables.streams[stream] as StreamTable<S>[S];
      const decoded = decode(`the stream ${stream}`, streams[stream].request, request) as DecodedStream<S>;
      if (!caller.remote) return feed(decoded, listener, caller);
      const told = async (item: StreamItem<S>): Promise<void> => listener(await tables.remote.item(stream, item));
      return laterListening(tables.remote.stream(stream, decoded, caller).then((allowed) => () => feed(allowed, told, caller)));
    },
  };
}

/** A stream that begins when its request was allowed, unless nobody listens any more. */
function laterListening(allowed: Promise<() => Listening>): Listening {
  let closed = false;
  let listening: Listening | null = null;
  const ended = allowed.then((begin) => {
    if (closed) return undefined;
    listening = begin();
    return listening.ended;
  });
  return {
    ended,
    close: () => {
      closed = true;
      listening?.close();
    },
  };
}

function streamsOf(archive: RunArchive, runs: ActiveRuns, inUse: RunsInUse, starts: PendingStarts): StreamTable<CoreStream> {
  return {
    'run.records': ({ run, from }, listener) => {
      inUse.looked(run);
      return streamRecords({ archive, journal: (wanted) => runs.journal(wanted) }, run, from, listener);
    },
    'run.starting': ({ start }, listener, caller) => starts.follow(caller, start, listener),
    'run.problems': ({ run }, listener) => runs.problems(run, (problem) => listener(asPlain(problem))),
  };
}

/** Requests come from outside, whoever sends them. */
function decode<S extends z.ZodType>(what: string, schema: S, value: unknown): z.output<S> {
  const decoded = schema.safeParse(value);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  const place = issue && issue.path.length > 0 ? ` at '${issue.path.join('.')}'` : '';
  throw new ProblemError({ code: 'bad-request', message: `${capital(what)} was refused${place}: ${issue?.message ?? 'it is malformed'}.` });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function methodsOf(
  parts: RunStartParts & RecoveryParts & { readonly inUse: RunsInUse; readonly starts: PendingStarts },
  services: ConsoleServices,
): MethodTable<CoreMethod> {
  const { archive, environments, runs, inUse, starts, clock, source, checks } = parts;
  return {
    'scenario.check': async ({ scenarioFile, environmentFile, offline = false }) => {
      const described = environmentFile === undefined ? null : await source.describe(environmentFile);
      const scenario = await readScenario(scenarioFile, described?.scenarioFolder ?? null, parts.mayRead);
      const around = environmentFile === undefined ? null : await catalogueOf(parts, environmentFile, offline);
      const plugins = around ? pluginNotices(around) : [];
      return { problems: [...scenario.problems, ...checks.check(scenario, around?.catalogue ?? null), ...plugins].map(asPlain) };
    },
    'environment.status': ({ environmentFile }) =>
      environments.use(environmentFile, async (environment) => {
        const { link, description } = environment;
        await link.ready(description.expected, daemonPatience);
        const heard = link.daemons().some(({ state }) => state !== 'never seen');
        if (!heard && link.refusal) throw new ProblemError(link.refusal);
        return environmentStatus(environment);
      }),
    'environment.pin': ({ environmentFile }) =>
      environments.use(environmentFile, async (environment) => {
        await assertAnswering(environment, 'Nothing was pinned');
        const { missing } = await environment.link.ready(environment.description.expected, daemonPatience);
        if (missing.length > 0) throw cannotPin(missing);
        const file = await environment.pin();
        return { file, daemons: environment.link.daemons().flatMap(({ daemon, catalogue }) => (catalogue ? [daemon] : [])) };
      }),
    'run.start': (request, caller) =>
      starts.during(caller, request.start, (start) => startRun(parts, { operator: caller.operator, start }, request)),
    'run.decide-start': async ({ start, decision }, caller) => {
      starts.decide(caller, start, decision);
      return {};
    },
    'run.act': async ({ run, action }, caller) => {
      services.assertControl(run, caller, action);
      await runs.act(run, caller.operator, action);
      return {};
    },
    'command.execute': ({ environmentFile, words }, { gone }) =>
      environments.use(environmentFile, async (environment) => {
        await assertAnswering(environment, 'The command was not given');
        await environment.link.ready(environment.description.expected, daemonPatience);
        // Whoever gave it went before it was sent: nobody would see what it does.
        if (gone?.aborted) throw new ProblemError({ code: 'console-gone', message: 'The console went before its command was given.' });
        return executeOnce(clock, environment, words, commandPatience);
      }),
    'runs.list': async ({ scenario, release, outcome }) => {
      const all = await archive.list();
      const fits = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value;
      const fitting = all.filter((run) => fits(scenario, run.scenario) && fits(release, run.release) && fits(outcome, run.outcome));
      const said = await services.remarks.summarised();
      return { runs: fitting.map((run) => ({ ...run, ...plainSummary(said.get(run.run)) })) };
    },
    'runs.show': async ({ run }) => {
      const { manifest, folder, problems } = await archive.show(run);
      return { manifest, folder, problems: problems.map(asPlain) };
    },
    'runs.export': async ({ run, file }) => ({ file, ...(await inUse.whileExported(run, () => archive.exportRun(run, file))) }),
    'runs.import': async ({ file, orFind = false }) => {
      const imported = await archive.importRun(file, { orFind });
      if (!imported.found) services.runsChanged();
      return imported;
    },
    'runs.delete': async ({ run }) => {
      if (runs.has(run)) throw new ProblemError({ code: 'run-active', message: `The run ${run} goes on; stop it before it is deleted.` });
      inUse.assertNotExported(run);
      await archive.remove(run);
      await services.remarks.remove(run);
      await services.profiles.remove(run);
      services.runsChanged();
      return {};
    },
    'runs.rebuild': async () => {
      const found = await archive.rebuild();
      services.runsChanged();
      return found;
    },
    'runs.interrupted': () => interruptedRuns(parts),
    'run.recover': ({ run, environmentFile }, { operator }) => recoverRun(parts, operator, run, environmentFile),
  };
}

function plainSummary({ decision, remarks }: RemarkSummary = nothingSaid): RemarkSummary {
  return { decision, remarks };
}

/** Taking trust back closes what is connected; a run that goes on must not lose its environment by it. */
function trusting(
  { runs, environments, trust }: Pick<RunStartParts, 'runs' | 'environments' | 'trust'>,
  services: ConsoleServices,
): MethodTable<'workspace.trust'>['workspace.trust'] {
  return async (request, caller) => {
    if (request.trusted) return services.methods['workspace.trust'](request, caller);
    const covering = await trust.covering(request.folder);
    for (const { run, scenarioFile, environmentFile } of runs.list()) {
      const files = [scenarioFile, ...(environmentFile === null ? [] : [environmentFile])];
      const places = await Promise.all(files.map((file) => trust.covering(file)));
      if (covering !== null && places.includes(covering)) throw usedByRun(run, covering);
    }
    const taken = await services.methods['workspace.trust'](request, caller);
    await environments.closeUntrusted();
    return taken;
  };
}

function usedByRun(run: string, folder: string): ProblemError {
  return new ProblemError({
    code: 'workspace-in-use',
    message: `The run ${run} goes on in ${folder}, so its trust cannot be taken back now.`,
    tip: 'Stop the run first; its deferred commands need the environment.',
  });
}

/** What scenarios may name: live where the daemons answer and it is not forbidden, otherwise as pinned. */
async function catalogueOf({ environments, source, report }: RunStartParts & RecoveryParts, file: string, offline: boolean) {
  if (!offline) {
    try {
      return await environments.use(file, async (environment) => {
        await environment.link.ready(environment.description.expected, daemonPatience);
        return { catalogue: environment.catalogue(), problems: environment.plugins.problems };
      });
    } catch (failure) {
      const problem = problemOf(failure);
      // What nobody trusts is checked as far as that goes without a connection and without its plugins.
      if (problem.code === untrustedCode) return withoutEnvironment(problem);
      report({ ...problem, severity: 'warning' });
    }
  }
  return source.offlineCatalogue(file).catch((failure: unknown) => {
    const problem = problemOf(failure);
    if (problem.code === untrustedCode) return withoutEnvironment(problem);
    throw failure;
  });
}

function withoutEnvironment(problem: Problem) {
  return { catalogue: null, problems: [problem] };
}

function cannotPin(missing: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'daemons-missing',
    message: `The environment cannot be pinned: ${listed(missing)} ${missing.length === 1 ? 'has' : 'have'} not answered.`,
    tip: 'Start them first; a pin names every daemon of the environment.',
  });
}
