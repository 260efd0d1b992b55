/**
 * What the run controls do, and when each is possible. As operators of script runners know it: Start becomes Go while
 * paused, Pause becomes Retry on an error.
 */
import type { Problem } from '#shared/problem.ts';
import type { RunState } from '#shared/run/run-state.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { createOpenFiles } from '../../../stores/open-files.ts';
import { createSaving } from '../../../stores/saving.ts';
import { createRunBreakpoints } from '../../../stores/run-breakpoints.ts';
import { createStartWait } from '../../../stores/start-wait.ts';
import { createRunOptions } from '../../../stores/run-options.ts';
import { createRunConsoles, hasControl } from '../../../stores/run-consoles.ts';
import { createScenarioBackground } from '../../../stores/scenario-background.ts';
import { createSession, coreLossInWords } from '../../../stores/session.ts';
import { createTrust } from '../../../stores/trust.ts';
import { askForTrust } from '../../../stores/workspace-trust.ts';
import { createOpening } from '../../../stores/workspace.ts';
import type { ConnectionState } from '../../../transport/core-connection.ts';
import { createHazardQuestion } from './hazard-store.ts';
import { hazardousCommands } from './hazards.ts';
import type { Stores } from '../../../stores/stores.ts';

export interface Possible {
  readonly start: boolean;
  readonly go: boolean;
  readonly pause: boolean;
  readonly retry: boolean;
  readonly step: boolean;
  readonly skip: boolean;
  readonly stop: boolean;
  readonly note: boolean;
  readonly close: boolean;
}

const nothing: Possible = {
  start: false,
  go: false,
  pause: false,
  retry: false,
  step: false,
  skip: false,
  stop: false,
  note: false,
  close: false,
};

/** Which controls make sense now. */
export function possible(
  state: RunState,
  context: {
    /** A run is shown whose records still come. */
    readonly live: boolean;
    /** A scenario is in front in the editor. */
    readonly scenario: boolean;
    readonly starting: boolean;
    /** No other console has control of the run. */
    readonly control: boolean;
    /** The run is one of the past: it is looked at, and nothing is done to it or besides it. */
    readonly archived?: boolean;
    /** The core is lost, or the run is not read anew since: nothing can be done, and nothing waits for the next core. */
    readonly lost?: boolean;
  },
): Possible {
  if (context.lost) return nothing;
  const active = context.live && state.status !== 'finished';
  const start = !active && !context.archived && context.scenario && !context.starting;
  const running = active && context.control && state.status === 'running';
  const paused = active && context.control && state.status === 'paused';
  return {
    start,
    go: paused,
    pause: running,
    retry: paused && state.paused?.reason === 'failure',
    step: paused || start,
    skip: running || paused,
    // A start that waits is cancelled.
    stop: running || paused || context.starting,
    note: active && state.status !== 'new',
    // Whoever only watches may go; the console in control stays with its run.
    close: context.archived || (active ? !context.control : state.status !== 'new'),
  };
}

/** While an environment comes up nothing can be started in it. */
const isOpening = (stores: Stores): boolean => stores.get(createOpening).getState().opening !== null;

export function possibleNow(stores: Stores): Possible {
  const { state, live, starting, archived, resuming } = stores.get(createRunSession).getState();
  const control = hasControl(stores.get(createRunConsoles).getState());
  const lost = resuming || stores.get(createSession).getState().connection.kind === 'lost';
  return possible(state, {
    live,
    starting,
    control,
    archived,
    lost,
    scenario: stores.get(createOpenFiles).activeScenario() !== null && !isOpening(stores),
  });
}

/** Starts what is in front as it stands in the editor, and saves it once it has begun. `startPaused`: for stepping from the first line. Returns whether it was started. */
export async function start(stores: Stores, how: { readonly startPaused?: boolean; readonly dryRun?: boolean } = {}): Promise<boolean> {
  const session = stores.get(createSession);
  const { notify } = session;
  const { draftsToRun, writtenProgram } = stores.get(createScenarioBackground);
  const scenario = stores.get(createOpenFiles).activeScenario();
  const { environmentFile } = session.getState();
  if (!scenario) {
    notify({
      severity: 'error',
      code: 'no-scenario',
      message: 'No scenario is open.',
      tip: 'Open one in the files panel, then start it.',
    });
    return false;
  }
  if (stores.get(createTrust).isRestricted() && !how.dryRun) {
    askForTrust(stores);
    return false;
  }
  if (environmentFile === null && !how.dryRun) {
    notify({
      severity: 'error',
      code: 'no-environment',
      message: 'No environment is chosen.',
      tip: 'Choose one in the header, or make a dry run.',
    });
    return false;
  }
  if (!how.dryRun && !(await mayDoHarm(stores, environmentFile))) return false;
  const { policy, release, variables } = stores.get(createRunOptions).getState();
  const drafts = draftsToRun();
  const refusal = await stores.get(createRunSession).startRun({
    scenarioFile: scenario.file,
    ...(drafts.length > 0 && { texts: Object.fromEntries(drafts.map(({ name, text }) => [name, text])) }),
    ...(environmentFile !== null && { environmentFile }),
    ...(release !== '' && { release }),
    variables: { ...variables },
    policy,
    attended: true,
    breakpoints: stores.get(createRunBreakpoints).breakpointsToStart(writtenProgram()),
    ...(how.startPaused && { startPaused: true }),
    ...(how.dryRun && { dryRun: true }),
  });
  if (refusal) {
    notify(refusal);
    return false;
  }
  // What was not run is not saved: a start that is refused or cancelled leaves the files as they were, and so does a dry run.
  if (!how.dryRun) for (const { path, text } of drafts) await stores.get(createSaving).saveRunText(path, text);
  return true;
}

