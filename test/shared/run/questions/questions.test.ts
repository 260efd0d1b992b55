import { describe, expect, test } from 'vitest';
import type { PastRun } from '#shared/contract/history.ts';
import type { CommandId, DaemonName, RunId } from '#shared/identifiers.ts';
import { answerConditions } from '#shared/run/questions/conditions.ts';
import { faultsOf } from '#shared/run/questions/faults.ts';
import { answerPrevious, median, standIns } from '#shared/run/questions/previous.ts';
import { answerResults } from '#shared/run/questions/results.ts';
import { recordBodySchema, type RecordBody } from '#shared/run/records.ts';
import { fold, initialRunState } from '#shared/run/run-state.ts';
import { linkProgram } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';

const text = `start_load
kill -9 Primary
expect crash of Primary within 500ms
wait Secondary.STATE == READY within 15s
if #{smoke} == PASS then expect Gateway.outage < 2s else goto end
on error from Gateway goto end
label end
`;
const { program } = linkProgram('failover', (name) => (name === 'failover' ? parseScenario(name, text) : undefined));

function stateOf(...bodies: readonly RecordBody[]) {
  return fold(bodies.map((body, index) => ({ ...recordBodySchema.parse(body), sequence: index + 1, time: 1_000 + index })));
}

const step = (execution: number, line: number, statement: string) => ({
  execution,
  scenario: 'failover',
  line,
  number: line,
  text: statement,
  depth: 0,
  phase: 'main' as const,
});
const started: RecordBody = {
  kind: 'run-started',
  run: '20260101T000000Z-failover-00ff' as RunId,
  scenario: 'failover',
  environment: 'demo' as never,
  release: 'rc2',
  operator: 'alice',
  policy: 'abort',
  variables: {},
  mode: 'live',
  softwareVersion: '0.1.0',
};

function past(release: string, outcome: PastRun['outcome'], duration: number, recovered: number | null): PastRun {
  return {
    run: `20250101T00000${duration % 10}Z-failover-0${duration}` as RunId,
    release,
    outcome,
    startedAt: 0,
    duration: 1_000,
    steps: [{ line: 1, number: 1, text: 'kill -9 Primary', occurrence: 0, state: 'passed', duration }],
    conditions: [{ condition: 'failover:9', form: 'expect', text: 'Gateway.STATE == READY', state: 'met' }],
    metrics: [],
    faults: [{ text: 'kill -9 Primary', recovered }],
  };
}

