/** Choosing what is removed: the rules propose, the operator spares and names. */
import { describe, expect, test } from 'vitest';
import {
  byTheRules,
  choiceAfter,
  inOrder,
  isChosen,
  isOpen,
  removalOf,
  type PreviewedRun,
} from '../../../renderer/views/archive/storage-choice.ts';
import { runIdSchema } from '#shared/identifiers.ts';

function run(number: number, change: Partial<PreviewedRun> = {}): PreviewedRun {
  const id = runIdSchema.parse(`20261120T221735Z-failover-000${number}`);
  return { run: id, bytes: number * 100, decision: 'undecided', goes: false, removable: true, reason: 'no rule is set', ...change };
}

const old = run(1, { goes: true });
const older = run(2, { goes: true });
const accepted = run(3, { decision: 'accepted' });
const acceptedInUse = run(4, { decision: 'accepted', removable: false });
const young = run(5);
const damaged = run(6, { removable: false });
const all = [damaged, young, acceptedInUse, accepted, older, old];

describe('a choice', () => {
  test('is what the rules say at first', () => {
    expect(removalOf(all, byTheRules)).toEqual({ runs: [older.run, old.run], accepted: [], bytes: 300 });
    expect(all.filter(isOpen)).toEqual([accepted, older, old]);
  });

  test('spares what would go, names what was accepted, and takes both back', () => {
    const spared = choiceAfter(choiceAfter(byTheRules, old), accepted);
    expect(removalOf(all, spared)).toEqual({ runs: [accepted.run, older.run], accepted: [accepted.run], bytes: 500 });
    const back = choiceAfter(choiceAfter(spared, old), accepted);
    expect(removalOf(all, back)).toEqual(removalOf(all, byTheRules));
  });

  test('never reaches what is damaged, used, or kept by the rules', () => {
    const wild = [damaged, acceptedInUse, young].reduce(choiceAfter, byTheRules);
    expect([damaged, acceptedInUse, young].some((each) => isChosen(each, wild))).toBe(false);
    expect(removalOf(all, wild)).toEqual(removalOf(all, byTheRules));
  });
});

test('what goes stands first, then what can be named, each from the largest on', () => {
  expect(inOrder(all)).toEqual([older, old, accepted, damaged, young, acceptedInUse]);
});
