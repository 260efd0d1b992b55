/** Tests of frameworks with an Allure adapter: chosen by a test plan, judged by the results; with the Allure adapter of Playwright as an example. */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allureAdapter } from '#network/daemon/worker/adapters/allure.ts';
import { Folder, listTests, openAndRun } from './real-context.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');
const run = (folder: Folder, tests: readonly string[], settings: object) => openAndRun(allureAdapter, folder.path, tests, { ...settings });
const list = (folder: Folder, settings: object) => listTests(allureAdapter, folder.path, { ...settings });

describe('Playwright with allure-playwright', { timeout: 120_000 }, () => {
  const head = `import { expect, test } from '@playwright/test';\n`;
  const settings = {
    command: ['node', 'node_modules/@playwright/test/cli.js', 'test'],
    listCommand: ['node', 'node_modules/@playwright/test/cli.js', 'test'],
  };

  function suite(): Folder {
    const folder = new Folder({
      'playwright.config.ts': `export default { reporter: [['allure-playwright', { resultsDir: process.env.ALLURE_RESULTS_DIR }]] };`,
      'a.spec.ts': `${head}import fs from 'node:fs';
test('one', { tag: '@serial' }, () => { fs.appendFileSync('executed', 'one|'); });
test('fails', async ({}, info) => { await info.attach('note', { body: 'hello', contentType: 'text/plain' }); expect(1).toBe(2); });
test.describe('in', () => { test('one', () => { fs.appendFileSync('executed', 'in one|'); }); test('a › one', () => {}); });
test('skips', () => { test.skip(true, 'because'); });`,
    });
    symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
    return folder;
  }

  test('is listed by what a run wrote, executed by a plan, judged by its results', async () => {
    using folder = suite();
    const listed = await list(folder, settings);
    expect(
      listed
        .map(({ test, unit, serial, tags }) => [test, unit, serial, tags])
        .toSorted((left, right) => (String(left) < String(right) ? -1 : 1)),
    ).toEqual([
      ['a.spec.ts › fails', 'a.spec.ts › fails', false, []],
      ['a.spec.ts › in › a › one', 'a.spec.ts › in › a › one', false, []],
      ['a.spec.ts › in › one', 'a.spec.ts › in › one', false, []],
      ['a.spec.ts › one', 'a.spec.ts › one', true, ['serial']],
      ['a.spec.ts › skips', 'a.spec.ts › skips', false, []],
    ]);
    const tests = ['a.spec.ts › fails', 'a.spec.ts › skips', 'a.spec.ts › one'];
    const ran = await run(folder, [...tests, 'a.spec.ts › typo'], settings);
    expect(Object.values(ran.verdicts)).toEqual(['failed', 'skipped', 'passed', 'missing']);
    const told = ran.finished.get('a.spec.ts › fails');
    expect(told?.message).toContain('expect(received).toBe(expected)');
    expect(told?.files?.map(({ name, type }) => [name, type])).toContainEqual(['note.txt', 'text/plain']);
  });

  test('whatever else the framework executes for a plan, nothing is told but what was asked for', async () => {
    using folder = suite();
    const ran = await run(folder, ['a.spec.ts › one'], settings);
    // It may match ends of titles, and so execute more.
    expect(ran.verdicts).toEqual({ 'a.spec.ts › one': 'passed' });
    expect(ran.started).toEqual(['a.spec.ts › one']);
    expect(readFileSync(join(folder.path, 'executed'), 'utf8')).toMatch(/^one\|/);
    // Playwright calls it a failure when a plan leaves nothing.
    await expect(run(folder, ['a.spec.ts › typo'], settings)).rejects.toThrow('No tests found');
  });
});