describe('am I checking all the conditions?', () => {
  test('before a run, every condition of the scenario is there and was never evaluated', () => {
    const answer = answerConditions(program, initialRunState(), []);
    expect(answer.conditions.map((each) => [each.condition, each.form, each.state])).toEqual([
      ['failover:2', 'expect', 'never evaluated'],
      ['failover:3', 'wait', 'never evaluated'],
      ['failover:4', 'if', 'never evaluated'],
      ['failover:4:then', 'expect', 'never evaluated'],
      ['failover:5', 'on', 'never evaluated'],
    ]);
    expect(answer.coverage).toBe(0);
  });

  test('during a run, each has its latest state, and limits stand beside them', () => {
    const told = (condition: string, form: 'expect' | 'wait' | 'limit', state: 'met' | 'not met' | 'pending'): RecordBody => ({
      kind: 'condition',
      execution: 3,
      condition,
      form,
      text: condition,
      state,
      values: {},
    });
    const state = stateOf(
      started,
      told('failover:2', 'expect', 'pending'),
      told('failover:2', 'expect', 'met'),
      told('failover:3', 'wait', 'not met'),
      told('limit:System.memory', 'limit', 'met'),
    );
    const answer = answerConditions(program, state, []);
    expect(answer).toMatchObject({ evaluated: 3, met: 2, notMet: 1, pending: 0, coverage: 50 });
    expect(answer.conditions.at(-1)).toMatchObject({ form: 'limit', line: null });
  });

  test('what earlier runs checked and the scenario has no more is told', () => {
    const answer = answerConditions(program, initialRunState(), [past('rc1', 'passed', 1, null), past('rc1', 'passed', 2, null)]);
    expect(answer.gone).toEqual([{ text: 'Gateway.STATE == READY', form: 'expect', runs: 2, lastRelease: 'rc1' }]);
  });

  test('what was judged after the last sign of life of its daemon is met, and in doubt', () => {
    const presence = (state: 'present' | 'lost', lastSign: number) =>
      recordBodySchema.parse({ kind: 'presence', daemon: 'MEP', state, epoch: null, clockOffset: 0, lastSign, components: ['Primary'] });
    const limit: RecordBody = {
      kind: 'condition',
      execution: null,
      condition: 'limit:rss',
      form: 'limit',
      text: 'Primary.rss < 1GB',
      state: 'met',
      values: { 'Primary.rss': 5 },
    };
    const judged = (...bodies: readonly RecordBody[]) => answerConditions(program, stateOf(started, ...bodies), []);
    const doubted = judged(limit, presence('lost', 1_000));
    expect(doubted.conditions.at(-1)?.doubt).toMatch(/^judged on an old value: MEP was heard last at /);
    expect(doubted).toMatchObject({ met: 1, doubted: 1 });
    // It was heard after the judgement; and what is judged again when it is back is certain.
    expect(judged(limit, presence('lost', 1_002)).doubted).toBe(0);
    expect(judged(limit, presence('lost', 1_000), presence('present', 1_000), limit).doubted).toBe(0);
  });

  test('what waits for a lost daemon cannot be judged now, and what waited in vain could not be', () => {
    const silent: RecordBody = {
      kind: 'presence',
      daemon: 'MEP' as DaemonName,
      state: 'lost',
      epoch: null,
      clockOffset: null,
      lastSign: 900,
      components: ['Primary', 'Secondary'] as never[],
    };
    const waited: RecordBody = {
      kind: 'condition',
      execution: 3,
      condition: 'failover:3',
      form: 'wait',
      text: 'Secondary.STATE == READY',
      state: 'pending',
      values: { 'Secondary.STATE': null },
      lost: 'Secondary.STATE is not known: the daemon MEP is lost, silent since 12:00:03.2',
    };
    const answer = answerConditions(program, stateOf(started, silent, waited), []);
    expect(answer.conditions.map(({ condition, obstacle }) => [condition, obstacle])).toEqual([
      ['failover:2', 'cannot be judged now: MEP is lost'],
      ['failover:3', `could not be judged: ${waited.lost}`],
      ['failover:4', null],
      ['failover:4:then', null],
      ['failover:5', null],
    ]);
    expect(answer).toMatchObject({ evaluated: 0, notMet: 0, unjudged: 2 });
    const ended = answerConditions(program, stateOf(started, silent, { kind: 'run-finished', outcome: 'stopped', reason: '' }), []);
    expect(ended.conditions[0]?.obstacle).toBe('never judged: MEP was lost at the end');
    const back = answerConditions(program, stateOf(started, silent, { ...silent, state: 'present' }), []);
    expect(back.unjudged).toBe(0);
  });

  test('a scenario without conditions has no coverage', () => {
    const { program: bare } = linkProgram('bare', (name) => parseScenario(name, 'echo hello\n'));
    expect(answerConditions(bare, initialRunState(), []).coverage).toBeNull();
  });
});

const failover = (waited: 'passed' | 'timed out' | null): RecordBody[] => [
  started,
  { kind: 'step-started', step: step(1, 1, 'kill -9 Primary') },
  {
    kind: 'command-sent',
    execution: 1,
    command: 'command-1' as CommandId,
    daemon: 'MEP' as DaemonName,
    action: 'kill',
    arguments: ['-9', 'Primary'],
  },
  { kind: 'step-finished', step: step(1, 1, 'kill -9 Primary'), state: 'passed', message: null, result: '0', duration: 1 },
  { kind: 'step-started', step: step(2, 2, 'expect crash of Primary within 500ms') },
  {
    kind: 'step-finished',
    step: step(2, 2, 'expect crash of Primary within 500ms'),
    state: 'passed',
    message: null,
    result: null,
    duration: 20,
  },
  { kind: 'step-started', step: step(3, 3, 'wait Secondary.STATE == READY within 15s') },
  ...(waited === null
    ? []
    : [
        {
          kind: 'step-finished' as const,
          step: step(3, 3, 'wait Secondary.STATE == READY within 15s'),
          state: waited,
          message: null,
          result: null,
          duration: 700,
        },
      ]),
];

describe('am I taking into account all the essential results?', () => {
  test('the stopwatch runs from the kill to the recovered condition, not to the noticed crash', () => {
    const [fault] = faultsOf(stateOf(...failover('passed')));
    // Started at 1001, the wait began at 1006 and took 700 ms.
    expect(fault).toMatchObject({
      text: 'kill -9 Primary',
      recovered: 705,
      lost: false,
      condition: 'wait Secondary.STATE == READY within 15s',
    });
    expect(faultsOf(stateOf(...failover(null)))[0]).toMatchObject({ recovered: null, lost: false });
    expect(faultsOf(stateOf(...failover('timed out')))[0]).toMatchObject({ recovered: null, lost: true });
  });

  test('components in trouble come first, and what is uncertain is told', () => {
    const events = [
      { kind: 'state' as const, time: 1_002, component: 'Gateway' as never, state: 'READY', previous: null },
      { kind: 'component-crashed' as const, time: 1_003, component: 'Primary' as never, pid: 4, exitStatus: null, signal: 'KILL' },
    ];
    const answer = answerResults(
      stateOf(
        ...failover('timed out'),
        { kind: 'observation', daemon: 'MEP' as never, epoch: '0'.repeat(16) as never, number: 1, events },
        { kind: 'gap', daemon: 'MEP' as never, epoch: '0'.repeat(16) as never, from: 2, to: 4, state: 'lost', reason: 'aged' },
        { kind: 'run-finished', outcome: 'failed', reason: 'a wait timed out' },
      ),
    );
    expect(answer.verdict).toBe('failed');
    expect(answer.steps).toMatchObject({ passed: 2, 'timed out': 1 });
    expect(answer.trouble.map((each) => each.step.execution)).toEqual([3]);
    expect(answer.components.map((each) => each.component)).toEqual(['Primary', 'Gateway']);
    expect(answer.doubts).toEqual(['3 records of daemons were lost.']);
  });
});

