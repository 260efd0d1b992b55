/** The timeline: the state at any moment is the fold of the records up to it, forwards and backwards, in bounded memory. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { fold, initialRunState } from '#shared/run/run-state.ts';
import { eventKinds, Timeline } from '#shared/run/timeline.ts';

const start = Date.UTC(2026, 10, 20);

/** A record after another: its body, and how many ms later (or earlier: clocks are set). */
type Draft = { readonly body: Record<string, unknown>; readonly later: number };

function recordsOf(drafts: readonly Draft[]): RunRecord[] {
  let time = start;
  return drafts.map(({ body, later }, index) => runRecordSchema.parse({ ...body, sequence: index + 1, time: (time += later) }));
}

const step = (execution: number) => ({
  execution,
  scenario: execution % 3 === 0 ? 'inner' : 'main',
  line: execution,
  number: execution,
  text: `step ${execution}`,
  depth: execution % 3 === 0 ? 1 : 0,
  phase: 'main',
});
const log = (severity: string, text: string) => ({
  kind: 'log',
  time: start,
  component: 'Engine',
  file: '/var/log/engine.log',
  severity,
  event: null,
  text,
  fields: { order: '12' },
});
const observation = (...events: unknown[]) => ({ kind: 'observation', daemon: 'MEP', epoch: '0123456789abcdef', number: 1, events });
const crash = { kind: 'component-crashed', time: start, component: 'Engine', pid: 12, exitStatus: null, signal: 'KILL' };
const changed = (state: string) => ({ kind: 'state', time: start, component: 'Engine', state, previous: null });

const execution = fc.integer({ min: 1, max: 12 });
const word = fc.constantFrom('a', 'b', 'c', 'd');
const events = fc.oneof(
  fc.constantFrom('debug', 'info', 'warning', 'error', 'fatal').map((severity) => log(severity, 'a line')),
  fc.constant(crash),
  word.map((state) => changed(state.toUpperCase())),
  fc.constant({ kind: 'series-declared', time: start, series: [] }),
  word.map((text) => ({ kind: 'command-output', time: start, command: 'command-1', stream: 'stdout', text })),
);
const body = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constant(log('info', 'quiet')), { maxLength: 4 }).map((lines) => observation(...lines)) },
  { weight: 3, arbitrary: fc.array(events, { maxLength: 4 }).map((some) => observation(...some)) },
  { weight: 3, arbitrary: execution.map((each) => ({ kind: 'step-started', step: step(each) })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(execution, fc.constantFrom('passed', 'failed', 'error', 'timed out', 'skipped'))
      .map(([each, state]) => ({ kind: 'step-finished', step: step(each), state, message: null, result: null, duration: 3 })),
  },
  { weight: 2, arbitrary: fc.tuple(word, word).map(([name, value]) => ({ kind: 'variable', execution: null, name, value })) },
  fc.constant({ kind: 'paused', reason: 'operator', message: null }),
  fc.constant({ kind: 'resumed' }),
  word.map((text) => ({ kind: 'note', execution: null, text, author: 'ann' })),
  word.map((text) => ({ kind: 'edited', operator: 'ann', scenario: 'main', line: 1, removed: ['x'], added: [text] })),
  fc.constant({ kind: 'presence', daemon: 'MEP', state: 'lost', epoch: null, clockOffset: null }),
);
const drafts = (maximum: number) => fc.array(fc.record({ body, later: fc.integer({ min: -30, max: 100 }) }), { maxLength: maximum });

