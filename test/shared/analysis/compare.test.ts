/** What a comparison says, against known truth: plain facts first, then runs drawn from known distributions. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differingConditions, likenessOf } from '#shared/analysis/conditions.ts';
import { comparisonSchema, type Comparison } from '#shared/analysis/comparison.ts';
import type { LogTemplate, MetricTable, RunProfile } from '#shared/analysis/profile.ts';
import { Chance, compared, noMetrics, profileOf, simulatedRun, stepsOf, type Change, type Shape } from './simulated-runs.ts';

const texts = ['start_load', 'kill -9 Engine', 'expect Engine.STATE == READY', 'stop_load'];
const plain = (index: number, more: Partial<RunProfile> = {}): RunProfile =>
  profileOf({ index, metrics: noMetrics, steps: stepsOf(texts), release: index < 100 ? 'rc1' : 'rc2', ...more });
/** Like every run of the baseline, with a few ms of difference. */
const many = (count: number, more: (index: number) => Partial<RunProfile> = () => ({})): RunProfile[] =>
  Array.from({ length: count }, (_, index) => plain(index, { duration: 40_000 + index * 7, ...more(index) }));
const sentences = ({ findings }: Comparison): string[] => findings.map(({ sentence }) => sentence);
const confirmed = ({ findings }: Comparison): string[] => findings.filter(({ status }) => status === 'confirmed').map(({ id }) => id);

describe('verdict', () => {
  test('without a difference there is no change', () => {
    const comparison = compared(plain(100, { duration: 40_020 }), many(10));
    expect(comparison).toMatchObject({ verdict: 'no change', findings: [] });
    expect(comparison.reason).toBe("No difference from rc1's 10 runs is confirmed, and none is worth a look.");
  });

  test('fewer than 8 comparable runs are no history, whatever they say', () => {
    const comparison = compared(plain(100), many(7));
    expect(comparison.verdict).toBe('no comparable history');
    expect(comparison.reason).toBe('Only 7 comparable baseline runs; a verdict needs 8, so differences are told plainly.');
    const failed = compared(plain(100, { outcome: 'failed', reason: 'Step 3 failed.' }), many(1));
    expect(failed.verdict).toBe('no comparable history');
    expect(failed.findings[0]).toMatchObject({ subject: { kind: 'outcome' }, status: 'plain', q: null });
  });

  test('runs of another environment, mode or scenario are left out; the candidate itself too', () => {
    const baseline = many(12, (index) => (index === 0 ? { environment: 'other' } : index === 1 ? { conditions: { mode: 'dry' } } : {}));
    const own = plain(100);
    const comparison = compared(own, [...baseline, own, plain(50, { scenario: 'another' })]);
    expect(comparison.verdict).toBe('no change');
    expect(comparison.reason).toContain(
      '1 run left out (another environment), 1 run left out (another mode), 1 run left out (the candidate itself), 1 run left out (another scenario)',
    );
    expect(
      compared(
        own,
        many(20, () => ({ environment: 'other' })),
      ).verdict,
    ).toBe('no comparable history');
  });

  test('conditions that differ are told first', () => {
    const candidate = plain(100, { conditions: { host: 'b', node: '24' } });
    const { conditions } = compared(
      candidate,
      many(9, () => ({ conditions: { host: 'a', node: '24' } })),
    );
    expect(conditions.slice(0, 2)).toEqual([
      { name: 'host', candidate: 'b', baseline: [{ value: 'a', runs: 9 }], different: true },
      { name: 'release', candidate: 'rc2', baseline: [{ value: 'rc1', runs: 9 }], different: false },
    ]);
    // What programs read counts as what people are told.
    expect(conditions.filter(({ different }) => different)).toEqual(differingConditions({ conditions }));
    expect(conditions.find(({ name }) => name === 'node')).toMatchObject({ different: false });
    // The release is what is compared: it is listed, and counts nowhere.
    expect(differingConditions({ conditions }).map(({ name }) => name)).toEqual(['host']);
    expect(conditions.slice(0, 3).map(likenessOf)).toEqual(['different', 'compared', 'same']);
  });

  test('what it says crosses the contract as it is', () => {
    const candidate = plain(100, { outcome: 'failed', steps: stepsOf([...texts, 'new']), templates: [line('error', 'lost 3 orders')] });
    for (const count of [1, 9]) expect(comparisonSchema.parse(compared(candidate, many(count)))).toEqual(compared(candidate, many(count)));
    expect(comparisonSchema.parse(compared(candidate, []))).toMatchObject({ verdict: 'no comparable history', findings: [] });
  });
});

const line = (severity: LogTemplate['severity'], template: string, count = 1, component = 'Engine'): LogTemplate => ({
  component,
  severity,
  template,
  count,
  example: template,
  firstAt: 0,
  step: null,
});

