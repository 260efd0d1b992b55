/** Tests of vitest: a unit is a file, each of its tests has one verdict, in the vitest that is installed here. */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vitestAdapter } from '#network/daemon/worker/adapters/vitest.ts';
import { thorough } from '../../../../thoroughness.ts';
import { counted, Folder, listTests, openAndRun, RealContext, runTests } from './real-context.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');

/** A folder with tests, and with the packages that are installed here. */
function suite(files: Readonly<Record<string, string>>): Folder {
  const folder = new Folder(files);
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
  return folder;
}

const list = (folder: Folder, settings: object = {}) => listTests(vitestAdapter, folder.path, { ...settings });
const run = (folder: Folder, tests: readonly string[], settings: object = {}) =>
  openAndRun(vitestAdapter, folder.path, tests, { ...settings });
const head = `import { afterAll, beforeAll, describe, expect, test } from 'vitest';\n`;

test('lists what files collect: nested names, expanded rows, names that occur twice, what is skipped', async () => {
  using folder = suite({
    'a.test.js': `${head}
describe('outer ( [', () => {
  describe('deep > er', () => { test.each([[1, 2], [3, 4]])('adds %i and %i', () => {}); });
  test('same', () => {});
  test('same', () => { throw new Error('second'); });
  test.skip('not', () => {});
  test.todo('later');
});`,
    'sub/b.test.js': `${head}test('b', { tags: ['serial'] }, () => {});`,
    'vitest.config.mjs': `export default { test: { tags: [{ name: 'serial' }] } };`,
  });
  const listed = await list(folder);
  expect(listed.map(({ test, unit, group, serial, tags, skipped }) => [test, unit, group, serial, tags, skipped])).toEqual([
    ['a.test.js > outer ( [ > deep > er > adds 1 and 2', 'a.test.js', 'a.test.js', false, [], undefined],
    ['a.test.js > outer ( [ > deep > er > adds 3 and 4', 'a.test.js', 'a.test.js', false, [], undefined],
    ['a.test.js > outer ( [ > same', 'a.test.js', 'a.test.js', false, [], undefined],
    ['a.test.js > outer ( [ > same #2', 'a.test.js', 'a.test.js', false, [], undefined],
    ['a.test.js > outer ( [ > not', 'a.test.js', 'a.test.js', false, [], 'skip'],
    ['a.test.js > outer ( [ > later', 'a.test.js', 'a.test.js', false, [], 'todo'],
    ['sub/b.test.js > b', 'sub/b.test.js', 'sub/b.test.js', true, ['serial'], undefined],
  ]);
  const ran = await run(folder, listed.map(({ test }) => test)); // prettier-ignore
  expect(Object.values(ran.verdicts)).toEqual(['passed', 'passed', 'passed', 'failed', 'skipped', 'skipped', 'passed']);
  expect(ran.finished.get('a.test.js > outer ( [ > same #2')?.message).toBe('second');
});

test('a test with brackets in its name is executed, never a whole file skipped with a good end', async () => {
  using folder = suite({
    'a.test.js': `${head}test('sums ( [ .* $1', () => { console.log('said'); expect(1).toBe(2); });\ntest('x', () => {});`,
  });
  const ran = await run(folder, ['a.test.js > sums ( [ .* $1']);
  const told = ran.finished.get('a.test.js > sums ( [ .* $1');
  expect(told).toMatchObject({ verdict: 'failed', message: 'AssertionError: expected 1 to be 2 // Object.is equality' });
  expect(told?.details).toMatch(/a\.test\.js:2[^]*printed[^]*said/);
});

test('exactly the named file is executed, not those whose name contains it', async () => {
  using folder = suite({
    'a.test.js': `${head}test('a', () => {});`,
    'aa.test.js': `import fs from 'node:fs';\n${head}fs.writeFileSync('executed', ''); test('a', () => {});`,
  });
  const before = await list(folder);
  expect(before).toHaveLength(2);
  folder.write('executed', 'no');
  expect((await run(folder, ['a.test.js > a'])).verdicts).toEqual({ 'a.test.js > a': 'passed' });
  expect(readFileSync(join(folder.path, 'executed'), 'utf8')).toBe('no');
});

