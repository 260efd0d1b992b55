/** Tests of Playwright: chosen exactly, each with one verdict, in the Playwright Test that is installed here; no browser of its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playwrightAdapter } from '#network/daemon/worker/adapters/playwright.ts';
import { thorough } from '../../../../thoroughness.ts';
import { chromium, missingChromium } from './needed-programs.ts';
import { counted, Folder, listTests, openAndRun, RealContext, runTests } from './real-context.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');
const noBrowser = missingChromium();

/** A folder with tests, and with the packages that are installed here. */
function suite(files: Readonly<Record<string, string>>): Folder {
  const folder = new Folder(files);
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
  return folder;
}

const list = (folder: Folder, settings: object = {}) => listTests(playwrightAdapter, folder.path, { ...settings });
const run = (folder: Folder, tests: readonly string[], settings: object = {}) =>
  openAndRun(playwrightAdapter, folder.path, tests, { ...settings });
const head = `import { expect, test } from '@playwright/test';\n`;

describe('Playwright', { timeout: 120_000 }, () => {
  test('lists tests by project, file and titles, with tags, serial ones, and serial suites as one unit', async () => {
    using folder = suite({
      'playwright.config.ts': `export default { testDir: 'tests', projects: [{ name: 'api [1] x' }, { name: 'b' }] };`,
      'tests/sub/a.spec.ts': `${head}
test('one › two', { tag: ['@slow', '@serial'] }, () => {});
test.describe('row', () => { test.describe.configure({ mode: 'serial' }); test('r1', () => {}); test.describe('in', () => { test('r2', () => {}); }); });
test.skip('not', () => {});`,
    });
    const listed = await list(folder, { arguments: ['--project', 'b'] });
    expect(listed.map(({ test, unit, group, serial, tags, skipped }) => [test, unit, group, serial, tags, skipped])).toEqual([
      ['[b] sub/a.spec.ts › one › two', '[b] sub/a.spec.ts › one › two', '[b] sub/a.spec.ts', true, ['slow', 'serial'], undefined],
      ['[b] sub/a.spec.ts › row › r1', 'serial [b] sub/a.spec.ts › row › r1', '[b] sub/a.spec.ts', false, [], undefined],
      ['[b] sub/a.spec.ts › row › in › r2', 'serial [b] sub/a.spec.ts › row › r1', '[b] sub/a.spec.ts', false, [], undefined],
      ['[b] sub/a.spec.ts › not', '[b] sub/a.spec.ts › not', '[b] sub/a.spec.ts', false, [], 'skip'],
    ]);
    const one = '[api [1] x] sub/a.spec.ts › one › two';
    expect((await list(folder)).map(({ test }) => String(test))).toContain(one);
    expect((await run(folder, [one])).verdicts).toEqual({ [one]: 'passed' });
  });

  test('exactly the named tests are executed, and one that is not there is told nothing of', async () => {
    using folder = suite({
      'a.spec.ts': `${head}import fs from 'node:fs';
for (const title of ['one', 'one › two', 'one › two › three', '(a|b) .* [$^]', '-x', '日本']) test(title, () => fs.appendFileSync('executed', title + '|'));`,
      'aa.spec.ts': `${head}test('one', () => { throw new Error('not asked for'); });`,
    });
    const asked = ['one › two', '(a|b) .* [$^]', '日本', 'on', 'one  › two'].map((title) => `a.spec.ts › ${title}`);
    const ran = await run(folder, [...asked, 'nope.spec.ts › one', 'a.spec.ts']);
    expect(Object.values(ran.verdicts)).toEqual(['passed', 'passed', 'passed', 'missing', 'missing', 'missing', 'missing']);
    expect(readFileSync(join(folder.path, 'executed'), 'utf8')).toBe('one › two|(a|b) .* [$^]|日本|');
    const nothing = await run(folder, ['a.spec.ts › typo']);
    expect(nothing.verdicts).toEqual({ 'a.spec.ts › typo': 'missing' });
  });

  test('verdicts: what failed, what could not be judged, what was expected, what was not executed', async () => {
    using folder = suite({
      'playwright.config.ts': 'export default { retries: 3, maxFailures: 1 };',
      'a.spec.ts': `${head}
test('fails', () => { console.log('said'); expect(1).toBe(2); });
test('flaky', ({}, info) => { if (info.retry === 0) throw new Error('first'); });
test('slow', async () => { test.setTimeout(200); await new Promise((end) => setTimeout(end, 5_000)); });
test('known', () => { test.fail(true, 'reported'); throw new Error('known'); });
test('mended', () => { test.fail(); });
test('skips', () => { test.skip(true, 'because'); });
test.describe('sad', () => { test.beforeAll(() => { throw new Error('no server'); }); test('x', () => {}); test('y', () => {}); });
test.describe('row', () => { test.describe.configure({ mode: 'serial' }); test('r1', () => {}); test('r2', () => { throw new Error('mid'); }); test('r3', () => {}); });
test('snapshot', () => { expect('text').toMatchSnapshot('not-there.txt'); });
test('passes', () => {});`,
    });
    await using context = new RealContext(playwrightAdapter, folder.path, {});
    const all = (await playwrightAdapter.list(context)).map(({ test }) => String(test));
    const runner = await playwrightAdapter.open(context);
    const ran = await runTests(runner, all);
    expect([...ran.finished.values()].map(({ test, verdict, message }) => [test.replace('a.spec.ts › ', ''), verdict, message])).toEqual(
      expect.arrayContaining([
        ['fails', 'failed', 'Error: expect(received).toBe(expected) // Object.is equality'],
        ['flaky', 'failed', 'Error: first'],
        ['slow', 'broken', 'Test timeout of 200ms exceeded.'],
        ['known', 'passed', 'failed as expected: reported'],
        ['mended', 'failed', 'passed, and was expected to fail'],
        ['skips', 'skipped', 'because'],
        ['sad › x', 'failed', 'Error: no server'],
        ['sad › y', 'broken', 'not executed, since a test or a project before it failed'],
        ['row › r1', 'passed', undefined],
        ['row › r2', 'failed', 'Error: mid'],
        ['row › r3', 'broken', 'not executed, since a test or a project before it failed'],
        ['passes', 'passed', undefined],
      ]),
    );
    expect(ran.finished.get('a.spec.ts › snapshot')?.verdict).toBe('failed');
    expect(ran.finished.get('a.spec.ts › fails')?.details).toMatch(/expect\(1\)\.toBe\(2\)/);
    // One of a serial suite brings the others, of which nothing is told.
    expect((await runTests(runner, ['a.spec.ts › row › r3'])).verdicts).toEqual({ 'a.spec.ts › row › r3': 'broken' });
    await runner.close();
  });

  test('what a test attaches comes as files, what it prints as output', async () => {
    using folder = suite({
      'a.spec.ts': `${head}import fs from 'node:fs';
test('attaches', async ({}, info) => {
  console.log('said');
  await info.attach('note/1', { body: 'hello', contentType: 'text/plain' });
  const file = info.outputPath('shot.png');
  fs.writeFileSync(file, 'picture');
  await info.attach('shot', { path: file, contentType: 'image/png' });
});`,
    });
    await using context = new RealContext(playwrightAdapter, folder.path, {});
    const runner = await playwrightAdapter.open(context);
    const printed: string[] = [];
    const running = runTests(runner, ['a.spec.ts › attaches'], { V: '1' });
    await expect.poll(() => context.processes.length).toBe(1);
    context.processes[0]?.onLine('stdout', (line) => printed.push(line));
    const { files = [] } = (await running).finished.get('a.spec.ts › attaches') ?? {};
    expect(files.map(({ name, type, from }) => [name, type, 'path' in from && readFileSync(from.path, 'utf8')])).toEqual([
      ['note_1', 'text/plain', 'hello'],
      [expect.stringContaining('shot'), 'image/png', 'picture'],
    ]);
    expect(printed).toEqual(['said']);
    expect(existsSync(join(folder.path, 'test-results'))).toBe(false);
    await runner.close();
  });

  test('a file that does not load is listed as a broken test, and keeps no other from being executed', async () => {
    using folder = suite({
      'a.spec.ts': `${head}test('a', () => {});`,
      'b.spec.ts': `${head}import './nowhere';\ntest('b', () => {});`,
      'c.spec.ts': `${head}test('c', () => {});\ntest('c', () => {});`,
    });
    const listed = await list(folder);
    expect(listed.map(({ test, tags }) => [test, tags])).toEqual([
      ['a.spec.ts › a', []],
      ['b.spec.ts', ['collection-error']],
      ['c.spec.ts', ['collection-error']],
    ]);
    const ran = await run(folder, listed.map(({ test }) => test)); // prettier-ignore
    expect(ran.verdicts).toEqual({ 'a.spec.ts › a': 'passed', 'b.spec.ts': 'broken', 'c.spec.ts': 'broken' });
    expect(ran.finished.get('b.spec.ts')?.message).toContain("Cannot find module './nowhere'");
    expect((await run(folder, ['b.spec.ts › b'])).verdicts).toEqual({ 'b.spec.ts › b': 'broken' });
  });

  test('a project that others depend on is executed before them; when it fails they are broken, not skipped', async () => {
    using folder = suite({
      'playwright.config.ts': `export default { projects: [{ name: 'setup', testMatch: /.*\\.setup\\.ts/ }, { name: 'main', testMatch: /.*\\.spec\\.ts/, dependencies: ['setup'] }] };`,
      'auth.setup.ts': `${head}test('login', () => { if (process.env.BAD) throw new Error('no login'); });`,
      'a.spec.ts': `${head}test('a', () => {}); test('b', () => {});`,
    });
    const all = ['[setup] auth.setup.ts › login', '[main] a.spec.ts › a', '[main] a.spec.ts › b'];
    expect((await list(folder)).map(({ test }) => test)).toEqual(all);
    await using context = new RealContext(playwrightAdapter, folder.path, {});
    const runner = await playwrightAdapter.open(context);
    expect((await runTests(runner, all.slice(1, 2))).verdicts).toEqual({ '[main] a.spec.ts › a': 'passed' });
    expect((await runTests(runner, all.slice(1, 2), { BAD: '1' })).verdicts).toEqual({ '[main] a.spec.ts › a': 'broken' });
    expect(counted(await runTests(runner, all))).toEqual({ passed: 3 });
    await runner.close();
  });

  test('a configuration that does not load, a forgotten only, and a package without Playwright are problems', async () => {
    using folder = suite({ 'playwright.config.ts': `throw new Error('by no means');`, 'a.spec.ts': `${head}test('a', () => {});` });
    await expect(list(folder)).rejects.toThrow('by no means');
    await expect(run(folder, ['a.spec.ts › a'])).rejects.toThrow('by no means');
    folder.write('playwright.config.ts', 'export default {};');
    folder.write('a.spec.ts', `${head}test.only('a', () => {}); test('b', () => {});`);
    expect((await run(folder, ['a.spec.ts › a', 'a.spec.ts › b'])).verdicts).toEqual({
      'a.spec.ts › a': 'broken',
      'a.spec.ts › b': 'broken',
    });
    using bare = new Folder();
    await expect(list(bare)).rejects.toThrow('There is no node_modules/@playwright/test/cli.js');
  });

  const browser = `{ browserName: 'chromium', launchOptions: { executablePath: '${chromium}', args: ['--no-sandbox'] } }`;

  test.skipIf(noBrowser)('a page in the browser of the system, with its screenshot and trace', async () => {
    using folder = suite({
      'playwright.config.ts': `export default { use: { ...${browser}, screenshot: 'on', trace: 'on' } };`,
      'page.spec.ts': `${head}test('page', async ({ page }) => { await page.setContent('<h1>Orders</h1>'); await expect(page.locator('h1')).toHaveText('Trades', { timeout: 500 }); });`,
    });
    await using context = new RealContext(playwrightAdapter, folder.path, {});
    const runner = await playwrightAdapter.open(context);
    const told = (await runTests(runner, ['page.spec.ts › page'])).finished.get('page.spec.ts › page');
    expect(told?.verdict).toBe('failed');
    expect(told?.message).toContain('toHaveText');
    const files = Object.fromEntries(
      (told?.files ?? []).map(({ name, type, from }) => [`${name} ${type}`, 'path' in from && existsSync(from.path)]),
    );
    expect(files).toMatchObject({ 'test-failed-1.png image/png': true, 'trace.zip application/zip': true });
    await runner.close();
  });

  // Tests of a real product, compiled, with source maps and serial suites. The product is not here, so most fail – as they do for Playwright itself.
  test.skipIf(noBrowser)('the tests of @theia/playwright have the verdicts of Playwright itself', { timeout: 600_000 }, async () => {
    using folder = suite({
      'playwright.config.js': `module.exports = { testDir: 'lib/tests', testMatch: /.*\\.test\\.js/, timeout: 5_000, workers: 1, reporter: [['json', { outputFile: 'own.json' }]], use: { baseURL: 'http://127.0.0.1:9', ...${browser} } };`,
    });
    cpSync(join(root, 'node_modules', '@theia', 'playwright', 'lib'), join(folder.path, 'lib'), { recursive: true });
    const listed = (await list(folder)).map(({ test }) => String(test));
    expect(listed).toHaveLength(95);
    const pattern = thorough ? '' : 'theia-t';
    const program = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
    const environment = { PATH: process.env['PATH'], HOME: process.env['TESTOPS_HOME'], CI: 'true' };
    spawnSync(process.execPath, [program, 'test', pattern], { cwd: folder.path, stdio: 'ignore', env: environment });
    const own = JSON.parse(readFileSync(join(folder.path, 'own.json'), 'utf8')) as OwnReport;
    const {
      failed = 0,
      broken = 0,
      skipped = 0,
      passed = 0,
      missing = 0,
    } = counted(
      await run(
        folder,
        listed.filter((name) => name.startsWith(pattern)),
      ),
    );
    // What could not be executed since something before it failed counts as skipped there, and is broken here.
    expect({ passed, red: failed, skipped: skipped + broken, missing }).toEqual({
      passed: own.stats.expected,
      red: own.stats.unexpected,
      skipped: own.stats.skipped,
      missing: 0,
    });
    expect(failed).toBeGreaterThan(2);
  });
});

interface OwnReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly skipped: number };
}