describe('facts', () => {
  test('a run that failed, with the check that failed, once and first', () => {
    const check = { key: 'expect Engine.STATE == READY#1', form: 'expect', text: 'Engine.STATE == READY' } as const;
    const baseline = many(10, () => ({ checks: [{ ...check, state: 'met' }] }));
    const steps = stepsOf(texts, ['passed', 'passed', 'failed', 'passed']);
    const candidate = plain(100, { steps, outcome: 'failed', reason: 'Step 3 failed.', checks: [{ ...check, state: 'not met' }] });
    const comparison = compared(candidate, baseline);
    expect(sentences(comparison)).toEqual([
      "The run failed: Step 3 failed; rc1's 10 runs all passed.",
      "The check “Engine.STATE == READY” was not met; in rc1's 10 runs: all met.",
    ]);
    expect(comparison.findings[1]).toMatchObject({ status: 'confirmed', step: 'expect Engine.STATE == READY#1' });
    expect(comparison.steps[2]).toMatchObject({
      findings: 1,
      candidate: { state: 'failed' },
      baseline: { runs: 10, states: [{ state: 'passed', runs: 10 }] },
    });
  });

  test('outcomes of few runs, and of other kinds, are whole sentences', () => {
    const [passed, failed, stopped] = (['passed', 'failed', 'stopped'] as const).map(
      (outcome) => (index: number) => plain(index, { outcome }),
    );
    if (!passed || !failed || !stopped) throw new Error('no outcomes');
    const told = (...runs: readonly RunProfile[]): unknown => sentences(compared(passed(100), runs))[0];
    expect(told(failed(1))).toBe("The run passed; rc1's run failed.");
    expect(told(failed(1), failed(2))).toBe("The run passed; rc1's 2 runs both failed.");
    expect(told(stopped(1), stopped(2), stopped(3))).toBe("The run passed; rc1's 3 runs all were stopped.");
    expect(told(stopped(1))).toBe("The run passed; rc1's run was stopped.");
  });

  test('what a baseline run shares is not confirmed', () => {
    const comparison = compared(
      plain(100, { outcome: 'failed' }),
      many(10, (index) => (index === 3 ? { outcome: 'failed' } : {})),
    );
    expect(comparison).toMatchObject({
      verdict: 'no change',
      findings: [{ status: 'plain', sentence: "The run failed; of rc1's 10 runs, 9 passed, 1 failed." }],
    });
  });

  test('steps that never came are one finding', () => {
    const comparison = compared(plain(100, { steps: stepsOf(texts.slice(0, 2)) }), many(10));
    expect(confirmed(comparison)).toEqual(['step presence:baseline:expect Engine.STATE == READY#1']);
    expect(sentences(comparison)).toEqual([
      "Step 3, “expect Engine.STATE == READY”, and 1 step after it, never came; rc1's 10 runs executed them.",
    ]);
    expect(comparison.steps.map(({ side }) => side)).toEqual(['both', 'both', 'baseline', 'baseline']);
  });

  test('steps of a scenario that was written anew are no change of the system', () => {
    const comparison = compared(plain(100, { steps: stepsOf(['first', ...texts]), scenarioHash: 'b'.repeat(64) }), many(10));
    expect(comparison).toMatchObject({
      verdict: 'no change',
      findings: [{ status: 'plain', subject: { kind: 'step presence', side: 'candidate' } }],
    });
  });

  test('a fault that nothing recovered from; one that took longer', () => {
    const fault = (recovered: number | null): Partial<RunProfile> => ({
      faults: [{ key: 'kill -9 Engine#1', text: 'kill -9 Engine', recovered }],
    });
    const baseline = many(10, (index) => fault(400 + 13 * index));
    expect(sentences(compared(plain(100, fault(null)), baseline))).toEqual([
      "After “kill -9 Engine” nothing recovered; rc1's 10 runs took 400 to 517 ms.",
    ]);
    const slower = compared(plain(100, fault(3_300)), baseline);
    expect(sentences(slower)).toEqual(["After “kill -9 Engine” it took 3.3 s to recover; rc1's 10 runs: 400 to 517 ms."]);
    const [finding] = slower.findings;
    expect(finding).toMatchObject({ status: 'confirmed', direction: 'up', unit: 'ms', candidate: 3_300, step: 'kill -9 Engine#1' });
    expect(finding?.baseline).toHaveLength(10);
    expect(finding?.smallestVisible).toBeGreaterThan(100);
    expect(finding?.smallestVisible).toBeLessThan(2_800);
    expect(confirmed(compared(plain(100, fault(540)), baseline))).toEqual([]);
  });

  test('an error that no run logged is a fact; what comes and goes is not', () => {
    const usual = line('info', 'connected');
    const noisy = many(10, (index) => ({ templates: [usual, line('info', `chatter ${'abcdefghij'.charAt(index)}`)] }));
    const candidate = plain(100, {
      templates: [usual, line('info', 'chatter z'), line('error', 'lost orders', 3), line('warning', 'odd')],
    });
    expect(sentences(compared(candidate, noisy))).toEqual(['Engine logged an error that is new, 3 times: “lost orders”.']);
    const quiet = many(10, () => ({ templates: [usual] }));
    expect(compared(candidate, quiet).findings.map(({ status }) => status)).toEqual(['confirmed', 'plain', 'plain']);
  });

  test('lines that come far more often', () => {
    const retries = (count: number): Partial<RunProfile> => ({
      templates: Array.from({ length: 20 }, (_, index) =>
        line('warning', `retry of ${'abcdefghijklmnopqrst'.charAt(index)}`, index === 0 ? count : 20 + (index % 5)),
      ),
    });
    const chance = new Chance(5);
    const baseline = many(12, () => ({
      templates: retries(0).templates?.map((each) => ({ ...each, count: Math.round(20 * Math.exp(0.1 * chance.normal())) })) ?? [],
    }));
    const comparison = compared(
      plain(100, { templates: baseline[3]?.templates.map((each, index) => (index === 0 ? { ...each, count: 900 } : each)) ?? [] }),
      baseline,
    );
    expect(comparison.findings).toMatchObject([
      { subject: { kind: 'log', template: 'retry of a', change: 'count' }, status: 'confirmed', direction: 'up', candidate: 900 },
    ]);
  });

  test('a component that never crashed before, and one that ended in another state', () => {
    const component = (state: string, crashes: number): Partial<RunProfile> => ({
      components: [{ component: 'Gateway', state, crashes, errors: 0 }],
    });
    const comparison = compared(
      plain(100, component('CRASHED', 2)),
      many(10, () => component('READY', 0)),
    );
    expect(sentences(comparison)).toEqual([
      "Gateway crashed 2 times; in rc1's 10 runs: none.",
      "Gateway ended in state “CRASHED”; in rc1's 10 runs: all READY.",
    ]);
  });
});

