/**
 * Replay: which moment of a run of the past is shown, and moving it. The state of that moment is published as the shown
 * run's, so that every view of the run follows without knowing of replay; what counts time asks {@link shownNow}.
 */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import { eventKinds, type Mark, type MarkKind } from '#shared/run/timeline.ts';
import { createRunSession } from '../run-session.ts';
import { factorOf, PlayClock, speedBeside, type Speed } from './play-clock.ts';
import { storeHook } from '../context.ts';
import type { Stores } from '../stores.ts';

export interface ReplayState {
  /** The run that is replayed; null: what is shown is live, or nothing is. */
  readonly run: RunId | null;
  /** First and last moment of what was read of it, ms since 1970 in the core's clock. */
  readonly start: number;
  readonly end: number;
  /** The moment that is shown: its time, and the records that had come by then. */
  readonly cursor: number;
  readonly sequence: number;
  readonly playing: boolean;
  readonly speed: Speed;
  /** How fast it really plays; null while it does not. */
  readonly achieved: number | null;
  /** Changes when more of the run was read. */
  readonly version: number;
}

const idle: ReplayState = {
  run: null,
  start: 0,
  end: 0,
  cursor: 0,
  sequence: 0,
  playing: false,
  speed: 1,
  achieved: null,
  version: 0,
};

/** ms between two states that are shown while a replay plays: words that change faster cannot be read. The charts move with each frame. */
const statePace = 50;

export function createReplay(stores: Stores) {
  const runSession = stores.get(createRunSession);
  const { showMoment, shownTimeline, shownRecords } = runSession;

  const replay = createStore<ReplayState>(() => idle);

  const clock = new PlayClock();
  let frame = 0;
  /** The cursor goes along with what is being read, until somebody moves it. */
  let atEnd = true;

  function isReplaying(): boolean {
    return replay.getState().run !== null;
  }

  /** The time that it is in what the Run view shows, ms since 1970: the replay's, or else the given one. */
  function shownNow(otherwise: number): number {
    const { run, cursor } = replay.getState();
    return run === null ? otherwise : cursor;
  }
  let shownAt = 0;

  function place(cursor: number, sequence: number): void {
    const before = replay.getState();
    if (before.run === null || (before.cursor === cursor && before.sequence === sequence)) return;
    atEnd = false;
    if (before.sequence === sequence) return replay.setState({ cursor });
    shownAt = performance.now();
    replay.setState({ cursor, sequence });
    showMoment(sequence);
  }

  /** Shows the moment at a time. */
  function seek(time: number): void {
    const { start, end } = replay.getState();
    const cursor = Math.min(end, Math.max(start, time));
    place(cursor, shownTimeline()?.sequenceAt(cursor) ?? 0);
    clock.restart();
  }

  /** Shows the moment right after a record. */
  function seekTo(sequence: number): void {
    const timeline = shownTimeline();
    if (timeline && timeline.length > 0) place(timeline.timeOf(sequence), Math.min(timeline.length, Math.max(1, sequence)));
    clock.restart();
  }

  function toStart(): void {
    seekTo(1);
  }

  function toEnd(): void {
    seekTo(Number.MAX_SAFE_INTEGER);
  }

  /** Goes to the mark of these kinds that comes next, or came before; stays where there is none. */
  function goTo(direction: 'next' | 'previous', kinds: readonly MarkKind[]): Mark | null {
    const timeline = shownTimeline();
    const mark = timeline?.[direction](kinds, replay.getState().sequence) ?? null;
    if (mark) seekTo(mark.sequence);
    return mark;
  }

  function stepBy(direction: 'next' | 'previous'): void {
    if (goTo(direction, ['step'])) return;
    // Before the first step the run begins, after the last it ends.
    if (direction === 'next') toEnd();
    else toStart();
  }

  function eventBy(direction: 'next' | 'previous'): void {
    goTo(direction, eventKinds);
  }

  /** Plays from here on; from the start when the end is shown. */
  function play(): void {
    const { run, playing, cursor, end } = replay.getState();
    if (run === null || playing) return;
    if (cursor >= end) toStart();
    clock.restart();
    replay.setState({ playing: true, achieved: null });
    frame = requestAnimationFrame(turn);
  }

  function pause(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    const { playing, cursor } = replay.getState();
    if (!playing) return;
    replay.setState({ playing: false, achieved: null });
    place(cursor, shownTimeline()?.sequenceAt(cursor) ?? 0);
  }

  function togglePlay(): void {
    if (replay.getState().playing) pause();
    else play();
  }

  function setSpeed(speed: Speed): void {
    clock.restart();
    replay.setState({ speed, achieved: null });
  }

  function changeSpeed(by: number): void {
    setSpeed(speedBeside(replay.getState().speed, by));
  }

  function turn(now: number): void {
    const { playing, cursor, start, end, speed } = replay.getState();
    if (!playing) return;
    frame = requestAnimationFrame(turn);
    const next = Math.min(end, cursor + clock.advance(now, factorOf(speed, end - start)));
    const due = next >= end || performance.now() - shownAt >= statePace;
    place(next, due ? (shownTimeline()?.sequenceAt(next) ?? 0) : replay.getState().sequence);
    tellAchieved();
    if (next >= end && runSession.getState().read) pause();
  }

  /** Told in steps that can be read, not with every frame. */
  function tellAchieved(): void {
    const { achieved } = clock;
    const before = replay.getState().achieved;
    if (achieved === null) return;
    const digits = achieved < 10 ? 10 : 1;
    const coarse = Math.round(achieved * digits) / digits;
    if (coarse !== before) replay.setState({ achieved: coarse });
  }

  /** Takes in what was read of the run since the last time. */
  function takeExtent(): void {
    const timeline = shownTimeline();
    const { run, version, cursor, sequence } = replay.getState();
    if (run === null || !timeline || timeline.start === null || timeline.end === null) return;
    const { start, end, length } = timeline;
    replay.setState({
      start,
      end,
      version: version + 1,
      cursor: atEnd ? end : cursor,
      sequence: atEnd ? length : sequence,
    });
  }

  /** Follows the shown run; from the beginning on. */
  function followShownRun(): void {
    const follow = (): void => {
      const { run, archived } = runSession.getState();
      const wanted = archived ? run : null;
      if (wanted === replay.getState().run) return;
      begin(wanted);
    };
    runSession.subscribe(follow);
    shownRecords.subscribe((records) => {
      // Another run, or the same one opened anew.
      if (records === null) return begin(null);
      follow();
      takeExtent();
    });
    follow();
    takeExtent();
  }

  function begin(run: RunId | null): void {
    pause();
    atEnd = true;
    const { speed, version } = replay.getState();
    replay.setState({ ...idle, run, speed, version: version + 1 });
  }

  followShownRun();
  stores.own(() => {
    if (frame !== 0) cancelAnimationFrame(frame);
  });

  return {
    ...replay,
    isReplaying,
    shownNow,
    seek,
    seekTo,
    toStart,
    toEnd,
    goTo,
    stepBy,
    eventBy,
    play,
    pause,
    togglePlay,
    setSpeed,
    changeSpeed,
  };
}

export const useReplay = storeHook(createReplay);
