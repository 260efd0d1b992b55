import { describe, expect, test } from 'vitest';
import { linkProgram } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { initialRunState } from '#shared/run/run-state.ts';
import { mayMove, statementFrom } from '../../../renderer/views/run/controls/place-commands.ts';

const { program } = linkProgram('main', (name) => parseScenario(name, '---\ntitle: x\n---\n# first\necho a\n\necho b\n'));

describe('the step at the caret', () => {
  test('is on its line, or on the next one that has a step', () => {
    expect([0, 3, 4, 5, 6].map((line) => statementFrom(program, 'main', line))).toEqual([4, 4, 4, 6, 6]);
  });

  test('is none below the last step, nor in a scenario that is not there', () => {
    expect(statementFrom(program, 'main', 7)).toBeNull();
    expect(statementFrom(program, 'other', 0)).toBeNull();
  });
});

describe('moving the position of a paused run', () => {
  const state = { ...initialRunState(), position: { scenario: 'main', line: 4, depth: 0, execution: 1 } };
  test('only within the scenario in which it stands', () => {
    expect(mayMove(state, { scenario: 'main', from: 6, to: 6 })).toBe(true);
    expect(mayMove(state, { scenario: 'other', from: 6, to: 6 })).toBe(false);
    expect(mayMove(state, null)).toBe(false);
  });
});
