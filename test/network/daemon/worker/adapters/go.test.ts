/** Tests of Go: a unit is a package, each of its tests has one verdict, also when its program dies. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goAdapter } from '#network/daemon/worker/adapters/go.ts';
import { thorough } from '../../../../thoroughness.ts';
import { missingGo } from './needed-programs.ts';
import { counted, Folder, listTests, openAndRun } from './real-context.ts';

const module = { 'go.mod': 'module example.org/g\ngo 1.19\n' };
const head = (name: string, ...imports: string[]): string =>
  `package ${name}\n${['testing', ...imports].map((each) => `import "${each}"\n`).join('')}`;

describe.skipIf(missingGo())('go', { timeout: 120_000 }, () => {
  const list = (folder: Folder, settings: object = {}) => listTests(goAdapter, folder.path, { ...settings });
  const run = (folder: Folder, tests: readonly string[], settings: object = {}) =>
    openAndRun(goAdapter, folder.path, tests, { ...settings });

  test('lists tests, examples and fuzz tests of packages; a package that cannot be built as a broken test', async () => {
    using folder = new Folder({
      ...module,
      'ok/ok_test.go': `${head('ok', 'fmt')}
func TestA(t *testing.T) {}
func TestSerialB(t *testing.T) {}
func BenchmarkX(b *testing.B) {}
func FuzzF(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) {}) }
func ExampleX() {
	fmt.Println("hi")
	// Output: hi
}
`,
      'bad/bad_test.go': 'package bad\nfunc TestA(t *testing.T) {}\n',
      'none/none.go': 'package none\n',
    });
    const listed = await list(folder);
    expect(listed.map(({ test, unit, group, serial, tags }) => [test, unit, group, serial, tags])).toEqual([
      ['example.org/g/bad', 'example.org/g/bad', 'example.org/g/bad', false, ['build-error']],
      ['example.org/g/ok.TestA', 'example.org/g/ok', 'example.org/g/ok', false, []],
      ['example.org/g/ok.TestSerialB', 'example.org/g/ok', 'example.org/g/ok', true, []],
      ['example.org/g/ok.FuzzF', 'example.org/g/ok', 'example.org/g/ok', false, []],
      ['example.org/g/ok.ExampleX', 'example.org/g/ok', 'example.org/g/ok', false, []],
    ]);
    const ran = await run(folder, listed.map(({ test }) => test)); // prettier-ignore
    expect(counted(ran)).toEqual({ broken: 1, passed: 4 });
    expect(ran.finished.get('example.org/g/bad')?.message).toContain('undefined: testing');
  });

  test('verdicts are those of top tests, with the innermost subtest that failed; exactly what was asked for is executed', async () => {
    using folder = new Folder({
      ...module,
      'a_test.go': `${head('g', 'os')}
func TestA(t *testing.T) { t.Parallel() }
func TestAB(t *testing.T) { os.WriteFile("executed", nil, 0o644) }
func TestSub(t *testing.T) {
	t.Run("one", func(t *testing.T) { t.Log("fine") })
	t.Run("two", func(t *testing.T) { t.Run("x y", func(t *testing.T) { t.Errorf("got %d", 3) }) })
}
func TestSkips(t *testing.T) { t.Skip("later") }
func TestPanics(t *testing.T) { panic("here") }
`,
    });
    const name = (test: string): string => `example.org/g.${test}`;
    const ran = await run(folder, ['TestA', 'TestSub', 'TestSkips', 'TestNope'].map(name)); // prettier-ignore
    expect(Object.values(ran.verdicts)).toEqual(['passed', 'failed', 'skipped', 'missing']);
    expect(ran.finished.get(name('TestSub') as never)?.message).toBe('two/x_y: got 3');
    expect(ran.finished.get(name('TestSkips') as never)?.message).toBe('later');
    expect(existsSync(join(folder.path, 'executed'))).toBe(false);
    const panicked = await run(folder, [name('TestPanics')]);
    expect([...panicked.finished.values()]).toMatchObject([{ verdict: 'broken', message: 'panic: here' }]);
  });

  test('a panic in a goroutine, or an exit, breaks the test in which it was and those that were not reached, with what was printed', async () => {
    using folder = new Folder({
      ...module,
      'p/p_test.go': `${head('p', 'time')}
func TestFirst(t *testing.T) {}
func TestPanics(t *testing.T) { go func() { panic("in a goroutine") }(); time.Sleep(5 * time.Second) }
func TestNever(t *testing.T) {}
`,
      'e/e_test.go': `${head('e', 'os', 'fmt')}
func TestExits(t *testing.T) { fmt.Println("last words"); os.Exit(0) }
func TestNever(t *testing.T) {}
`,
    });
    const listed = await list(folder);
    const ran = await run(folder, listed.map(({ test }) => test)); // prettier-ignore
    expect(ran.verdicts).toEqual({
      'example.org/g/e.TestExits': 'broken',
      'example.org/g/e.TestNever': 'broken',
      'example.org/g/p.TestFirst': 'passed',
      'example.org/g/p.TestPanics': 'broken',
      'example.org/g/p.TestNever': 'broken',
    });
    const told = (test: string) => ran.finished.get(`example.org/g/${test}` as never);
    expect(told('p.TestPanics')).toMatchObject({
      message: 'the test program died: panic: in a goroutine',
      details: expect.stringContaining('p_test.go') as string,
    });
    expect(told('p.TestNever')?.message).toBe('not reached, since the test program died: panic: in a goroutine');
    expect(told('e.TestExits')?.details).toContain('last words');
  });

  test('a program that fails after its tests breaks the last of them', async () => {
    using folder = new Folder({
      ...module,
      'a_test.go': `${head('g', 'os', 'fmt')}
func TestMain(m *testing.M) { m.Run(); fmt.Println("leaked"); os.Exit(1) }
func TestA(t *testing.T) {}
func TestB(t *testing.T) {}
`,
    });
    const ran = await run(folder, ['example.org/g.TestA', 'example.org/g.TestB']);
    expect(Object.values(ran.verdicts)).toEqual(['passed', 'broken']);
    expect(ran.finished.get('example.org/g.TestB')?.message).toMatch(/after the tests, the test program failed: .*leaked/);
  });

  test('a test that prints without an end of line has its verdict', async () => {
    using folder = new Folder({
      ...module,
      'a_test.go': `${head('g', 'fmt')}
func TestA(t *testing.T) { fmt.Print("open") }
func TestB(t *testing.T) { fmt.Print("open"); t.Fail() }
func TestC(t *testing.T) {}
`,
    });
    expect(Object.values((await run(folder, ['A', 'B', 'C'].map((each) => `example.org/g.Test${each}`))).verdicts)).toEqual(['passed', 'failed', 'passed']); // prettier-ignore
  });

  test('nothing is taken from what Go remembers of an earlier run', async () => {
    using folder = new Folder({
      ...module,
      'a_test.go': `${head('g', 'os')}\nfunc TestA(t *testing.T) { if _, err := os.Stat("/" + "proc"); err != nil { t.Fail() } }\n`,
    });
    const [first, second] = [await run(folder, ['example.org/g.TestA']), await run(folder, ['example.org/g.TestA'])];
    expect([first, second].map((ran) => Object.values(ran.verdicts))).toEqual([['passed'], ['passed']]);
  });

  test('no module is a problem in the words of Go', async () => {
    using folder = new Folder({ 'a_test.go': head('g') });
    await expect(list(folder)).rejects.toThrow('go could not list the tests (exit status 1): pattern ./...');
  });

  test.skipIf(!existsSync('/usr/share/go-1.19/src/sort'))(
    'the tests of its own packages have the verdicts of go test itself',
    { timeout: 600_000 },
    async () => {
      const packages = thorough
        ? ['sort', 'strings', 'bytes', 'strconv', 'container/...', 'text/...', 'encoding/json', 'unicode/...']
        : ['sort', 'container/...'];
      const settings = { packages, arguments: ['-short'] };
      using folder = new Folder(module);
      const environment = { PATH: process.env['PATH'], HOME: process.env['TESTOPS_HOME'] };
      const { stdout } = spawnSync('go', ['test', '-json', '-short', '-count=1', ...packages], {
        cwd: folder.path,
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
        env: environment,
      });
      const own = { passed: 0, failed: 0, skipped: 0 };
      const words: Record<string, keyof typeof own> = { pass: 'passed', fail: 'failed', skip: 'skipped' };
      for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
        const { Action, Test } = JSON.parse(line) as { Action: string; Test?: string };
        const word = words[Action];
        if (word && Test !== undefined && !Test.includes('/')) own[word] += 1;
      }
      const listed = await list(folder, settings);
      const ran = await run(folder, listed.map(({ test }) => test), settings); // prettier-ignore
      expect({ passed: 0, failed: 0, skipped: 0, ...counted(ran) }).toEqual(own);
      expect(listed.length).toBeGreaterThan(thorough ? 400 : 40);
    },
  );
});