describe('any command', () => {
  /** Writes what stands in results.json as results of Allure, each as a file of its own. */
  const program = `
const fs = require('node:fs');
const plan = process.env.ALLURE_TESTPLAN_PATH ? JSON.parse(fs.readFileSync(process.env.ALLURE_TESTPLAN_PATH, 'utf8')).tests.map(({ selector }) => selector) : undefined;
JSON.parse(fs.readFileSync('results.json', 'utf8')).filter(({ fullName }) => !plan || plan.includes(fullName)).forEach((result, index) => {
  fs.writeFileSync(process.argv[2] + '/' + index + '-result.json', JSON.stringify(result));
});
fs.writeFileSync(process.argv[2] + '/torn-result.json', '{"name": "to');
process.exit(Number(process.env.STATUS ?? 0));
`;
  const settings = { command: ['node', 'run.cjs', '{results}'], listFrom: 'earlier' };
  const suite = (results: readonly object[]): Folder => {
    const folder = new Folder({ 'run.cjs': program, 'results.json': JSON.stringify(results) });
    results.forEach((result, index) => folder.write(`earlier/${index}-result.json`, JSON.stringify(result)));
    return folder;
  };

  test('tests that differ in parameters alone are told apart, and are one unit', async () => {
    const parameters = (value: string) => [
      { name: 'side', value },
      { name: 'time', value: '1', excluded: true },
    ];
    using folder = suite([
      { fullName: 'p.T#t', status: 'passed', parameters: parameters('buy'), labels: [{ name: 'package', value: 'p' }] },
      { fullName: 'p.T#t', status: 'failed', parameters: parameters('{sell} {x}'), labels: [{ name: 'package', value: 'p' }] },
      { fullName: 'p.T#{u} {v}', status: 'passed' },
    ]);
    const listed = await list(folder, settings);
    expect(listed.map(({ test, unit, group }) => [test, unit, group])).toEqual([
      ['p.T#t {side=buy}', 'p.T#t', 'p'],
      ['p.T#t {side={sell} {x}}', 'p.T#t', 'p'],
      ['p.T#{u} {v} {}', 'p.T#{u} {v}', ''],
    ]);
    const ran = await run(folder, listed.map(({ test }) => test), settings); // prettier-ignore
    expect(Object.values(ran.verdicts)).toEqual(['passed', 'failed', 'passed']);
    expect((await run(folder, ['p.T#t {side=buy}'], settings)).verdicts).toEqual({ 'p.T#t {side=buy}': 'passed' });
  });

  test('the first attempt counts, an unknown word is broken, and an attachment is a file beside its result', async () => {
    using folder = suite([
      { fullName: 'a', status: 'failed', start: 1_000, stop: 1_250, statusDetails: { message: 'one\ntwo', trace: 'where' } },
      { fullName: 'a', status: 'passed', start: 2_000, stop: 2_100 },
      {
        fullName: 'b',
        status: 'unknown',
        steps: [{ name: 's', attachments: [{ name: '../x', type: 'text/plain', source: '../../etc/passwd' }] }],
      },
      { fullName: 'c' },
    ]);
    const ran = await run(folder, ['a', 'b', 'c'], settings);
    expect(ran.verdicts).toEqual({ a: 'failed', b: 'broken', c: 'broken' });
    expect(ran.finished.get('a')).toMatchObject({ duration: 250, message: 'one', details: 'one\ntwo\nwhere' });
    const [file] = ran.finished.get('b')?.files ?? [];
    expect(file?.name).toBe('.._x');
    expect(file && 'path' in file.from && existsSync(file.from.path)).toBe(false);
    expect(JSON.stringify(file)).not.toContain('etc/passwd');
  });

  test('a good end without a result is no verdict, a bad one without any is a problem', async () => {
    using folder = suite([]);
    expect((await run(folder, ['a'], settings)).verdicts).toEqual({ a: 'missing' });
    await expect(
      run(folder, ['a'], { ...settings, command: ['node', '-e', 'console.error("no such server"); process.exit(3)'] }),
    ).rejects.toThrow(/exit status 3 .*no such server/s);
    await expect(list(folder, { ...settings, listFrom: 'nowhere' })).rejects.toThrow('nowhere');
  });

  test('where the names of the tests come from is said once', () => {
    expect(allureAdapter.settings.safeParse({ command: ['x'] }).error?.message).toContain('either listFrom or listCommand');
    expect(allureAdapter.settings.safeParse({ command: ['x'], listFrom: 'a', listCommand: ['b'] }).success).toBe(false);
  });
});
