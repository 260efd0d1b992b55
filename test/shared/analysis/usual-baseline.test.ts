/** What a run is compared with while nobody chooses, and the reason in words. */
import { describe, expect, test } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { usualBaseline, type BaselineRun, type RunToCompare } from '#shared/analysis/usual-baseline.ts';

let number = 0;
const run = (release: string, startedAt: number, more: Partial<BaselineRun> = {}): BaselineRun => ({
  run: `20260101T000000Z-check-${(number += 1).toString(16).padStart(4, '0')}` as RunId,
  scenario: 'check',
  environment: 'demo',
  release,
  startedAt,
  outcome: 'passed',
  decision: 'accepted',
  ...more,
});
const several = (count: number, release: string, from: number, more: Partial<BaselineRun> = {}): BaselineRun[] =>
  Array.from({ length: count }, (_, index) => run(release, from + index, more));
const candidate = (release: string | null, startedAt = 1_000): RunToCompare => ({
  run: 'the candidate',
  scenario: 'check',
  environment: 'demo',
  release,
  startedAt,
});
const words = (release: string | null, runs: readonly BaselineRun[], startedAt?: number): string | null =>
  usualBaseline(candidate(release, startedAt), runs, 20)?.reason ?? null;

const undecided = { decision: 'undecided' } as const;

describe('the usual baseline', () => {
  test('is the release itself where it alone has accepted runs, however many later or earlier runs others have', () => {
    const runs = [...several(16, 'rc1', 100), ...several(3, 'rc2', 200, undecided), ...several(5, 'rc0', 1, undecided)];
    expect(words('rc1', runs)).toBe('16 accepted runs of rc1, the release under test itself; no other release has accepted runs');
    expect(words('rc2', runs)).toBe('16 accepted runs of rc1, an earlier release; no other release has accepted runs');
    expect(words('rc3', runs)).toBe('16 accepted runs of rc1, an earlier release; no other release has accepted runs');
  });

  test('is the newest that is not later than its own, also when both have enough', () => {
    const runs = [...several(9, 'rc1', 100), ...several(8, 'rc2', 200), ...several(30, 'rc3', 300)];
    expect(words('rc1', runs, 50)).toMatch(
      /^9 accepted runs of rc1, the release under test itself; the newest release up to its own that has enough for a verdict$/,
    );
    expect(words('rc2', runs)).toMatch(/^8 accepted runs of rc2, the release under test itself/);
    expect(words('rc3', runs)).toMatch(/^the last 20 of 30 accepted runs of rc3/);
    expect(words('rc4', runs)).toMatch(/^the last 20 of 30 accepted runs of rc3, an earlier release/);
  });

  test('with enough runs for a verdict goes before a newer one with fewer', () => {
    const runs = [...several(16, 'rc1', 100), ...several(3, 'rc2', 200)];
    expect(words('rc2', runs)).toBe('16 accepted runs of rc1, an earlier release; rc2 itself has only 3, and a verdict needs 8');
    expect(words('rc3', runs)).toBe('16 accepted runs of rc1, an earlier release; rc2 has only 3, and a verdict needs 8');
    expect(words('rc2', [...several(7, 'rc1', 100), run('rc2', 200)])).toBe(
      '1 accepted run of rc2, the release under test itself; the newest release up to its own that has any; a verdict needs 8',
    );
  });

  test('is a later release only where nothing else is accepted, or nothing else suffices', () => {
    const later = several(8, 'rc2', 200);
    expect(words('rc1', [...several(4, 'rc1', 100, undecided), ...later])).toBe(
      '8 accepted runs of rc2, a later release; no other release has accepted runs',
    );
    expect(words('rc1', [...several(4, 'rc1', 100), ...later])).toBe(
      '8 accepted runs of rc2, a later release; rc1 itself has only 4, and a verdict needs 8',
    );
  });

  test('is nothing where nothing like the run is accepted: another scenario, another environment, interrupted, itself', () => {
    const strangers = [
      ...several(9, 'rc1', 1, { scenario: 'other' }),
      ...several(9, 'rc1', 1, { environment: 'elsewhere' }),
      ...several(9, 'rc1', 1, { outcome: 'interrupted' }),
      ...several(9, 'rc1', 1, undecided),
      ...several(9, 'rc1', 1, { decision: 'rejected' }),
      run('rc1', 1, { run: 'the candidate' as RunId }),
    ];
    expect(words('rc1', strangers)).toBeNull();
    expect(words('rc1', [])).toBeNull();
  });

  test('of a run whose release nobody knows, or that names none', () => {
    const runs = [...several(8, 'rc1', 100), ...several(9, '', 200), ...several(2, 'rc2', 300)];
    expect(words(null, runs)).toBe('9 accepted runs of no release; rc2 has only 2, and a verdict needs 8');
    expect(words('', runs)).toMatch(/^9 accepted runs of no release, the release under test itself/);
    expect(
      usualBaseline({ ...candidate('rc1'), environment: null }, several(8, 'rc1', 1, { environment: 'elsewhere' }), 20)?.runs,
    ).toHaveLength(8);
  });

  test('has the newest runs first, as many as are wanted', () => {
    const runs = several(12, 'rc1', 100);
    expect(usualBaseline(candidate('rc1'), runs, 3)?.runs.map(({ startedAt }) => startedAt)).toEqual([111, 110, 109]);
  });
});
