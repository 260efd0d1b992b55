/** Remarks beside runs: nothing said is lost or told twice, whoever writes at the same time and whatever stands in the file. */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { remarksFolder, remarksIn, RemarkStore } from '#main/core/archive/remark-store.ts';
import { decisionOf, standingRemarks } from '#shared/run/remarks.ts';
import { removeFolder, runId, temporaryFolder } from './fixtures.ts';

let folder: string;
let store: RemarkStore;
const run = runId(1);
const file = () => path.join(folder, remarksFolder, `${run}.ndjson`);
const note = (text: string) => ({ kind: 'note', time: null, text }) as const;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = new RemarkStore(folder, () => 1_000);
});
afterEach(() => removeFolder(folder));

describe('remarks on a run', () => {
  test('are kept in their order, with who said them and when', async () => {
    await store.add(run, 'kim', note('slow start'));
    await store.add(run, 'lee', { kind: 'decision', decision: 'accepted', text: 'as it should be' });
    expect(await store.of(run)).toEqual([
      { number: 1, saidAt: 1_000, author: 'kim', kind: 'note', time: null, text: 'slow start' },
      { number: 2, saidAt: 1_000, author: 'lee', kind: 'decision', decision: 'accepted', text: 'as it should be' },
    ]);
  });

  test('a withdrawn decision counts no more, and stays in the list', async () => {
    await store.add(run, 'kim', { kind: 'decision', decision: 'accepted', text: '' });
    await store.add(run, 'kim', { kind: 'decision', decision: 'rejected', text: '' });
    expect(decisionOf(await store.of(run))).toBe('rejected');
    await store.add(run, 'lee', { kind: 'withdrawal', remark: 2 });
    expect(decisionOf(await store.of(run))).toBe('accepted');
    expect(await store.of(run)).toHaveLength(3);
    expect(standingRemarks(await store.of(run))).toHaveLength(1);
  });

  test('what was never said cannot be taken back', async () => {
    await store.add(run, 'kim', note('one'));
    await store.add(run, 'kim', { kind: 'withdrawal', remark: 1 });
    for (const remark of [2, 3]) {
      await expect(store.add(run, 'kim', { kind: 'withdrawal', remark })).rejects.toThrow(`There is no remark ${remark} on the run`);
    }
  });

  test('two cores may say things at the same time: all of it stands, each once, with numbers of its own', async () => {
    const other = new RemarkStore(folder, () => 2_000);
    const added = await Promise.all(
      Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? store : other).add(run, 'kim', note(`note ${index}`))),
    );
    const all = await store.of(run);
    expect(all.map((remark) => (remark.kind === 'note' ? remark.text : '')).sort()).toEqual(
      Array.from({ length: 60 }, (_, index) => `note ${index}`).sort(),
    );
    expect(new Set(added.map(({ number }) => number)).size).toBe(60);
    for (const remark of added) expect(all.find(({ number }) => number === remark.number)).toEqual(remark);
  });

  test('a line that a killed core left torn is left out, keeps its number, and spoils nothing after it', async () => {
    await store.add(run, 'kim', note('one'));
    await appendFile(file(), '{"saidAt":1,"author":"kim","kind":"no');
    const three = await store.add(run, 'kim', note('three'));
    expect(three.number).toBe(3);
    expect((await store.of(run)).map(({ number }) => number)).toEqual([1, 3]);
  });

  test('lists are told the decision and how much stands; changes of another core are seen', async () => {
    expect((await store.summarised()).size).toBe(0);
    await store.add(run, 'kim', note('one'));
    await store.add(run, 'kim', { kind: 'decision', decision: 'accepted', text: '' });
    expect((await store.summarised()).get(run)).toMatchObject({ decision: 'accepted', remarks: 2 });
    await new RemarkStore(folder, () => 2_000).add(run, 'lee', { kind: 'decision', decision: 'rejected', text: '' });
    expect((await store.summarised()).get(run)).toMatchObject({ decision: 'rejected', remarks: 3 });
    await store.remove(run);
    expect((await store.summarised()).get(run)).toBeUndefined();
    expect(await store.of(run)).toEqual([]);
  });

  test('the index of many runs is made again when it is damaged, and never believed against a file that changed', async () => {
    for (let number = 1; number <= 60; number++) {
      await store.add(runId(number), 'kim', { kind: 'decision', decision: 'accepted', text: '' });
    }
    const index = path.join(folder, remarksFolder, 'index.json');
    await writeFile(path.join(folder, remarksFolder, 'no run.ndjson'), '{}\n');
    expect((await store.summarised()).size).toBe(60);
    await writeFile(index, (await readFile(index, 'utf8')).replace('"accepted",1]', '"rejected",7]'));
    const next = () => new RemarkStore(folder, () => 3_000);
    // It is an aid that is believed: what it says of files that are as they were is not looked up again.
    const believed = [...(await next().summarised()).values()];
    expect(believed.filter(({ decision }) => decision === 'rejected')).toEqual([{ decision: 'rejected', remarks: 7 }]);
    for (let number = 1; number <= 60; number++) await next().add(runId(number), 'lee', note('more'));
    expect([...(await next().summarised()).values()]).toEqual(Array.from({ length: 60 }, () => ({ decision: 'accepted', remarks: 2 })));
    await writeFile(index, '{"version":1,"entries":[["x"');
    expect((await next().summarised()).get(runId(7))).toEqual({ decision: 'accepted', remarks: 2 });
  });

  test('what comes close to the bound is refused; what was said stays readable', async () => {
    await store.add(run, 'kim', note('first'));
    await appendFile(
      file(),
      `${JSON.stringify({ saidAt: 1, author: 'kim', kind: 'note', time: null, text: 'é'.repeat(1_900) })}\n`.repeat(2_036),
    );
    const before = (await readFile(file())).length;
    expect(before).toBeGreaterThan(7_800_000);
    await expect(store.add(run, 'kim', note('one more'))).rejects.toThrow('nothing more is taken');
    expect(await store.of(run)).toHaveLength(2_037);
    const lines = new RemarkStore(folder, () => 1);
    await writeFile(file(), 'no remark\n'.repeat(9_950));
    await expect(lines.add(run, 'kim', note('one more'))).rejects.toThrow('nothing more is taken');
  });

  test('cores that are killed in the middle: each remark that was acknowledged stands, once', { timeout: 60_000 }, async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      const children = ['a', 'b'].map((name) => {
        const child = fork(path.join(import.meta.dirname, 'remark-child.ts'), [folder, run, `${name}${round}`], { stdio: 'ignore' });
        child.on('message', (text: unknown) => {
          if (typeof text === 'string') acknowledged.push(text);
        });
        return child;
      });
      await Promise.all(children.map((child) => once(child, 'message')));
      await new Promise((resolve) => setTimeout(resolve, 40 + round * 15));
      await Promise.all(
        children.map((child) => {
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          return gone;
        }),
      );
    }
    const said = (await store.of(run)).map((remark) => (remark.kind === 'note' ? remark.text : ''));
    expect(new Set(said).size).toBe(said.length);
    for (const text of acknowledged) expect(said).toContain(text);
    expect(acknowledged.length).toBeGreaterThan(8);
    expect((await store.add(run, 'kim', note('after'))).number).toBeGreaterThan(said.length);
  });

  test('a folder that cannot be written is told in one sentence', async () => {
    await writeFile(path.join(folder, remarksFolder), 'a file where the folder should be');
    await expect(store.add(run, 'kim', note('one'))).rejects.toThrow(/could not be written \(EEXIST|cannot be read \(ENOTDIR/);
  });

  test('whatever stands in the file, only remarks come out, with the numbers of their lines', () => {
    const good = JSON.stringify({ saidAt: 1, author: 'kim', kind: 'note', time: null, text: 'x' });
    const line = fc.oneof(fc.constant(good), fc.string().map((text) => text.replaceAll('\n', ' ')), fc.json().map((text) => text.replaceAll('\n', ' '))); // prettier-ignore
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const found = remarksIn(lines.map((each) => `${each}\n`).join(''));
        expect(found.map(({ number }) => number)).toEqual(lines.flatMap((each, index) => (each === good ? [index + 1] : [])));
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });

  test('a file beyond its bounds is not read', async () => {
    await mkdir(path.dirname(file()), { recursive: true });
    await writeFile(file(), 'x'.repeat(8_100_000));
    expect(await store.of(run)).toEqual([]);
    await expect(store.add(run, 'kim', note('one'))).rejects.toThrow('nothing more is taken');
    expect((await readFile(file())).length).toBe(8_100_000);
  });
});
