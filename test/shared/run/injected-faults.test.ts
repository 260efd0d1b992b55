/** Which commands are faults: those that were carried out, wherever they are counted, marked or timed. */
import { describe, expect, test } from 'vitest';
import { faultsOf } from '#shared/run/questions/faults.ts';
import { recordBodySchema, type RunRecord } from '#shared/run/records.ts';
import { fold } from '#shared/run/run-state.ts';
import { Timeline } from '#shared/run/timeline.ts';

type Body = Record<string, unknown>;

const step = { execution: 1, scenario: 'main', line: 0, number: 1, text: 'kill -9 Engine', depth: 0, phase: 'main' };
const begun: Body = { kind: 'step-started', step };
const sent: Body = { kind: 'command-sent', execution: 1, command: 'command-1', daemon: 'MEP', action: 'kill', arguments: ['-9', 'Engine'] };
const ended = (state: string): Body => ({ kind: 'step-finished', step, state, message: null, result: null, duration: 3 });
const failed: Body = { kind: 'command-failed', command: 'command-1', execution: 1, message: 'MEP was lost.' };
const told = (event: Body): Body => ({
  kind: 'observation',
  daemon: 'MEP',
  epoch: '0123456789abcdef',
  number: 1,
  events: [{ time: 1, command: 'command-1', operator: 'ada', action: 'kill', arguments: ['-9', 'Engine'], ...event }],
});
const accepted = told({ kind: 'command-accepted' });
const refused = told({ kind: 'command-refused', code: 'not-allowed', reason: 'It is not allowed.' });
const outcome = (change: Body) => ({
  status: 'completed',
  exitStatus: 0,
  signal: null,
  success: true,
  result: '0',
  duration: 1,
  ...change,
});
const finished = (change: Body = {}): Body => ({ kind: 'command-finished', command: 'command-1', outcome: outcome(change) });
const observedEnd = (change: Body = {}): Body => told({ kind: 'command-finished', outcome: outcome(change) });
const notRunning = { success: false, exitStatus: 1, message: 'Engine is not running.' };
const end: Body = { kind: 'run-finished', outcome: 'failed', reason: 'it ended' };
const run: Body = {
  kind: 'run-started',
  run: '20260101T000000Z-main-00ff',
  scenario: 'main',
  environment: 'demo',
  release: 'rc2',
  operator: 'ada',
  policy: 'continue',
  variables: {},
  mode: 'live',
  softwareVersion: '0.1.0',
};

function recordsOf(bodies: readonly Body[]): RunRecord[] {
  return bodies.map((body, index) => ({ ...recordBodySchema.parse(body), sequence: index + 1, time: 1_000 + index }));
}

/** What the second question times, and what the strip of replay marks: never one without the other. */
function faults(...bodies: readonly Body[]) {
  const records = recordsOf(bodies);
  const timeline = new Timeline();
  timeline.add(records);
  const marked = Array.from({ length: timeline.count('fault') }, (_, place) => timeline.markAt('fault', place));
  const timed = faultsOf(fold(records));
  expect(marked).toHaveLength(timed.length);
  return { marked, timed };
}

const text = 'kill -9 Engine';

describe('a kill that was carried out is a fault', () => {
  test.each([
    ['its daemon answers', [begun, sent, finished()]],
    ['only its daemon tells the end', [begun, sent, accepted, observedEnd()]],
    ['its step passed, whatever else is missing', [begun, sent, ended('passed')]],
    ['its daemon was lost after it had accepted it', [begun, sent, accepted, failed, ended('error')]],
    ['what was accepted is told after the daemon was lost', [begun, sent, failed, ended('error'), accepted]],
    ['the run ended before more was known', [begun, sent, accepted, end]],
    ['it was called off while it went on', [begun, sent, finished({ success: false, status: 'cancelled' })]],
  ])('%s', (_, bodies) => {
    const { marked, timed } = faults(...bodies);
    expect(timed).toMatchObject([{ text, execution: 1 }]);
    // It stands where the command was given, though it is known later.
    expect(marked).toMatchObject([{ kind: 'fault', sequence: 2, label: text }]);
  });
});

describe('a kill that was not carried out is none', () => {
  test.each([
    ['while it is not known', [begun, sent]],
    ['nobody could do it', [begun, { ...failed, command: null }, ended('error')]],
    ['its daemon was lost before it was sent', [begun, sent, failed, ended('error'), end]],
    ['it was refused', [begun, sent, refused, failed, ended('error'), end]],
    ['the process was not there', [begun, sent, accepted, finished(notRunning), observedEnd(notRunning), ended('failed'), end]],
    ['it could not be started', [begun, sent, accepted, finished({ success: false, status: 'failed to start' }), ended('failed'), end]],
    ['the operator skipped it', [begun, ended('skipped'), end]],
    ['the run was dry', [{ ...run, mode: 'dry' }, begun, sent, finished(), ended('passed'), end]],
  ])('%s', (_, bodies) => {
    expect(faults(...bodies)).toEqual({ marked: [], timed: [] });
  });

  test('and does not end the stopwatch of the one before it', () => {
    const second = { ...step, execution: 2 };
    const wait = { ...step, execution: 3, text: 'wait Engine.STATE == READY within 5s' };
    const { timed } = faults(
      begun,
      sent,
      finished(),
      ended('passed'),
      { ...begun, step: second },
      { ...sent, execution: 2, command: 'command-2' },
      { ...failed, execution: 2, command: 'command-2' },
      { ...ended('error'), step: second },
      { ...begun, step: wait },
      { ...ended('passed'), step: wait, duration: 700 },
    );
    expect(timed).toMatchObject([{ execution: 1, condition: wait.text, recovered: 708 }]);
  });
});

test('marks stay in order when a fault is known after a later one', () => {
  const other = { ...sent, command: 'command-2', action: 'stop', arguments: ['Gateway'] };
  const timeline = new Timeline();
  timeline.add(recordsOf([begun, sent, other, { ...finished(), command: 'command-2' }, finished()]));
  expect([timeline.next(['fault'], 0)?.label, timeline.next(['fault'], 2)?.label]).toEqual([text, 'stop Gateway']);
});
