/**
 * The one decision about what consoles of other machines ask: each method and each stream of the contract stands here with
 * what its request may reach and do. One that takes a path cannot be left out: it does not compile.
 *
 * An environment's key belongs to the operator whom its file names. Only a console that came in under this name may have
 * commands signed with it, and only who started a run or a campaign may drive it; everybody may watch.
 */
import type { ActiveRuns } from '../runs/active-runs.ts';
import type { EnvironmentSource } from '../environments/access.ts';
import type { Caller, Decoded, DecodedStream } from '../contract/method-tables.ts';
import type { CampaignPlaces } from '../ports.ts';
import { campaignChecks } from './campaign-checks.ts';
import type { ServedPlaces } from './served-places.ts';
import type { Method, MethodResponse, Stream, StreamItem } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

/** Keys of requests that name places on the core's machine. */
export const pathKeys = [
  'folder',
  'path',
  'to',
  'file',
  'scenarioFile',
  'environmentFile',
  'environmentFiles',
  'draft',
  'campaignFile',
] as const;
type PathKey = (typeof pathKeys)[number];
/** The keys of a request that name places; a number of the same name (`to`, of a time) is none. */
type PathsOf<Request> = { [Key in keyof Request & PathKey]: NonNullable<Request[Key]> extends number ? never : Key }[keyof Request &
  PathKey];

/** Gives the request back as it may be carried out, or refuses it. */
type Check<Request> = (request: Request, caller: Caller) => Promise<Request> | Request;
/** `free`: it names no place and sends no command. */
type Rule<Request> = [PathsOf<Request>] extends [never] ? Check<Request> | 'free' : Check<Request>;

type MethodRules = { readonly [M in Method]: Rule<Decoded<M>> };
type StreamRules = { readonly [S in Stream]: Rule<DecodedStream<S>> };

export interface RemoteParts {
  readonly places: ServedPlaces;
  readonly source: EnvironmentSource;
  readonly runs: ActiveRuns;
  readonly campaigns: CampaignPlaces;
}

export interface RemoteRequests {
  method<M extends Method>(method: M, request: Decoded<M>, caller: Caller): Promise<Decoded<M>>;
  stream<S extends Stream>(stream: S, request: DecodedStream<S>, caller: Caller): Promise<DecodedStream<S>>;
  /** The answer as a remote console sees it. */
  answer<M extends Method>(method: M, response: MethodResponse<M>): Promise<MethodResponse<M>>;
  /** The item of a stream as a remote console sees it. */
  item<S extends Stream>(stream: S, item: StreamItem<S>): Promise<StreamItem<S>>;
}

/** Checks requests of other machines: each is made one about served places, or refused with a ProblemError. */
export function remoteRequests(parts: RemoteParts): RemoteRequests {
  const methods = methodRules(parts);
  const streams = streamRules(parts);
  return {
    method: async (method, request, caller) => {
      const rule: Check<typeof request> | 'free' = methods[method];
      return rule === 'free' ? request : rule(request, caller);
    },
    stream: async (stream, request, caller) => {
      const rule: Check<typeof request> | 'free' = streams[stream];
      return rule === 'free' ? request : rule(request, caller);
    },
    answer: (method, response) => answerFor(parts, method, response),
    item: async (stream, item) =>
      stream === 'campaigns.changes' ? ({ active: await campaignsOf(parts).active() } as unknown as typeof item) : item,
  };
}

type WithEnvironment = { environmentFile: string };
type WithFolder = { folder: string };

