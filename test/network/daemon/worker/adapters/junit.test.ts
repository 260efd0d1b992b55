/** Tests of a tool that writes JUnit XML: what its files say counts, each test once, old files not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { junitAdapter, type JunitSettings } from '#network/daemon/worker/adapters/junit.ts';
import type { FinishedTest } from '#network/daemon/worker/adapters/adapter.ts';
import { AdapterUnderTest } from './adapter-under-test.ts';

let here: AdapterUnderTest<JunitSettings>;
beforeEach(async () => {
  here = await AdapterUnderTest.open(junitAdapter);
});
afterEach(async () => here.close());

const list = { command: ['printf', 'a.A::one\\na.A::two\\nb.B::three\\n'] };
const report =
  '<testsuite><testcase classname="a.A" name="one"/><testcase classname="a.A" name="two"><failure message="no"/></testcase></testsuite>';
const said = (finished: readonly FinishedTest[]): readonly string[] =>
  finished.map(({ test, verdict, message }) => [test, verdict, message].filter(Boolean).join(' | '));

test('listed by a command: units are classes, single tests, or all where nothing can be chosen', async () => {
  const units = async (more: Readonly<Record<string, unknown>>) =>
    (await here.list({ command: ['x', '{select}'], list, ...more })).map(({ unit }) => unit);
  expect(await units({ select: ['-t{name}'] })).toEqual(['a.A', 'a.A', 'b.B']);
  expect(await units({ select: ['-t{name}'], unit: 'test' })).toEqual(['a.A::one', 'a.A::two', 'b.B::three']);
  expect(await units({})).toEqual(['all', 'all', 'all']);
});

test('listed from a report of before', async () => {
  await here.file('old/r.xml', report);
  expect((await here.list({ command: ['x'], list: { reports: ['old/*.xml'] } })).map(({ test }) => test)).toEqual(['a.A::one', 'a.A::two']);
  await expect(here.list({ command: ['x'], list: { reports: ['none/*.xml'] } })).rejects.toThrow('No report fits none/*.xml.');
  await expect(here.list({ command: ['x'], list: { command: ['sh', '-c', 'echo no compiler; exit 2'] } })).rejects.toThrow(
    /exit status 2: no compiler/,
  );
});

test('each test that was asked for is told by what the reports say, whatever the exit status; others are not told', async () => {
  await here.file('r.xml', report);
  const settings = { command: ['sh', '-c', 'cp r.xml "$1/out.xml"; exit 1', 'sh', '{reports}'], list };
  expect(said((await here.run(settings, ['a.A::two', 'b.B::three'])).finished)).toEqual(['a.A::two | failed | no']);
});

test('a report that lay there before says nothing of this run; one that is written anew does', async () => {
  await here.file('build/r.xml', report);
  const settings = (script: string) => ({ command: ['sh', '-c', script], reports: ['build/*.xml'], list });
  expect((await here.run(settings('true'), ['a.A::one'])).finished).toEqual([]);
  expect(said((await here.run(settings('sleep 0.05; cat build/r.xml > n; cat n > build/r.xml'), ['a.A::one'])).finished)).toEqual([
    'a.A::one | passed',
  ]);
});

test('tests are chosen by words or by a file; a name stays within one word', async () => {
  await here.file(
    'show.sh',
    'for word in "$@"; do echo "<testcase name=\\"$word\\"/>"; done > body; { echo "<testsuite>"; cat body; echo "</testsuite>"; } > "$OUT/r.xml"',
  );
  const words = {
    command: ['sh', '-c', 'OUT=$1; export OUT; shift; sh show.sh "$@"', 'sh', '{reports}', '{select}'],
    select: ['-only', '{class}+{name}'],
    list,
  };
  const names = ['-only', 'c d+e $(f)'];
  expect((await here.run(words, names)).finished).toHaveLength(1);
  expect((await here.run(words, ['c d::e $(f)', ...names])).finished.map(({ test }) => test)).toContain('c d+e $(f)');
  const byFile = {
    command: ['sh', '-c', 'OUT=$1; export OUT; sh show.sh "$(wc -l < "$2")" "$(head -1 "$2")"', 'sh', '{reports}', '{tests}'],
    list,
  };
  expect((await here.run(byFile, ['x y', '2'])).finished.map(({ test }) => test).sort()).toEqual(['2', 'x y']);
});

test('a report that is not sound: what no other one tells is broken', async () => {
  await here.file('r.xml', report);
  const script = 'cp r.xml "$1/a.xml"; echo "<testsuite>" > "$1/b.xml"';
  const { finished } = await here.run({ command: ['sh', '-c', script, 'sh', '{reports}'], list }, ['a.A::one', 'b.B::three']);
  expect(finished.map(({ test, verdict }) => `${test} ${verdict}`)).toEqual(['a.A::one passed', 'b.B::three broken']);
  expect(finished[1]?.message).toContain('b.xml is no sound JUnit file');
});
