/** `testops serve` as a process: what it is told to serve at its start is all that a token reaches. */
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCommand } from './console-command.ts';
import { portOver } from '#main/core-process/text-channel.ts';
import { doorOfRemote } from '#main/web/remote-door.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import { Ownership } from '#shared/disposable.ts';

const token = 'a'.repeat(40);
let owned: Ownership;
let folder: string;
let tokens: string;
let workspace: string;
let environmentFile: string;

beforeEach(async () => {
  owned = new Ownership();
  folder = await realpath(await mkdtemp(join(tmpdir(), 'serve-')));
  owned.own(() => rm(folder, { recursive: true, force: true }));
  tokens = join(folder, 'tokens');
  await writeFile(tokens, `alice ${token}\n`, { mode: 0o600 });
  workspace = join(folder, 'exchange');
  await mkdir(workspace);
  environmentFile = join(workspace, 'environment.yaml');
  await writeFile(join(workspace, 'good.scn'), 'log good\n');
  await writeFile(join(folder, 'outside.txt'), 'outside');
  await writeKeyFile(join(folder, 'dana.seed'), newKey().seed);
  await writeFile(environmentFile, 'environment: EXCHANGE\nrouter: nats://127.0.0.1:9\noperator: { name: dana, key: ../dana.seed }\n');
});
afterEach(() => owned.dispose());

const serve = (...more: string[]) =>
  startCommand(['serve', '--listen', '127.0.0.1:0', '--token-file', tokens, ...more], {
    archive: join(folder, 'archive'),
    home: join(folder, 'home'),
  });

async function served(...more: string[]) {
  const command = serve(...more);
  owned.own(async () => {
    command.process.kill('SIGINT');
    await command.ended;
  });
  await command.printed(/ws:\/\/127\.0\.0\.1:\d+\/contract/);
  const url = /ws:\/\/\S+\/contract/.exec(command.output())?.[0] ?? '';
  const door = await doorOfRemote({ url, token });
  return { command, console: owned.own(connectContract(portOver(door.open({ operator: null })))) };
}

test('serves workspaces and environments by names, and nothing else of the machine', { timeout: 60_000 }, async () => {
  const { command, console } = await served('--workspace', workspace, '--environment', `main=${environmentFile}`);
  await command.printed(`Environment main: ${environmentFile}`);
  expect(command.output()).toContain(`Workspace exchange: ${workspace}`);
  expect(await console.request('workspace.open', { folder: 'exchange' })).toMatchObject({
    folder: workspace,
    environments: [{ name: 'main', file: environmentFile }],
  });
  expect(await console.request('scenario.check', { scenarioFile: join(workspace, 'good.scn') })).toEqual({ problems: [] });
  const text = 'ssh-ed25519 AAAA';
  await expect(console.request('file.write', { folder, path: 'authorized_keys', text, expectedHash: null })).rejects.toThrow(
    'serves no workspace',
  );
  await expect(console.request('file.read', { folder, path: 'outside.txt' })).rejects.toThrow('serves no workspace');
  await expect(console.request('file.write', { folder: 'exchange', path: 'plugins/new.mjs', text, expectedHash: null })).rejects.toThrow(
    'from here',
  );
  await expect(console.request('command.execute', { environmentFile: 'main', words: ['stop'] })).rejects.toThrow('belongs to dana');
  expect((await readdir(folder)).toSorted()).toEqual(['archive', 'dana.seed', 'exchange', 'home', 'outside.txt', 'tokens']);
  expect((await readdir(workspace)).toSorted()).toEqual(['environment.yaml', 'good.scn']);
});

test('told of nothing, it serves the runs of its archive only', { timeout: 60_000 }, async () => {
  const { console } = await served();
  expect(await console.request('workspace.recent', {})).toEqual({ folders: [] });
  expect(await console.request('runs.list', {})).toEqual({ runs: [] });
  await expect(console.request('workspace.open', { folder: workspace })).rejects.toThrow('serves no workspace');
});

test('what cannot be served is refused at the start', { timeout: 60_000 }, async () => {
  const refusals: readonly [string[], string][] = [
    [['--workspace', join(folder, 'none')], 'There is no such folder.'],
    [['--environment', join(folder, 'none.yaml')], 'none.yaml'],
    [['--workspace', `one=${workspace}`, `one=${folder}`], 'Two of --workspace are named one.'],
    [['--workspace', '/'], 'is no name for --workspace'],
  ];
  for (const [options, message] of refusals) {
    const { status, errors } = await serve(...options).ended;
    expect([status, errors]).toEqual([2, expect.stringContaining(message) as string]);
  }
});
