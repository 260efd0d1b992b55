import { describe, expect, test } from 'vitest';
import { readAnswer } from '#main/cli/step-through.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';

const read = (typed: string, breakpoints: readonly Breakpoint[] = []) => readAnswer(typed, 'failover', breakpoints);

const at = (line: number, more: Partial<Breakpoint> = {}): Breakpoint => ({ scenario: 'failover', line, ...more });

describe('what is typed while a run is paused', () => {
  test.each([
    ['n', { kind: 'step' }],
    ['', { kind: 'step' }],
    ['o', { kind: 'step-over' }],
    ['c', { kind: 'continue' }],
    ['r', { kind: 'retry' }],
    ['s', { kind: 'skip' }],
    ['q', { kind: 'stop' }],
    ['g 4', { kind: 'goto', line: 3 }],
    ['set smoke_status PASS again', { kind: 'set-variable', name: 'smoke_status', value: 'PASS again' }],
    ['note gateway looks slow', { kind: 'note', text: 'gateway looks slow' }],
  ])('%j acts', (typed, action) => expect(read(typed)).toEqual({ kind: 'act', action }));

  test('b puts a breakpoint and takes it away', () => {
    expect(read('b 4', [at(8)])).toEqual({
      kind: 'act',
      action: {
        kind: 'set-breakpoints',
        breakpoints: [
          { scenario: 'failover', line: 3 },
          { scenario: 'failover', line: 8 },
        ],
      },
    });
    expect(read('b 9', [at(8)])).toEqual({ kind: 'act', action: { kind: 'set-breakpoints', breakpoints: [] } });
  });

  test('b takes a called scenario, a condition and a number of times, and leaves the others alone', () => {
    const set = (typed: string, before: readonly Breakpoint[]) => {
      const answer = read(typed, before);
      return answer.kind === 'act' && answer.action.kind === 'set-breakpoints' ? answer.action.breakpoints : answer;
    };
    const inner = { scenario: 'inner', line: 2, hits: 3 };
    expect(set('b inner:3 hits 3', [at(8)])).toEqual([at(8), inner]);
    expect(set('b 9 if #{status} == FAIL', [at(8), inner])).toEqual([at(8, { condition: '#{status} == FAIL' }), inner]);
    expect(set('b 9', [at(8, { condition: '#{status} == FAIL' }), inner])).toEqual([inner]);
    expect(read('b 9 if #{status} = FAIL')).toEqual({ kind: 'mistake', message: '`=` is not an operator. Write `==`.' });
  });

  test.each(['b', 'b x', 'g -1', 'set a', 'note', 'fly'])('%j is a mistake with a hint', (typed) => {
    expect(read(typed).kind).toBe('mistake');
  });
});
