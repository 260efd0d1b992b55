/** What a state means, wherever it is shown: in lanes, labels and charts alike. */
import { expect, test } from 'vitest';
import { meaningOfState } from '../../../renderer/components/state-meaning.ts';

test.each([
  ['READY', 'ok'],
  ['RUNNING', 'ok'],
  ['CONNECTED', 'ok'],
  ['STANDBY', 'standby'],
  ['replica', 'standby'],
  ['STARTING', 'changing'],
  ['SYNCING', 'changing'],
  ['CONNECTING', 'changing'],
  ['CRASHED', 'fail'],
  ['CONNECTION_LOST', 'fail'],
  ['REFUSED', 'fail'],
  ['DOWN', 'fail'],
  ['STOPPED', 'idle'],
  ['NOT_RUNNING', 'idle'],
  ['UNKNOWN', 'unknown'],
  ['PURPLE', 'idle'],
] as const)('%s is %s', (state, meaning) => {
  expect(meaningOfState(state)).toBe(meaning);
});
