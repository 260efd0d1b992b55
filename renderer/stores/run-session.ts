/**
 * The run that the console shows: a live one that it started or joined, or a finished one from the archive. Folds the
 * run's records with the reducer that everyone shares; hands the raw records to whoever keeps rows of them (the log).
 * A finished run is a timeline, of which any moment can be shown in place of the last one (stores/replay moves it).
 */
import { createStore } from 'zustand/vanilla';
import { Emitter } from '#shared/disposable.ts';
import type { MethodRequest } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { OperatorAction, RunRecord } from '#shared/run/records.ts';
import { fold, foldRecord, initialRunState, owedCommands, type RunState } from '#shared/run/run-state.ts';
import { Timeline } from '#shared/run/timeline.ts';
import { createStartWait } from './start-wait.ts';
import { createSession, passingLifetime } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';
import { listed } from '#shared/wording/names.ts';
import { counted } from '#shared/wording/counts.ts';

export interface RunSessionState {
  readonly run: RunId | null;
  /** Path of the scenario file that the run was started from, where this console knows it. */
  readonly scenarioFile: string | null;
  readonly state: RunState;
  /** Whether records still come; false for a finished run that was opened from the archive. */
  readonly live: boolean;
  /** What is shown is the end of the log. A run that is not finished then was interrupted. */
  readonly ended: boolean;
  /** The log of a run from the archive was read, as far as it can be. */
  readonly read: boolean;
  /** Why the log could not be read to its end; null where it could. */
  readonly damage: string | null;
  /** The core was lost during the run: what is shown is what was known last, until the run was read anew. */
  readonly resuming: boolean;
  /** Opened from the archive: read-only, and nothing of it is live. */
  readonly archived: boolean;
  /** Executed steps per second over the last second, when there are many. */
  readonly rate: number;
  /** This console asked for a start, which has neither begun nor been refused yet. */
  readonly starting: boolean;
}

const empty: RunSessionState = {
  run: null,
  scenarioFile: null,
  state: initialRunState(),
  live: false,
  ended: false,
  read: false,
  damage: null,
  resuming: false,
  archived: false,
  rate: 0,
  starting: false,
};

/** ms; records that come so long after the last ones are shown at once, so that the highlight loses no frame. */
const frameTime = 15;

const noConnection: Problem = {
  severity: 'error',
  code: 'not-connected',
  message: 'Nothing was started: there is no connection to the core.',
  tip: 'Start it again when the core is back.',
};

const nothingDone: Problem = {
  severity: 'error',
  code: 'not-connected',
  message: 'Nothing was done: there is no connection to the core, and what is shown of the run is what was known last.',
  tip: 'Do it again when the run is live again.',
};

const startingAlready: Problem = {
  severity: 'information',
  code: 'start-waits',
  message: 'A start that was asked for is still waiting, so there was no second one.',
};

