/** A worker with no more rights than it needs: at a router that knows its users, and with tests that run as another user than the daemon. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { suiteOf } from './fake-coordinator.ts';
import { shell, Surroundings, verdictsOf } from './worker-under-test.ts';

let here: Surroundings;
afterEach(async () => here.close());

test('a router that knows its users lets a daemon ask, fetch and store, and hears nobody else in its name', async () => {
  here = await Surroundings.open({ knowsUsers: true });
  await here.startDaemon();
  const reference = here.coordinator.pack({ 'check.sh': 'echo seen; exit 1' });
  const ended = await here.end(
    here.coordinator.give(suiteOf({ package: reference, settings: { tests: [shell('t', 'sh check.sh')] } }), ['t']),
  );
  expect(verdictsOf(ended)).toEqual({ t: 'failed' });
  expect(here.coordinator.content(ended.verdicts[0], 'output.txt')).toBe('seen\n');
});

const root = process.getuid?.() === 0;
test.runIf(root)('tests of another user can read their package and write their scratch, and nothing else of the daemon', async () => {
  here = await Surroundings.open();
  const folder = join(here.folder, 'work');
  await mkdir(folder);
  // As a host lays it out: the way to the folder is open, the daemon's state is not.
  await chmod(here.folder, 0o711);
  await here.startDaemon({ worker: { user: 'nobody', folder } });
  const reference = here.coordinator.pack({ 'data.txt': 'data' }, [['sh', '-c', 'id -un > made.txt']]);
  const tests = [
    shell('who', 'test "$(id -un)" = nobody'),
    shell('reads', 'grep -q data data.txt && grep -q nobody made.txt'),
    shell('writes', 'echo x > "$TMPDIR/x"'),
    shell('changes its package', 'echo x > data.txt || chmod u+w . || rm made.txt'),
    shell('lays a link where the daemon writes', 'ln -s /etc/passwd "$TMPDIR/../tests-1.txt"'),
    shell('reads the state', `ls ${join(here.folder, 'state')}`),
    shell('kills the daemon', `kill ${process.pid}`),
  ];
  const suite = suiteOf({ package: reference, settings: { tests } });
  const ended = await here.end(
    here.coordinator.give(
      suite,
      tests.map(({ id }) => id),
    ),
  );
  expect(verdictsOf(ended)).toEqual({
    who: 'passed',
    reads: 'passed',
    writes: 'passed',
    'changes its package': 'failed',
    'lays a link where the daemon writes': 'failed',
    'reads the state': 'failed',
    'kills the daemon': 'failed',
  });
  const junit = suiteOf({
    adapter: 'junit',
    package: reference,
    settings: {
      command: ['sh', '-c', 'echo "<testsuite><testcase name=\\"a\\"/></testsuite>" > "$1/r.xml"', 'sh', '{reports}'],
      list: { command: ['true'] },
    },
  });
  expect(verdictsOf(await here.end(here.coordinator.give(junit, ['a'])))).toEqual({ a: 'passed' });
});