function checks({ places, source, runs }: RemoteParts) {
  const watched = async <R extends WithEnvironment>(request: R): Promise<R> => ({
    ...request,
    environmentFile: await places.environment(request.environmentFile),
  });
  const mayCommand = async (file: string, { operator }: Caller): Promise<void> => {
    const { name, operator: owner } = await source.describe(file);
    if (owner === operator) return;
    throw new ProblemError({
      code: 'key-of-another',
      message: `The key of the environment ${name} belongs to ${owner}; ${operator ?? 'nobody'} may watch it, not command it.`,
      tip: 'Ask whoever serves this core for an environment file with your name and key.',
    });
  };
  return {
    watched,
    mayCommand,
    commanded: async <R extends WithEnvironment>(request: R, caller: Caller): Promise<R> => {
      const served = await watched(request);
      await mayCommand(served.environmentFile, caller);
      return served;
    },
    /** Runs are driven with the key of who started them. */
    driven: <R extends { run: RunId }>(request: R, { operator }: Caller): R => {
      const owner = runs.journal(request.run)?.manifest.operator;
      if (owner === undefined || owner === operator) return request;
      throw new ProblemError({
        code: 'run-of-another',
        message: `The run ${request.run} was started by ${owner} and goes on with the key of ${owner}; ${operator ?? 'nobody'} may watch it.`,
        tip: `Ask ${owner}.`,
      });
    },
    inWorkspace: async <R extends WithFolder>(request: R): Promise<R> => ({ ...request, folder: await places.workspace(request.folder) }),
    /** What is kept for a user is kept for each operator by itself. */
    kept: async <R extends WithFolder>(request: R, { operator }: Caller): Promise<R> => ({
      ...request,
      folder: `${await places.workspace(request.folder)}\n${operator ?? ''}`,
    }),
    edited: async <R extends WithFolder & { path: string }>(request: R): Promise<R> => {
      const folder = await places.workspace(request.folder);
      await places.editable(folder, request.path);
      return { ...request, folder };
    },
    scenarioOf: async <R extends { scenarioFile: string }>(request: R): Promise<R> => ({
      ...request,
      scenarioFile: await places.scenario(request.scenarioFile),
    }),
    perhapsEnvironment: async (file: string | undefined): Promise<Partial<WithEnvironment>> =>
      file === undefined ? {} : { environmentFile: await places.environment(file) },
  };
}

function campaignsOf(parts: RemoteParts): ReturnType<typeof campaignChecks> {
  return campaignChecks({ ...parts, mayCommand: checks(parts).mayCommand });
}

function methodRules(parts: RemoteParts): MethodRules {
  const { places } = parts;
  const campaigns = campaignsOf(parts);
  const { watched, commanded, driven, inWorkspace, kept, edited, scenarioOf, perhapsEnvironment, mayCommand } = checks(parts);
  return {
    'suites.list': campaigns.described,
    'campaigns.files': campaigns.described,
    'campaign.start': campaigns.started,
    'campaign.act': campaigns.operated,
    'campaign.look': campaigns.seen,
    'campaigns.list': campaigns.listed,
    'campaign.show': campaigns.seen,
    'campaign.tests': campaigns.seen,
    'campaign.test': campaigns.seen,
    'campaign.lanes': campaigns.seen,
    'campaign.evidence': campaigns.evidenced,
    'campaigns.compare': campaigns.compared,
    'campaign.export': () =>
      notServed('Files are not written on the machine of a served core.', 'Name results in the campaign file, or export on that machine.'),
    'campaign.delete': campaigns.removed,
    'tests.history': watched,
    'tests.quarantine': async (request, caller) => {
      const served = await commanded(request, caller);
      await places.quarantine(served.environmentFile);
      return served;
    },
    'tests.flaky': watched,
    'workers.list': watched,
    'campaign-text.check': campaigns.written,
    'campaign-text.complete': campaigns.written,
    'campaign-text.explain': campaigns.written,
    // Its token is checked wherever it is used; what is shown is only of what is served.
    'radiator.show': 'free',
    'radiator.links': noLinks,
    'radiator.link': noLinks,
    'radiator.revoke': noLinks,
    'core.information': 'free',
    'core.metrics': async ({ environmentFiles }) => ({
      environmentFiles: await Promise.all(environmentFiles.map((file) => places.environment(file))),
    }),
    'workspace.open': inWorkspace,
    'workspace.recent': 'free',
    'workspace.trust': noTrust,
    'workspace.trusted': noTrust,
    'workspace.files': inWorkspace,
    'file.read': async (request) => {
      const folder = await places.workspace(request.folder);
      await places.readable(folder, request.path);
      return { ...request, folder };
    },
    'file.write': edited,
    'file.rename': async (request) => {
      const served = await edited(request);
      await places.editable(served.folder, request.to);
      return served;
    },
    'file.delete': edited,
    'drafts.save': kept,
    'drafts.list': kept,
    'drafts.discard': kept,
    'layout.load': kept,
    'layout.save': kept,
    'demo.start': noDemo,
    'demo.reset': noDemo,
    'demo.workspace': noDemo,
    'demo.stop': noDemo,
    'series.list': watched,
    'runs.points': 'free',
    'runs.series': 'free',
    'scenario.history': 'free',
    'run.edit': driven,
    'run.control': driven,
    'runs.active': 'free',
    'runs.compare': 'free',
    'runs.evidence': 'free',
    'runs.remarks': 'free',
    'runs.remark': 'free',
    'scenario.trend': 'free',
    'releases.list': 'free',
    'releases.sheet': 'free',
    'report.text': 'free',
    'report.write': () =>
      notServed('Files are not written on the machine of a served core.', 'Take the report as a text and keep it on your own machine.'),
    'retention.rules': 'free',
    'retention.preview': 'free',
    'retention.apply': 'free',
    'samples.import': 'free',
    'scenario.check': async (request) => ({ ...(await scenarioOf(request)), ...(await perhapsEnvironment(request.environmentFile)) }),
    'environment.status': watched,
    'environment.pin': commanded,
    'run.start': async (request, caller) => {
      const served = { ...(await scenarioOf(request)), ...(await perhapsEnvironment(request.environmentFile)) };
      if (served.environmentFile !== undefined && served.dryRun !== true) await mayCommand(served.environmentFile, caller);
      return served;
    },
    // Starts are known by the console that asked for them.
    'run.decide-start': 'free',
    'run.act': driven,
    'command.execute': commanded,
    'runs.list': 'free',
    'runs.show': 'free',
    'runs.export': () => notServed('Files are not written on the machine of a served core.', 'Export the run as a download.'),
    'runs.import': () => notServed('Files are not read on the machine of a served core.', 'Send the file: drop it on the console.'),
    'runs.delete': 'free',
    'runs.rebuild': 'free',
    'runs.interrupted': 'free',
    'run.recover': commanded,
  };
}

