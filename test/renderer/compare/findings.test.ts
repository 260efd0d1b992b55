/** The ranked list of findings: filters, rows, and the words that are told about them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chanceText,
  distributionText,
  effectText,
  falseAlarmText,
  sampleText,
  testedText,
  toneOf,
  visibleText,
} from '../../../renderer/views/compare/comparison-words.ts';
import { distributionPlaces, valueAxis } from '../../../renderer/views/compare/distribution.ts';
import {
  alsoText,
  filterFindings,
  kindCounts,
  placeText,
  rowKey,
  rowsOf,
  stepsByKey,
} from '../../../renderer/views/compare/finding-rows.ts';
import { explainedFindings } from '../../../renderer/views/decisions/decision-words.ts';
import type { FindingFilter } from '../../../renderer/stores/comparison.ts';
import type { Remark } from '#shared/run/remarks.ts';
import { comparison, finding, runId, step } from './comparison-made.ts';

const everything: FindingFilter = { text: '', kind: null, status: null, step: null, hideExplained: false };
const steps = stepsByKey([step('kill Engine', { number: 7 }), step('wait until B is READY', { number: 8, occurrence: 3 })]);
const also = (place: string | null) => ({ step: place, what: 'level', effect: 3, sentence: `also at ${place ?? 'all'}` });
const leaking = finding('rss', { step: 'kill Engine', also: [also('wait until B is READY'), also(null)] });
const findings = [
  leaking,
  finding('log', {
    subject: { kind: 'log', component: 'Gateway', severity: 'error', template: 'lost <…> orders', change: 'new' },
    status: 'plain',
    sentence: 'A new error.',
  }),
  finding('duration', { subject: { kind: 'step duration' }, step: 'wait until B is READY' }),
];
const told: Remark[] = [
  { number: 1, saidAt: 5, author: 'ada', kind: 'cause', cause: 'product defect', reference: 'EX-17', text: '', finding: 'log' },
  { number: 2, saidAt: 6, author: 'ada', kind: 'cause', cause: 'environment', reference: null, text: '', finding: 'rss' },
  { number: 3, saidAt: 7, author: 'ada', kind: 'withdrawal', remark: 2 },
  { number: 4, saidAt: 8, author: 'ada', kind: 'cause', cause: 'unknown', reference: null, text: '', finding: null },
];
const shown = (filter: Partial<FindingFilter>, causes: readonly Remark[] = []) =>
  filterFindings(findings, steps, explainedFindings(causes), { ...everything, ...filter }).map(
    ({ finding: { id }, rank }) => `${rank} ${id}`,
  );

describe('the list of findings', () => {
  test('keeps the order and the rank of the comparison, whatever is filtered out', () => {
    expect(shown({})).toEqual(['1 rss', '2 log', '3 duration']);
    expect(shown({ kind: 'Steps' })).toEqual(['3 duration']);
    expect(shown({ status: 'plain' })).toEqual(['2 log']);
  });

  test('a step shows what is about it, there or elsewhere', () => {
    expect(shown({ step: 'kill Engine' })).toEqual(['1 rss']);
    expect(shown({ step: 'wait until B is READY' })).toEqual(['1 rss', '3 duration']);
  });

  test('every word must stand somewhere: sentence, place, subject, cause', () => {
    expect(shown({ text: 'ORDERS gateway' })).toEqual(['2 log']);
    expect(shown({ text: 'kill' })).toEqual(['1 rss']);
    expect(shown({ text: 'ex-17' }, told)).toEqual(['2 log']);
    expect(shown({ text: 'ex-17' })).toEqual([]);
  });

  test('explained findings can be hidden; a cause that was taken back explains nothing', () => {
    expect(shown({ hideExplained: true }, told)).toEqual(['1 rss', '3 duration']);
  });

  test('other places are rows of their own while a finding is expanded', () => {
    const ranked = filterFindings(findings, steps, new Map(), everything);
    expect(rowsOf(ranked, new Set()).map(({ key }) => key)).toEqual(['rss', 'log', 'duration']);
    expect(rowsOf(ranked, new Set(['rss'])).map(({ key }) => key)).toEqual(['rss', 'rss#0', 'rss#1', 'log', 'duration']);
    expect(rowKey('rss', 1)).toBe('rss#1');
    expect(rowKey('rss', null)).toBe('rss');
    expect(alsoText(leaking)).toBe('also in 1 other step');
    expect(alsoText({ step: 'a', also: [also('a'), also('a')] })).toBe('also in 2 other ways');
  });

  test('places and kinds in words', () => {
    expect(placeText('wait until B is READY', steps)).toBe('step 8  wait until B is READY (time 3)');
    expect(placeText(null, steps)).toBe('the whole run');
    expect([...kindCounts(findings)]).toEqual([
      ['Metrics', 1],
      ['Logs', 1],
      ['Steps', 1],
    ]);
  });
});

describe('words', () => {
  test('a verdict without history is never green, a change is red only where something failed', () => {
    const check = finding('check', { subject: { kind: 'check', form: 'expect', text: 'x' } });
    expect(toneOf(comparison({ verdict: 'no change' }))).toBe('ok');
    expect(toneOf(comparison({ verdict: 'no comparable history', findings: [check] }))).toBe('not-live');
    expect(toneOf(comparison({ findings: [finding('rss')] }))).toBe('warn');
    expect(toneOf(comparison({ findings: [finding('rss'), check] }))).toBe('fail');
    expect(toneOf(comparison({ findings: [{ ...check, status: 'plain' }] }))).toBe('warn');
  });

  test('p and q as a tester understands them', () => {
    expect(chanceText(0.000_2)).toBe('If nothing had changed, about 1 in 5,000 runs would be as far off as this one.');
    expect(chanceText(0.9)).toContain('every second run');
    expect(chanceText(1e-15)).toContain('practically no run');
    expect(chanceText(null)).toBeNull();
    expect(falseAlarmText(0.05)).toBe(
      'With all numbers that were tested, at most about 1 in 20 findings as strong as this is a false alarm.',
    );
    expect(falseAlarmText(0.8)).toContain('most likely chance');
    expect(falseAlarmText(1e-9)).toContain('practically no chance find');
  });

  test('sample size, smallest difference, effect, numbers tested', () => {
    expect(sampleText(finding('rss'), 12)).toBe('10 of 12 baseline runs have this number; 2 have none.');
    expect(sampleText(finding('rss', { baseline: [{ run: runId(1), value: 1 }] }), 1)).toBe('1 of 1 baseline run has this number.');
    expect(visibleText(finding('rss', { smallestVisible: 12_000_000 }))).toBe(
      'With 10 runs this number alone confirms a difference of 12 MB from the median; a smaller one only together with others.',
    );
    expect(visibleText(finding('rss', { smallestVisible: null }))).toBeNull();
    expect([effectText(8.24), effectText(-31.4), effectText(1e9), effectText(null)]).toEqual(['8.24×', '31.4×', '> 99×', '']);
    expect(testedText({ numbers: 1_200, untested: [{ reason: 'too few', numbers: 30 }], falseDiscoveryRate: 0.05 })).toBe(
      '1,200 numbers tested, 30 could not be; at most 5 % of the confirmed ones are false alarms',
    );
    expect(testedText({ numbers: 0, untested: [{ reason: 'too few runs', numbers: 940 }], falseDiscoveryRate: 0.05 })).toBe(
      'No number was tested; 940 could not be',
    );
  });
});

describe('the distribution of a row', () => {
  test('candidate, runs and expected range lie on one line', () => {
    const places = distributionPlaces(
      finding('rss', { candidate: 300, baseline: [{ run: runId(1), value: 100 }], expected: { median: 110, low: 100, high: 120 } }),
    );
    expect(places?.candidate).toBeCloseTo(0.96);
    expect(places?.dots[0]).toBeCloseTo(0.04);
    expect(places?.expected?.median).toBeCloseTo(0.04 + 0.05 * 0.92);
  });

  test('the axis is round, has ticks, and does not go below nought for what cannot', () => {
    const never = finding('x', {
      candidate: 2_900,
      baseline: [{ run: runId(1), value: 0 }],
      expected: { median: 0, low: -40, high: 40 },
      unit: 'ms',
    });
    expect(valueAxis(never)).toEqual({ low: 0, high: 4_000, ticks: [0, 1_000, 2_000, 3_000, 4_000] });
    expect(valueAxis({ ...never, candidate: -10 }).low).toBeLessThan(0);
    const none = valueAxis({ candidate: null, baseline: [], expected: null, unit: null });
    expect([none.low, none.high]).toEqual([0, 1]);
  });

  test('nothing to draw, or all alike', () => {
    expect(distributionPlaces({ candidate: null, baseline: [], expected: null })).toBeNull();
    expect(distributionPlaces({ candidate: 5, baseline: [{ run: runId(1), value: 5 }], expected: null })).toEqual({
      dots: [0.5],
      candidate: 0.5,
      expected: null,
    });
    expect(distributionText(finding('rss', { baseline: [], expected: null, candidate: 400, unit: 'count' }))).toBe(
      'Candidate 400; no baseline run has one',
    );
  });

  test('whatever the values, every mark lies within', () => {
    const value = fc.double({ noNaN: true });
    fc.assert(
      fc.property(fc.option(value), fc.array(value, { maxLength: 20 }), value, value, value, (candidate, values, one, two, three) => {
        const [low = 0, median = 0, high = 0] = [one, two, three].toSorted((left, right) => left - right);
        const baseline = values.map((each, index) => ({ run: runId(index), value: each }));
        const places = distributionPlaces({ candidate, baseline, expected: { low, median, high } });
        const all = places ? [...places.dots, places.candidate ?? 0, places.expected?.low ?? 0, places.expected?.high ?? 0] : [];
        return all.every((place) => place >= 0 && place <= 1);
      }),
      { seed: 4_711 },
    );
  });
});
