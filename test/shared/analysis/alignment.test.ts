/** Steps of different runs are matched by what was called and written, wherever the lines stand. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alignSteps, stepKeys, type KeyedStep } from '#shared/analysis/alignment.ts';
import type { ProfileStep } from '#shared/analysis/profile.ts';
import { stepsOf } from './simulated-runs.ts';

const seeded = { numRuns: 300, seed: 19_930_601 };
const step = (text: string, depth = 0, phase: KeyedStep['phase'] = 'main'): KeyedStep => ({ text, depth, phase, scenario: 'root' });
const keysOf = (steps: readonly KeyedStep[]): string[] => stepKeys(steps).map(({ key }) => key);
const aligned = (candidate: readonly string[], ...baseline: readonly (readonly string[])[]): string[] =>
  alignSteps(
    stepsOf(candidate),
    baseline.map((texts) => stepsOf(texts)),
  ).map(({ key }) => key.replace(/#1$/, ''));

/** Executed steps with plausible depths: a call goes one deeper, returns go back any number. */
const executed = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'call x', 'call y', 'a#1', 'x › y'), fc.nat({ max: 3 }), fc.boolean()), { maxLength: 40 })
  .map((parts) => {
    let depth = 0;
    return parts.map(([text, back, deeper], index): KeyedStep => {
      depth = deeper && index > 0 ? depth + 1 : Math.max(0, depth - back);
      return step(text, depth, index > 30 ? 'deferred' : 'main');
    });
  });

describe('keys', () => {
  test('count a text under the call that led to it, loops and called scenarios included', () => {
    const steps = [step('call login'), step('wait 1s', 1), step('wait 1s', 1), step('call login'), step('wait 1s', 1), step('wait 1s')];
    expect(keysOf(steps)).toEqual([
      'call login#1',
      'call login#1 › wait 1s#1',
      'call login#1 › wait 1s#2',
      'call login#2',
      'call login#2 › wait 1s#1',
      'wait 1s#1',
    ]);
    expect(stepKeys(steps).map(({ occurrence }) => occurrence)).toEqual([1, 1, 2, 2, 1, 1]);
  });

  test('a promise kept at the end is not the same step as the command in the script', () => {
    expect(keysOf([step('stop_load'), step('stop_load', 0, 'deferred')])).toEqual(['stop_load#1', 'at the end › stop_load#1']);
  });

  test('a call that the log does not have is told by its scenario', () => {
    expect(keysOf([step('wait 1s', 2)])).toEqual(['root#? › wait 1s#1']);
  });

  test('no two steps of a run have the same', () => {
    fc.assert(
      fc.property(executed, (steps) => {
        expect(new Set(keysOf(steps)).size).toBe(steps.length);
      }),
      seeded,
    );
  });

  test('a step inserted elsewhere changes no key of the others', () => {
    fc.assert(
      fc.property(executed, fc.nat(), (steps, where) => {
        const at = where % (steps.length + 1);
        const inserted = steps.toSpliced(at, 0, step('inserted', steps[at]?.depth ?? 0, steps[at]?.phase ?? steps.at(-1)?.phase ?? 'main'));
        // Between a call and what it called, an inserted step would be the caller.
        fc.pre((steps[at]?.depth ?? 0) <= (steps[at - 1]?.depth ?? 0));
        expect(keysOf(inserted).toSpliced(at, 1)).toEqual(keysOf(steps));
      }),
      seeded,
    );
  });
});

describe('alignment', () => {
  test('steps of one side stand where they belong', () => {
    expect(aligned(['a', 'b', 'd'], ['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd']);
    expect(aligned(['a', 'new', 'b'], ['a', 'old', 'b'])).toEqual(['a', 'old', 'new', 'b']);
    expect(aligned(['b'], ['first', 'b', 'last'], ['b', 'last', 'very last'])).toEqual(['first', 'b', 'last', 'very last']);
    expect(aligned([], ['a', 'b'])).toEqual(['a', 'b']);
  });

  test('is a bijection on shared keys and keeps the order of the candidate', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 25 });
    fc.assert(
      fc.property(texts, fc.array(texts, { maxLength: 5 }), (candidate, baseline) => {
        const own = stepsOf(candidate);
        const others = baseline.map((each) => stepsOf(each));
        const rows = alignSteps(own, others);
        expect(rows.filter(({ candidate: index }) => index >= 0).map(({ candidate: index }) => index)).toEqual(
          own.map((_, index) => index),
        );
        for (const [run, steps] of others.entries()) {
          const seen = rows.flatMap((row) => ((row.baseline[run] ?? -1) >= 0 ? [row.baseline[run] ?? -1] : []));
          expect(seen.toSorted((left, right) => left - right)).toEqual(steps.map((_, index) => index));
        }
        const same = (step: ProfileStep | undefined, key: string): boolean => step === undefined || step.key === key;
        expect(
          rows.every((row) => same(own[row.candidate], row.key) && [...row.baseline].every((at, run) => same(others[run]?.[at], row.key))),
        ).toBe(true);
      }),
      seeded,
    );
  });
});
