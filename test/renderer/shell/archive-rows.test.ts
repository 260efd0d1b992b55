/** The archive’s list: filter, and what is told of a run. */
import { describe, expect, test } from 'vitest';
import { checksText, deletedSentence, everyRun, filterRuns, verdictOf } from '../../../renderer/views/archive/archive-rows.ts';
import type { ArchivedRun } from '../../../renderer/stores/archived-runs.ts';

const run = (name: string, more: Partial<ArchivedRun> = {}): ArchivedRun =>
  ({
    run: name,
    scenario: name,
    environment: 'demo',
    release: 'rc1',
    operator: 'ada',
    mode: 'live',
    startedAt: 0,
    finishedAt: null,
    duration: null,
    outcome: 'passed',
    reason: null,
    totals: null,
    damage: null,
    decision: 'undecided',
    remarks: 0,
    ...more,
  }) as ArchivedRun;
const names = (runs: readonly ArchivedRun[]) => runs.map((each) => each.scenario);
const everything = everyRun;

describe('the list of runs', () => {
  const runs = [
    run('a', { duration: 5, release: 'rc10', startedAt: 1, outcome: 'failed', reason: 'lost orders' }),
    run('b', { duration: null, release: 'rc2', startedAt: 2, operator: 'grace' }),
    run('c', { duration: 7, release: 'rc2', startedAt: 3, outcome: null }),
  ];

  test('every word must stand somewhere', () => {
    expect(names(filterRuns(runs, { ...everything, text: 'lost RC10' }))).toEqual(['a']);
    expect(names(filterRuns(runs, { ...everything, text: 'lost grace' }))).toEqual([]);
    expect(names(filterRuns(runs, { ...everything, verdict: 'running' }))).toEqual(['c']);
    expect(names(filterRuns(runs, { ...everything, release: 'rc2' }))).toEqual(['b', 'c']);
  });

  test('damage is told before any outcome', () => {
    expect(verdictOf({ outcome: 'passed', damage: 'log.ndjson is missing' })).toBe('damaged');
    expect(verdictOf({ outcome: null, damage: null })).toBe('running');
  });

  test('checks are counted, and none is not all', () => {
    const totals = { checksMet: 3, checksNotMet: 1 } as ArchivedRun['totals'];
    expect(checksText({ totals })).toBe('3 of 4');
    expect(checksText({ totals: { checksMet: 0, checksNotMet: 0 } as ArchivedRun['totals'] })).toBe('none');
    expect(checksText({ totals: null })).toBe('');
  });
});

describe('deleting', () => {
  test('is told in one sentence, accepted runs by name', () => {
    const accepted = run('b', { decision: 'accepted' });
    expect(deletedSentence([run('a')])).toBe('Run a is deleted.');
    expect(deletedSentence([accepted])).toBe('Run b, which was accepted as baseline, is deleted.');
    expect(deletedSentence([run('a'), run('c')])).toBe('2 runs are deleted.');
    expect(deletedSentence([run('a'), accepted])).toBe('2 runs are deleted, 1 of them accepted.');
  });
});
