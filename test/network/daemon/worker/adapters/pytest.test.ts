/** Tests of pytest: listed by their node ids, executed one by one in a runner that stays, each with one verdict. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { pytestAdapter } from '#network/daemon/worker/adapters/pytest.ts';
import { thorough } from '../../../../thoroughness.ts';
import { debianPackages, debianPython, missingNetworkx, missingPytest, pythonsWithPytest } from './needed-programs.ts';
import { counted, Folder, listTests, openAndRun, RealContext, runTests } from './real-context.ts';

const pythons = missingPytest() ? [] : pythonsWithPytest();
const debian = debianPython;
const debianHas = (module: string): boolean => spawnSync(debian, ['-c', `import ${module}`]).status === 0;

describe.each(pythons)('%s with pytest %s', (python) => {
  const list = (folder: Folder, settings: object = {}) => listTests(pytestAdapter, folder.path, { python, ...settings });
  const ids = async (folder: Folder, settings: object = {}) => (await list(folder, settings)).map(({ test }) => String(test));
  const run = (folder: Folder, tests: readonly string[], settings: object = {}) =>
    openAndRun(pytestAdapter, folder.path, tests, { python, ...settings });

  test('lists tests by node id, with group, markers as tags, and serial ones by their marker', async () => {
    using folder = new Folder({
      'pytest.ini': '[pytest]\nmarkers =\n  serial\n  alone\n  slow\n',
      'sub/test_a.py': `
import pytest
@pytest.mark.slow
class TestA:
    @pytest.mark.parametrize('n', [1, 2])
    def test_n(self, n): pass
    class TestInner:
        def test_in(self): pass
@pytest.mark.serial
def test_serial(): pass
@pytest.mark.alone
def test_alone(): pass
@pytest.mark.skip(reason='not now')
def test_not(): raise SystemExit
`,
    });
    const listed = await list(folder);
    expect(listed.map(({ test, group, serial, tags, skipped }) => [test, group, serial, tags, skipped])).toEqual([
      ['sub/test_a.py::TestA::test_n[1]', 'sub/test_a.py::TestA', false, ['slow'], undefined],
      ['sub/test_a.py::TestA::test_n[2]', 'sub/test_a.py::TestA', false, ['slow'], undefined],
      ['sub/test_a.py::TestA::TestInner::test_in', 'sub/test_a.py::TestA::TestInner', false, ['slow'], undefined],
      ['sub/test_a.py::test_serial', 'sub/test_a.py', true, ['serial'], undefined],
      ['sub/test_a.py::test_alone', 'sub/test_a.py', false, ['alone'], undefined],
      ['sub/test_a.py::test_not', 'sub/test_a.py', false, ['skip'], 'not now'],
    ]);
    expect(listed.every(({ test, unit }) => String(test) === unit)).toBe(true);
    expect((await list(folder, { serialMarkers: ['alone'] })).filter(({ serial }) => serial).map(({ test }) => test)).toEqual([
      'sub/test_a.py::test_alone',
    ]);
  });

  test('ids with any character name one test each', async () => {
    using folder = new Folder({
      'test_p.py': `
import pytest
NAMES = ['a[b]', 'x y', '::', 'and not or', 'a\\nb', "q'uo\\"te", 'é', '日本', '', '-k', '\\\\', '🙂', '(', '$HOME', 'test_p.py::test_p']
@pytest.mark.parametrize('name', NAMES)
def test_p(name): print(name); assert name == '::'
def test_p_other(): assert False
`,
    });
    const all = await ids(folder);
    expect(all).toHaveLength(16);
    const one = all[2] ?? '';
    expect((await run(folder, [one])).verdicts).toEqual({ [one]: 'passed' });
    const ran = await run(folder, all);
    expect(counted(ran)).toEqual({ passed: 1, failed: 15 });
    expect(ran.started).toEqual(all);
    const raw = { 'pytest.ini': '[pytest]\ndisable_test_id_escaping_and_forfeit_all_rights_to_community_support = True\n' };
    folder.write('pytest.ini', raw['pytest.ini']);
    const unescaped = await ids(folder);
    expect(unescaped).toContain('test_p.py::test_p[日本]');
    expect(counted(await run(folder, unescaped))).toEqual({ passed: 1, failed: 15 });
  });

  test('outcomes are those of setup, call and teardown, as pytest counts them', async () => {
    using folder = new Folder({
      'test_o.py': `
import pytest
@pytest.fixture
def bad_up(): raise RuntimeError('no server')
@pytest.fixture
def bad_down():
    yield
    raise RuntimeError('not given back')
def test_passed(): pass
def test_failed():
    print('what was said')
    assert 1 == 2, 'sums'
def test_setup(bad_up): pass
def test_teardown(bad_down): pass
def test_both(bad_down): assert False, 'first'
def test_skipped(): pytest.skip('later')
@pytest.mark.skipif('True', reason='never here')
def test_skipif(): pass
@pytest.mark.xfail(reason='known')
def test_xfail(): assert False
@pytest.mark.xfail(reason='gone')
def test_xpass(): pass
@pytest.mark.xfail(strict=True, reason='mended')
def test_strict(): pass
@pytest.mark.xfail(reason='known')
def test_xfail_setup(bad_up): pass
`,
    });
    const ran = await run(folder, await ids(folder));
    const told = [...ran.finished.values()].map(({ test, verdict, message }) => [test.split('::')[1], verdict, message]);
    expect(told).toEqual([
      ['test_passed', 'passed', undefined],
      ['test_failed', 'failed', 'AssertionError: sums'],
      ['test_setup', 'broken', 'RuntimeError: no server'],
      ['test_teardown', 'broken', 'RuntimeError: not given back'],
      ['test_both', 'failed', 'AssertionError: first'],
      ['test_skipped', 'skipped', 'later'],
      ['test_skipif', 'skipped', 'never here'],
      ['test_xfail', 'skipped', 'expected to fail: known'],
      ['test_xpass', 'passed', 'passed, and was expected to fail: gone'],
      ['test_strict', 'failed', expect.stringContaining('[XPASS(strict)] mended')],
      ['test_xfail_setup', 'skipped', 'expected to fail: known'],
    ]);
    const { details = '' } = ran.finished.get('test_o.py::test_failed') ?? {};
    expect(details).toContain('assert 1 == 2');
    expect(details).toContain('what was said');
    expect(ran.finished.get('test_o.py::test_both')?.details).toMatch(/first[^]*not given back/);
  });

  test('an unknown test is told nothing of, so that it is missing; the others have their verdicts', async () => {
    using folder = new Folder({ 'test_u.py': 'def test_a(): pass\ndef test_ab(): pass\n' });
    const ran = await run(folder, ['test_u.py::test_a', 'test_u.py::test_', 'test_u.py', 'test_u.py::test_a[x]', 'test_u.py::test_ab']);
    expect(Object.values(ran.verdicts)).toEqual(['passed', 'missing', 'missing', 'missing', 'passed']);
  });

  const log = `
import os, pytest
def note(word):
    with open(os.environ['NOTES'], 'a') as file: file.write(word + ' ')
`;

  test('session fixtures are set up once, those of classes and modules are torn down when the next test does not need them', async () => {
    using folder = new Folder({
      'conftest.py': `${log}
@pytest.fixture(scope='session', autouse=True)
def session():
    note('+s'); yield; note('-s')
@pytest.fixture(scope='module', autouse=True)
def module(request):
    note('+' + request.module.__name__[-1]); yield; note('-' + request.module.__name__[-1])
@pytest.fixture(scope='class')
def box():
    note('+c'); yield; note('-c')
`,
      'test_a.py':
        'from conftest import note\ndef test_1(): note("a1")\nclass TestC:\n  def test_2(self, box): note("a2")\n  def test_3(self, box): note("a3")\ndef test_4(): note("a4")\n',
      'test_b.py': 'from conftest import note\ndef test_1(): note("b1")\ndef test_2(): note("b2")\n',
    });
    const notes = join(folder.path, 'notes');
    await using context = new RealContext(pytestAdapter, folder.path, { python });
    const runner = await pytestAdapter.open(context);
    expect(runner.warm).toBe(true);
    const one = async (id: string) => expect(Object.values((await runTests(runner, [id], { NOTES: notes })).verdicts)).toEqual(['passed']);
    for (const id of ['test_a.py::test_1', 'test_a.py::TestC::test_2', 'test_b.py::test_1', 'test_a.py::TestC::test_3', 'test_a.py::test_4', 'test_b.py::test_2']) await one(id); // prettier-ignore
    // Once more, as when a test is tried again.
    await one('test_b.py::test_2');
    const before = readFileSync(notes, 'utf8');
    expect(before).toBe('+s +a a1 +c a2 -c -a +b b1 -b +a +c a3 -c a4 -a +b b2 -b +b b2 -b ');
    await runner.close();
    expect(context.processes).toHaveLength(1);
  });

  test('a fixture of a module that fails when it is torn down breaks the last test of the module', async () => {
    using folder = new Folder({
      'test_m.py':
        'import pytest\n@pytest.fixture(scope="module", autouse=True)\ndef m():\n  yield\n  raise RuntimeError("module")\ndef test_1(): pass\ndef test_2(): pass\n',
      'test_n.py': 'def test_3(): pass\n',
    });
    await using context = new RealContext(pytestAdapter, folder.path, { python });
    const runner = await pytestAdapter.open(context);
    const verdicts = [];
    for (const id of ['test_m.py::test_1', 'test_m.py::test_2', 'test_n.py::test_3'])
      verdicts.push(...Object.values((await runTests(runner, [id])).verdicts));
    expect(verdicts).toEqual(['passed', 'broken', 'passed']);
    // When others are between, its tests have their verdicts already: the next one is not blamed, and it stands in the output.
    const printed: string[] = [];
    const rest = [];
    await runner.close();
    const other = await pytestAdapter.open(context);
    context.processes.at(-1)?.onLine('stderr', (line) => printed.push(line));
    for (const id of ['test_m.py::test_1', 'test_n.py::test_3']) rest.push(...Object.values((await runTests(other, [id])).verdicts));
    expect(rest).toEqual(['passed', 'passed']);
    await vi.waitFor(() =>
      expect(printed.join()).toContain('A fixture of earlier tests failed when it was torn down: RuntimeError: module'),
    );
    await other.close();
  });

  test('a test can be executed again and again in one runner, also with variables of its own', async () => {
    using folder = new Folder({
      'test_r.py':
        'import os, unittest\ndef test_v(capsys): print("v=" + os.environ["V"]); assert os.environ["V"] == "2"\nclass T(unittest.TestCase):\n  def setUp(self): self.n = 1\n  def test_t(self): self.n += 1; self.assertEqual(self.n, 2)\n',
    });
    await using context = new RealContext(pytestAdapter, folder.path, { python });
    const runner = await pytestAdapter.open(context);
    const told = [];
    for (const V of ['1', '2', '3', '2']) told.push(await runTests(runner, ['test_r.py::test_v', 'test_r.py::T::test_t'], { V }));
    expect(told.map(({ verdicts }) => Object.values(verdicts))).toEqual([['failed', 'passed'], ['passed', 'passed'], ['failed', 'passed'], ['passed', 'passed']]); // prettier-ignore
    expect(told[2]?.finished.get('test_r.py::test_v')?.details).not.toContain('v=1');
    // Variables are those of one request alone.
    expect((await runTests(runner, ['test_r.py::test_v'])).finished.get('test_r.py::test_v')?.message).toContain('KeyError');
    await runner.close();
  });

  test('a file that cannot be collected is listed as a broken test with its reason, a skipped module as skipped', async () => {
    using folder = new Folder({
      'test_bad.py': 'import not_there_at_all\ndef test_x(): pass\n',
      'test_good.py': 'def test_x(): pass\n',
      'test_no.py': 'import pytest\npytest.skip("needs a licence", allow_module_level=True)\n',
    });
    const listed = await list(folder);
    expect(listed.map(({ test, tags, skipped }) => [test, tags, skipped])).toEqual([
      ['test_good.py::test_x', [], undefined],
      ['test_bad.py', ['collection-error'], undefined],
      ['test_no.py', [], 'needs a licence'],
    ]);
    const ran = await run(folder, listed.map(({ test }) => test)); // prettier-ignore
    expect(ran.verdicts).toEqual({ 'test_good.py::test_x': 'passed', 'test_bad.py': 'broken', 'test_no.py': 'skipped' });
    expect(ran.finished.get('test_bad.py')?.message).toContain("No module named 'not_there_at_all'");
  });

  test.each([
    ['a folder that is not there', { paths: ['nowhere'] }, 'nowhere'],
    ['an argument that pytest does not know', { arguments: ['--no-such-option'] }, '--no-such-option'],
  ])('%s is a problem in the words of pytest', async (_, settings, words) => {
    using folder = new Folder({ 'test_x.py': 'def test_x(): pass\n' });
    await expect(list(folder, settings)).rejects.toThrow(words);
    await expect(run(folder, ['test_x.py::test_x'], settings)).rejects.toThrow(words);
  });

  test('an id that is too long to be told is a problem, never a test less', async () => {
    using folder = new Folder({
      'test_x.py': 'import pytest\n@pytest.mark.parametrize("text", ["x" * 70_000])\ndef test_x(text): pass\ndef test_y(): pass\n',
    });
    await expect(list(folder)).rejects.toThrow('give its parameters names with ids=: test_x.py::test_x[xxx');
  });

  test('a conftest that does not load is a problem, never an empty list', async () => {
    using folder = new Folder({ 'conftest.py': 'raise RuntimeError("by no means")\n', 'test_x.py': 'def test_x(): pass\n' });
    await expect(list(folder)).rejects.toThrow('by no means');
  });

  test('a runner that dies leaves its test without a word, and is not warm any more', async () => {
    using folder = new Folder({
      'test_d.py':
        'import os, pytest\ndef test_a(): pass\ndef test_dies(): os._exit(0)\ndef test_exit(): pytest.exit("enough")\ndef test_b(): pass\n',
    });
    await using context = new RealContext(pytestAdapter, folder.path, { python });
    const runner = await pytestAdapter.open(context);
    const ran = await runTests(runner, ['test_d.py::test_a', 'test_d.py::test_dies', 'test_d.py::test_b']);
    expect(Object.values(ran.verdicts)).toEqual(['passed', 'missing', 'missing']);
    expect(runner.warm).toBe(false);
    await runner.close();
    const ended = await run(folder, ['test_d.py::test_exit', 'test_d.py::test_b']);
    expect(Object.values(ended.verdicts)).toEqual(['broken', 'missing']);
    expect(ended.finished.get('test_d.py::test_exit')?.message).toContain('enough');
  });

  test('a test that forks and comes back into pytest is told once', async () => {
    using folder = new Folder({
      'test_f.py':
        'import os\ndef test_f():\n  child = os.fork()\n  if child == 0: raise RuntimeError("in the child")\n  os.waitpid(child, 0)\ndef test_g(): pass\n',
    });
    expect((await run(folder, ['test_f.py::test_f', 'test_f.py::test_g'])).verdicts).toEqual({
      'test_f.py::test_f': 'passed',
      'test_f.py::test_g': 'passed',
    });
  });

  test('much output comes as a file, and no line of the channel is too long', async () => {
    using folder = new Folder({
      'test_l.py':
        'import pytest\ndef test_l(): print("\\x01é" * 100_000); assert False, "\\x01" * 100_000\n@pytest.mark.parametrize("n", ["x" * 3_000])\ndef test_n(n): pass\n',
    });
    await using context = new RealContext(pytestAdapter, folder.path, { python });
    const runner = await pytestAdapter.open(context);
    const all = await ids(folder);
    const ran = await runTests(runner, all);
    expect(counted(ran)).toEqual({ failed: 1, passed: 1 });
    const [file] = ran.finished.get('test_l.py::test_l')?.files ?? [];
    expect(file?.name).toBe('output.txt');
    expect(file && 'path' in file.from && readFileSync(file.from.path, 'utf8').length).toBeGreaterThan(200_000);
    await runner.close();
  });

  test('where what is private to pytest is not as expected, each request has a process of its own, with the same verdicts', async () => {
    using folder = new Folder({
      'conftest.py': `${log}
def pytest_collection_finish(session):
    session._setupstate.__class__.teardown_exact = (lambda old: lambda self, nextitem, more=None: old(self, nextitem))(session._setupstate.__class__.teardown_exact)
@pytest.fixture(scope='module', autouse=True)
def module():
    note('+m'); yield; note('-m')
`,
      'test_a.py': 'def test_1(): pass\ndef test_2(): pass\ndef test_3(): assert False\n',
    });
    const notes = join(folder.path, 'notes');
    await using context = new RealContext(pytestAdapter, folder.path, { python });
    for (const _ of [1, 2]) {
      const runner = await pytestAdapter.open(context);
      expect(runner.warm).toBe(false);
      expect(counted(await runTests(runner, ['test_a.py::test_1', 'test_a.py::test_3'], { NOTES: notes }))).toEqual({
        passed: 1,
        failed: 1,
      });
      await runner.close();
    }
    expect(readFileSync(notes, 'utf8')).toBe('+m -m +m -m ');
  });

  test('trying again, stopping early and distributing are not left to plugins and options of pytest', async () => {
    using folder = new Folder({
      'pytest.ini': `[pytest]\naddopts = -x${python === debian && debianHas('xdist') ? ' -n 2' : ''}\n`,
      'test_x.py': 'def test_1(): assert False\ndef test_2(): assert False\ndef test_3(): pass\n',
    });
    expect(counted(await run(folder, await ids(folder)))).toEqual({ failed: 2, passed: 1 });
  });

  test('tests of one xdist_group are one unit', async () => {
    using folder = new Folder({
      'pytest.ini': '[pytest]\nmarkers =\n  xdist_group\n',
      'test_g.py':
        'import pytest\n@pytest.mark.xdist_group("db")\ndef test_1(): pass\n@pytest.mark.xdist_group(name="db")\ndef test_2(): pass\ndef test_3(): pass\n',
    });
    expect((await list(folder)).map(({ unit }) => unit)).toEqual(['xdist_group db', 'xdist_group db', 'test_g.py::test_3']);
  });
});

/** `N passed, N failed, …` of the last line of pytest itself. */
function summary(folder: string, paths: readonly string[]): Record<string, number> {
  const { stdout } = spawnSync(debian, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--continue-on-collection-errors', ...paths], { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 }); // prettier-ignore
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return Object.fromEntries(
    [...last.matchAll(/(\d+) (passed|failed|skipped|xfailed|xpassed|errors?)/g)].map(([, count, word = '']) => [word, Number(count)]),
  );
}

const packages = debianPackages;

describe.skipIf(missingNetworkx())('the tests of networkx, as Debian ships them', () => {
  const paths = thorough ? ['networkx'] : ['networkx/classes'];

  test('are listed and executed with the counts of pytest itself', { timeout: thorough ? 1_200_000 : 240_000 }, async () => {
    const settings = { python: debian, paths: paths.map((path) => `${packages}/${path}`), arguments: ['--rootdir', packages] };
    using folder = new Folder();
    const own = summary(folder.path, [...settings.paths, ...settings.arguments]);
    const listed = await listTests(pytestAdapter, folder.path, settings);
    expect(listed.length).toBeGreaterThan(1_000);
    const ran = await openAndRun(pytestAdapter, folder.path, listed.map(({ test }) => test), settings); // prettier-ignore
    const { passed = 0, failed = 0, skipped = 0, xfailed = 0, xpassed = 0, errors = 0, error = 0 } = own;
    expect({ passed: 0, failed: 0, skipped: 0, broken: 0, ...counted(ran) }).toEqual({ passed: passed + xpassed, failed, skipped: skipped + xfailed, broken: errors + error }); // prettier-ignore
  });
});