/** Asks where the scenario gives dangerous commands and the environment's operator has not settled that yet. */
async function mayDoHarm(stores: Stores, environmentFile: string | null): Promise<boolean> {
  const { workspace, catalogue } = stores.get(createSession).getState();
  const program = stores.get(createScenarioBackground).writtenProgram();
  const environment = workspace?.environments.find(({ file }) => file === environmentFile)?.name ?? environmentFile ?? '';
  return program === null || stores.get(createHazardQuestion).confirmHazards(environment, hazardousCommands(program, catalogue));
}

/** Why nothing at all can be done to a run, where that has one reason; null: each control has its own. */
export function whyNothingCanBeDone(context: {
  readonly archived: boolean;
  readonly active: boolean;
  readonly control: boolean;
  /** What is known of a lost core, as a whole sentence; null: it is there. */
  readonly lost: string | null;
}): string | null {
  if (context.lost !== null) return context.lost;
  if (context.archived) return 'A run of the past is shown';
  return context.active && !context.control ? 'Another console has control of this run' : null;
}

/** Why there is nothing to start or to go on with, for whoever asks for it; null: something can be, or is under way. */
export function whyNothingStarts(
  { start: startable, go }: Pick<Possible, 'start' | 'go'>,
  context: {
    readonly archived: boolean;
    readonly starting: boolean;
    readonly active: boolean;
    readonly control: boolean;
    readonly lost: string | null;
  },
): Problem | null {
  if (startable || go || context.starting) return null;
  const told = (message: string, tip: string): Problem => ({ severity: 'information', code: 'nothing-to-start', message, tip });
  const why = whyNothingCanBeDone(context);
  if (context.lost !== null)
    return told(`${why}, so nothing can be started or gone on with.`, 'Press F5 again when the orange banner is gone.');
  if (context.archived) return told(`${why}, so nothing can be started.`, 'Return to live (Alt+L), and press F5 again.');
  if (context.active) return why === null ? null : told(`${why}.`, 'Take control of it in the bar above the run.');
  return told('No scenario is in front that could be started.', 'Open one in the files panel, and press F5 again.');
}

export function whyNothingStartsNow(stores: Stores): Problem | null {
  const { state, live, starting, archived, resuming } = stores.get(createRunSession).getState();
  const lost = lostCoreInWords(stores.get(createSession).getState().connection, resuming);
  const active = live && state.status !== 'finished';
  return whyNothingStarts(possibleNow(stores), {
    archived,
    starting,
    active,
    lost,
    control: hasControl(stores.get(createRunConsoles).getState()),
  });
}

/** Why nothing can be asked of the core; null: it is there, and so is what it says of the run. */
export function lostCoreInWords(connection: ConnectionState, resuming: boolean): string | null {
  if (connection.kind === 'lost') return `The core ${coreLossInWords(connection)}`;
  return resuming ? 'What became of the run is still being read' : null;
}

/** F5: starts, or goes on; or tells why it cannot. */
export async function startOrGo(stores: Stores): Promise<void> {
  const now = possibleNow(stores);
  if (now.go) return void (await stores.get(createRunSession).act({ kind: 'continue' }));
  if (now.start) return void (await start(stores));
  const why = whyNothingStartsNow(stores);
  if (why) stores.get(createSession).notify(why, { lifetime: 8_000 });
}

/** F6: pauses, or tries the failed step again. */
export async function pauseOrRetry(stores: Stores): Promise<void> {
  const { act } = stores.get(createRunSession);
  const now = possibleNow(stores);
  if (now.retry) await act({ kind: 'retry' });
  else if (now.pause) await act({ kind: 'pause' });
}

/** F10: executes one step; from nothing, starts paused before the first. */
export async function step(stores: Stores, kind: 'step' | 'step-over' | 'step-out'): Promise<void> {
  const now = possibleNow(stores);
  if (now.go) await stores.get(createRunSession).act({ kind });
  else if (now.start) await start(stores, { startPaused: true });
}

export async function stop(stores: Stores): Promise<void> {
  const runSession = stores.get(createRunSession);
  const { act } = runSession;
  if (runSession.getState().starting) stores.get(createStartWait).cancelStart();
  else if (possibleNow(stores).stop) await act({ kind: 'stop' });
}

export async function skip(stores: Stores): Promise<void> {
  if (possibleNow(stores).skip) await stores.get(createRunSession).act({ kind: 'skip' });
}

export function close(stores: Stores): void {
  const runSession = stores.get(createRunSession);
  const { returnToLive, closeRun } = runSession;
  if (!possibleNow(stores).close) return;
  if (runSession.getState().archived) returnToLive();
  else closeRun();
}