describe('series that came or went', () => {
  const chance = new Chance(11);
  const run = (index: number): RunProfile => simulatedRun({ index, series: 30, shape: 'normal', chance });
  const without = (profile: RunProfile, names: readonly string[]): RunProfile => ({
    ...profile,
    metrics: {
      ...profile.metrics,
      count: profile.metrics.count.map((count, row) =>
        names.includes(profile.metrics.series[profile.metrics.seriesOf[row] ?? 0]?.name ?? '') ? 0 : count,
      ),
      level: profile.metrics.level.map((level, row) =>
        names.includes(profile.metrics.series[profile.metrics.seriesOf[row] ?? 0]?.name ?? '') ? Number.NaN : level,
      ),
    },
  });

  test('are confirmed', () => {
    const baseline = Array.from({ length: 10 }, (_, index) => run(index));
    const gone = compared(without(run(100), ['Part3.metric3']), baseline);
    expect(gone.findings[0]).toMatchObject({
      subject: { kind: 'series presence', series: 'Part3.metric3', change: 'missing' },
      status: 'confirmed',
    });
    const fresh = compared(
      run(100),
      baseline.map((each) => without(each, ['Part3.metric3'])),
    );
    expect(fresh.findings.map(({ subject }) => subject)).toContainEqual({
      kind: 'series presence',
      series: 'Part3.metric3',
      change: 'new',
    });
  });

  test('are not where series come and go by themselves', () => {
    const baseline = Array.from({ length: 10 }, (_, index) => without(run(index), [`Part${index}.metric${index}`]));
    expect(confirmed(compared(without(run(100), ['Part20.metric20']), baseline))).toEqual([]);
  });
});

const shift = (feature: Change['feature'], by: number): ReadonlyMap<number, Change> => new Map([[7, { feature, by }]]);

