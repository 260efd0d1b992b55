import { describe, expect, test } from 'vitest';
import { Trace } from '#main/cli/trace.ts';
import { step } from './sample-records.ts';

describe('the trace of a run', () => {
  test('is the numbers of the slides, and the steps with their numbers', () => {
    const trace = new Trace();
    trace.add(step(1, 0, 'start_load'));
    trace.add(step(2, 8, 'echo PASS'));
    trace.add(step(3, 0, 'defer stop_load', { phase: 'deferred' }));
    expect(trace.numbers()).toBe('0 8');
    expect(trace.lines()).toEqual(['0 start_load', '8 echo PASS', '↩ stop_load']);
  });

  test('numbers the steps of a called scenario under the step that calls it', () => {
    const trace = new Trace();
    trace.add(step(1, 3, 'call inner'));
    trace.add(step(2, 0, 'echo a', { depth: 1 }));
    trace.add(step(3, 1, 'call innermost', { depth: 1 }));
    trace.add(step(4, 0, 'echo b', { depth: 2 }));
    trace.add(step(5, 4, 'echo c'));
    expect(trace.numbers()).toBe('3 3.0 3.1 3.1.0 4');
    expect(trace.lines()[3]).toBe('    3.1.0 echo b');
  });

  test('of a long run keeps the beginning and the end, and says how much is between', () => {
    const trace = new Trace();
    for (let each = 0; each < 100_000; each++) trace.add(step(each + 1, each, `echo ${each}`));
    expect(trace.numbers()).toMatch(/^0 1 2 .* 99 … \(99800 more\) … 99900 .* 99999$/);
    expect(trace.lines()).toHaveLength(51);
    expect(trace.lines()[30]).toBe('… (99950 more)');
    expect(trace.lines().at(-1)).toBe('99999 echo 99999');
  });
});
