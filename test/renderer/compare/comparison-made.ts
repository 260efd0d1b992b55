/** Comparisons as tests need them: made of the contract's types, with only what a test cares about told. */
import { comparisonSchema, type ComparedStep, type Comparison, type Finding } from '#shared/analysis/comparison.ts';
import type { RunId } from '#shared/identifiers.ts';

/** `20261121T100000Z-failover-0001` for 1. */
export function runId(number: number): RunId {
  return `20261121T100000Z-failover-${String(number).padStart(4, '0')}` as RunId;
}

export function finding(id: string, more: Partial<Finding> = {}): Finding {
  return {
    id,
    subject: { kind: 'metric', series: 'Engine.rss', feature: 'level' },
    step: null,
    status: 'confirmed',
    direction: 'up',
    sentence: `${id} changed.`,
    unit: 'bytes',
    candidate: 400,
    baseline: Array.from({ length: 10 }, (_, index) => ({ run: runId(index + 1), value: 100 + index })),
    expected: { median: 104.5, low: 95, high: 115 },
    effect: 12,
    p: 0.000_2,
    q: 0.003,
    smallestVisible: 10,
    also: [],
    ...more,
  };
}

export function step(key: string, more: Partial<ComparedStep> = {}): ComparedStep {
  return {
    key,
    scenario: 'failover',
    line: 3,
    number: 4,
    text: key,
    occurrence: 1,
    depth: 0,
    side: 'both',
    candidate: { execution: 4, state: 'passed', duration: 1_000 },
    baseline: { runs: 10, duration: 500, range: { low: 400, high: 600 }, states: [{ state: 'passed', runs: 10 }] },
    findings: 0,
    ...more,
  };
}

/** Valid by the contract's schema, whatever is told of it. */
export function comparison(more: Partial<Comparison> = {}): Comparison {
  const run = (number: number, release: string) => ({
    run: runId(number),
    scenario: 'failover',
    release,
    environment: 'demo',
    startedAt: 1_000 * number,
    duration: 20_000,
    outcome: 'passed' as const,
    decision: 'accepted' as const,
  });
  return comparisonSchema.parse({
    candidate: run(99, 'rc2'),
    baselineName: 'rc1, last 10 accepted runs',
    baseline: Array.from({ length: 10 }, (_, index) => run(index + 1, 'rc1')),
    verdict: 'changed',
    reason: 'Two numbers changed.',
    conditions: [],
    steps: [],
    findings: [],
    tested: { numbers: 1_200, untested: [], falseDiscoveryRate: 0.05 },
    ...more,
  });
}
