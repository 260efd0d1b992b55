/** The core is lost during a run, and comes back: what the page shows meanwhile, and what becomes of what is asked. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { serveContract } from '#main/core/contract/serving.ts';
import type { ContractPort } from '#shared/contract/transport/port.ts';
import type { RunId } from '#shared/identifiers.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { createLiveSession } from '../../../renderer/stores/live-session.ts';
import { createRunSession } from '../../../renderer/stores/run-session.ts';
import { createSession, passingLifetime } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { contractOverPort } from '../../../renderer/transport/core-connection.ts';
import { possibleNow, whyNothingStartsNow } from '../../../renderer/views/run/controls/run-commands.ts';

// There is no page: every frame is drawn at once.
vi.stubGlobal('requestAnimationFrame', (callback: () => void) => (callback(), 0));
vi.stubGlobal('cancelAnimationFrame', () => undefined);

const run = '20260101T000000Z-long-00ff' as RunId;
const step = { execution: 1, scenario: 'long', line: 1, number: 1, text: 'wait 600s', depth: 0, phase: 'main' };
const started = {
  kind: 'run-started',
  run,
  scenario: 'long',
  environment: 'demo',
  release: 'rc1',
  operator: 'alice',
  policy: 'pause',
  variables: {},
  mode: 'live',
  softwareVersion: '0',
};
const recordsOf = (...bodies: readonly object[]): readonly RunRecord[] =>
  bodies.map((body, index) => runRecordSchema.parse({ ...body, sequence: index + 1, time: 1_000 + index }));
const executed = recordsOf(started, { kind: 'step-started', step });
const interrupted = recordsOf(
  started,
  { kind: 'step-started', step },
  { kind: 'recovered', message: 'The core died during the run; nothing is owed.' },
  { kind: 'run-finished', outcome: 'interrupted', reason: 'The core died during the run.' },
);

/** One life of a core, behind the real contract: it answers once it is up, and gives the records that its log has. */
class Life {
  readonly asked: string[] = [];
  readonly port: ContractPort;
  private readonly far: ContractPort;
  private readonly tellPage: (message: unknown) => void;
  private readonly up = Promise.withResolvers<void>();

  constructor(log: readonly RunRecord[], ends: boolean) {
    const { port1, port2 } = new MessageChannel();
    this.port = contractOverPort(port1);
    this.far = contractOverPort(port2);
    this.tellPage = port2.postMessage.bind(port2);
    const core = {
      request: async (method: string) => {
        this.asked.push(method);
        await this.up.promise;
        return {};
      },
      listen: (stream: string, _request: unknown, listener: (item: unknown) => void | Promise<void>) => {
        const given = this.up.promise.then(async () => {
          for (const record of stream === 'run.records' ? log : []) await listener([record]);
        });
        return { ended: ends ? given : given.then(() => new Promise<void>(() => undefined)), close: () => undefined };
      },
    };
    serveContract(core as never, this.far);
  }

  answer(): void {
    this.up.resolve();
  }
  /** `coreEnd`: how it ended, where the shell saw that. */
  die(coreEnd?: string): void {
    if (coreEnd !== undefined) this.tellPage({ coreEnd });
    this.far.close();
  }
}

let lives: Life[] = [];
let stores: Stores;
let session: ReturnType<typeof createSession>;
let runSession: ReturnType<typeof createRunSession>;
let opened = 0;
const shown: string[] = [];
const rows: (readonly RunRecord[] | null)[] = [];

async function loseCoreInRun(next: Life, coreEnd?: string): Promise<void> {
  const first = new Life(executed, false);
  first.answer();
  lives = [first, next];
  opened = 0;
  stores.get(createLiveSession).startSession(() => {
    const life = lives[opened];
    if (!life) return Promise.reject(new Error('the core does not answer'));
    opened++;
    return Promise.resolve(life.port);
  });
  await vi.waitFor(() => expect(session.currentCore()).not.toBeNull());
  runSession.showRun(run, { scenarioFile: '/w/long.scn' });
  await vi.waitFor(() => expect(runSession.getState().state.sequence).toBe(2));
  runSession.subscribe(({ run: which, state }) => void shown.push(`${which} ${state.status}`));
  runSession.shownRecords.subscribe((records) => void rows.push(records));
  first.die(coreEnd);
  await vi.waitFor(() => expect(session.getState().connection.kind).toBe('lost'));
}

beforeEach(() => {
  shown.length = 0;
  rows.length = 0;
  stores = new Stores();
  session = stores.get(createSession);
  runSession = stores.get(createRunSession);
});
afterEach(() => stores.dispose());

