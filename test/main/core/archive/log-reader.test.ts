/** Reading logs: whatever the bytes, intact records come first and damage is told, not guessed. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLines, readRecords, scanLog } from '#main/core/archive/log-reader.ts';
import { ProblemError } from '#shared/problem.ts';
import { echo, readAll, removeFolder, temporaryFolder } from './fixtures.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  file = path.join(folder, 'log.ndjson');
});
afterAll(() => removeFolder(folder));

function lines(texts: readonly string[]): string[] {
  return texts.map((text, index) => `${JSON.stringify({ sequence: index + 1, time: index, ...echo(text) })}\n`);
}

test('a log cut anywhere reads up to its last whole record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 10 }), fc.nat(), async (texts, place) => {
      const whole = Buffer.from(lines(texts).join(''));
      const cut = whole.subarray(0, whole.length === 0 ? 0 : place % (whole.length + 1));
      await writeFile(file, cut);
      const intact = cut.lastIndexOf(10) + 1;
      const count = cut.toString('latin1').split('\n').length - 1;
      const scan = await scanLog(file, () => {});
      expect(scan).toMatchObject({ intactLength: intact, records: count, length: cut.length });
      expect(scan.damage === null).toBe(intact === cut.length);
      expect((await readAll(readRecords(file, 1))).map((record) => record.kind === 'echo' && record.text)).toEqual(texts.slice(0, count));
    }),
    { seed: 20_261_120, numRuns: 100 },
  );
});

test('any bytes are read without failing in another way than with a problem', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 3 }), async (bytes, before) => {
      const intact = Buffer.from(lines(Array.from({ length: before }, () => 'x')).join(''));
      await writeFile(file, Buffer.concat([intact, bytes]));
      const scan = await scanLog(file, () => {});
      expect(scan.records).toBe(before);
      expect(scan.intactLength).toBe(intact.length);
      await readAll(readRecords(file, 1)).catch((failure: unknown) => {
        expect(failure).toBeInstanceOf(ProblemError);
      });
    }),
    { seed: 20_261_120, numRuns: 200 },
  );
});

test('lines longer than a chunk are put together, and a limit is kept', async () => {
  const variables = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`v${index}`, 'x'.repeat(60_000)]));
  const [first = '', second = '', third = ''] = lines(['a', 'b', 'c']);
  const long = (line: string): string =>
    `${JSON.stringify({ ...(JSON.parse(line) as object), kind: 'condition', execution: 1, condition: 'c', form: 'wait', text: '', state: 'met', values: variables })}\n`;
  await writeFile(file, `${long(first)}${second}${long(third)}`);
  const records = await readAll(readRecords(file, 2));
  expect(records.map(({ sequence }) => sequence)).toEqual([2, 3]);
  const bounded = async (): Promise<void> => {
    for await (const batch of readLines(file, { lineLimit: 1_000 })) expect(batch.length).toBeGreaterThan(0);
  };
  await expect(bounded()).rejects.toMatchObject({ problem: { code: 'log-line-too-long' } });
});

test('a record out of its place is damage', async () => {
  const [first, , third] = lines(['1', '2', '3']);
  await writeFile(file, `${first}${third}`);
  const scan = await scanLog(file, () => {});
  expect(scan).toMatchObject({ records: 1, damage: { line: 2, torn: false } });
  await expect(readAll(readRecords(file, 1))).rejects.toMatchObject({ problem: { code: 'log-damaged' } });
});