export function createRunSession(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore, notify } = session;
  const { followStart } = stores.get(createStartWait);

  const runSession = createStore<RunSessionState>(() => empty);

  /** Records of the shown run, in order; `null` when another run is shown and rows must be dropped. */
  const shownRecords = new Emitter<readonly RunRecord[] | null>();

  let listening: { close(): void } | undefined;
  /** Folded, but not shown yet: at most one state is shown per frame, however many records come. */
  let folded = initialRunState();
  let frame = 0;
  /** ms by the page's monotonic clock: when a state was shown last. */
  let shownAt = 0;
  let stepTimes: number[] = [];
  let timeline: Timeline | null = null;
  /** The shown run, read anew after its core was lost, until as much of it is there as was known. */
  let anew: { state: RunState; readonly records: RunRecord[] } | null = null;
  /** The record that was folded last. */
  let latest: RunRecord | null = null;
  /** Of the timeline: so many records are shown; null: all that were read. */
  let moment: number | null = null;

  /** The shown run's moments, when it is one from the archive. */
  function shownTimeline(): Timeline | null {
    return timeline;
  }

  /** Shows a run from the archive as it was after so many records; `null`: as it was at last. */
  function showMoment(sequence: number | null): void {
    moment = sequence;
    if (frame !== 0) cancelAnimationFrame(frame);
    show();
  }

  function show(): void {
    frame = 0;
    const now = performance.now();
    shownAt = now;
    if (timeline) {
      const { read } = runSession.getState();
      const state = moment === null ? timeline.latest : timeline.stateAt(moment);
      return runSession.setState({ state, ended: read && state.sequence === timeline.length });
    }
    stepTimes = stepTimes.filter((time) => now - time < 1_000);
    runSession.setState({ state: folded, rate: stepTimes.length });
  }

  function take(records: readonly RunRecord[]): void {
    if (timeline) return takeIntoTimeline(timeline, records);
    if (anew) return takeAnew(anew, records);
    for (const record of records) {
      folded = foldRecord(folded, record);
      if (record.kind === 'step-started') stepTimes.push(performance.now());
    }
    latest = records.at(-1) ?? latest;
    shownRecords.emit(records);
    showSoon();
  }

  function takeAnew(into: NonNullable<typeof anew>, records: readonly RunRecord[]): void {
    into.state = fold(records, into.state);
    into.records.push(...records);
    if (into.state.sequence >= folded.sequence) adoptAnew(into);
  }

  /** What was read anew takes the place of what was known. A log that tells what was known goes on; another one is told whole. */
  function adoptAnew({ state, records }: NonNullable<typeof anew>): void {
    const known = records.findIndex(({ sequence }) => sequence === latest?.sequence);
    const goesOn = known >= 0 && JSON.stringify(records[known]) === JSON.stringify(latest);
    anew = null;
    folded = state;
    latest = records.at(-1) ?? null;
    if (!goesOn) shownRecords.emit(null);
    const fresh = goesOn ? records.slice(known + 1) : records;
    if (fresh.length > 0) shownRecords.emit(fresh);
    runSession.setState({ resuming: false });
    show();
  }

  /** Records of a run of the past; those that came before a connection was lost are not given out again. */
  function takeIntoTimeline(into: Timeline, records: readonly RunRecord[]): void {
    const fresh = records.filter(({ sequence }) => sequence > into.length);
    into.add(fresh);
    if (fresh.length > 0) shownRecords.emit(fresh);
    if (moment === null) showSoon();
  }

  function showSoon(): void {
    if (frame !== 0) return;
    if (performance.now() - shownAt >= frameTime) show();
    else frame = requestAnimationFrame(show);
  }

  /** A live run that was left to look at one of the past: one comes back to it. */
  let leftLive: { readonly run: RunId; readonly scenarioFile: string | null } | null = null;

  /** Shows a run from its first record on; live records follow by themselves. */
  function showRun(run: RunId, options: { readonly scenarioFile?: string | null; readonly live?: boolean } = {}): void {
    const core = currentCore();
    if (!core) return;
    const live = options.live ?? true;
    const before = runSession.getState();
    if (live) leftLive = null;
    else if (before.live && before.run !== null) leftLive = { run: before.run, scenarioFile: before.scenarioFile };
    forget();
    timeline = live ? null : new Timeline();
    runSession.setState({ ...empty, run, scenarioFile: options.scenarioFile ?? null, state: folded, live, archived: !live });
    read(run);
  }

  /** Reads the log of the shown run, or what of it is not read yet. */
  function read(run: RunId): void {
    const core = currentCore();
    if (!core) return;
    const { live } = runSession.getState();
    const stream = core.listen('run.records', { run, from: (timeline?.length ?? 0) + 1 }, take);
    listening = stream;
    const ended = (damage: string | null): void => {
      if (listening !== stream) return;
      if (frame !== 0) cancelAnimationFrame(frame);
      if (anew) adoptAnew(anew);
      runSession.setState({ live: false, read: true, damage, ...(timeline ? {} : { ended: true }) });
      show();
      if (live && (folded.status !== 'finished' || folded.outcome === 'interrupted')) tellInterrupted(run);
    };
    stream.ended.then(
      () => ended(null),
      (failure: unknown) => {
        const problem = problemOf(failure);
        // When the connection is lost the run may well go on: it is listened to anew with the next connection.
        if (listening !== stream || problem.code === 'core-gone') return;
        if (timeline && timeline.length > 0) ended(problem.message);
        else runSession.setState({ live: false, resuming: false, ...(anew && { ended: true }) });
        anew = null;
        notify(problem);
      },
    );
  }

  /** The core is lost: a run that goes on stays as it was known last, and is said not to be live. */
  function suspendRun(): void {
    const { run, live, state } = runSession.getState();
    if (run !== null && live && state.status !== 'finished') runSession.setState({ resuming: true, rate: 0 });
  }

  /**
   * After a connection was lost: goes on reading a run of the past where it was cut off; a live one is read anew, and stays
   * as it was known last until as much of it is there again.
   */
  function resumeRun(): void {
    const { run, live, archived, read: complete } = runSession.getState();
    if (run === null || (archived ? complete : !live)) return;
    listening?.close();
    anew = archived ? null : { state: initialRunState(), records: [] };
    stepTimes = [];
    read(run);
  }

  /** The log ended before the run did: the core that executed it is gone. */
  function tellInterrupted(run: RunId): void {
    const { position } = folded;
    const place = position ? ` at line ${position.line + 1} of ${position.scenario}` : '';
    notify(
      {
        severity: 'error',
        code: 'run-interrupted',
        message: `The core ended during the run ${run}, so it was interrupted${place}.`,
        tip: [undoneInWords(folded), `Its log is kept, and ${owedInWords()}.`].filter(Boolean).join(' '),
      },
      {
        action: { title: 'Open the archive', perform: () => session.setState({ view: 'archive' }) },
        // Where nothing is to be decided the run's standing says the same, and the notice must not cover the log's last lines.
        ...(owedNow().length === 0 && { lifetime: passingLifetime }),
      },
    );
  }

  /** A dry run executed nothing, so there is nothing to undo. */
  function owedNow(): ReturnType<typeof owedCommands> {
    return folded.started?.mode === 'dry' ? [] : owedCommands(folded);
  }

  function owedInWords(): string {
    const owed = owedNow();
    if (owed.length === 0) return 'it owes no undo command';
    const texts = listed(owed.map(({ text }) => text));
    return `${counted(owed.length, 'undo command is', 'undo commands are')} still owed (${texts}): execute them in the archive`;
  }

  /** The run that is shown, when it is over (live or from the archive); null otherwise. */
  function finishedRun(
    { run, archived, state }: Pick<RunSessionState, 'run' | 'archived' | 'state'> = runSession.getState(),
  ): RunId | null {
    return archived || state.status === 'finished' ? run : null;
  }

  function forget(): void {
    listening?.close();
    listening = undefined;
    if (frame !== 0) cancelAnimationFrame(frame);
    frame = 0;
    timeline = null;
    anew = null;
    latest = null;
    moment = null;
    folded = initialRunState();
    stepTimes = [];
    shownRecords.emit(null);
  }

  function closeRun(): void {
    leftLive = null;
    forget();
    runSession.setState(empty);
  }

  /** Leaves the past: back to the live run that was left for it, or to no run where there was none. */
  function returnToLive(): void {
    if (leftLive) showRun(leftLive.run, { scenarioFile: leftLive.scenarioFile });
    else closeRun();
  }

  /** Starts a run and shows it. What came instead (errors of the scenario among them) is returned; no run began then. */
  async function startRun(request: MethodRequest<'run.start'>): Promise<Problem | null> {
    const core = currentCore();
    if (!core) return noConnection;
    if (runSession.getState().starting) return startingAlready;
    runSession.setState({ starting: true });
    const waiting = followStart(core);
    try {
      const { run } = await core.request('run.start', { ...request, start: waiting.name });
      const { cancelled } = waiting;
      showRun(run, { scenarioFile: request.scenarioFile });
      // It began at the very moment in which it was cancelled.
      if (cancelled()) await core.request('run.act', { run, action: { kind: 'stop' } }).catch(() => undefined);
      return null;
    } catch (failure) {
      return problemOf(failure);
    } finally {
      waiting.end();
      runSession.setState({ starting: false });
    }
  }

  /** Carries an operator's action out on the shown run; a refusal is shown as a notice. */
  async function act(action: OperatorAction): Promise<boolean> {
    const core = currentCore();
    const { run, resuming } = runSession.getState();
    if (!run) return false;
    if (!core || resuming) {
      notify(nothingDone);
      return false;
    }
    try {
      await core.request('run.act', { run, action });
      return true;
    } catch (failure) {
      notify(problemOf(failure));
      return false;
    }
  }

  stores.own(() => {
    listening?.close();
    if (frame !== 0) cancelAnimationFrame(frame);
  });

  return {
    ...runSession,
    shownRecords,
    shownTimeline,
    showMoment,
    showRun,
    suspendRun,
    resumeRun,
    finishedRun,
    closeRun,
    returnToLive,
    startRun,
    act,
  };
}

export const useRunSession = storeHook(createRunSession);

/** What became of the undo commands that were executed already; empty where none was. */
function undoneInWords({ deferred }: RunState): string {
  const texts = (...states: readonly string[]) => deferred.flatMap(({ state, text }) => (states.includes(state) ? [text] : []));
  const [undone, failed] = [texts('passed'), texts('failed', 'error', 'timed out', 'skipped')];
  const told = [undone.length > 0 && `Undone: ${listed(undone)}.`, failed.length > 0 && `Not undone: ${listed(failed)}.`];
  return told.filter(Boolean).join(' ');
}