test('an unknown test is told nothing of', async () => {
  using folder = suite({ 'a.test.js': `${head}test('a', () => {});` });
  const ran = await run(folder, ['a.test.js > A', 'nowhere.test.js > a', 'a.test.js', 'a.test.js > a']);
  expect(Object.values(ran.verdicts)).toEqual(['missing', 'missing', 'missing', 'passed']);
});

test('a file that does not load is listed as a broken test, and breaks each test that was listed of it, with the reason', async () => {
  using folder = suite({ 'a.test.js': `${head}test('a', () => {});`, 'b.test.js': `${head}test('b1', () => {}); test('b2', () => {});` });
  const all = (await list(folder)).map(({ test }) => String(test));
  folder.write('b.test.js', `import './nowhere.js';\n${head}test('b1', () => {});`);
  const ran = await run(folder, all);
  expect(ran.verdicts).toEqual({ 'a.test.js > a': 'passed', 'b.test.js > b1': 'broken', 'b.test.js > b2': 'broken' });
  expect(ran.finished.get('b.test.js > b2')?.message).toContain("Cannot find module './nowhere.js'");
  const [, broken] = await list(folder);
  expect(broken).toMatchObject({ test: 'b.test.js', unit: 'b.test.js', tags: ['collection-error'] });
  expect((await run(folder, ['b.test.js'])).verdicts).toEqual({ 'b.test.js': 'broken' });
});

test('what fails around tests breaks them: hooks before, hooks after, errors that nobody handled', async () => {
  using folder = suite({
    'a.test.js': `${head}
describe('before', () => { beforeAll(() => { throw new Error('no server'); }); test('x', () => {}); test.skip('y', () => {}); });
describe('after', () => { afterAll(() => { throw new Error('not given back'); }); test('p', () => {}); test('q', () => {}); });
test('fine', () => {});`,
    'b.test.js': `${head}test('b1', () => {});\ntest('late', async () => { setTimeout(() => { throw new Error('too late'); }, 1); await new Promise((end) => setTimeout(end, 100)); });`,
    'c.test.js': `${head}test('c', () => {});`,
  });
  const all = (await list(folder)).map(({ test }) => String(test));
  await using context = new RealContext(vitestAdapter, folder.path, {});
  const runner = await vitestAdapter.open(context);
  const ran = await runTests(runner, all);
  expect(ran.verdicts).toEqual({
    'a.test.js > before > x': 'broken',
    'a.test.js > before > y': 'skipped',
    'a.test.js > after > p': 'passed',
    'a.test.js > after > q': 'broken',
    'a.test.js > fine': 'passed',
    'b.test.js > b1': 'passed',
    'b.test.js > late': 'broken',
    'c.test.js > c': 'passed',
  });
  expect(ran.finished.get('a.test.js > before > x')?.message).toBe('no server');
  expect(ran.finished.get('a.test.js > after > q')?.message).toBe('after the test: not given back');
  expect(ran.finished.get('b.test.js > late')?.message).toBe('after the test: too late');
  // An error of one request is not one of the next.
  expect(runner.warm).toBe(true);
  expect((await runTests(runner, ['c.test.js > c', 'b.test.js > b1'])).verdicts).toEqual({
    'c.test.js > c': 'passed',
    'b.test.js > b1': 'passed',
  });
  await runner.close();
});

