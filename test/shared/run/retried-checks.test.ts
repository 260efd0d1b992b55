/** Which tries of a check count: what the records of retries, of going elsewhere and of loops are read as. */
import { describe, expect, test } from 'vitest';
import { JunitReport } from '#main/core/reports/open-formats/junit.ts';
import { answerConditions } from '#shared/run/questions/conditions.ts';
import { faultsOf } from '#shared/run/questions/faults.ts';
import { answerResults } from '#shared/run/questions/results.ts';
import { recordBodySchema, type RecordBody, type RunRecord } from '#shared/run/records.ts';
import { fold } from '#shared/run/run-state.ts';

const text = 'Gateway.outage < 2s';

function step(execution: number, line = 1, statement = `expect ${text}`) {
  return { execution, scenario: 'failover', line, number: line + 1, text: statement, depth: 0, phase: 'main' as const };
}

type State = Extract<RecordBody, { kind: 'step-finished' }>['state'];

/** One execution of the check, or of another statement. */
function execution(number: number, state: State, line?: number, statement?: string): RecordBody[] {
  const at = step(number, line, statement);
  const decided: RecordBody[] =
    at.text.startsWith('expect') && (state === 'passed' || state === 'failed')
      ? [
          {
            kind: 'condition',
            execution: number,
            condition: `failover:${at.line}`,
            form: 'expect',
            text,
            state: state === 'passed' ? 'met' : 'not met',
            values: { 'Gateway.outage': number },
          },
        ]
      : [];
  const message = state === 'passed' ? null : `${at.text} ${state}`;
  return [{ kind: 'step-started', step: at }, ...decided, { kind: 'step-finished', step: at, state, message, result: null, duration: 1 }];
}

const paused: RecordBody = { kind: 'paused', reason: 'failure', message: null, position: { scenario: 'failover', line: 1 } };
const resumed: RecordBody = { kind: 'resumed' };
const operator = (action: Extract<RecordBody, { kind: 'operator' }>['action']): RecordBody => ({
  kind: 'operator',
  operator: 'ada',
  action,
});
const retry: readonly RecordBody[] = [paused, operator({ kind: 'retry' }), resumed];

function recordsOf(bodies: readonly RecordBody[]): RunRecord[] {
  return bodies.map((body, index) => ({ ...recordBodySchema.parse(body), sequence: index + 1, time: 1_000 + index }));
}

function answers(...bodies: readonly RecordBody[]) {
  const records = recordsOf(bodies);
  const state = fold(records);
  const junit = new JunitReport();
  for (const record of records) junit.add(record);
  const { counters } = state;
  return {
    conditions: answerConditions(null, state, []),
    results: answerResults(state),
    checks: [counters.checksMet, counters.checksNotMet, counters.checksRetried],
    junit: junit.toXml(),
    state,
  };
}