describe('measured differences', () => {
  const history = (
    shape: Shape,
    count: number,
    seed: number,
    steps = 2,
  ): { baseline: RunProfile[]; candidate: (changes?: ReadonlyMap<number, Change>) => RunProfile } => {
    const chance = new Chance(seed);
    const baseline = Array.from({ length: count }, (_, index) => simulatedRun({ index, series: 100, steps, shape, chance }));
    return {
      baseline,
      candidate: (changes = new Map()) => simulatedRun({ index: 100, release: 'rc2', series: 100, steps, shape, chance, changes }),
    };
  };

  test.each(['level', 'spread', 'trend'] as const)('a shift of the %s is found, in one row, with what it is', (feature) => {
    const { baseline, candidate } = history('normal', 20, 3);
    const comparison = compared(candidate(shift(feature, 25)), baseline);
    expect(confirmed(comparison)).toEqual(['metric:Part7.metric7:up']);
    expect(comparison.findings[0]).toMatchObject({
      subject: { kind: 'metric', series: 'Part7.metric7', feature },
      direction: 'up',
      status: 'confirmed',
    });
    expect(comparison.findings[0]?.also.length).toBeGreaterThan(0);
    expect(comparison.findings[0]?.step).not.toBeNull();
    expect(comparison.findings[0]?.effect).toBeGreaterThan(10);
    expect(comparison.tested.numbers).toBe(100 * 3 * 5 + 3);
  });

  test('the smallest visible difference lies between what is not found and what is', () => {
    const { baseline, candidate } = history('normal', 20, 4);
    const [finding] = compared(candidate(shift('level', 30)), baseline).findings;
    expect(finding?.smallestVisible ?? 0).toBeGreaterThan(3 * 2);
    expect(finding?.smallestVisible ?? Infinity).toBeLessThan(3 * 15);
    expect(finding?.expected?.low).toBeGreaterThan(85);
    expect(finding?.expected?.high).toBeLessThan(115);
    expect(finding?.q).toBeLessThanOrEqual(0.05);
  });

  test.each(['normal', 't3', 'lognormal', 'common factor', 'quantised', 'constant', 'mixed'] as const)(
    '%s: runs like the others are seldom flagged',
    (shape) => {
      let alarms = 0;
      for (let round = 0; round < 20; round += 1) {
        const { baseline, candidate } = history(shape, 9, 100 + round, 0);
        if (confirmed(compared(candidate(), baseline)).length > 0) alarms += 1;
      }
      // At 10 % six or more of 20 come about once in 100 times; the seeds are pinned, so the number is always the same.
      expect(alarms).toBeLessThan(6);
    },
  );

  test('a constant that changes is found, unless by a hair', () => {
    const { baseline, candidate } = history('constant', 10, 6);
    expect(confirmed(compared(candidate(shift('level', 2)), baseline))).toEqual(['metric:Part7.metric7:up']);
    expect(confirmed(compared(candidate(shift('level', 0.001)), baseline))).toEqual([]);
  });

  test('neither the order of the runs nor the scale of a unit plays a part', () => {
    const { baseline, candidate } = history('mixed', 12, 8, 1);
    const own = candidate(shift('level', 20));
    const before = compared(own, baseline);
    fc.assert(
      fc.property(fc.shuffledSubarray(baseline, { minLength: baseline.length }), fc.integer({ min: -3, max: 6 }), (shuffled, power) => {
        const scaled = (profile: RunProfile): RunProfile => ({ ...profile, metrics: times(profile.metrics, 2 ** power) });
        const after = compared(scaled(own), shuffled.map(scaled));
        expect(confirmed(after)).toEqual(confirmed(before));
        expect(after.findings.map(({ effect }) => effect?.toFixed(6))).toEqual(before.findings.map(({ effect }) => effect?.toFixed(6)));
        expect(after.findings.map(({ q }) => q?.toPrecision(6))).toEqual(before.findings.map(({ q }) => q?.toPrecision(6)));
      }),
      { numRuns: 12, seed: 8 },
    );
  });

  test('with one run the largest differences are told plainly', () => {
    const { baseline, candidate } = history('normal', 1, 9);
    const comparison = compared(candidate(shift('level', 30)), baseline);
    expect(comparison.verdict).toBe('no comparable history');
    expect(comparison.findings[0]).toMatchObject({
      status: 'plain',
      subject: { kind: 'metric', series: 'Part7.metric7' },
      p: null,
      effect: null,
    });
    expect(comparison.tested.untested[0]?.reason).toBe('fewer than 8 comparable baseline runs');
  });

  test('values that most baseline runs lack are not tested, and told as such', () => {
    const { baseline, candidate } = history('normal', 10, 10);
    const thin = baseline.map((run, index) =>
      index < 3
        ? { ...run, metrics: { ...run.metrics, level: run.metrics.level.map((level, row) => (row % 100 === 7 ? Number.NaN : level)) } }
        : run,
    );
    expect(compared(candidate(), thin).tested.untested).toContainEqual({ reason: 'fewer than 8 baseline runs have a value', numbers: 3 });
  });
});

/** All values in another unit. */
function times(metrics: MetricTable, factor: number): MetricTable {
  const scaled = (column: Float64Array): Float64Array => column.map((value) => value * factor);
  return {
    ...metrics,
    level: scaled(metrics.level),
    spread: scaled(metrics.spread),
    trend: scaled(metrics.trend),
    minimum: scaled(metrics.minimum),
    maximum: scaled(metrics.maximum),
  };
}
