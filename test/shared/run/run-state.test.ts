/** The reducer over a run's records: what it knows after them, that it is total, and that it keeps up. */
import { describe, expect, test } from 'vitest';
import {
  entriesOf,
  fold,
  foldRecord,
  formatTrace,
  initialRunState,
  itemsOf,
  owedCommands,
  traceOf,
  valueOf,
} from '#shared/run/run-state.ts';
import { kept } from '#shared/run/run-model.ts';
import { start, recordsOf, step, started, finished, runStarted, observation } from './built-records.ts';

describe('steps', () => {
  test('lists each execution, with the commands that it gave', () => {
    const command = { kind: 'command-sent', execution: 1, command: 'command-1', daemon: 'MEP', action: 'kill', arguments: ['-9'] };
    const state = fold(recordsOf(runStarted, started(step(1)), command, finished(step(1), 'failed'), started(step(2))));
    expect(itemsOf(state.steps).map((entry) => [entry.step.number, entry.state, entry.duration, entry.commands])).toEqual([
      [0, 'failed', 5, ['command-1']],
      [1, 'running', null, []],
    ]);
    expect(state.position).toEqual({ scenario: 'main', line: 1, depth: 0, execution: 2 });
    expect(entriesOf(state.commands).map(([name]) => name)).toEqual(['command-1']);
    expect(state.status).toBe('running');
  });

  test('knows the calls that lead to the position', () => {
    const inner = step(2, { scenario: 'inner', depth: 1, line: 7 });
    const state = fold(recordsOf(started(step(1, { line: 4 })), started(inner)));
    expect(state.callStack.map(({ scenario, line }) => `${scenario}:${line}`)).toEqual(['main:4', 'inner:7']);
    expect(foldRecord(state, recordsOf(started(step(3)))[0]!).callStack.length).toBe(1);
  });

  test('shows the trace in the numbered form', () => {
    const undo = step(3, { phase: 'deferred', number: 0, text: 'defer stop_load' });
    const state = fold(
      recordsOf(started(step(1)), finished(step(1)), started(step(2, { depth: 1 })), finished(step(2, { depth: 1 })), started(undo)),
    );
    expect(formatTrace(traceOf(state))).toEqual(['0 step0', '  1 step1', '0 defer stop_load (undo)']);
  });

  test('takes a step whose start it has not seen', () => {
    const state = fold(recordsOf(finished(step(9))));
    expect(itemsOf(state.steps)[0]).toMatchObject({ state: 'passed', startedAt: start - 5 });
  });

  test('keeps the latest steps and counts all', () => {
    const many = kept.steps + 500;
    let state = initialRunState();
    for (let execution = 1; execution <= many; execution += 1) {
      for (const record of recordsOf(started(step(execution)), finished(step(execution)))) state = foldRecord(state, record);
    }
    expect(state.counters.steps).toBe(many);
    const steps = itemsOf(state.steps);
    expect(steps.length).toBeLessThan(kept.steps + 65);
    expect(steps.at(-1)).toMatchObject({ state: 'passed', step: { execution: many } });
  });
});

describe('undo commands', () => {
  const promise = (identifier: number) => ({
    kind: 'deferred',
    identifier,
    words: ['undo', `${identifier}`],
    text: 'defer undo',
    scenario: 'main',
    line: 3,
  });
  const keeping = (execution: number, deferred?: number) =>
    step(execution, { line: 3, phase: 'deferred', ...(deferred === undefined ? {} : { deferred }) });

  test('are owed until they have ended, and flagged when they had begun', () => {
    const state = fold(
      recordsOf(promise(1), promise(2), promise(3), started(keeping(8, 3)), finished(keeping(8, 3), 'failed'), started(keeping(9, 2))),
    );
    expect(owedCommands(state).map(({ identifier, state: owed }) => [identifier, owed])).toEqual([
      [1, 'promised'],
      [2, 'started'],
    ]);
    expect(state.deferred[2]?.state).toBe('failed');
  });

  test('are told apart by their order where a step does not name its promise', () => {
    const state = fold(recordsOf(promise(1), promise(2), started(keeping(8)), finished(keeping(8)), started(keeping(9))));
    expect(state.deferred.map((deferred) => deferred.state)).toEqual(['started', 'passed']);
  });

  test('stay owed when the core died while one ran', () => {
    const state = fold(recordsOf(promise(1), started(keeping(2, 1)), { kind: 'recovered', message: 'again' }));
    expect(owedCommands(state)).toMatchObject([{ identifier: 1, state: 'started' }]);
    expect(itemsOf(state.steps)[0]).toMatchObject({ state: 'error' });
    expect(state.running).toBeNull();
  });
});

