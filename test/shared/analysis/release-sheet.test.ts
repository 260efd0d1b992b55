/** The sheet says yes only where there is history and somebody has decided. */
import { describe, expect, test } from 'vitest';
import type { ComparedRun, Comparison } from '#shared/analysis/comparison.ts';
import { releaseSheet, runThatCounts, type ReleaseScenario } from '#shared/analysis/release-sheet.ts';
import { releaseSheetSchema, type ReleaseSheet } from '#shared/analysis/trend.ts';
import type { Remark, RemarkBody } from '#shared/run/remarks.ts';
import { comparedRun, compared, noMetrics, profileOf, stepsOf } from './simulated-runs.ts';

const profile = (index: number, recovered: number): ReturnType<typeof profileOf> =>
  profileOf({
    index,
    metrics: noMetrics,
    steps: stepsOf(['kill']),
    release: index < 100 ? 'rc1' : 'rc2',
    faults: [{ key: 'kill#1', text: 'kill', recovered }],
  });
const baseline = Array.from({ length: 10 }, (_, index) => profile(index, 400 + index * 9));
const unchanged = compared(profile(100, 430), baseline);
const slower = compared(profile(100, 4_000), baseline);
const finding = slower.findings[0]?.id ?? '';
const run = { ...comparedRun(profile(100, 430)), scenario: 'failover' };

const remark = (body: RemarkBody, number = 1): Remark => ({ ...body, number, saidAt: 0, author: 'tester' });
const cause = (name: 'expected change' | 'product defect' | 'environment' | 'unknown', about: string | null, number = 1): Remark =>
  remark({ kind: 'cause', cause: name, reference: 'EX-7', text: '', finding: about }, number);

function sheet(
  more: Partial<ReleaseScenario> & { readonly said?: readonly Remark[]; readonly last?: Partial<ComparedRun> } = {},
): ReleaseSheet {
  const { said = [], last = {}, ...given } = more;
  const scenario: ReleaseScenario = {
    scenario: 'failover',
    runs: [{ ...run, ...last }],
    comparison: unchanged,
    problem: null,
    remarks: new Map([[run.run, said]]),
    ...given,
  };
  const made = releaseSheet({ release: 'rc2', previous: 'rc1', scenarios: [scenario] });
  expect(releaseSheetSchema.parse(made)).toEqual(made);
  return made;
}
const kinds = ({ questions }: ReleaseSheet): string[] => questions.map(({ kind }) => kind);

test('of many differences five are named, and it is said how many more there are', () => {
  const one = slower.findings[0]!;
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...one, id: `${one.id} ${index}` }));
  const told = (findings: readonly (typeof one)[]) =>
    sheet({ comparison: { ...slower, findings: [...findings] } }).scenarios[0]?.comparison;
  expect(told(many(8))).toMatchObject({ confirmed: 8, more: 3 });
  expect(told(many(5))).toMatchObject({ confirmed: 5, more: 0 });
  expect(told(many(7).map((each) => ({ ...each, status: 'plain' })))).toMatchObject({ confirmed: 0, more: 2 });
  expect(told(many(8))?.top).toHaveLength(5);
});

