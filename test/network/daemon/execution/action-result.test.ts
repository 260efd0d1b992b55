/** What a program’s output and exit status say as the result of an action. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptOutput, readResult } from '#network/daemon/execution/action-result.ts';
import { executorOf } from './executor-under-test.ts';

describe('results', () => {
  const kept = (...lines: string[]) => {
    const output = new KeptOutput();
    for (const line of lines) output.add(line);
    return output;
  };
  test.each([
    [{ kind: 'exit status' } as const, ['x'], { value: '3' }],
    [{ kind: 'last line' } as const, ['one', ' PASS ', ''], { value: 'PASS' }],
    [{ kind: 'output' } as const, ['one', 'two', ''], { value: 'one\ntwo' }],
    [{ kind: 'json', path: ['orders', '0', 'id'] } as const, ['{"orders":', '[{"id": 7}]}'], { value: '7' }],
    [{ kind: 'json', path: ['a'] } as const, ['starting …', '{"a":"b"}'], { value: 'b' }],
    [{ kind: 'json', path: ['sent'] } as const, ['{"sent": 2733382000000000049 }'], { value: '2733382000000000049' }],
    [{ kind: 'json', path: ['0'] } as const, ['[1.10, 2]'], { value: '1.10' }],
    [{ kind: 'json', path: ['a'] } as const, ['{"a": 1E-7}'], { value: '1E-7' }],
    [{ kind: 'json', path: ['a'] } as const, ['{"a": null}'], { value: 'null' }],
    [
      { kind: 'json', path: ['a'] } as const,
      ['{"a": [1.0, {"b": 9007199254740993}, "\\u0041 ,]"]}'],
      { value: '[1.0,{"b":9007199254740993},"A ,]"]' },
    ],
    [{ kind: 'json', path: ['a', 'b'] } as const, ['{"a":{"b":1},"a":{"b":2}}'], { value: '2' }],
    [{ kind: 'json', path: ['orders', 'length'] } as const, ['{"orders":[[1,2],[3],{}]}'], { value: '3' }],
    [{ kind: 'json', path: ['1'] } as const, ['[7]'], { problem: 'The JSON output has no "1".' }],
    [{ kind: 'json', path: ['toString'] } as const, ['{}'], { problem: 'The JSON output has no "toString".' }],
    [{ kind: 'json', path: [] } as const, ['nonsense'], { problem: 'The output is not JSON.' }],
  ])('%j', (reading, lines, wanted) => {
    expect(readResult(reading, 3, kept(...lines))).toEqual(wanted);
  });

  test('any value inside any JSON is found as JSON.parse finds it, however it is spaced', () => {
    const spaced = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.array(fc.nat()), spaced, (whole, turns, space) => {
        const path: string[] = [];
        let value: unknown = whole;
        for (const turn of turns) {
          const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
          const key = keys[turn % Math.max(1, keys.length)];
          if (key === undefined) break;
          path.push(key);
          value = (value as Record<string, unknown>)[key];
        }
        const read = readResult({ kind: 'json', path }, 0, kept(...JSON.stringify(whole, null, space).split('\n')));
        expect(read).toEqual({ value: typeof value === 'string' ? value : JSON.stringify(value) });
      }),
      { seed: 20261201, numRuns: 2_000 },
    );
  });

  test('JSON that is nested deeply is no trouble', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(readResult({ kind: 'json', path: ['0'] }, 0, kept(deep))).toMatchObject({
      problem: expect.stringContaining('too long') as string,
    });
  });
});

test('a number in JSON output arrives with every digit', async () => {
  const { run } = await executorOf(
    `actions:\n  count: { command: [echo, '{{"orders": {{"sent": 2733382000000000049, "rate": 1.10}}}}'], result: { json: orders.sent } }`,
  );
  expect(await run('count')).toMatchObject({ success: true, result: '2733382000000000049' });
});
