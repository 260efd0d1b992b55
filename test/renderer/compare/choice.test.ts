/** What is compared with what: defaults, what is missing, the choice as a command; and which runs of the archive are chosen. */
import { describe, expect, test } from 'vitest';
import type { ArchivedRun } from '../../../renderer/stores/archived-runs.ts';
import {
  candidateOf,
  choiceOf,
  commandOf,
  comparisonChoiceSchema,
  isComparable,
  missingOf,
  oneLike,
  othersOf,
  releasesOf,
  samplesWouldHelp,
  usualChoice,
  usualOf,
} from '../../../renderer/stores/comparison-choice.ts';
import { choose, chosenOf, extendTo, nothingSelected, toggle } from '../../../renderer/views/archive/archive-selection.ts';
import { runId } from './comparison-made.ts';

const run = (number: number, more: Partial<ArchivedRun> = {}): ArchivedRun =>
  ({
    run: runId(number),
    scenario: 'failover',
    environment: 'demo',
    release: 'rc1',
    operator: 'ada',
    mode: 'live',
    startedAt: number,
    finishedAt: null,
    duration: 5,
    outcome: 'passed',
    reason: null,
    totals: null,
    damage: null,
    decision: 'undecided',
    remarks: 0,
    ...more,
  }) as ArchivedRun;

const otherEnvironment = 'other' as ArchivedRun['environment'];
const oldest = run(1, { decision: 'accepted' });
const rc1 = [oldest, run(2, { decision: 'accepted' }), run(3, { decision: 'rejected' })];
const candidate = run(12, { release: 'rc2' });
const rc2 = [run(11, { release: 'rc2' }), candidate];
const running = run(20, { release: 'rc3', outcome: null });
const dry = run(21, { release: 'rc3', mode: 'dry' });
const all = [...rc1, ...rc2, running, dry];

describe('the candidate', () => {
  test('is what was chosen, else the run that is shown, else the latest that can be compared', () => {
    expect(all.filter(isComparable)).toHaveLength(5);
    expect(candidateOf(usualChoice, all, null)?.run).toBe(runId(12));
    expect(candidateOf(usualChoice, all, runId(1))?.run).toBe(runId(1));
    expect(candidateOf({ ...usualChoice, candidate: runId(11) }, all, runId(1))?.run).toBe(runId(11));
    expect(candidateOf({ ...usualChoice, candidate: runId(77) }, all, runId(20))?.run).toBe(runId(12));
    expect(candidateOf(usualChoice, [running, dry], null)).toBeNull();
    expect(othersOf(candidate, all).map(({ startedAt }) => startedAt)).toEqual([11, 3, 2, 1]);
  });
});