describe('a check that was retried', () => {
  test('and is met now is met, and that it was not met before is told as history', () => {
    const { conditions, results, checks, junit } = answers(...execution(1, 'failed'), ...retry, ...execution(2, 'passed'));
    expect(conditions.conditions[0]).toMatchObject({ state: 'met', history: 'not met once, met on retry', execution: 2 });
    expect([conditions.met, conditions.notMet]).toEqual([1, 0]);
    expect(checks).toEqual([1, 0, 1]);
    expect(results.trouble).toEqual([]);
    expect(results.steps).toMatchObject({ passed: 1, failed: 0 });
    expect(results.retried.map((each) => [each.step.execution, each.replacedBy])).toEqual([[1, 2]]);
    expect(junit).not.toContain('<failure');
    expect(junit).toContain(`<skipped message="failed, then retried: expect Gateway.outage &lt; 2s failed"/>`);
  });

  test('and fails again is one failed check, not two', () => {
    const { conditions, results, checks } = answers(...execution(1, 'failed'), ...retry, ...execution(2, 'failed'));
    expect(conditions.conditions[0]).toMatchObject({ state: 'not met', history: 'retried once', execution: 2 });
    expect(checks).toEqual([0, 1, 1]);
    expect(results.trouble.map((each) => each.step.execution)).toEqual([2]);
  });

  test('and was met at the third try has two failed tries behind it', () => {
    const tries = [...execution(1, 'failed'), ...retry, ...execution(2, 'failed'), ...retry, ...execution(3, 'passed')];
    const { conditions, results, checks } = answers(...tries);
    expect(conditions.conditions[0]).toMatchObject({ state: 'met', history: 'not met twice, met on retry' });
    expect(checks).toEqual([1, 0, 2]);
    expect([results.trouble.length, results.retried.length]).toEqual([0, 2]);
  });

  test('by going to its own line is retried, too; going elsewhere leaves it failed', () => {
    const to = (line: number) => [paused, operator({ kind: 'goto', line }), resumed];
    expect(answers(...execution(1, 'failed'), ...to(1), ...execution(2, 'passed')).conditions.notMet).toBe(0);
    const elsewhere = answers(...execution(1, 'failed'), ...to(0), ...execution(2, 'passed', 0, 'echo again'), ...execution(3, 'passed'));
    expect(elsewhere.conditions.notMet).toBe(1);
    expect(elsewhere.results.trouble.map((each) => each.step.execution)).toEqual([1]);
  });

  test('stays failed when the operator goes on, skips it, or gives the retry up', () => {
    const ways = [
      [...execution(1, 'failed'), paused, operator({ kind: 'continue' }), resumed, ...execution(2, 'passed')],
      [...execution(1, 'failed'), paused, operator({ kind: 'skip' }), operator({ kind: 'continue' }), resumed, ...execution(2, 'passed')],
      [...execution(1, 'failed'), ...retry, ...execution(2, 'skipped')],
    ];
    for (const way of ways) {
      const { conditions, results, checks } = answers(...way);
      expect(conditions.conditions[0]?.state).toBe('not met');
      expect(checks[1]).toBe(1);
      expect(results.trouble.map((each) => each.step.execution)).toEqual([1]);
    }
  });

  test('on a line that an edit moved meanwhile is the same check', () => {
    const edited: RecordBody = {
      kind: 'edited',
      operator: 'ada',
      scenario: 'failover',
      line: 0,
      removed: [],
      added: ['// first', '// second'],
    };
    const moved = answers(...execution(1, 'failed'), paused, edited, ...retry.slice(1), ...execution(2, 'passed', 3));
    expect(moved.results.trouble).toEqual([]);
    expect(moved.conditions.notMet).toBe(0);
  });

  test('is left failed where a handler took the run elsewhere instead of the retry', () => {
    const fired: RecordBody = { kind: 'handler-fired', condition: 'failover:5', label: 'end' };
    const { results } = answers(...execution(1, 'failed'), ...retry, fired, ...execution(2, 'passed', 7, 'echo end'));
    expect(results.trouble.map((each) => each.step.execution)).toEqual([1]);
  });
});

describe('without a retry', () => {
  test('a round of a loop that was not met is not undone by a later round', () => {
    const { conditions, results, checks } = answers(...execution(1, 'passed'), ...execution(2, 'failed'), ...execution(3, 'passed'));
    expect(conditions.conditions[0]).toMatchObject({
      state: 'not met',
      history: 'not met once, met in another execution',
      execution: 2,
      values: { 'Gateway.outage': 2 },
    });
    expect(checks).toEqual([2, 1, 0]);
    expect(results.trouble.map((each) => each.step.execution)).toEqual([2]);
  });

  test('a retry in a later round makes good that round only', () => {
    const rounds = [...execution(1, 'failed'), ...execution(2, 'failed'), ...retry, ...execution(3, 'passed')];
    const { conditions, checks } = answers(...rounds);
    expect(conditions.conditions[0]).toMatchObject({ state: 'not met' });
    expect(checks).toEqual([1, 1, 1]);
  });

  test('a limit that was broken and is kept again was broken', () => {
    const limit = (state: 'met' | 'not met'): RecordBody => ({
      kind: 'condition',
      execution: null,
      condition: 'limit:Gateway.memory',
      form: 'limit',
      text: 'Gateway.memory < 1 GB',
      state,
      values: {},
    });
    const { conditions } = answers(limit('not met'), limit('met'));
    expect(conditions.conditions[0]).toMatchObject({ state: 'not met', history: 'not met once, kept again' });
  });
});

test('a command that failed and passed at the next try is no trouble; its fault is timed from the try that counts', () => {
  const kill = 'kill -9 Primary';
  const given = (number: number): RecordBody =>
    recordBodySchema.parse({
      kind: 'command-sent',
      execution: number,
      command: `command-${number}`,
      daemon: 'MEP',
      action: 'kill',
      arguments: ['-9', 'Primary'],
    });
  const { results, state } = answers(
    ...execution(1, 'failed', 1, kill).toSpliced(1, 0, given(1)),
    ...retry,
    ...execution(2, 'passed', 1, kill).toSpliced(1, 0, given(2)),
  );
  expect(results.trouble).toEqual([]);
  expect(faultsOf(state).map((fault) => fault.execution)).toEqual([2]);
});
