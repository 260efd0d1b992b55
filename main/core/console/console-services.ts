/** What the core offers to screens besides running and archiving, put together: workspaces, environments, telemetry, consoles. */
import { hostname } from 'node:os';
import type { ActiveRuns } from '../active-runs.ts';
import type { MethodTable, StreamTable } from '../method-tables.ts';
import { operatorOf } from '../run-start.ts';
import type { ScenarioChecks } from '../scenario-checks.ts';
import { ConsoleHome } from './console-home.ts';
import type { FedEnvironments } from './environment-feed.ts';
import type { EnvironmentParts } from './environment-use.ts';
import { liveEnvironments } from './live-environment.ts';
import { telemetryService } from './telemetry-service.ts';
import { RunConsoles } from './run-consoles.ts';
import { editRun } from './run-edit.ts';
import { RunsService } from './runs-service.ts';
import { workspaceService } from './workspace-service.ts';
import type { consoleMethods, consoleStreams } from '#shared/contract/console.ts';
import { Ownership, type Owned } from '#shared/disposable.ts';

export interface ConsoleServicesParts extends EnvironmentParts {
  readonly runs: ActiveRuns;
  readonly source: FedEnvironments;
  readonly checks: ScenarioChecks;
  readonly archiveFolder: string;
  readonly softwareVersion: string;
  /** Folder of what is kept for the user of the console. */
  readonly home: string;
}

export interface ConsoleServices extends Owned {
  readonly methods: Partial<MethodTable<keyof typeof consoleMethods>>;
  readonly streams: Partial<StreamTable<keyof typeof consoleStreams>>;
  /** Refuses what a console without control wants to do to a run. */
  assertControl(...request: Parameters<RunConsoles['assertControl']>): void;
  /** A request changed the list of runs. */
  runsChanged(): void;
}

export function openConsoleServices(parts: ConsoleServicesParts): ConsoleServices {
  const { clock, runs, archiveFolder, softwareVersion } = parts;
  const ownership = new Ownership();
  const workspace = workspaceService(new ConsoleHome(parts.home, clock), clock);
  const telemetry = telemetryService(parts, parts.source);
  const runList = new RunsService({ runs, clock, archiveFolder });
  const consoles = new RunConsoles(runs, clock);
  return {
    methods: {
      ...workspace.methods,
      ...runList.methods,
      ...telemetry.methods,
      ...consoles.methods,
      'run.edit': async (request, caller) => {
        consoles.assertControl(request.run, caller);
        return editRun(parts, caller.operator, request);
      },
      'core.information': async (_, { operator }) => ({
        version: softwareVersion,
        archiveFolder,
        operator: operatorOf(operator, null),
        host: hostname(),
        demoReleases: [],
      }),
    },
    streams: { ...workspace.streams, ...runList.streams, ...telemetry.streams, ...consoles.streams, ...liveEnvironments(parts) },
    assertControl: (...request) => consoles.assertControl(...request),
    runsChanged: () => runList.changed(),
    dispose: () => ownership.dispose(),
  };
}
