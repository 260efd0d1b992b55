/** Comparisons and release sheets as the analysis gives them, small or as large as they may become. */
import { comparisonSchema, type Comparison, type Finding } from '#shared/analysis/comparison.ts';
import { releaseSheetSchema, type ReleaseSheet } from '#shared/analysis/trend.ts';
import type { Evidence } from '#main/core/reports/comparison-report.ts';
import { runId } from '../archive/fixtures.ts';
import { hostile, startedAt } from './sample-run.ts';

const runs = Array.from({ length: 11 }, (_, index) => runId(index + 1));
const comparedRun = (index: number): Comparison['candidate'] => ({
  run: runs[index]!,
  scenario: 'failover',
  release: index === 0 ? 'rc2' : 'rc1',
  environment: 'demo',
  startedAt: startedAt + index * 60_000,
  duration: 2_000 + index,
  outcome: index === 0 ? 'failed' : 'passed',
  decision: index === 0 ? 'undecided' : 'accepted',
});

function metricFinding(index: number): Finding {
  const baseline = runs.slice(1).map((run, place) => ({ run, value: 100 + place }));
  return {
    id: `metric ${index}`,
    subject: { kind: 'metric', series: `Engine.metric_${index}`, feature: 'level' },
    step: index % 3 === 0 ? null : 'kill',
    status: index < 6 ? 'confirmed' : 'plain',
    direction: 'up',
    sentence: `Engine.metric_${index} is higher: 190 ms, 100 to 110 ms before ${hostile}.`,
    unit: 'ms',
    candidate: 190,
    baseline,
    expected: { median: 104.5, low: 92, high: 117 },
    effect: 18.4 - index / 100,
    p: 0.000_12,
    q: 0.003,
    smallestVisible: 12.5,
    also: [{ step: null, what: 'spread', effect: 3, sentence: `Its spread is wider ${hostile}.` }],
  };
}

const failedCheck: Finding = {
  ...metricFinding(0),
  id: 'check',
  subject: { kind: 'check', form: 'expect', text: 'Engine.rss < 600MB' },
  status: 'confirmed',
  sentence: 'expect Engine.rss < 600MB is not met; it was in all 10 runs before.',
  unit: null,
  candidate: null,
  baseline: [],
  expected: null,
  effect: null,
  p: null,
  q: null,
  smallestVisible: null,
  also: [],
};

/** @param findings how many there are besides the failed check */
export function sampleComparison(findings = 30): Comparison {
  return comparisonSchema.parse({
    candidate: comparedRun(0),
    baselineName: `rc1, last 10 accepted runs ${hostile}`,
    baseline: runs.slice(1).map((_, index) => comparedRun(index + 1)),
    verdict: 'changed',
    reason: `6 changes are confirmed ${hostile}.`,
    conditions: [
      {
        name: 'host',
        candidate: 'laptop',
        baseline: [
          { value: 'server', runs: 9 },
          { value: null, runs: 1 },
        ],
        different: true,
      },
      { name: 'scenario text', candidate: 'aaaa', baseline: [{ value: 'aaaa', runs: 10 }], different: false },
    ],
    steps: [
      step('start', 0, 'both', 100, 90),
      { ...step('kill', 1, 'both', 200, 190), findings: 3 },
      step('new', 2, 'candidate', 5, null),
      step('old', 3, 'baseline', null, 7),
    ],
    findings: [failedCheck, ...Array.from({ length: findings }, (_, index) => metricFinding(index))],
    tested: { numbers: 12_345, untested: [{ reason: 'fewer than 8 runs have it', numbers: 12 }], falseDiscoveryRate: 0.05 },
  });
}

function step(key: string, number: number, side: 'both' | 'candidate' | 'baseline', candidate: number | null, baseline: number | null) {
  return {
    key,
    scenario: 'failover',
    line: number,
    number,
    text: `${key} ${hostile}`,
    occurrence: 0,
    depth: number === 2 ? 1 : 0,
    side,
    candidate: candidate === null ? null : { execution: number + 1, state: 'passed', duration: candidate },
    baseline: baseline === null ? null : { runs: 10, duration: baseline, states: [{ state: 'passed', runs: 10 }] },
    findings: 0,
  };
}

/** Lines as `runs.evidence` gives them: the candidate's first. */
export function sampleEvidence(points = 200): Evidence {
  return {
    lines: runs.map((run, index) => ({
      run,
      release: index === 0 ? 'rc2' : 'rc1',
      duration: 10_000,
      name: 'Engine.metric_0',
      times: Array.from({ length: points }, (_, place) => (place * 10_000) / points),
      values: Array.from({ length: points }, (_, place) =>
        place === 20 ? null : (index === 0 ? 190 : 100 + index) + Math.sin(place / 9) * 8,
      ),
    })),
  };
}

export function sampleSheet(): ReleaseSheet {
  return releaseSheetSchema.parse({
    release: `rc2 ${hostile}`,
    previous: 'rc1',
    answer: 'no',
    reasons: [`failover changed ${hostile}.`, 'One run is undecided.'],
    scenarios: [
      {
        scenario: 'failover',
        runs: [comparedRun(0)],
        passed: 0,
        comparison: {
          candidate: runs[0],
          verdict: 'changed',
          reason: `Six changes ${hostile}.`,
          confirmed: 6,
          more: 4,
          top: [
            { id: 'a', sentence: `Slower ${hostile}.`, cause: null },
            { id: 'b', sentence: 'More memory.', cause: 'expected change' },
          ],
        },
        problem: null,
      },
      { scenario: 'smoke', runs: [], passed: 0, comparison: null, problem: `It was not run ${hostile}.` },
    ],
    questions: [{ kind: 'undecided', sentence: `Accept or reject it ${hostile}.`, run: runs[0], scenario: 'failover' }],
  });
}