test('trying again is not left to vitest, a missing snapshot and a forgotten only are failures', async () => {
  using folder = suite({
    'a.test.js': `${head}
let n = 0;
test('flaky', { retry: 2 }, () => { if (n++ === 0) throw new Error('first'); });
test('snapshot', () => expect({ a: 1 }).toMatchSnapshot());
test('after', () => {});`,
    'b.test.js': `${head}test.only('b', () => {}); test('c', () => {});`,
    'vitest.config.mjs': `export default { test: { retry: 3, bail: 1 } };`,
  });
  const all = (await list(folder)).map(({ test }) => String(test));
  const ran = await run(folder, all);
  expect(ran.verdicts).toMatchObject({ 'a.test.js > flaky': 'failed', 'a.test.js > snapshot': 'failed', 'a.test.js > after': 'passed' });
  expect(ran.finished.get('a.test.js > flaky')?.message).toBe('passed only when vitest tried it again');
  expect(ran.verdicts).toMatchObject({ 'b.test.js > b': 'failed', 'b.test.js > c': 'skipped' });
  expect(ran.finished.get('b.test.js > b')?.message).toContain('Unexpected .only modifier');
});

test('variables are those of one request', async () => {
  using folder = suite({ 'a.test.js': `${head}test('v', () => expect(process.env.V).toBe('2'));` });
  await using context = new RealContext(vitestAdapter, folder.path, {});
  const runner = await vitestAdapter.open(context);
  const verdicts = [];
  for (const V of ['1', '2']) verdicts.push(...Object.values((await runTests(runner, ['a.test.js > v'], { V })).verdicts));
  verdicts.push(...Object.values((await runTests(runner, ['a.test.js > v'])).verdicts));
  expect(verdicts).toEqual(['failed', 'passed', 'failed']);
  await runner.close();
});

test('projects stand before their files', async () => {
  using folder = suite({
    'a.test.js': `${head}test('a', () => expect(process.env.WHERE).toBe('two'));`,
    'vitest.config.mjs': `export default { test: { projects: [{ test: { name: 'one', env: { WHERE: 'one' } } }, { test: { name: 'two', env: { WHERE: 'two' } } }] } };`,
  });
  const all = (await list(folder)).map(({ test }) => String(test));
  expect(all.toSorted()).toEqual(['[one] a.test.js > a', '[two] a.test.js > a']);
  expect((await run(folder, all)).verdicts).toEqual({ '[one] a.test.js > a': 'failed', '[two] a.test.js > a': 'passed' });
  expect((await run(folder, ['[two] a.test.js > a'])).verdicts).toEqual({ '[two] a.test.js > a': 'passed' });
});

test('a package without vitest, and a configuration that does not load, are problems', async () => {
  using bare = new Folder({ 'a.test.js': '' });
  await expect(list(bare)).rejects.toThrow('There is no node_modules/vitest/dist/node.js');
  using folder = suite({ 'a.test.js': `${head}test('a', () => {});`, 'vitest.config.mjs': `throw new Error('by no means');` });
  await expect(list(folder)).rejects.toThrow('by no means');
});

test(
  'the tests of zod, as its package ships them, have the verdicts of vitest itself',
  { timeout: thorough ? 1_200_000 : 300_000 },
  async () => {
    using folder = suite({ 'vitest.config.mjs': 'export default {};' });
    cpSync(join(root, 'node_modules', 'zod', 'src', 'v4'), join(folder.path, 'v4'), { recursive: true });
    const filters = thorough ? [] : ['v4/mini/tests'];
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const words = [vitest, 'run', '--reporter=json', '--outputFile=own.json', ...filters];
    spawnSync(process.execPath, words, { cwd: folder.path, stdio: 'ignore', env: { PATH: process.env['PATH'], CI: 'true' } });
    const own = JSON.parse(readFileSync(join(folder.path, 'own.json'), 'utf8')) as Record<string, number>;
    const listed = await list(folder, { arguments: filters });
    const tests = listed.filter(({ tags }) => !tags.includes('collection-error')).map(({ test }) => String(test));
    expect(tests).toHaveLength(own['numTotalTests'] ?? 0);
    const { passed = 0, failed = 0 } = counted(await run(folder, tests, { arguments: filters }));
    expect({ passed, failed }).toEqual({ passed: own['numPassedTests'], failed: own['numFailedTests'] });
    expect(passed).toBeGreaterThan(thorough ? 2_000 : 100);
  },
);
