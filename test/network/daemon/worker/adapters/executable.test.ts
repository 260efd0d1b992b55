/** Programs as tests: what they say decides, in the protocol that they speak. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executableAdapter, type ExecutableSettings } from '#network/daemon/worker/adapters/executable.ts';
import type { FinishedTest } from '#network/daemon/worker/adapters/adapter.ts';
import { AdapterUnderTest } from './adapter-under-test.ts';

let here: AdapterUnderTest<ExecutableSettings>;
beforeEach(async () => {
  here = await AdapterUnderTest.open(executableAdapter);
});
afterEach(async () => here.close());

const sh = (id: string, script: string) => ({ id, command: ['sh', '-c', script] });
const said = (finished: readonly FinishedTest[]): readonly string[] =>
  finished.map(({ test, verdict, message }) => [test, verdict, message].filter(Boolean).join(' | '));

test('files by patterns, in order, each once, executed as told', async () => {
  for (const file of ['t/b.test', 't/a.test', 't/deep/c.test', 't/readme.txt']) await here.file(file, 'echo "$0"; exit 4');
  const settings = { files: ['t/**/*.test', 't/a.*'], command: ['sh', '{file}'] };
  expect((await here.list(settings)).map(({ test }) => test)).toEqual(['t/a.test', 't/b.test', 't/deep/c.test']);
  const { finished } = await here.run(settings, ['t/b.test']);
  expect(said(finished)).toEqual([`t/b.test | failed | It ended with exit status 4: ${here.folder}/t/b.test`]);
});

test('the exit status decides only when the program ended by itself', async () => {
  const settings = { tests: [sh('good', 'true'), sh('own skip', 'exit 5'), sh('killed', 'kill -9 $$')], skipped: 5 };
  const { finished, failure } = await here.run(settings, ['good', 'own skip', 'killed']);
  expect(said(finished)).toEqual(['good | passed', 'own skip | skipped']);
  expect(String(failure)).toContain('killed was ended by KILL');
});

test('a program that speaks TAP is passed only when all of it is well', async () => {
  const tests = [
    sh('well', 'echo 1..2; echo ok 1; echo ok 2'),
    sh('fails', 'echo 1..2; echo ok 1; echo "not ok 2 - adds up"; echo "# 1 is not 2"; exit 1'),
    sh('stops early', 'echo 1..3; echo ok 1'),
    sh('bails', 'echo "Bail out! no server"'),
    sh('lies', 'echo 1..1; echo ok 1; exit 2'),
    sh('nothing', 'echo "1..0 # SKIP no display"'),
    sh('silent', 'true'),
  ];
  const { finished } = await here.run(
    { tests, protocol: 'tap' },
    tests.map(({ id }) => id),
  );
  expect(said(finished)).toEqual([
    'well | passed',
    'fails | failed | adds up',
    'stops early | broken | It announced 3 points and told 1.',
    'bails | broken | Bail out! no server',
    'lies | broken | No point failed, but it ended with exit status 2.',
    'nothing | skipped | no display',
    'silent | broken | It announced no plan (1..N), so nobody knows whether these were all of its points.',
  ]);
  expect(finished[1]?.details).toBe('not ok 2 - adds up\n1 is not 2');
});

test('each point of a program can be a test: listed by executing it, told as it comes, missing where it is not told', async () => {
  await here.file(
    'p.sh',
    'echo 1..4\necho ok 1 - one\necho "not ok 2 - two"\necho "# why"\necho ok 3 - one\ntest -n "$SHORT" && exit\necho ok 4',
  );
  const settings = { files: ['p.sh'], command: ['sh', '{file}'], protocol: 'tap', list: 'tap' };
  const ids = ['p.sh::one', 'p.sh::two', 'p.sh::one (2)', 'p.sh::point 4'];
  expect(await here.list(settings)).toEqual(ids.map((test) => ({ test, unit: 'p.sh' })));
  const { finished, started } = await here.run(settings, [...ids.slice(1), 'p.sh::gone']);
  expect(said(finished)).toEqual(['p.sh::two | failed | two', 'p.sh::one (2) | passed', 'p.sh::point 4 | passed']);
  expect(finished[0]?.details).toBe('why');
  expect(started).toEqual(['p.sh::two', 'p.sh::one (2)', 'p.sh::point 4', 'p.sh::gone']);
});

test('points behind "Bail out!" are broken, with its words', async () => {
  const settings = { tests: [sh('p', 'echo 1..2; echo ok 1 - a; echo "Bail out! gone"')], protocol: 'tap', list: 'tap' };
  expect(said((await here.run(settings, ['p::a', 'p::b'])).finished)).toEqual(['p::a | passed', 'p::b | broken | Bail out! gone']);
});

test('a program that writes a JUnit file is judged by it, whatever its exit status', async () => {
  const write = (cases: string): string => `echo '<testsuite>${cases}</testsuite>' > $TESTOPS_JUNIT_FILE; exit 3`;
  const tests = [
    sh('well', write('<testcase name="a"/><testcase name="b"><skipped/></testcase>')),
    sh('fails', write('<testcase name="a"><error message="e"/></testcase><testcase name="b"><failure message="no"/></testcase>')),
    sh('skips', write('<testcase name="a"><skipped/></testcase>')),
    sh('empty', write('')),
    sh('none', 'exit 0'),
  ];
  const { finished } = await here.run(
    { tests, protocol: 'junit' },
    tests.map(({ id }) => id),
  );
  expect(said(finished)).toEqual([
    'well | passed',
    'fails | failed | a: e',
    'skips | skipped',
    'empty | broken | Its report has no test cases.',
    'none | broken | It wrote no report to TESTOPS_JUNIT_FILE.',
  ]);
});

test.each([
  [{}, 'neither files nor tests are given'],
  [{ files: ['*'], list: 'tap' }, 'list: tap goes with protocol: tap'],
  [{ files: ['*'], shell: true }, 'Unrecognized key'],
])('the settings %j are refused', (settings, reason) => {
  expect(executableAdapter.settings.safeParse(settings).error?.message).toContain(reason);
});

test('a pattern that leads out of the package is refused', async () => {
  await here.file('../outside/x.sh', 'true');
  await expect(here.list({ files: ['../outside/*.sh'] })).rejects.toThrow('leads out of the package');
});
