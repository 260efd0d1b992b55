/** A served core behind a real WebSocket: one workspace, one environment with a scripted daemon, and a machine around it to reach for. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentName, environment, FakeDaemon, success } from '../link/fake-daemon.ts';
import { doorInProcess } from '#main/core-process/core-door.ts';
import { portOver } from '#main/core-process/text-channel.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { doorOfRemote } from '#main/web/remote-door.ts';
import { startRemoteHost } from '#main/web/remote-host.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter } from '#network/router/router.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';

export const secret = 'SECRET OF THE MACHINE';

export interface ServedMachine {
  readonly owned: Ownership;
  /** Holds the workspace `exchange`, its neighbour `exchange-other`, and `outside`. */
  readonly folder: string;
  readonly workspace: string;
  readonly outside: string;
  readonly environmentFile: string;
  readonly router: string;
  readonly url: string;
  readonly tokens: Readonly<Record<'alice' | 'bob', string>>;
  readonly alice: Core;
  readonly bob: Core;
  /** A console of the machine itself. */
  readonly local: Core;
}

/** @param second also serves the environment of the same name that belongs to bob */
export async function openServedMachine({ second = false } = {}): Promise<ServedMachine> {
  const owned = new Ownership();
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'served-')));
  owned.own(() => rm(folder, { recursive: true, force: true }));
  const [workspace, outside] = [join(folder, 'exchange'), join(folder, 'outside')];
  const router = await startRouter({ port: 0 });
  owned.own(() => router.close());
  const daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'] });
  owned.own(() => daemon.stop());
  daemon.actions = [{ name: 'start_load', parameters: [], hazard: 'none', timeout: 5_000 }];
  daemon.onOrder = (order, reply) => {
    reply({ kind: 'accepted', command: order.id });
    reply({ kind: 'finished', command: order.id, outcome: success });
    setTimeout(() => daemon.events({ kind: 'command-finished', time: daemon.now(), command: order.id, outcome: success }), 10);
  };
  daemon.events({ kind: 'state', time: daemon.now(), component: componentName('Engine'), state: 'READY', previous: null });
  const environmentText = (operator: string, key: string): string =>
    `environment: ${environment}\nrouter: ${router.url}\noperator: { name: ${operator}, key: ${key} }\nrelease: rc1\ndaemons: [MEP]\n`;
  for (const each of ['scenarios', 'plugins', 'daemons', 'second', 'keys', '.git', 'suites', 'campaigns'])
    await mkdir(join(workspace, each), { recursive: true });
  for (const each of [outside, join(folder, 'exchange-other')]) await mkdir(each);
  const files: Readonly<Record<string, string>> = {
    'exchange/environment.yaml': environmentText('alice', 'operator.txt'),
    'exchange/second/environment.yaml': environmentText('bob', '../../outside/bob.seed'),
    'exchange/scenarios/good.scn': 'start_load\n',
    'exchange/scenarios/waits.scn': 'pause\nstart_load\n',
    'exchange/scenarios/calls.scn': 'call leak\n',
    'exchange/suites/smoke.yaml': 'suite: smoke\nadapter: scenario\nusesServer: false\nsettings: { scenarios: [good] }\n',
    'exchange/suites/slow.yaml': 'suite: slow\nadapter: scenario\nusesServer: false\nsettings: { scenarios: [slow] }\n',
    'exchange/campaigns/nightly.yaml': 'campaign: nightly\nsuites: [smoke]\n',
    'exchange/campaigns/long.yaml': 'campaign: long\nsuites: [slow]\n',
    'exchange/scenarios/slow.scn': 'wait 600s\n',
    'exchange/notes.txt': 'notes\n',
    'exchange/settings.json': '{}\n',
    'exchange/run.sh': '#!/bin/sh\n',
    'exchange/plugins/own.mjs': `export default { name: 'own', run: () => 'own' };\n`,
    'exchange/plugins/words.txt': 'words\n',
    'exchange/daemons/mep.yaml': 'daemon: MEP\n',
    'exchange/keys/note.txt': secret,
    'exchange/.git/config': secret,
    'exchange-other/other.scn': `# ${secret}\n`,
    'outside/secret.txt': secret,
    'outside/secret.scn': `# ${secret}\nlog ${secret}\n`,
    'outside/environment.yaml': environmentText('bob', 'bob.seed'),
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  await writeKeyFile(join(workspace, 'operator.txt'), newKey().seed);
  await writeKeyFile(join(workspace, 'forgotten.txt'), newKey().seed);
  await writeKeyFile(join(outside, 'bob.seed'), newKey().seed);
  await symlink(join(outside, 'secret.txt'), join(workspace, 'leak.txt'));
  await symlink(join(outside, 'secret.scn'), join(workspace, 'scenarios', 'leak.scn'));
  await symlink(outside, join(workspace, 'linked'));
  const environmentFile = join(workspace, 'environment.yaml');
  const environments = [
    { name: 'main', file: environmentFile },
    ...(second ? [{ name: 'second', file: join(workspace, 'second', 'environment.yaml') }] : []),
  ];
  const served = { workspaces: [{ name: 'exchange', folder: workspace }], environments };
  const core = owned.own(await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home'), served }));
  const tokens = { alice: 'a'.repeat(40), bob: 'b'.repeat(40) };
  const entries = Object.entries(tokens).map(([operator, token]) => ({ operator, token }));
  const host = owned.own(await startRemoteHost({ core: doorInProcess(core), host: '127.0.0.1', port: 0, tokens: entries }));
  const connect = async (token: string): Promise<Core> => {
    const door = await doorOfRemote({ url: host.url, token });
    return owned.own(connectContract(portOver(door.open({ operator: null }))));
  };
  const local = owned.own(connectInProcess(core));
  const [alice, bob] = [await connect(tokens.alice), await connect(tokens.bob)];
  return { owned, folder, workspace, outside, environmentFile, router: router.url, url: host.url, tokens, alice, bob, local };
}
