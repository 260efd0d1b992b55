/** Breakpoints as people write them, and what is said of their conditions before a run. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakpointSchema } from '#shared/scenario/machine-contract.ts';
import { breakpointText, checkBreakpointCondition, parseBreakpointCondition, readBreakpoint } from '#shared/scenario/breakpoint.ts';
import { longestBreakpointCondition } from '#shared/scenario/breakpoint-limits.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import { programOf } from './machine-driver.ts';

const read = (text: string) => {
  const found = readBreakpoint(text, 'main');
  return 'breakpoint' in found ? found.breakpoint : found.problem.message;
};

describe('a breakpoint in words', () => {
  test('line, scenario, condition, number of times', () => {
    expect(read('12')).toEqual({ scenario: 'main', line: 11 });
    expect(read(' inner:3 ')).toEqual({ scenario: 'inner', line: 2 });
    expect(read('failover:12 if #{smoke_status} == FAIL')).toEqual({
      scenario: 'failover',
      line: 11,
      condition: '#{smoke_status} == FAIL',
    });
    expect(read('4 hits 3')).toEqual({ scenario: 'main', line: 3, hits: 3 });
    expect(read('4 hits 1e3')).toEqual({ scenario: 'main', line: 3, hits: 1_000 });
    expect(read("4 if Engine.rss > 500MB and #{x} == 'hits 2' hits 3")).toEqual({
      scenario: 'main',
      line: 3,
      condition: "Engine.rss > 500MB and #{x} == 'hits 2'",
      hits: 3,
    });
  });

  test('what is wrong is told in one sentence', () => {
    expect(read('')).toBe('`` names no line.');
    expect(read('0')).toBe('`0` names no line.');
    expect(read('inner:')).toBe('`inner:` names no line.');
    expect(read('4 hits 0')).toBe('`0` is no number of times.');
    expect(read('4 hits 0x10')).toBe('`0x10` is no number of times.');
    expect(read('4 hits 2.5')).toBe('`2.5` is no number of times.');
    expect(read('4 hits many')).toBe('`many` is no number of times.');
    expect(read('4 when x == 1')).toBe('`when x == 1` is neither a condition nor a number of times.');
    expect(read('4 if #{x} = 1')).toBe('`=` is not an operator.');
    expect(read('4 if #{x} == 1 within 3s')).toBe('`within 3s` does not belong to the condition.');
    expect(read('4 if error from Engine')).toContain('cannot stand here');
  });

  test('what is written is read again', () => {
    const place = fc.record({ scenario: fc.constantFrom('main', 'inner', 'a-b_c'), line: fc.nat({ max: 99_998 }) });
    const condition = fc.constantFrom(
      "#{x} == 'a b'",
      'Engine.rss > 500MB',
      'not (a == b or Engine.STATE != READY)',
      "x matches '^(a|b)$'",
    );
    const more = fc.record({ condition, hits: fc.integer({ min: 1, max: 1_000_000_000 }) }, { requiredKeys: [] });
    fc.assert(
      fc.property(place, more, (where, what) => {
        const breakpoint = { ...where, ...what };
        expect(read(breakpointText(breakpoint, 'main'))).toEqual(breakpoint);
        expect(read(breakpointText(breakpoint))).toEqual(breakpoint);
        expect(breakpointSchema.parse(breakpoint)).toEqual(breakpoint);
      }),
      { seed: 20261124, numRuns: 200 },
    );
  });

  test('no text at all is an accident', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `3 if ${text}`),
        ),
        (text) => {
          const found = readBreakpoint(text, 'main');
          if ('breakpoint' in found) expect(breakpointSchema.safeParse(found.breakpoint).success).toBe(true);
          else expect(found.problem.message).not.toBe('');
        },
      ),
      { seed: 20261125, numRuns: 500 },
    );
  });
});

describe('a condition', () => {
  test('stands on one line and has a bound', () => {
    expect(parseBreakpointCondition('#{x} == 1\n').problem?.message).toBe('The condition of a breakpoint stands on one line.');
    expect(parseBreakpointCondition(`#{x} == ${'a'.repeat(longestBreakpointCondition)}`).problem?.message).toContain('longer than');
    expect(parseBreakpointCondition('').problem?.message).toBe('Something to compare is missing here.');
    expect(parseBreakpointCondition('#{x} == 1').condition?.kind).toBe('comparison');
  });

  test('is judged by what the environment and the scenario know', () => {
    const program = programOf({ main: 'set status = PASS' });
    const scenario = program.scenarios.get('main')!;
    const catalogue: ScenarioCatalogue = {
      commands: [],
      components: [
        { name: 'Engine', daemons: ['one'], states: ['READY'], commands: [], signals: [], metrics: [{ name: 'rss', unit: 'bytes' }] },
      ],
    };
    const said = (text: string) =>
      checkBreakpointCondition(text, scenario, program, catalogue).map(({ severity, message }) => `${severity}: ${message}`);
    expect(said('#{status} == FAIL')).toEqual([]);
    expect(said('Engine.rss > 500MB and Engine.STATE == READY')).toEqual([]);
    expect(said('#{statu} == FAIL')).toEqual(['warning: Nothing gives the variable `statu` a value.']);
    expect(said('Engin.rss > 1MB')).toEqual(['error: The environment has no component `Engin`.']);
    expect(said('Engine.rss > 30s')).toEqual(['error: A value in bytes is compared with one in ms.']);
    expect(said("#{status} matches '('")[0]).toContain('The pattern cannot be used');
    expect(said('#{status} < abc')[0]).toContain('error: `abc` is no number');
    expect(said('#{status} < 1e3')[0]).toContain('warning: `status` is never given a number');
    expect(said('#{release} < 1e3')).toEqual([]);
    expect(said('#{status} ==')).toEqual(['error: Something to compare is missing here.']);
  });
});
