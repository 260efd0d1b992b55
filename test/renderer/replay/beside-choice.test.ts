/** Which run is offered first to stand beside the replayed one. */
import { expect, test } from 'vitest';
import type { RunId } from '#shared/identifiers.ts';
import { choicesBeside } from '../../../renderer/stores/replay/beside-choice.ts';

const run = (id: string, change: object) => ({
  run: id as RunId,
  scenario: 'failover',
  release: 'rc2',
  startedAt: 0,
  outcome: 'passed' as const,
  decision: 'undecided' as const,
  mode: 'live' as const,
  damage: null,
  ...change,
});

test('the latest accepted run of an earlier release, then of the same scenario, then any; never itself or one that goes on', () => {
  const runs = [
    run('shown', { startedAt: 50 }),
    run('other-scenario', { scenario: 'load', startedAt: 60 }),
    run('same-release', { startedAt: 45 }),
    run('earlier-passed', { release: 'rc1', startedAt: 40 }),
    run('accepted-old', { release: 'rc1', startedAt: 10, decision: 'accepted' }),
    run('accepted', { release: 'rc1', startedAt: 20, decision: 'accepted' }),
    run('going-on', { outcome: null, startedAt: 70 }),
  ];
  expect(choicesBeside(runs, 'shown' as RunId).map((each) => each.run)).toEqual([
    'accepted',
    'accepted-old',
    'earlier-passed',
    'same-release',
    'other-scenario',
  ]);
});
