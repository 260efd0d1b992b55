/** `testops runs samples` and `testops runs storage`, as a pipeline uses them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleListSchema } from '#main/core/history/sample-list.ts';
import { root, runCommand } from './console-command.ts';

const samples = sampleListSchema.parse(JSON.parse(readFileSync(join(root, 'resources', 'samples', 'samples.json'), 'utf8'))).runs;
const accepted = samples.filter((sample) => sample.accepted !== undefined);

let archive: string;
beforeAll(() => {
  archive = mkdtempSync(join(tmpdir(), 'testops-storage-'));
});
afterAll(() => rmSync(archive, { recursive: true, force: true }));

const testops = (...words: string[]) => runCommand(['runs', ...words], { archive });
const runs = (): string[] => readdirSync(archive).filter((name) => !name.startsWith('.'));

test('from the samples to a tidy archive', { timeout: 120_000 }, async () => {
  expect((await testops('samples')).output).toBe(`${samples.length} runs of the sample history imported, 0 were there already\n`);
  expect((await testops('samples')).output).toBe(`0 runs of the sample history imported, ${samples.length} were there already\n`);

  const shown = await testops('storage');
  expect(shown.output).toContain('By the rules (none is set), 0 may go (0 B).');
  expect(shown.output.split('\n').filter((line) => /stays\s+accepted, so it goes only when it is named/.test(line))).toHaveLength(
    accepted.length,
  );

  // A preview removes nothing, and rules that were only tried are not kept.
  const tried = JSON.parse((await testops('storage', '--keep', '1', '--json')).output) as {
    total: number;
    runs: { goes: boolean; run: string }[];
  };
  const going = tried.runs.filter(({ goes }) => goes);
  expect(going.length).toBeGreaterThan(0);
  expect(tried.total).toBeGreaterThan(500_000);
  expect(runs()).toHaveLength(samples.length);
  expect((await testops('storage')).output).toContain('(none is set)');
  expect((await testops('storage', '--age', '36500', '--keep', '0', '--apply', '--yes')).output).toContain('0 may go');

  const unasked = await testops('storage', '--keep', '1', '--apply');
  expect(unasked).toMatchObject({ status: 2, errors: expect.stringContaining('nobody can be asked here') });
  expect(runs()).toHaveLength(samples.length);

  const applied = await testops('storage', '--keep', '1', '--save', '--apply', '--yes');
  expect(applied).toMatchObject({ status: 0, errors: '' });
  expect(applied.output).toMatch(new RegExp(`\\n${going.length} runs removed \\([\\d.]+ kB\\)\\n$`));
  expect(runs()).toHaveLength(samples.length - going.length);
  for (const { run } of accepted) expect(runs()).toContain(run);
  expect((await testops('storage')).output).toContain(
    'By the rules (keep the last 1 of each scenario and release; keep what was accepted), 0 may go',
  );

  expect(await testops('storage', '--save')).toMatchObject({ status: 2, errors: expect.stringContaining('There is no rule to save.') });
  expect(await testops('storage', '--keep', 'some')).toMatchObject({ status: 2 });
  // An accepted run that is deleted by name is told as such.
  const [first] = accepted;
  const deleted = await testops('delete', first?.run ?? '', '--yes');
  expect(deleted.output).toBe(`${first?.run} deleted; it was accepted, so comparisons have one run less\n`);
  // What was removed comes back when it is asked for.
  const [back, stayed] = [going.length + 1, samples.length - going.length - 1];
  expect((await testops('samples')).output).toBe(`${back} runs of the sample history imported, ${stayed} were there already\n`);
});