describe('the rest', () => {
  test('follows variables, conditions and checks', () => {
    const condition = { kind: 'condition', execution: 1, condition: 'main:0', form: 'expect', text: 'x == 1', values: { x: 1 } };
    const state = fold(
      recordsOf(
        runStarted,
        { kind: 'variable', execution: null, name: 'x', value: '1' },
        { ...condition, state: 'pending' },
        { ...condition, state: 'met' },
        { ...condition, condition: 'main:1', state: 'not met' },
      ),
    );
    expect(entriesOf(state.variables)).toEqual([
      ['host', 'a'],
      ['x', '1'],
    ]);
    expect(entriesOf(state.conditions).map(([name, { state: latest }]) => [name, latest])).toEqual([
      ['main:0', 'met'],
      ['main:1', 'not met'],
    ]);
    expect(state.counters).toMatchObject({ checksMet: 1, checksNotMet: 1 });
  });

  test('follows components through states, crashes and errors', () => {
    const time = start;
    const component = 'MatchingEnginePrimary';
    const log = {
      kind: 'log',
      time: time + 4,
      component,
      file: 'a.log',
      severity: 'error',
      event: null,
      text: 'lost the peer',
      fields: {},
    };
    const state = fold(
      recordsOf(
        observation(
          { kind: 'component-started', time, component, pid: 7 },
          { kind: 'state', time: time + 2, component, state: 'READY', previous: null },
        ),
        observation(log),
        observation({ kind: 'component-crashed', time: time + 5, component, pid: 7, exitStatus: null, signal: 'KILL' }),
      ),
    );
    expect(valueOf(state.components, component)).toEqual({
      daemon: 'MEP',
      state: 'CRASHED',
      pid: null,
      since: time + 5,
      crashes: 1,
      errors: 1,
      lastError: { time: time + 5, text: 'MatchingEnginePrimary crashed (signal KILL)' },
    });
    expect(state.counters).toMatchObject({ crashes: 1, logLines: 1, events: 4, observations: 3 });
  });

  test('forgets commands when they have ended, whoever says so', () => {
    const sent = (command: string) => ({ kind: 'command-sent', execution: 1, command, daemon: 'MEP', action: 'a', arguments: [] });
    const outcome = { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1 };
    const state = fold(
      recordsOf(
        sent('command-1'),
        sent('command-2'),
        sent('command-3'),
        sent('command-4'),
        { kind: 'command-finished', command: 'command-1', outcome },
        { kind: 'command-failed', command: 'command-2', execution: 1, message: 'no' },
        observation({ kind: 'command-finished', time: start, command: 'command-3', outcome }),
      ),
    );
    expect(entriesOf(state.commands).map(([name]) => name)).toEqual(['command-4']);
    expect(state.commands.size).toBe(1);
    expect(state.counters.commands).toBe(4);
  });

  test('follows pauses, prompts and what the operator does', () => {
    const action = (of: unknown) => ({ kind: 'operator', operator: 'ann', action: of });
    const paused = fold(
      recordsOf(runStarted, started(step(1)), finished(step(1)), { kind: 'paused', reason: 'failure', message: 'no luck' }),
    );
    expect(paused).toMatchObject({ status: 'paused', paused: { reason: 'failure', message: 'no luck' } });
    const moved = fold(recordsOf(action({ kind: 'goto', line: 9 })), paused);
    expect(moved.position).toMatchObject({ line: 9, execution: null });
    const asked = fold(
      recordsOf({ kind: 'resumed' }, { kind: 'prompt', reference: 4, question: 'Go?', choices: [], fallback: null }),
      moved,
    );
    expect(asked).toMatchObject({ status: 'running', paused: null, prompt: { reference: 4, question: 'Go?' } });
    expect(fold(recordsOf(action({ kind: 'answer', reference: 3, answer: 'no' })), asked).prompt).not.toBeNull();
    expect(fold(recordsOf(action({ kind: 'answer', reference: 4, answer: 'yes' })), asked).prompt).toBeNull();
    expect(moved.counters.interventions).toBe(1);
  });

  test('stands where a pause says that it goes on, before anything was executed there', () => {
    const pause = (line: number, scenario = 'failover') => ({
      kind: 'paused',
      reason: 'step',
      message: null,
      position: { scenario, line },
    });
    expect(fold(recordsOf(runStarted, pause(3))).position).toEqual({ scenario: 'failover', line: 3, depth: 0, execution: null });
    const failed = fold(recordsOf(runStarted, started(step(1)), finished(step(1), 'failed')));
    const { scenario, line } = step(1);
    expect(fold(recordsOf(pause(line, scenario)), failed).position).toEqual(failed.position);
    const called = fold(recordsOf(pause(0, 'called')), failed);
    expect(called.position).toEqual({ scenario: 'called', line: 0, depth: 1, execution: null });
    expect(called.callStack).toHaveLength(2);
  });

  test('asks no longer when the step that asked is over', () => {
    const prompt = { kind: 'prompt', reference: 4, question: 'Go?', choices: [], fallback: null };
    expect(fold(recordsOf(started(step(1)), prompt, finished(step(1), 'skipped'))).prompt).toBeNull();
  });

  test('knows nothing of the commands that were under way when the core died', () => {
    const sent = { kind: 'command-sent', execution: 1, command: 'command-1', daemon: 'MEP', action: 'a', arguments: [] };
    const paused = { kind: 'paused', reason: 'operator', message: null };
    const state = fold(recordsOf(runStarted, started(step(1)), sent, paused, { kind: 'recovered', message: 'again' }));
    expect(state).toMatchObject({ status: 'running', paused: null, commands: { size: 0 }, counters: { recoveries: 1 } });
  });

  test('knows which records are missing', () => {
    const gap = (from: number, to: number, state: string) => ({
      kind: 'gap',
      daemon: 'MEP',
      epoch: '0123456789abcdef',
      from,
      to,
      state,
      reason: 'lag',
    });
    const state = fold(
      recordsOf(gap(10, 20, 'open'), gap(30, 31, 'open'), gap(12, 14, 'filled'), gap(18, 20, 'lost'), gap(30, 31, 'filled')),
    );
    expect(state.gaps.map(({ from, to }) => [from, to])).toEqual([
      [10, 11],
      [15, 17],
    ]);
    expect(state.counters).toMatchObject({ recordsFilled: 5, recordsLost: 3 });
  });

  test('ends with the outcome', () => {
    const state = fold(
      recordsOf(
        runStarted,
        { kind: 'paused', reason: 'step', message: null },
        { kind: 'run-finished', outcome: 'stopped', reason: 'enough' },
      ),
    );
    expect(state).toMatchObject({ status: 'finished', outcome: 'stopped', reason: 'enough', paused: null, finishedAt: start + 2_000 });
  });

  test('keeps hostile names as plain names', () => {
    const state = fold(
      recordsOf(
        { kind: 'variable', execution: null, name: '__proto__', value: 'x' },
        { kind: 'variable', execution: null, name: 'constructor', value: 'y' },
      ),
    );
    expect(entriesOf(state.variables)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});

describe('names without end', () => {
  test('are kept up to a limit, and counted beyond it', () => {
    let state = initialRunState();
    for (let index = 0; index < kept.names + 10; index += 1) {
      state = fold(recordsOf({ kind: 'variable', execution: null, name: `v${index}`, value: 'x' }), state);
    }
    state = fold(recordsOf({ kind: 'variable', execution: null, name: 'v5', value: 'changed' }), state);
    expect(state.variables.size).toBe(kept.names);
    expect(state.namesOmitted).toBe(10);
    expect(valueOf(state.variables, 'v5')).toBe('changed');
    expect(valueOf(state.variables, `v${kept.names}`)).toBeUndefined();
  });
});
