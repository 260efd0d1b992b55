/**
 * The log of what is shown: rows of the run, or of the environment's events while no run is shown; and the filter over
 * them. Rows are taken in as they come; the view is told at most once per frame. In a replay the log ends with the moment
 * that is shown: later rows are there, but not shown.
 */
import { createStore } from 'zustand/vanilla';
import { compileText, FilterScan, letsAllThrough, noFilter, type LogFilter } from './log-rows-filter.ts';
import { RowMaker } from './log-rows-records.ts';
import { LogRows } from './log-rows.ts';
import { createReplay } from './replay/replay.ts';
import { createTelemetryEvents } from './telemetry-events.ts';
import { followShownRecords } from './telemetry-records.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

interface LogState {
  /** Changes whenever rows or matches did. */
  readonly version: number;
  readonly filter: LogFilter;
  /** What is wrong with the filter's pattern; null when nothing is. */
  readonly patternProblem: string | null;
  /** Events that a slow console did not get. */
  readonly missed: number;
  /** Whether the view follows the newest row. */
  readonly following: boolean;
}

/** ms of a frame that filtering may take. */
const sliceOfFrame = 6;

export function createLog(stores: Stores) {
  const replay = stores.get(createReplay);
  const { isReplaying } = replay;
  const { followEnvironmentEvents } = stores.get(createTelemetryEvents);

  const log = createStore<LogState>(() => ({ version: 0, filter: noFilter, patternProblem: null, missed: 0, following: true }));

  const logRows = new LogRows();
  /** Sequence of the record that rows are made of. */
  let sequence = 0;
  const maker = new RowMaker((row) => logRows.append(row, sequence));
  /** Number after the last row that had come by the moment that a replay shows; infinite while nothing is replayed. */
  let bound = Number.POSITIVE_INFINITY;
  let scan: FilterScan | null = null;
  let frame = 0;

  /** Shows what came, and filters it, in the next frame; as often as it takes. */
  function refreshSoon(): void {
    if (frame === 0) frame = requestAnimationFrame(refresh);
  }

  function refresh(): void {
    frame = 0;
    scan?.advance(now, now() + sliceOfFrame);
    log.setState(({ version }) => ({ version: version + 1 }));
    if (scan && !scan.complete) refreshSoon();
  }

  /** Number after the last row that may be shown: in a replay later ones are of the future. */
  function shownEnd(): number {
    return Math.min(logRows.end, bound);
  }

  /** Rows that are shown. */
  function shownCount(): number {
    if (bound >= logRows.end) return scan ? scan.count : logRows.count;
    return scan ? scan.placeOf(bound) : Math.max(0, bound - logRows.first);
  }

  function takeMoment(): void {
    const before = bound;
    bound = isReplaying() ? logRows.endOfRecord(replay.getState().sequence) : Number.POSITIVE_INFINITY;
    if (bound !== before) refreshSoon();
  }

  /** Number of the row at a place among the shown ones. */
  function numberAt(place: number): number {
    return scan ? scan.numberAt(place) : logRows.first + place;
  }

  /** Place of a row among the shown ones; of the next shown one where it is filtered out. */
  function placeOf(number: number): number {
    return scan ? scan.placeOf(number) : Math.max(0, number - logRows.first);
  }

  /** Share of the rows that the filter has looked at, 0 to 1. */
  function filterProgress(): number {
    return scan ? scan.progress : 1;
  }

  /** Filters anew. A pattern that cannot be used leaves the rows as they were, and is told. */
  function setFilter(change: Partial<LogFilter>): void {
    const filter = { ...log.getState().filter, ...change };
    const compiled = compileText(filter.text, filter.isPattern);
    if ('problem' in compiled) return log.setState({ filter, patternProblem: compiled.problem });
    scan = letsAllThrough(filter) ? null : new FilterScan(logRows, filter, compiled.test);
    log.setState({ filter, patternProblem: null });
    refreshSoon();
  }

  function setFollowing(following: boolean): void {
    if (log.getState().following !== following) log.setState({ following });
  }

  /** Number of the first row at or after a time; rows are in order but for small differences between clocks. */
  function firstRowAt(time: number): number {
    let [low, high] = [logRows.first, shownEnd()];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (logRows.timeOf(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function clear(): void {
    logRows.clear();
    maker.reset();
    sequence = 0;
    const { filter } = log.getState();
    const compiled = compileText(filter.text, filter.isPattern);
    scan = letsAllThrough(filter) || 'problem' in compiled ? null : new FilterScan(logRows, filter, compiled.test);
    log.setState({ missed: 0, following: true });
    refreshSoon();
  }

  /** Follows the shown run and the environment; from the beginning on. */
  function follow(): void {
    followShownRecords(stores, (records) => {
      if (records === null) return clear();
      for (const record of records) {
        ({ sequence } = record);
        maker.take(record);
      }
      takeMoment();
      refreshSoon();
    });
    replay.subscribe((state, before) => {
      if (state.sequence !== before.sequence || state.run !== before.run) takeMoment();
    });
    followEnvironmentEvents((item) => {
      if (item === null) return clear();
      sequence = 0;
      for (const { daemon, event } of item.events) maker.takeEvent(daemon, event);
      if (item.missed > 0) log.setState(({ missed }) => ({ missed: missed + item.missed }));
      refreshSoon();
    });
  }

  follow();
  stores.own(() => {
    if (frame !== 0) cancelAnimationFrame(frame);
  });

  return { ...log, logRows, shownEnd, shownCount, numberAt, placeOf, filterProgress, setFilter, setFollowing, firstRowAt };
}

export const useLog = storeHook(createLog);

function now(): number {
  return performance.now();
}