describe('how did the system behave with the previous release candidate?', () => {
  test('the median of none, of an odd and of an even number', () => {
    expect(median([])).toBeNull();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  test('runs of the release before this one, the passed ones where there are any', () => {
    const history = [
      past('rc2', 'passed', 1, null),
      past('rc1', 'failed', 2, null),
      past('rc1', 'passed', 3, null),
      past('rc0', 'passed', 4, null),
    ];
    expect(standIns('rc2', history).map((each) => each.steps[0]?.duration)).toEqual([3]);
    expect(standIns('rc1', history).map((each) => each.release)).toEqual(['rc2']);
  });

  test('accepted runs before all others, as Compare has chosen them, its own release among them; never the run itself', () => {
    const history = [past('rc2', 'passed', 1, null), past('rc1', 'passed', 2, null)];
    const own = { ...past('rc2', 'passed', 3, null), run: started.run };
    const baseline = { release: 'rc2', reason: 'why these', runs: [own, past('rc2', 'passed', 5, null)] };
    const answer = answerPrevious(stateOf(started), history, baseline);
    expect(answer).toMatchObject({ kind: 'compared', release: 'rc2', accepted: true, reason: 'why these', runs: [baseline.runs[1]] });
  });

  test('where none is accepted, that is said', () => {
    expect(answerPrevious(stateOf(started), [past('rc1', 'passed', 2, null)], null)).toMatchObject({
      accepted: false,
      reason: '1 run of rc1, the other release that was run last; no run like this one is accepted',
    });
  });

  test('a run that is not started yet has a release too: its own runs are not those of another one', () => {
    const history = [past('rc1', 'passed', 2, null), past('rc1', 'passed', 3, null)];
    expect(answerPrevious(initialRunState(), history, null, 'rc1')).toEqual({
      kind: 'no comparable run',
      reason: 'All earlier runs of this scenario were of the same release (rc1), and none of them is accepted.',
    });
    const reason = (toBe: string | null) => (answerPrevious(initialRunState(), history, null, toBe) as { reason: string }).reason;
    expect(reason('rc2')).toContain('2 runs of rc1, the other release that was run last');
    expect(reason(null)).toContain('2 runs of rc1, the release that was run last');
  });

  test('key metrics of the whole run, once it is over, beside the median of the earlier ones', () => {
    const metrics = (mean: number | null) => [{ name: 'Primary.rss', unit: 'bytes' as const, mean, maximum: mean }];
    const own = { ...past('rc2', 'passed', 1, null), run: started.run, metrics: metrics(90) };
    const history = [own, ...[40, 60, null].map((mean) => ({ ...past('rc1', 'passed', 1, null), metrics: metrics(mean) }))];
    const over = answerPrevious(stateOf(...failover('passed'), { kind: 'run-finished', outcome: 'passed', reason: '' }), history, null);
    expect(over).toMatchObject({ metrics: [{ name: 'Primary.rss', unit: 'bytes', now: 90, before: 50 }] });
    expect(answerPrevious(stateOf(started), history, null)).toMatchObject({ metrics: [] });
  });

  test('without a comparable run it says so', () => {
    expect(answerPrevious(stateOf(started), [], null)).toMatchObject({
      kind: 'no comparable run',
      reason: 'This scenario was not run before.',
    });
    expect(answerPrevious(stateOf(started), [past('rc2', 'passed', 1, null)], null)).toMatchObject({ kind: 'no comparable run' });
  });

  test('steps and faults are set beside their medians', () => {
    const answer = answerPrevious(stateOf(...failover('passed')), [past('rc1', 'passed', 10, 300), past('rc1', 'passed', 30, 500)], null);
    expect(answer).toMatchObject({ kind: 'compared', release: 'rc1', outcomes: { passed: 2 } });
    if (answer.kind !== 'compared') throw new Error('not compared');
    expect(answer.steps[0]).toMatchObject({ text: 'kill -9 Primary', duration: 1, before: 20, runs: 2, usual: 'passed' });
    expect(answer.steps[1]).toMatchObject({ before: null, runs: 0, usual: null });
    expect(answer.faults).toEqual([{ text: 'kill -9 Primary', recovered: 705, before: 400 }]);
  });
});