describe('the baseline', () => {
  test('is the usual one, as the core chooses it', () => {
    expect(releasesOf(candidate, all)).toEqual([
      { release: 'rc2', lastRun: 11, runs: 1, accepted: 0 },
      { release: 'rc1', lastRun: 3, runs: 3, accepted: 2 },
    ]);
    expect(usualOf(candidate, all)?.release).toBe('rc1');
    expect(usualOf(oldest, all)).toMatchObject({ release: 'rc1', runs: [{ run: runId(2) }] });
    expect(usualOf({ ...run(30, { release: 'rc4' }), environment: otherEnvironment }, all)).toBeNull();
    const dryToo = [...all, run(13, { release: 'rc2', mode: 'dry', decision: 'accepted' })];
    expect(usualOf(candidate, dryToo)?.release).toBe('rc1');
  });

  test('what is missing is named', () => {
    const bare = all.map((each) => ({ ...each, decision: 'undecided' as const }));
    expect(missingOf(usualChoice, candidate, all)).toBeNull();
    expect(missingOf(usualChoice, null, [])).toEqual({ kind: 'no candidate' });
    expect(missingOf(usualChoice, candidate, bare)).toEqual({
      kind: 'none accepted',
      release: 'rc2',
      runs: 1,
      ofAny: true,
    });
    expect(missingOf(usualChoice, candidate, [candidate])).toEqual({ kind: 'no other run' });
    expect(missingOf(usualChoice, oldest, all)).toBeNull();
    const named = (release: string) => ({ ...usualChoice, baseline: { kind: 'accepted', release, last: 10 } as const });
    expect(missingOf(named('rc1'), candidate, all)).toBeNull();
    expect(missingOf(named('rc2'), candidate, all)).toEqual({ kind: 'none accepted', release: 'rc2', runs: 1, ofAny: false });
    expect(missingOf(named('rc9'), candidate, all)).toEqual({ kind: 'none accepted', release: 'rc9', runs: 0, ofAny: false });
    expect(missingOf({ ...usualChoice, baseline: { kind: 'run', run: runId(1) } }, candidate, all)).toBeNull();
  });

  test('of several chosen runs the newest is the candidate', () => {
    expect(choiceOf([candidate])).toEqual({ ...usualChoice, candidate: candidate.run });
    expect(choiceOf([oldest, candidate])).toEqual({ candidate: runId(12), baseline: { kind: 'run', run: runId(1) } });
    expect(choiceOf([...rc1, candidate])).toEqual({
      candidate: runId(12),
      baseline: { kind: 'runs', runs: [runId(3), runId(2), runId(1)] },
    });
  });

  test('is remembered as plain data, and shared as a command', () => {
    const choice = choiceOf([...rc1, candidate]);
    expect(comparisonChoiceSchema.parse(JSON.parse(JSON.stringify(choice)))).toEqual(choice);
    expect(comparisonChoiceSchema.safeParse({ candidate: '../../etc', baseline: choice.baseline }).success).toBe(false);
    expect(commandOf(runId(1), { kind: 'accepted', release: null, last: 10 })).toBe(`testops compare ${runId(1)} --last 10`);
    expect(commandOf(runId(1), { kind: 'accepted', release: "rc 1's; rm -rf", last: 5 })).toBe(
      String.raw`testops compare ${runId(1)} --baseline 'rc 1'\''s; rm -rf' --last 5`,
    );
    expect(commandOf(runId(1), { kind: 'runs', runs: [runId(2), runId(3)] })).toBe(`testops compare ${runId(1)} ${runId(2)} ${runId(3)}`);
  });
});

describe('choosing several runs', () => {
  const order = [1, 2, 3, 4, 5].map(runId);
  const runs = order.map((each) => ({ run: each }));
  const chosen = (selection: typeof nothingSelected) => chosenOf(selection, runs).map(({ run: each }) => order.indexOf(each) + 1);

  test('Ctrl adds and removes, Shift takes the range from where it began', () => {
    const two = choose(runId(2));
    expect(chosen(two)).toEqual([2]);
    const both = toggle(two, runId(4));
    expect(chosen(both)).toEqual([2, 4]);
    expect(chosen(toggle(both, runId(2)))).toEqual([4]);
    const range = extendTo(two, runId(5), order);
    expect(chosen(range)).toEqual([2, 3, 4, 5]);
    expect(chosen(extendTo(range, runId(1), order))).toEqual([1, 2]);
    expect(chosen(extendTo(nothingSelected, runId(3), order))).toEqual([3]);
  });

  test('what a filter hides is not chosen', () => {
    expect(chosenOf(extendTo(choose(runId(1)), runId(3), order), runs.slice(1))).toEqual([{ run: runId(2) }, { run: runId(3) }]);
    expect(chosenOf(choose(runId(9)), runs)).toEqual([]);
  });
});

describe('where there is nothing to compare with', () => {
  test('one run is offered only of the same scenario in the same environment, of another release where there is one', () => {
    const strangers = [run(5, { scenario: 'soak', release: 'rc3' }), run(6, { environment: otherEnvironment, release: 'rc3' })];
    expect(oneLike(candidate, [candidate, ...strangers])).toBeNull();
    expect(oneLike(candidate, [...strangers, ...rc2])?.run).toBe(runId(11));
    expect(oneLike(candidate, [...strangers, ...all])?.run).toBe(runId(3));
  });

  test('the sample history is offered only where it is not here yet and has runs like this one', () => {
    expect(samplesWouldHelp(candidate, rc2)).toBe(true);
    expect(samplesWouldHelp(candidate, all)).toBe(false);
    expect(samplesWouldHelp({ ...candidate, scenario: 'soak' }, rc2)).toBe(false);
    expect(samplesWouldHelp({ ...candidate, environment: otherEnvironment }, rc2)).toBe(false);
  });
});
