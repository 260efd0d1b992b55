/** Which release and which scenario are shown, and what the core is asked for. */
import { describe, expect, test } from 'vitest';
import type { ArchivedRun } from '../../../renderer/stores/archived-runs.ts';
import { askedSheet, releasesChoiceSchema, selectedRelease, type Release } from '../../../renderer/stores/releases.ts';
import { linesOf, scenariosOf, selectedScenario, trendBounds, trendChoiceSchema, usualLines } from '../../../renderer/stores/trends.ts';
import { runId } from './release-made.ts';

const release = (name: string): Release => ({
  release: name,
  firstRun: 1,
  lastRun: 2,
  runs: 1,
  passed: 1,
  failed: 0,
  accepted: 0,
  rejected: 0,
  scenarios: ['failover'],
});
const releases = ['rc3', 'rc2', '__proto__', ''].map(release);
const choice = (chosen: string | null, previous: Record<string, string> = {}) => ({ half: 'sheets' as const, release: chosen, previous });

describe('releases', () => {
  test('the newest is shown unless one is chosen that is there', () => {
    expect(selectedRelease({ choice: choice(null), releases })?.release).toBe('rc3');
    expect(selectedRelease({ choice: choice('rc2'), releases })?.release).toBe('rc2');
    expect(selectedRelease({ choice: choice('gone'), releases })?.release).toBe('rc3');
    expect(selectedRelease({ choice: choice(''), releases })?.release).toBe('');
    expect(selectedRelease({ choice: choice(null), releases: null })).toBeNull();
  });

  test('a release is compared with the one before it, or with the chosen one while that has runs', () => {
    expect(askedSheet({ choice: choice(null), releases })).toEqual({ release: 'rc3', previous: null });
    expect(askedSheet({ choice: choice(null, { rc3: '' }), releases })).toEqual({ release: 'rc3', previous: '' });
    expect(askedSheet({ choice: choice(null, { rc3: 'gone' }), releases })).toEqual({ release: 'rc3', previous: null });
    expect(askedSheet({ choice: choice(null, { rc3: 'rc3' }), releases })).toEqual({ release: 'rc3', previous: null });
    expect(askedSheet({ choice: choice('__proto__'), releases })).toEqual({ release: '__proto__', previous: null });
    expect(askedSheet({ choice: choice(null), releases: [] })).toBeNull();
  });

  test('a remembered choice that does not read is refused', () => {
    expect(releasesChoiceSchema.safeParse(choice('rc1', { rc1: 'rc0' })).success).toBe(true);
    expect(releasesChoiceSchema.safeParse({ half: 'other', release: null, previous: {} }).success).toBe(false);
    expect(releasesChoiceSchema.safeParse(null).success).toBe(false);
  });
});

describe('scenarios', () => {
  const run = (number: number, scenario: string, more: Partial<ArchivedRun> = {}): ArchivedRun =>
    ({ run: runId(number), scenario, startedAt: number, outcome: 'passed', damage: null, mode: 'live', ...more }) as ArchivedRun;
  const runs = [
    run(1, 'failover'),
    run(3, 'release-check'),
    run(2, 'failover'),
    run(9, 'dry', { mode: 'dry' }),
    run(8, 'running', { outcome: null }),
  ];

  test('those that have finished live runs, that of the latest first', () => {
    expect(scenariosOf(runs)).toEqual(['release-check', 'failover']);
  });

  test('the chosen one, else that of the shown run, else that of the latest', () => {
    expect(selectedScenario({ scenario: 'failover' }, runs, runId(3))).toBe('failover');
    expect(selectedScenario({ scenario: 'gone' }, runs, runId(1))).toBe('failover');
    expect(selectedScenario({ scenario: null }, runs, runId(9))).toBe('release-check');
    expect(selectedScenario({ scenario: null }, runs, null)).toBe('release-check');
    expect(selectedScenario({ scenario: null }, [], null)).toBeNull();
  });

  test('lines are chosen for each scenario; a hostile name finds nothing', () => {
    const chosen = { metrics: ['A.rss'], steps: null };
    expect(linesOf({ lines: { failover: chosen } }, 'failover')).toBe(chosen);
    expect(linesOf({ lines: {} }, 'failover')).toBe(usualLines);
    expect(linesOf({ lines: {} }, '__proto__')).toBe(usualLines);
    expect(linesOf({ lines: {} }, 'constructor')).toBe(usualLines);
  });

  test('more metrics than can be asked for are not remembered', () => {
    const many = (count: number) => ({
      scenario: null,
      limit: 100,
      lines: { failover: { metrics: Array.from({ length: count }, (_, index) => `A.m${index}`), steps: null } },
    });
    expect(trendChoiceSchema.safeParse(many(trendBounds.metrics)).success).toBe(true);
    expect(trendChoiceSchema.safeParse(many(trendBounds.metrics + 1)).success).toBe(false);
  });
});
