/** Real frameworks on a real worker: listed and executed as leases, guarded, with a runner that stays and one that is killed. */
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { missingPytest, pythonsWithPytest } from './adapters/needed-programs.ts';
import { suiteOf } from './fake-coordinator.ts';
import { Surroundings, verdictsOf } from './worker-under-test.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const noPytest = missingPytest();
const [[python] = ['python3']] = pythonsWithPytest();

let here: Surroundings;
beforeEach(async () => {
  here = await Surroundings.open();
});
afterEach(async () => here.close());

describe.skipIf(noPytest)('pytest', { timeout: 120_000 }, () => {
  const suite = suiteOf({ suite: 'api', adapter: 'pytest', settings: { python }, timeout: 5_000 });

  test('is listed, and executed lease after lease by one runner, with output and verdicts', async () => {
    await here.program(
      'test_a.py',
      'import os, pytest\n@pytest.fixture(scope="session")\ndef pid(): return os.getpid()\ndef test_1(pid): open("pids", "a").write("%d " % pid)\ndef test_2(pid): open("pids", "a").write("%d " % pid); print("said"); assert 1 == 2\n',
    );
    await here.startDaemon({ worker: { adapters: ['pytest'] } });
    const listed = await here.end(here.coordinator.give(suite));
    expect(listed.end).toBe('done');
    const tests = here.coordinator.content(listed.verdicts[0], 'tests.ndjson') ?? '';
    expect(tests.trim().split('\n').map((line) => (JSON.parse(line) as { test: string }).test)).toEqual(['test_a.py::test_1', 'test_a.py::test_2']); // prettier-ignore
    const first = await here.end(here.coordinator.give(suite, ['test_a.py::test_1']));
    const second = await here.end(here.coordinator.give(suite, ['test_a.py::test_2']));
    expect([verdictsOf(first), verdictsOf(second)]).toEqual([{ 'test_a.py::test_1': 'passed' }, { 'test_a.py::test_2': 'failed' }]);
    expect(second.verdicts[0]?.details).toContain('said');
    const pids = readFileSync(join(here.folder, 'product', 'pids'), 'utf8')
      .trim()
      .split(' ');
    expect(pids).toHaveLength(2);
    expect(new Set(pids).size).toBe(1);
  });

  test('whose test ends its process, or takes too long, is judged, and the next one has a new runner', async () => {
    await here.program(
      'test_a.py',
      'import os, time\ndef test_dies(): os.kill(os.getpid(), 11)\ndef test_ends(): os._exit(3)\ndef test_long(): time.sleep(600)\ndef test_fine(): pass\n',
    );
    await here.startDaemon({ worker: { adapters: ['pytest'] } });
    const names = ['dies', 'ends', 'long', 'fine'].map((name) => `test_a.py::test_${name}`);
    const ended = await here.end(here.coordinator.give({ ...suite, timeout: 3_000 }, names), 60_000);
    expect(Object.values(verdictsOf(ended))).toEqual(['broken', 'missing', 'broken', 'passed']);
    expect(ended.verdicts[1]?.message).toBe("The test's process ended with exit status 3 while this test was executed.");
  });
});

describe('vitest and Playwright', { timeout: 120_000 }, () => {
  test.each([
    ['vitest', 'vitest', 'a.test.js > '],
    ['playwright', '@playwright/test', 'a.test.js › '],
  ])('%s is executed as a lease', async (adapter, module, prefix) => {
    await here.program(
      'a.test.js',
      `import { expect, test } from '${module}';\ntest('fits', () => {});\ntest('differs', () => expect(1).toBe(2));\n`,
    );
    symlinkSync(join(root, 'node_modules'), join(here.folder, 'product', 'node_modules'), 'junction');
    await here.startDaemon({ worker: { adapters: [adapter] } });
    const suite = suiteOf({ suite: 'own', adapter, settings: { node: process.execPath } });
    const ended = await here.end(here.coordinator.give(suite, ['fits', 'differs', 'nope'].map((name) => prefix + name)), 60_000); // prettier-ignore
    expect(verdictsOf(ended)).toEqual({ [`${prefix}fits`]: 'passed', [`${prefix}differs`]: 'failed', [`${prefix}nope`]: 'missing' });
  });
});
