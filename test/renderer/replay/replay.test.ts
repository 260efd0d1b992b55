/**
 * The replay of a run as its views have it: the shown state is that of the moment, whatever happens meanwhile. The page and the
 * core are stand-ins here; specs in a browser are in test/e2e-console/replay.test.ts.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { fold, itemsOf } from '#shared/run/run-state.ts';
import { createReplay } from '../../../renderer/stores/replay/replay.ts';
import { createRunSession } from '../../../renderer/stores/run-session.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';

// There is no page: frames are drawn when a test says so.
let frames: ((now: number) => void)[] = [];
let now = 1_000;
vi.stubGlobal('requestAnimationFrame', (callback: (time: number) => void) => frames.push(callback));
vi.stubGlobal('cancelAnimationFrame', () => (frames = []));
vi.stubGlobal('performance', { now: () => now });
function draw(milliseconds = 16): void {
  now += milliseconds;
  const due = frames;
  frames = [];
  for (const frame of due) frame(now);
}

let stores: Stores;
let runSession: ReturnType<typeof createRunSession>;
let replay: ReturnType<typeof createReplay>;

const run = '20261120T221735Z-failover-3f9a' as RunId;
const start = 1_000_000;

/** Ten steps of a second each; the fifth injects a fault. */
const records: readonly RunRecord[] = Array.from({ length: 10 }, (_, index) => {
  const step = { execution: index + 1, scenario: 'main', line: index, number: index, text: `step ${index}`, depth: 0, phase: 'main' };
  const at = (body: object, part: number): unknown => ({
    ...body,
    sequence: index * 3 + part + 1,
    time: start + index * 1_000 + part * 300,
  });
  const fault = { kind: 'command-sent', execution: 5, command: 'command-1', daemon: 'MEP', action: 'kill', arguments: ['X'] };
  return [
    at({ kind: 'step-started', step }, 0),
    at(index === 4 ? fault : { kind: 'variable', execution: null, name: 'n', value: String(index) }, 1),
    at({ kind: 'step-finished', step, state: 'passed', message: null, result: null, duration: 600 }, 2),
  ].map((record) => runRecordSchema.parse(record));
}).flat();

interface Listening {
  readonly from: number;
  give(records: readonly RunRecord[]): void;
  end(failure?: unknown): Promise<void>;
}
let listening: Listening[] = [];

function connect(): void {
  const core = {
    request: () => Promise.reject(new ProblemError({ code: 'none', message: 'Nothing is asked here.' })),
    listen: (_stream: string, request: { from: number }, listener: (items: readonly RunRecord[]) => void) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let closed = false;
      listening.push({
        from: request.from,
        give: (some) => void (closed || listener(some)),
        end: async (failure) => {
          if (failure === undefined) resolve();
          else reject(failure);
          await Promise.resolve();
          await Promise.resolve();
        },
      });
      return { ended: promise, close: () => (closed = true) };
    },
  };
  stores.get(createSession).setState({ connection: { kind: 'connected', core: core as never, generation: 1 } as never });
}

function shownSteps(): number {
  return itemsOf(runSession.getState().state.steps).length;
}

async function openWhole(): Promise<void> {
  runSession.showRun(run, { live: false });
  listening.at(-1)?.give(records);
  await listening.at(-1)?.end();
  draw();
}

beforeEach(() => {
  listening = [];
  frames = [];
  stores = new Stores();
  runSession = stores.get(createRunSession);
  replay = stores.get(createReplay);
  connect();
});
afterEach(() => stores.dispose());