describe('a core that is lost during a run', () => {
  test('leaves the run as it was known last, says that it is not live, and lets nothing be done', async () => {
    const next = new Life(interrupted, true);
    await loseCoreInRun(next);
    expect(runSession.getState()).toMatchObject({ run, live: true, resuming: true, scenarioFile: '/w/long.scn' });
    expect(runSession.getState().state).toMatchObject({ status: 'running', sequence: 2 });
    expect(Object.values(possibleNow(stores)).filter(Boolean)).toEqual([]);
    expect(whyNothingStartsNow(stores)?.message).toBe('The core is out of reach, so nothing can be started or gone on with.');

    // The host takes texts already, but its core does not answer yet.
    await vi.waitFor(() => expect(next.asked).toEqual(['core.information']));
    expect(session.getState().connection.kind).toBe('lost');
    expect(await runSession.act({ kind: 'stop' })).toBe(false);
    expect(session.getState().notices.at(-1)?.message).toContain('Nothing was done');

    next.answer();
    await vi.waitFor(() => expect(runSession.getState().ended).toBe(true));
    expect(runSession.getState()).toMatchObject({
      run,
      live: false,
      resuming: false,
      state: { status: 'finished', outcome: 'interrupted' },
    });
    expect(next.asked).not.toContain('run.act');
    expect(shown.filter((each) => each !== `${run} running` && each !== `${run} finished`)).toEqual([]);
    // The log's rows go on where they were.
    expect(rows.flat().map((record) => record?.sequence)).toEqual([3, 4]);
    expect(session.getState().notices.at(-1)).toMatchObject({
      code: 'run-interrupted',
      tip: 'Its log is kept, and it owes no undo command.',
      // It stands over the log's last lines, and asks for no decision.
      lifetime: passingLifetime,
    });
  });

  test('is told to have ended where that was seen, and what of the run was undone before', async () => {
    const undo = (number: number, text: string) => ({
      execution: number,
      scenario: 'long',
      line: number,
      number,
      text,
      depth: 0,
      phase: 'deferred',
    });
    const promised = (identifier: number, text: string) => ({
      kind: 'deferred',
      identifier,
      words: [text],
      text,
      scenario: 'long',
      line: identifier,
    });
    const ended = (number: number, text: string, state: string) => [
      { kind: 'step-started', step: { ...undo(number, text), deferred: number } },
      { kind: 'step-finished', step: { ...undo(number, text), deferred: number }, state, duration: 1, message: null, result: null },
    ];
    const log = recordsOf(
      started,
      { kind: 'step-started', step },
      ...['stop_load', 'unlock', 'thaw'].map((text, index) => promised(index + 2, text)),
      ...ended(4, 'thaw', 'passed'),
      ...ended(3, 'unlock', 'failed'),
    );
    const next = new Life(log, true);
    await loseCoreInRun(next, 'was ended by SIGKILL');
    expect(session.getState().connection).toMatchObject({ kind: 'lost', coreEnd: 'was ended by SIGKILL' });
    expect(whyNothingStartsNow(stores)?.message).toMatch(/^The core was ended by SIGKILL, so nothing/);
    next.answer();
    await vi.waitFor(() => expect(runSession.getState().ended).toBe(true));
    expect(session.getState().notices.at(-1)?.lifetime).toBeUndefined();
    expect(session.getState().notices.at(-1)?.tip).toBe(
      'Undone: thaw. Not undone: unlock. Its log is kept, and 1 undo command is still owed (stop_load): execute them in the archive.',
    );
  });

  test('and whose log holds less or something else is shown as the log has it, from its first record on', async () => {
    const next = new Life(interrupted.slice(0, 1), true);
    await loseCoreInRun(next);
    next.answer();
    await vi.waitFor(() => expect(runSession.getState().ended).toBe(true));
    expect(runSession.getState()).toMatchObject({ run, live: false, resuming: false, state: { status: 'running', sequence: 1 } });
    expect(rows.map((each) => each?.length ?? null)).toEqual([null, 1]);
    expect(runSession.getState().state.started?.scenario).toBe('long');
  });

  test('that is lost again before it answers stays lost, and the run stays', async () => {
    await loseCoreInRun(new Life([], true));
    const last = new Life(executed, false);
    lives.push(last);
    await vi.waitFor(() => expect(lives[1]?.asked).toHaveLength(1));
    lives[1]?.die();
    last.answer();
    await vi.waitFor(() => expect(session.getState().connection.kind).toBe('connected'), { timeout: 5_000 });
    await vi.waitFor(() => expect(runSession.getState().resuming).toBe(false));
    expect(runSession.getState()).toMatchObject({ run, live: true, state: { status: 'running', sequence: 2 } });
    expect(possibleNow(stores).stop).toBe(true);
    expect(opened).toBe(3);
    expect(shown.filter((each) => each !== `${run} running`)).toEqual([]);
  });
});
