/** Breakpoints of the editor in the lines of what a run executes, and what is said of one that is being typed. */
import { describe, expect, test } from 'vitest';
import { parseScenario } from '#shared/scenario/parser.ts';
import { breakpointsInRun, breakpointsOfProgram } from '../../../renderer/stores/run-breakpoints.ts';
import { breakpointOf, judge } from '../../../renderer/views/run/editor/breakpoint-editing.ts';

const at = (scenario: string, line: number) => ({ scenario, line });

describe('breakpoints of a program', () => {
  const scenarios = new Map([['main', parseScenario('main', '# first\necho a\n\nlabel x\necho b\n').scenario]]);

  test('stand on statements; what is not of the program is left out', () => {
    const given = [at('main', 0), at('main', 2), at('main', 4), at('main', 5), at('other', 0)];
    expect(breakpointsOfProgram(given, scenarios)).toEqual([at('main', 1), at('main', 3), at('main', 4)]);
  });

  test('of two that come to one statement the one on its own line stays', () => {
    const own = { ...at('main', 1), hits: 3 };
    expect(breakpointsOfProgram([at('main', 0), own], scenarios)).toEqual([own]);
    expect(breakpointsOfProgram([own, at('main', 0)], scenarios)).toEqual([own]);
  });
});

describe('while an edit is not applied yet', () => {
  const executed = { main: 'echo a\necho b\necho c\n', inner: 'echo x\n' };

  test('lines are those of the run', () => {
    const present = { ...executed, main: 'echo a\necho new\necho newer\necho b\necho c\n' };
    const conditional = { ...at('main', 4), condition: '#{x} == 1' };
    const given = [at('main', 0), at('main', 1), conditional, at('inner', 0), at('elsewhere', 0)];
    expect(breakpointsInRun(given, executed, present)).toEqual([at('main', 0), { ...conditional, line: 2 }, at('inner', 0)]);
  });

  test('and those of the edit once it is applied', () => {
    const text = 'echo a\necho new\necho b\necho c\n';
    expect(breakpointsInRun([at('main', 1)], { main: text }, { main: text })).toEqual([at('main', 1)]);
    expect(breakpointsInRun([at('main', 1)], executed, { main: text })).toEqual([]);
  });
});

describe('what is typed for a breakpoint', () => {
  const program = { root: 'main', scenarios: new Map([['main', parseScenario('main', 'set status = 1\necho a\n').scenario]]) };
  const place = { scenario: 'main', line: 1 };
  const typed = (condition: string, hits: string) => {
    const found = judge({ condition, hits }, 'main', program, null);
    return { found, breakpoint: breakpointOf({ condition, hits }, place, found) };
  };

  test('nothing is a plain breakpoint', () => {
    expect(typed(' ', '')).toEqual({ found: { condition: null, hits: null }, breakpoint: place });
  });

  test('a condition and a number of times', () => {
    expect(typed(' #{status} == FAIL ', ' 3 ').breakpoint).toEqual({ ...place, condition: '#{status} == FAIL', hits: 3 });
  });

  test('an error keeps it from being set, a warning does not', () => {
    expect(typed('#{status} = FAIL', '')).toEqual({
      found: { condition: { severity: 'error', message: "'=' is not an operator. Write '=='." }, hits: null },
      breakpoint: null,
    });
    expect(typed('#{statu} == FAIL', '')).toMatchObject({
      found: { condition: { severity: 'warning', message: expect.stringContaining("Nothing gives the variable 'statu' a value.") } },
      breakpoint: { condition: '#{statu} == FAIL' },
    });
    for (const hits of ['0', '-1', '1.5', 'many']) expect(typed('', hits).breakpoint).toBeNull();
  });
});
