/** Under which name it is recorded what somebody says of a run. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { collect } from '../open-console.ts';
import { trustFolder } from '../../../trusted-folder.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { ConsoleOperators } from '#main/core/environments/operators.ts';
import type { EnvironmentDescription } from '#main/core/environments/access.ts';

const environmentOf = (operator: string) => ({ operator }) as EnvironmentDescription;

test('the name of the host, then the operator of the environment that this console has open, then the user of this machine', () => {
  const operators = new ConsoleOperators();
  const nobody = { operator: null, console: 'one' };
  expect(operators.nameOf(nobody)).toBe(userInfo().username);
  const leaveDemo = operators.follows(nobody, environmentOf('demo'));
  expect(operators.nameOf(nobody)).toBe('demo');
  expect(operators.nameOf({ operator: null, console: 'two' })).toBe(userInfo().username);
  expect(operators.nameOf({ operator: 'alice', console: 'one' })).toBe('alice');
  const leaveOther = operators.follows(nobody, environmentOf('night'));
  expect(operators.nameOf(nobody)).toBe('night');
  leaveOther();
  expect(operators.nameOf(nobody)).toBe('demo');
  leaveDemo();
  expect(operators.nameOf(nobody)).toBe(userInfo().username);
});

test('a core without an operator acts as the one whose environment the console has open, also before its router answers', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'operators-')));
  await trustFolder(folder, join(folder, 'home'));
  const core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') });
  const [console, other] = [connectInProcess(core), connectInProcess(core)];
  const operatorSeen = async (by: typeof console) => (await by.request('core.information', {})).operator;
  try {
    await writeKeyFile(join(folder, 'night.seed'), newKey().seed);
    const environmentFile = join(folder, 'environment.yaml');
    await writeFile(
      environmentFile,
      'environment: lab\nrouter: nats://127.0.0.1:1\noperator: { name: night, key: night.seed }\nrelease: rc1\ndaemons: [MEP]\n',
    );
    const live = collect(console, 'environment.live', { environmentFile });
    await vi.waitFor(async () => expect(await operatorSeen(console)).toBe('night'), { timeout: 10_000 });
    expect(await operatorSeen(other)).toBe(userInfo().username);
    live.close();
    await vi.waitFor(async () => expect(await operatorSeen(console)).toBe(userInfo().username), { timeout: 10_000 });
  } finally {
    await console.dispose();
    await other.dispose();
    await core.dispose();
    await rm(folder, { recursive: true, force: true });
  }
});