describe('answer', () => {
  test('yes: passed, accepted, compared, nothing changed', () => {
    expect(unchanged.verdict).toBe('no change');
    expect(sheet()).toMatchObject({
      answer: 'yes',
      questions: [],
      reasons: ["The run that counts of rc2's only scenario passed, was accepted, and shows no unexplained change."],
    });
  });

  test('not yet: nobody has decided', () => {
    const made = sheet({ last: { decision: 'undecided' } });
    expect(made).toMatchObject({ answer: 'not yet', reasons: ['1 run must be accepted or rejected.'] });
    expect(kinds(made)).toEqual(['undecided']);
  });

  test('not yet: there is nothing to compare with', () => {
    expect(kinds(sheet({ comparison: null, problem: 'rc1 has no accepted runs.' }))).toEqual(['history']);
    const few: Comparison = compared(profile(100, 430), baseline.slice(0, 5));
    expect(sheet({ comparison: few })).toMatchObject({ answer: 'not yet', questions: [{ kind: 'history' }] });
  });

  test('not yet: a change without a cause; an unknown cause is none; yes once it is expected', () => {
    expect(slower.verdict).toBe('changed');
    expect(sheet({ comparison: slower })).toMatchObject({
      answer: 'not yet',
      reasons: ['The differences of 1 scenario must be explained.'],
      questions: [
        {
          kind: 'unexplained',
          finding,
          sentence: `1 confirmed difference of failover is not explained yet: ${slower.findings[0]?.sentence}`,
        },
      ],
    });
    expect(sheet({ comparison: slower, said: [cause('unknown', finding)] }).answer).toBe('not yet');
    expect(sheet({ comparison: slower, said: [cause('expected change', finding)] })).toMatchObject({
      answer: 'yes',
      scenarios: [{ comparison: { top: [{ cause: 'expected change' }] } }],
    });
    expect(sheet({ comparison: slower, said: [cause('expected change', null)] }).answer).toBe('yes');
    expect(sheet({ comparison: slower, said: [cause('expected change', 'something else')] }).answer).toBe('not yet');
    const withdrawn = [cause('expected change', finding), remark({ kind: 'withdrawal', remark: 1 }, 2)];
    expect(sheet({ comparison: slower, said: withdrawn }).answer).toBe('not yet');
  });

  test('however much changed, a scenario asks one question, about the most telling that is not explained', () => {
    const [first] = slower.findings;
    if (!first) throw new Error('nothing changed');
    const findings = ['outcome', 'check', 'leak'].map((id) => ({ ...first, id, sentence: `The ${id} differs.` }));
    const comparison: Comparison = { ...slower, findings: [...findings, { ...first, id: 'plain', status: 'plain' }] };
    const asked = (...explained: readonly string[]): ReleaseSheet['questions'] =>
      sheet({ comparison, said: explained.map((id, index) => cause('expected change', id, index + 1)) }).questions;
    expect(asked()).toMatchObject([
      { finding: 'outcome', sentence: '3 confirmed differences of failover are not explained yet; first: The outcome differs.' },
    ]);
    expect(asked('outcome')).toMatchObject([
      { finding: 'check', sentence: '2 confirmed differences of failover are not explained yet; first: The check differs.' },
    ]);
    expect(asked('outcome', 'leak')).toMatchObject([
      { finding: 'check', sentence: '1 confirmed difference of failover is not explained yet: The check differs.' },
    ]);
    expect(asked('outcome', 'leak', 'check')).toEqual([]);
  });

  test('no: a product defect, a rejected run, a failed run', () => {
    expect(sheet({ comparison: slower, said: [cause('product defect', finding)] }).reasons).toEqual([
      `failover: a product defect was found (EX-7). ${slower.findings[0]?.sentence}`,
    ]);
    expect(sheet({ said: [cause('product defect', null)] })).toMatchObject({
      answer: 'no',
      reasons: ['failover: a product defect was found (EX-7).'],
    });
    expect(sheet({ last: { decision: 'rejected' } })).toMatchObject({ answer: 'no', reasons: ['failover: its run was rejected.'] });
    expect(sheet({ last: { outcome: 'failed', decision: 'undecided' } })).toMatchObject({
      answer: 'no',
      reasons: ['failover: its latest run failed.'],
    });
    expect(sheet({ last: { outcome: 'failed' }, said: [cause('environment', null)] })).toMatchObject({
      answer: 'not yet',
      questions: [{ kind: 'failed' }],
    });
  });

  test('not yet: a scenario that was not run, or only broken off; a release without runs', () => {
    expect(sheet({ runs: [] })).toMatchObject({
      answer: 'not yet',
      questions: [{ kind: 'missing', sentence: 'failover was run on rc1, but not on rc2.' }],
    });
    expect(kinds(sheet({ last: { outcome: 'stopped' } }))).toEqual(['missing']);
    expect(releaseSheet({ release: 'rc9', previous: null, scenarios: [] })).toMatchObject({
      answer: 'not yet',
      reasons: ['rc9 has no runs.'],
    });
  });

  test('not yet: runs that disagree, until somebody has said why', () => {
    const scenario: ReleaseScenario = {
      scenario: 'failover',
      runs: [run],
      comparison: unchanged,
      problem: null,
      remarks: new Map([['x', [cause('environment', null)]]]),
    };
    const intermittent = (disagreeing: string[]): ReleaseSheet =>
      releaseSheet({
        release: 'rc2',
        previous: 'rc1',
        scenarios: [scenario],
        intermittent: [{ scenario: 'failover', sentence: 'Now and then.', disagreeing }],
      });
    expect(intermittent(['y'])).toMatchObject({ answer: 'not yet', questions: [{ kind: 'intermittent', run: 'y' }] });
    expect(intermittent(['x']).answer).toBe('yes');
  });
});

test('the run that counts is the latest that came to its end and was not rejected', () => {
  const runs = [
    run,
    { ...run, run: profile(101, 1).run, decision: 'rejected' as const },
    { ...run, run: profile(102, 1).run, outcome: 'stopped' as const },
  ];
  expect(runThatCounts(runs)?.run).toBe(run.run);
  expect(runThatCounts(runs.slice(1))?.run).toBe(runs[1]?.run);
  expect(runThatCounts([])).toBeNull();
});