describe('a run from the archive', () => {
  test('is shown as it ended, and as it was at any moment', async () => {
    await openWhole();
    expect(runSession.getState()).toMatchObject({ archived: true, live: false, read: true, ended: true, damage: null });
    for (const sequence of [30, 7, 19, 1, 28]) {
      replay.seekTo(sequence);
      expect(runSession.getState().state).toEqual(fold(records.slice(0, sequence)));
      expect(runSession.getState().ended).toBe(sequence === 30);
    }
    replay.seek(start + 4_299);
    expect(replay.getState()).toMatchObject({ cursor: start + 4_299, sequence: 13 });
    expect(replay.shownNow(0)).toBe(start + 4_299);
  });

  test('is stepped through, by steps and events, to its ends and no farther', async () => {
    await openWhole();
    replay.toStart();
    replay.stepBy('next');
    expect(replay.getState().sequence).toBe(4);
    replay.eventBy('next');
    expect(replay.getState().sequence).toBe(14);
    replay.eventBy('next');
    expect(replay.getState().sequence).toBe(14);
    replay.stepBy('previous');
    expect(replay.getState().sequence).toBe(13);
    replay.seek(0);
    expect(replay.getState().cursor).toBe(start);
    replay.seek(Number.MAX_SAFE_INTEGER);
    expect(replay.getState().sequence).toBe(30);
  });

  test('plays by the time of the frames, and stops at its end', async () => {
    await openWhole();
    replay.toStart();
    replay.setSpeed(10);
    replay.play();
    draw();
    for (let frame = 0; frame < 25; frame++) draw(20);
    expect(replay.getState().cursor).toBe(start + 25 * 20 * 10);
    expect(replay.getState().achieved).toBe(10);
    expect(shownSteps()).toBeGreaterThanOrEqual(5);
    for (let frame = 0; frame < 40; frame++) draw(20);
    expect(replay.getState()).toMatchObject({ playing: false, sequence: 30, achieved: null });
    expect(runSession.getState().ended).toBe(true);
    // From the end it begins again.
    replay.play();
    expect(replay.getState().sequence).toBe(1);
  });

  test('follows what is being read, until a moment is chosen', async () => {
    runSession.showRun(run, { live: false });
    listening[0]?.give(records.slice(0, 10));
    draw();
    expect([replay.getState().sequence, shownSteps()]).toEqual([10, 4]);
    replay.seekTo(4);
    listening[0]?.give(records.slice(10));
    draw();
    expect([replay.getState().sequence, replay.getState().end, shownSteps()]).toEqual([4, records.at(-1)?.time, 2]);
  });

  test('with a damaged log is shown as far as that is whole, and told as such', async () => {
    runSession.showRun(run, { live: false });
    listening[0]?.give(records.slice(0, 10));
    await listening[0]?.end(new ProblemError({ code: 'log-damaged', message: 'Line 11 is no record.' }));
    expect(runSession.getState()).toMatchObject({ read: true, ended: true, damage: 'Line 11 is no record.' });
    expect(replay.getState().sequence).toBe(10);
    expect(stores.get(createSession).getState().notices.at(-1)).toMatchObject({ code: 'log-damaged' });
  });

  test('goes on being read with the next core, without a record twice', async () => {
    runSession.showRun(run, { live: false });
    listening[0]?.give(records.slice(0, 10));
    await listening[0]?.end(new ProblemError({ code: 'core-gone', message: 'The core is gone.' }));
    replay.seekTo(3);
    expect(runSession.getState().read).toBe(false);
    runSession.resumeRun();
    expect(listening[1]?.from).toBe(11);
    listening[1]?.give(records.slice(8));
    await listening[1]?.end();
    replay.toEnd();
    expect(runSession.getState().state).toEqual(fold(records));
    runSession.resumeRun();
    expect(listening).toHaveLength(2);
  });

  test('that is replaced by another while it plays leaves nothing of it', async () => {
    await openWhole();
    replay.toStart();
    replay.play();
    draw();
    runSession.showRun('20261120T221735Z-failover-0000' as RunId, { live: false });
    expect(replay.getState()).toMatchObject({ playing: false, sequence: 0 });
    draw(500);
    expect(shownSteps()).toBe(0);
  });

  test('without a record can be opened, and is told to be empty', async () => {
    runSession.showRun(run, { live: false });
    await listening[0]?.end();
    replay.play();
    draw();
    draw();
    expect(replay.getState()).toMatchObject({ run, sequence: 0 });
    expect(shownSteps()).toBe(0);
  });
});

describe('returning to live', () => {
  test('leads back to the live run that was left, else to none', async () => {
    runSession.showRun(run, { scenarioFile: '/w/a.scn' });
    runSession.showRun('20261120T221735Z-failover-0000' as RunId, { live: false });
    expect(replay.isReplaying()).toBe(true);
    runSession.returnToLive();
    expect(runSession.getState()).toMatchObject({ run, live: true, scenarioFile: '/w/a.scn', archived: false });
    expect(replay.isReplaying()).toBe(false);
    runSession.closeRun();
    await openWhole();
    runSession.returnToLive();
    expect(runSession.getState().run).toBeNull();
  });
});
