import { describe, expect, test } from 'vitest';
import { fold, initialRunState } from '#shared/run/run-state.ts';
import type { RecordBody } from '#shared/run/records.ts';
import { possible, whyNothingCanBeDone, whyNothingStarts } from '../../../renderer/views/run/controls/run-commands.ts';

const started: RecordBody = {
  kind: 'run-started',
  run: '20260101T000000Z-failover-00ff' as never,
  scenario: 'failover',
  environment: 'demo' as never,
  release: 'rc1',
  operator: 'alice',
  policy: 'pause',
  variables: {},
  mode: 'live',
  softwareVersion: '0',
};
const stateOf = (...bodies: readonly RecordBody[]) => fold(bodies.map((body, index) => ({ ...body, sequence: index + 1, time: index })));
const context = { live: true, scenario: true, starting: false, control: true };
const names = (what: ReturnType<typeof possible>) =>
  Object.entries(what)
    .filter(([, can]) => can)
    .map(([name]) => name);

describe('which controls are possible', () => {
  test('nothing without a scenario; start and step with one; a start under way can be stopped', () => {
    expect(names(possible(initialRunState(), { ...context, live: false, scenario: false }))).toEqual([]);
    expect(names(possible(initialRunState(), { ...context, live: false }))).toEqual(['start', 'step']);
    expect(names(possible(initialRunState(), { ...context, live: false, starting: true }))).toEqual(['stop']);
  });

  test('a running run is paused, skipped, stopped', () => {
    expect(names(possible(stateOf(started), context))).toEqual(['pause', 'skip', 'stop', 'note']);
  });

  test('a paused one goes on, steps; after a failure it can be retried', () => {
    const paused = stateOf(started, { kind: 'paused', reason: 'operator', message: null });
    expect(names(possible(paused, context))).toEqual(['go', 'step', 'skip', 'stop', 'note']);
    const failed = stateOf(started, { kind: 'paused', reason: 'failure', message: 'exit status 1' });
    expect(names(possible(failed, context))).toEqual(['go', 'retry', 'step', 'skip', 'stop', 'note']);
  });

  test('a finished run is closed, and the next can be started; a run from the archive is not acted upon', () => {
    const finished = stateOf(started, { kind: 'run-finished', outcome: 'passed', reason: '' });
    expect(names(possible(finished, context))).toEqual(['start', 'step', 'close']);
    expect(names(possible(stateOf(started), { ...context, live: false }))).toEqual(['start', 'step', 'close']);
  });

  test('a console without control watches, notes, and may leave', () => {
    const watching = { ...context, control: false };
    expect(names(possible(stateOf(started), watching))).toEqual(['note', 'close']);
    expect(names(possible(stateOf(started, { kind: 'paused', reason: 'failure', message: 'x' }), watching))).toEqual(['note', 'close']);
  });

  test('nothing is started while the first record of a run is still to come', () => {
    expect(names(possible(initialRunState(), context))).toEqual([]);
  });
});

test('F5 tells why there is nothing to start', () => {
  const nothing = { start: false, go: false };
  const idle = { archived: false, starting: false, active: false, control: true, lost: null };
  expect(whyNothingStarts(nothing, idle)?.message).toBe('No scenario is in front that could be started.');
  expect(whyNothingStarts(nothing, { ...idle, archived: true })?.message).toContain('A run of the past is shown');
  expect(whyNothingStarts(nothing, { ...idle, active: true, control: false })?.message).toContain('Another console');
  // A run goes on, or begins: the key is pressed once too often.
  expect(whyNothingStarts(nothing, { ...idle, active: true })).toBeNull();
  expect(whyNothingStarts(nothing, { ...idle, starting: true })).toBeNull();
  expect(whyNothingStarts({ start: true, go: false }, idle)).toBeNull();
});

test('a control that cannot be used says why, where all have one reason', () => {
  const idle = { archived: false, active: true, control: true, lost: null };
  expect(whyNothingCanBeDone(idle)).toBeNull();
  expect(whyNothingCanBeDone({ ...idle, control: false })).toBe('Another console has control of this run');
  expect(whyNothingCanBeDone({ ...idle, active: false, control: false })).toBeNull();
  expect(whyNothingCanBeDone({ ...idle, archived: true })).toBe('A run of the past is shown');
  // What is lost is told before what follows from it.
  expect(whyNothingCanBeDone({ ...idle, control: false, lost: 'The core is out of reach' })).toBe('The core is out of reach');
});
