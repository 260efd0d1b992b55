/** Runs and sheets as tests need them. */
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';

export function runId(number: number): RunId {
  return runIdSchema.parse(`20261120T221735Z-failover-${number.toString(16).padStart(4, '0')}`);
}

export function comparedRun(number: number, more: Partial<ComparedRun> = {}): ComparedRun {
  return {
    run: runId(number),
    scenario: 'failover',
    release: 'rc1',
    environment: 'demo',
    startedAt: Date.UTC(2026, 10, 20, 12) + number,
    duration: 2_000,
    outcome: 'passed',
    decision: 'undecided',
    ...more,
  };
}

export function question(kind: ReleaseSheet['questions'][number]['kind'], more: Partial<ReleaseSheet['questions'][number]> = {}) {
  return { kind, sentence: `${kind}?`, run: runId(1), scenario: 'failover', ...more } as const;
}