describe('the state at a moment', () => {
  test('is the fold of the records up to it, in whatever order moments are asked for', () => {
    fc.assert(
      fc.property(drafts(60), fc.array(fc.integer({ min: -2, max: 62 }), { maxLength: 20 }), (some, moments) => {
        const records = recordsOf(some);
        const timeline = new Timeline();
        timeline.add(records);
        for (const moment of moments) expect(timeline.stateAt(moment)).toEqual(fold(records.slice(0, Math.max(0, moment))));
        expect(timeline.latest).toEqual(fold(records));
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
  });

  test('is so across kept states, also when every other one was let go', () => {
    fc.assert(
      fc.property(drafts(40), fc.infiniteStream(fc.nat()), (some, numbers) => {
        const pattern = some.length === 0 ? [{ body: { kind: 'resumed' }, later: 1 }] : some;
        const records = recordsOf(Array.from({ length: 2_000 }, (_, index) => pattern[index % pattern.length] as Draft));
        const timeline = new Timeline({ spacing: 8, checkpoints: 16 });
        // As it is read: in pieces, some of them once more.
        for (let from = 0; from < records.length; from += 300) timeline.add(records.slice(Math.max(0, from - 50), from + 300));
        expect(timeline.length).toBe(records.length);
        for (const number of numbers.take(5)) {
          const moment = number % (records.length + 1);
          expect(timeline.stateAt(moment)).toEqual(fold(records.slice(0, moment)));
          expect(timeline.stateAt(moment - 1)).toEqual(fold(records.slice(0, Math.max(0, moment - 1))));
        }
      }),
      { seed: 20_261_122, numRuns: 12 },
    );
  });

  test('of a run without records is that of a run of which nothing is known', () => {
    const timeline = new Timeline();
    expect(timeline.stateAt(5)).toEqual(initialRunState());
    expect([timeline.start, timeline.end, timeline.stepAt(1), timeline.next(['step'], 0)]).toEqual([null, null, null, null]);
  });
});

describe('time', () => {
  test('never goes back, and finds the last record that had come', () => {
    fc.assert(
      fc.property(drafts(60), fc.integer({ min: -100, max: 5_000 }), (some, offset) => {
        const records = recordsOf(some);
        const timeline = new Timeline();
        timeline.add(records);
        const time = start + offset;
        const latest = records.map((_, index) => Math.max(...records.slice(0, index + 1).map((record) => record.time)));
        expect(timeline.sequenceAt(time)).toBe(latest.filter((each) => each <= time).length);
        for (const [index, expected] of latest.entries()) expect(timeline.timeOf(index + 1)).toBe(expected);
      }),
      { seed: 20_261_123, numRuns: 100 },
    );
  });
});

describe('marks', () => {
  const bodies = [
    { kind: 'step-started', step: step(1) },
    { kind: 'command-sent', execution: 1, command: 'command-1', daemon: 'MEP', action: 'kill', arguments: ['-9', 'Engine'] },
    observation(log('info', 'fine'), crash),
    { kind: 'step-finished', step: step(1), state: 'passed', message: null, result: null, duration: 3 },
    { kind: 'step-started', step: step(2) },
    observation(log('error', 'order lost'), changed('READY')),
    { kind: 'step-finished', step: step(2), state: 'failed', message: 'no answer', result: null, duration: 3 },
    { kind: 'note', execution: null, text: 'look here', author: 'ann' },
    { kind: 'paused', reason: 'failure', message: null },
    { kind: 'run-finished', outcome: 'failed', reason: 'a check failed' },
  ];
  const timeline = new Timeline();
  timeline.add(recordsOf(bodies.map((each) => ({ body: each, later: 10 }))));

  test('are found forwards and backwards, and say what they are', () => {
    const forwards = [];
    for (let mark = timeline.next(eventKinds, 0); mark; mark = timeline.next(eventKinds, mark.sequence)) forwards.push(mark);
    expect(forwards.map(({ sequence, kind, label }) => `${sequence} ${kind}: ${label}`)).toEqual([
      '2 fault: kill -9 Engine',
      '3 crash: Engine crashed',
      '6 error: Engine: order lost',
      '7 error: step 2: no answer',
      '8 note: look here',
      '9 pause: paused (failure)',
      '10 end: run failed',
    ]);
    const backwards = [];
    for (let mark = timeline.previous(eventKinds, 11); mark; mark = timeline.previous(eventKinds, mark.sequence)) backwards.push(mark);
    expect(backwards.map(({ sequence }) => sequence)).toEqual([10, 9, 8, 7, 6, 3, 2]);
    expect(timeline.previous(['step'], 5)?.sequence).toBe(1);
    expect(timeline.count('state')).toBe(1);
    expect(timeline.markAt('state', 0)?.label).toBe('Engine READY');
  });

  test('steps are stretches with their end', () => {
    expect(timeline.step(1)).toMatchObject({ begin: 5, end: 7, state: 'failed', from: start + 50, to: start + 70 });
    expect(timeline.stepAt(4)?.index).toBe(0);
    expect(timeline.stepAt(0)).toBeNull();
    expect(timeline.step(2)).toBeNull();
  });
});

describe('a long log', () => {
  test('of 300,000 lines can be looked at anywhere', () => {
    const lines = { ...observation(log('info', 'x'), log('debug', 'y')), daemon: 'MEP' };
    const timeline = new Timeline();
    const count = 300_000;
    const batch: RunRecord[] = [];
    const [sample] = recordsOf([{ body: lines, later: 1 }]);
    for (let sequence = 1; sequence <= count; sequence++) batch.push({ ...(sample as RunRecord), sequence, time: start + sequence });
    timeline.add(batch);
    for (const moment of [299_999, 123_456, 1]) {
      const state = timeline.stateAt(moment);
      expect([state.sequence, state.time, state.counters.logLines]).toEqual([moment, start + moment, 2 * moment]);
    }
  });
});