function streamRules(parts: RemoteParts): StreamRules {
  const { watched, inWorkspace } = checks(parts);
  return {
    'campaign.live': campaignsOf(parts).seen,
    'campaigns.changes': 'free',
    'environment.live': watched,
    'environment.catalogue': watched,
    'environment.events': watched,
    'telemetry.live': watched,
    'workspace.changes': inWorkspace,
    'runs.changes': 'free',
    'run.consoles': 'free',
    'run.records': 'free',
    'run.starting': 'free',
    'run.problems': 'free',
  };
}

/** Of what lies around, a remote console is told only what it may use. */
async function answerFor<M extends Method>(parts: RemoteParts, method: M, response: MethodResponse<M>): Promise<MethodResponse<M>> {
  const { places } = parts;
  const told: unknown = response;
  switch (method) {
    case 'workspace.recent':
      return { folders: [...places.workspaceNames] } as unknown as MethodResponse<M>;
    case 'workspace.open':
      return {
        ...(told as MethodResponse<'workspace.open'>),
        environments: places.environments().map(({ name, file }) => ({ name, file })),
      } as unknown as MethodResponse<M>;
    case 'core.information':
      return { ...(told as MethodResponse<'core.information'>), demoReleases: [] } as unknown as MethodResponse<M>;
    case 'campaigns.list':
      return (await campaignsOf(parts).told(told as MethodResponse<'campaigns.list'>)) as unknown as MethodResponse<M>;
    case 'radiator.show':
      return (await campaignsOf(parts).onWall(told as MethodResponse<'radiator.show'>)) as unknown as MethodResponse<M>;
    default:
      return response;
  }
}

function noDemo(): never {
  notServed('The demo environment is not used from another machine.', 'Use it on the machine itself: testops console --demo.');
}

function noLinks(): never {
  notServed(
    'Who is shown the radiator without a token of their own is decided on the machine of a served core.',
    'There: testops radiator link.',
  );
}

function noTrust(): never {
  notServed(
    'Which folders are trusted is decided on the machine of a served core.',
    'Whoever serves it decides by what is named at its start.',
  );
}

function notServed(message: string, tip: string): never {
  throw new ProblemError({ code: 'not-served', message, tip });
}
