/** The archive's list: filter, order, selection by keyboard. */
import { describe, expect, test } from 'vitest';
import {
  checksText,
  deletedSentence,
  everyRun,
  filterRuns,
  selectionAfter,
  sortRuns,
  verdictOf,
} from '../../../renderer/views/archive/archive-rows.ts';
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

  test('unknown values stand last, whichever way it is sorted; equal ones newest first', () => {
    expect(names(sortRuns(runs, { column: 'duration', descending: false }))).toEqual(['a', 'c', 'b']);
    expect(names(sortRuns(runs, { column: 'duration', descending: true }))).toEqual(['c', 'a', 'b']);
    expect(names(sortRuns(runs, { column: 'release', descending: false }))).toEqual(['c', 'b', 'a']);
    expect(names(sortRuns(runs, { column: 'started', descending: true }))).toEqual(['c', 'b', 'a']);
  });

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

  test('the selection stays within the list', () => {
    expect(selectionAfter('ArrowDown', -1, 3, 10)).toBe(0);
    expect(selectionAfter('ArrowUp', -1, 3, 10)).toBe(2);
    expect(selectionAfter('ArrowDown', 2, 3, 10)).toBe(2);
    expect(selectionAfter('PageUp', 1, 3, 10)).toBe(0);
    expect(selectionAfter('End', 0, 3, 10)).toBe(2);
    expect(selectionAfter('x', 0, 3, 10)).toBeNull();
    expect(selectionAfter('ArrowDown', -1, 0, 10)).toBeNull();
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
