import { describe, expect, test } from 'vitest';
import { readAnswer } from '#main/cli/step-through.ts';

const read = (typed: string, breakpoints: readonly number[] = []) => readAnswer(typed, 'failover', new Set(breakpoints));

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
    expect(read('b 4', [9])).toEqual({
      kind: 'act',
      action: {
        kind: 'set-breakpoints',
        breakpoints: [
          { scenario: 'failover', line: 3 },
          { scenario: 'failover', line: 8 },
        ],
      },
    });
    expect(read('b 9', [9])).toEqual({ kind: 'act', action: { kind: 'set-breakpoints', breakpoints: [] } });
  });

  test.each(['b', 'b x', 'g -1', 'set a', 'note', 'fly'])('%j is a mistake with a hint', (typed) => {
    expect(read(typed).kind).toBe('mistake');
  });
});
