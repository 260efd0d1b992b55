/** What the core offers to screens besides running and archiving, put together: workspaces, environments, telemetry, consoles. */
import { hostname } from 'node:os';
import type { ActiveRuns } from './runs/active-runs.ts';
import type { MethodTable, StreamTable } from './contract/method-tables.ts';
import type { CampaignPlaces, RunArchive } from './ports.ts';
import type { MayRead } from './workspace/scenario-folder.ts';
import type { RunsInUse } from './runs/runs-in-use.ts';
import type { ScenarioChecks } from './runs/scenario-checks.ts';
import { openCampaignService } from './campaigns/service.ts';
import { ArchivedSeriesService } from './telemetry/archived-series.ts';
import { pastServices } from './past-services.ts';
import { Profiles } from './history/profiles.ts';
import { RemarkStore } from './archive/remark-store.ts';
import { MetricsService } from './metrics/metrics-service.ts';
import { SampleRuns } from './history/sample-runs.ts';
import { ConsoleOperators } from './environments/operators.ts';
import { ConsoleHome } from './workspace/home.ts';
import type { FedEnvironments } from './telemetry/environment-feed.ts';
import { DemoService, type DemoParts } from './workspace/demo.ts';
import type { EnvironmentParts } from './environments/use.ts';
import { lookAtWorkspace } from './environments/workspace-look.ts';
import { liveEnvironments } from './environments/live.ts';
import { ScenarioHistory } from './history/scenario-history.ts';
import { telemetryService } from './telemetry/service.ts';
import { RunConsoles } from './runs/consoles.ts';
import { editRun } from './runs/edit.ts';
import { RunsService } from './runs/service.ts';
import type { WorkspaceTrust } from './workspace/trust.ts';
import { workspaceService } from './workspace/service.ts';
import type { Core, Method, Stream } from '#shared/contract/contract.ts';
import type { environmentMethods } from '#shared/contract/environments.ts';
import type { runMethods, runStreams } from '#shared/contract/runs.ts';
import { Ownership, type Owned } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';

/** What core.ts answers itself: environments are asked, runs started, followed and kept. The rest is for screens, and here. */
export type CoreMethod = keyof typeof environmentMethods | Exclude<keyof typeof runMethods, 'run.edit' | 'run.control' | 'runs.active'>;
export type CoreStream = Exclude<keyof typeof runStreams, 'run.consoles' | 'runs.changes'>;

export interface ConsoleServicesParts extends EnvironmentParts {
  readonly runs: ActiveRuns;
  readonly source: FedEnvironments;
  readonly checks: ScenarioChecks;
  /** Which scenarios may be read; absent: any. */
  readonly mayRead?: MayRead;
  readonly archive: RunArchive;
  readonly trust: WorkspaceTrust;
  readonly inUse: RunsInUse;
  readonly softwareVersion: string;
  /** Folder of what is kept for the user of the console. */
  readonly home: string;
  readonly demo: Omit<DemoParts, 'started' | 'ending' | 'home' | 'now'>;
  /** The core itself, in the name of an operator. */
  readonly coreOf: (operator: string) => Core;
  /** Whether the core stays, and so coordinates campaigns wherever it looks at them. */
  readonly stays: boolean;
  /** What the core is part of, for people: `console`, `campaign run`. */
  readonly purpose: string;
  readonly report: (problem: Problem) => void;
}

export interface ConsoleServices extends Owned {
  readonly methods: MethodTable<Exclude<Method, CoreMethod>>;
  readonly remarks: RemarkStore;
  readonly profiles: Profiles;
  readonly streams: StreamTable<Exclude<Stream, CoreStream>>;
  /** Refuses what a console without control wants to do to a run. */
  assertControl(...request: Parameters<RunConsoles['assertControl']>): void;
  /** A request changed the list of runs. */
  runsChanged(): void;
  /** Campaigns, for the decision about consoles of other machines. */
  readonly campaignPlaces: CampaignPlaces;
  /** Takes up campaigns that a core before this one left. */
  resumeCampaigns(): Promise<void>;
  /** Gives the seats of coordinators back and stops what campaigns execute here; before runs are suspended. */
  leaveCampaigns(): Promise<void>;
}

export function openConsoleServices(parts: ConsoleServicesParts): ConsoleServices {
  const { clock, runs, archive, softwareVersion, report } = parts;
  const archiveFolder = archive.folder;
  const ownership = new Ownership();
  const workspace = workspaceService(new ConsoleHome(parts.home, clock), clock, parts.trust, (folder) =>
    lookAtWorkspace(folder, parts.trust),
  );
  const telemetry = telemetryService(parts, parts.source);
  const runList = new RunsService({ runs, clock, archiveFolder });
  const series = ownership.own(new ArchivedSeriesService({ ...parts, archiveFolder }));
  const operators = new ConsoleOperators();
  const consoles = new RunConsoles(runs, clock);
  const campaigns = ownership.own(openCampaignService({ ...parts, core: parts.coreOf, nameOf: (caller) => operators.nameOf(caller) }));
  const metrics = ownership.own(new MetricsService({ ...parts, archiveFolder, campaigns: () => campaigns.told.now() }));
  const remarks = new RemarkStore(archiveFolder, () => clock.now());
  const history = new ScenarioHistory({ archive, queries: () => series.queries(), remarks, report });
  const { resources } = parts.demo;
  const samples = ownership.own(new SampleRuns({ archive, remarks, clock, resources, report, changed: () => runList.changed() }));
  const demo = ownership.own(
    new DemoService({
      ...parts.demo,
      home: parts.home,
      now: () => clock.now(),
      started: () => void (process.env['TESTOPS_SAMPLES'] === 'off' || samples.importSoon()),
      ending: (environmentFile) => parts.source.expectEnd(environmentFile),
    }),
  );
  const profiles = ownership.own(new Profiles({ archive, queries: () => series.queries() }));
  ownership.own(profiles.follow(runs));
  const past = pastServices({
    archive,
    queries: () => series.queries(),
    remarks,
    nameOf: (caller) => operators.nameOf(caller),
    profiles,
    runs,
    inUse: parts.inUse,
    samples,
    clock,
    softwareVersion,
    resources,
    report,
    changed: () => runList.changed(),
  });
  return {
    methods: {
      ...workspace.methods,
      ...runList.methods,
      ...telemetry.methods,
      ...consoles.methods,
      ...metrics.methods,
      ...demo.methods,
      ...series.methods,
      'runs.points': (request, caller) => {
        parts.inUse.looked(request.run);
        return series.methods['runs.points'](request, caller);
      },
      ...history.methods,
      ...past,
      ...campaigns.methods,
      'run.edit': async (request, caller) => {
        consoles.assertControl(request.run, caller);
        return editRun(parts, caller.operator, request);
      },
      'core.information': async (_, caller) => ({
        version: softwareVersion,
        archiveFolder,
        operator: operators.nameOf(caller),
        host: hostname(),
        demoReleases: await demo.releases(),
      }),
    },
    streams: {
      ...campaigns.streams,
      ...workspace.streams,
      ...runList.streams,
      ...telemetry.streams,
      ...consoles.streams,
      ...liveEnvironments(parts, operators),
    },
    remarks,
    profiles,
    assertControl: (...request) => consoles.assertControl(...request),
    runsChanged: () => runList.changed(),
    campaignPlaces: campaigns.places,
    resumeCampaigns: () => campaigns.resume(),
    leaveCampaigns: async () => campaigns.dispose(),
    dispose: () => ownership.dispose(),
  };
}
