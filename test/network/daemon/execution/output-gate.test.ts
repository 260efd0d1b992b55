/** How much of a program’s output is let through. */
import { describe, expect, test } from 'vitest';
import { OutputGate } from '#network/daemon/execution/output-gate.ts';

describe('output', () => {
  test('beyond its rate is left out, and that is said', () => {
    let now = 0;
    const lines: string[] = [];
    const gate = new OutputGate(
      () => now,
      (line) => lines.push(line),
    );
    for (let index = 0; index < 50_000; index++) gate.line(`line ${index}`);
    now += 1_000;
    gate.line('later');
    gate.end();
    expect(lines).toHaveLength(5_002);
    expect(lines.slice(-2)).toEqual([expect.stringMatching(/^… 45,000 lines were left out here/), 'later']);
  });
});
