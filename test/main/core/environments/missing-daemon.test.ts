/** A command for a daemon that is known to be lost fails soon, and says how that daemon is brought back. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trustFolder } from '../../../trusted-folder.ts';
import { FakeDaemon, environment } from '../link/fake-daemon.ts';
import { openCore } from '#main/core/core.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { Ownership } from '#shared/disposable.ts';

let owned: Ownership;
let folder: string;
let router: Router;
beforeEach(async () => {
  owned = new Ownership();
  folder = await mkdtemp(join(tmpdir(), 'missing-daemon-'));
  owned.own(() => rm(folder, { recursive: true }));
  router = await startRouter({ port: 0 });
  owned.own(() => router.close());
});
afterEach(async () => owned.dispose());

test.each([
  ['of a team', 'team', 'Start it on its host (testops daemon --config …), or check its router URL and its name.'],
  [
    'of the demo',
    'home/demo/exchange',
    'Bring the demo up afresh: with Ctrl+Alt+R in the console that brought it up; where testops demo --stay did, end that',
  ],
])('in an environment %s', { timeout: 30_000 }, async (_, place, tip) => {
  const workspace = join(folder, place);
  await mkdir(workspace, { recursive: true });
  await writeKeyFile(join(workspace, 'alice.seed'), newKey().seed);
  const environmentFile = join(workspace, 'environment.yaml');
  const lines = [`environment: ${environment}`, `router: ${router.url}`, 'operator: { name: alice, key: alice.seed }', 'daemons: [MEP]'];
  await writeFile(environmentFile, `${lines.join('\n')}\n`);
  await trustFolder(workspace, join(folder, 'home'));
  const core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') });
  owned.own(core);
  const daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'] });
  owned.own(() => daemon.stop());
  const looking = core.listen('environment.live', { environmentFile }, () => undefined);
  looking.ended.catch(() => undefined);
  owned.own(() => looking.close());
  const presence = async () => (await core.request('environment.status', { environmentFile })).daemons[0]?.presence;
  await vi.waitFor(async () => expect(await presence()).toBe('present'), 8_000);
  await daemon.stop();
  await vi.waitFor(async () => expect(await presence()).toBe('lost'), 8_000);
  await expect(core.request('command.execute', { environmentFile, words: ['kill', '-9', 'Engine'] })).rejects.toMatchObject({
    problem: {
      code: 'daemon-absent',
      message: expect.stringContaining('kill was not carried out') as string,
      tip: expect.stringContaining(tip) as string,
    },
  });
});
