/**
 * A second run beside the replayed one, always at the same place of the same step. It is read as the first one is; its state,
 * its log and its points are those of its own moment, and nothing of it is mixed into the first run's views.
 */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { initialRunState, type RunState } from '#shared/run/run-state.ts';
import { Silences } from '#shared/run/silences.ts';
import { Timeline } from '#shared/run/timeline.ts';
import { RowMaker } from '../log-rows-records.ts';
import { LogRows, type LogRow } from '../log-rows.ts';
import { createRunSession } from '../run-session.ts';
import { createSession } from '../session.ts';
import type { PointTiles } from './point-tiles.ts';
import { openTiles } from './replay-points.ts';
import { createReplay } from './replay.ts';
import { StepMoments, type OtherMoment } from './step-moments.ts';
import { storeHook } from '../context.ts';
import type { Stores } from '../stores.ts';

export interface BesideState {
  /** The run that stands beside the replayed one; null: none does. */
  readonly run: RunId | null;
  /** Its log was read. */
  readonly read: boolean;
  /** Which moment of it is shown; null until both runs are known. */
  readonly moment: OtherMoment | null;
  /** Its state at that moment. */
  readonly state: RunState;
  /** Changes when the steps of one of the runs did. */
  readonly version: number;
}

const none: BesideState = { run: null, read: false, moment: null, state: initialRunState(), version: 0 };

export function createBeside(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);
  const { shownTimeline } = stores.get(createRunSession);
  const replay = stores.get(createReplay);

  const beside = createStore<BesideState>(() => none);

  let timeline = new Timeline();
  const silences = new Silences();
  const rows = new LogRows();
  let sequence = 0;
  const maker = new RowMaker((row) => rows.append(row, sequence));
  let moments: StepMoments | null = null;
  /** What `moments` was made of: records of either run. */
  let aligned = '';
  let listening: { close(): void } | undefined;
  let tiles: PointTiles | null = null;
  let alignSoon: ReturnType<typeof setTimeout> | undefined;

  /** The second run's moments. */
  function besideTimeline(): Timeline {
    return timeline;
  }

  /** How the steps of both runs lie beside each other; null until both are known. */
  function stepMoments(): StepMoments | null {
    return moments;
  }

  /** The last rows of the second run's log at its moment. */
  function besideRows(count: number): readonly LogRow[] {
    const end = rows.endOfRecord(beside.getState().moment?.sequence ?? 0);
    const found: LogRow[] = [];
    for (let number = Math.max(rows.first, end - count); number < end; number++) {
      const row = rows.row(number);
      if (row) found.push(row);
    }
    return found;
  }

  /** Points of the second run; null while there is none. */
  function besidePoints(): PointTiles | null {
    return tiles;
  }

  /** When daemons of the second run were not heard. */
  function besideSilences(): Silences {
    return silences;
  }

  /** Shows a run beside the replayed one; `changed` is told when there are new points of it. */
  function showBeside(run: RunId, changed: () => void): void {
    closeBeside();
    const core = currentCore();
    if (!core) return;
    beside.setState({ ...none, run });
    tiles = openTiles(stores, run, changed);
    const stream = core.listen('run.records', { run, from: 1 }, take);
    listening = stream;
    const ended = (failure: unknown): void => {
      if (listening !== stream) return;
      if (failure !== undefined) notifyUnlessLost(failure);
      beside.setState({ read: true });
      align();
    };
    stream.ended.then(() => ended(undefined), ended);
  }

  function closeBeside(): void {
    listening?.close();
    listening = undefined;
    tiles?.dispose();
    tiles = null;
    timeline = new Timeline();
    silences.clear();
    rows.clear();
    maker.reset();
    moments = null;
    aligned = '';
    clearTimeout(alignSoon);
    alignSoon = undefined;
    if (beside.getState().run !== null) beside.setState(none);
  }

  function take(records: readonly RunRecord[]): void {
    timeline.add(records);
    for (const record of records) {
      ({ sequence } = record);
      silences.take(record);
      maker.take(record);
    }
    // While it is read, steps are aligned now and then.
    alignSoon ??= setTimeout(align, 250);
  }

  function align(): void {
    clearTimeout(alignSoon);
    alignSoon = undefined;
    const own = shownTimeline();
    if (!own || beside.getState().run === null) return;
    const present = `${own.length} ${timeline.length}`;
    if (present === aligned) return;
    aligned = present;
    moments = new StepMoments(own, timeline);
    beside.setState((state) => ({ version: state.version + 1 }));
    follow();
  }

  /** Follows the replayed run's moment. */
  function follow(): void {
    if (!moments) return;
    const { cursor, sequence: own } = replay.getState();
    const moment = moments.moment(cursor, own);
    const before = beside.getState().moment;
    const state = before?.sequence === moment.sequence ? beside.getState().state : timeline.stateAt(moment.sequence);
    beside.setState({ moment, state });
  }

  replay.subscribe((state, before) => {
    if (beside.getState().run === null) return;
    if (state.run !== before.run) return closeBeside();
    if (state.version !== before.version) alignSoon ??= setTimeout(align, 250);
    if (state.cursor !== before.cursor || state.sequence !== before.sequence) follow();
  });

  stores.own(closeBeside);

  return { ...beside, besideTimeline, stepMoments, besideRows, besidePoints, besideSilences, showBeside, closeBeside };
}

export const useBeside = storeHook(createBeside);
