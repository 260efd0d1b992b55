/** What a test of pytest costs beside itself: 2,000 that do nothing, each asked for alone, in a runner that stays; beside pytest-xdist in the same run. */
import { spawnSync } from 'node:child_process';
import { pytestAdapter } from '#network/daemon/worker/adapters/pytest.ts';
import { Folder, RealContext, runTests } from '../network/daemon/worker/adapters/real-context.ts';
import { quantile, type Figure } from './figures.ts';

const tests = 2_000;
const python = '/usr/bin/python3';

export async function benchTestAdapters(): Promise<readonly Figure[]> {
  const files = Object.fromEntries([...Array(20).keys()].map((file) => [`test_${file}.py`, noops(tests / 20)]));
  using folder = new Folder(files);
  const warm = await warmRunner(folder);
  const cold = await coldRunner(folder, 5);
  const own = wholeRun(folder, []);
  const distributed = wholeRun(folder, ['-n', '2']);
  return [
    {
      figure: `pytest, ${tests} tests that do nothing, each asked for alone: beside the test, each`,
      ours: warm.each,
      unit: 'ms',
      target: '<= 5',
      peer: { name: 'pytest-xdist -n2, all of its time', value: distributed / tests },
    },
    { figure: '— 99 of 100 in', ours: warm.most, unit: 'ms', target: '-' },
    {
      figure: '— start of the runner and collection',
      ours: warm.start,
      unit: 'ms',
      target: '-',
      peer: { name: 'pytest itself, all of its time', value: own },
    },
    {
      figure: '— start, all tests and the end together',
      ours: warm.whole,
      unit: 'ms',
      target: '-',
      peer: { name: 'pytest-xdist -n2, all of its time', value: distributed },
    },
    { figure: '— a process for each test instead, each', ours: cold, unit: 'ms', target: '-' },
  ];
}

function noops(count: number): string {
  return [...Array(count).keys()].map((index) => `def test_${index}(): pass\n`).join('');
}

async function warmRunner(folder: Folder): Promise<{ each: number; most: number; start: number; whole: number }> {
  await using context = new RealContext(pytestAdapter, folder.path, { python });
  const listed = await pytestAdapter.list(context);
  const began = performance.now();
  const runner = await pytestAdapter.open(context);
  const start = performance.now() - began;
  const taken: number[] = [];
  for (const { test } of listed) {
    const before = performance.now();
    const { verdicts } = await runTests(runner, [test]);
    taken.push(performance.now() - before);
    if (verdicts[test] !== 'passed') throw new Error(`${test} did not pass.`);
  }
  await runner.close();
  const sum = taken.reduce((all, each) => all + each, 0);
  return { each: sum / taken.length, most: quantile(taken, 0.99), start, whole: performance.now() - began };
}

async function coldRunner(folder: Folder, count: number): Promise<number> {
  await using context = new RealContext(pytestAdapter, folder.path, { python, warm: false });
  const before = performance.now();
  for (let index = 0; index < count; index++) {
    const runner = await pytestAdapter.open(context);
    await runTests(runner, [`test_0.py::test_${index}`]);
    await runner.close();
  }
  return (performance.now() - before) / count;
}

/** ms of pytest's own run over all tests. */
function wholeRun(folder: Folder, words: readonly string[]): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...words], {
    cwd: folder.path,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`pytest ${words.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - before;
}
