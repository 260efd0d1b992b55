/** What a stranger's folder can make happen before its user trusts it: nothing, by whichever way it comes in; and afterwards what it is for. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { WorkspaceTrust } from '#main/core/workspace/trust.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import type { MethodRequest } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { runIdSchema } from '#shared/identifiers.ts';

let owned: Ownership;
let base: string;
/** The stranger's folder. */
let folder: string;
let core: OpenCore;
let connections: number;
let port: number;

const ran = (): boolean => existsSync(join(base, 'ran'));

beforeEach(async () => {
  owned = new Ownership();
  base = await realpath(await mkdtemp(join(tmpdir(), 'trust-')));
  owned.own(() => rm(base, { recursive: true, force: true }));
  folder = join(base, 'stranger');
  connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  owned.own(() => void server.close());
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
  await layDown();
  core = await openCore({ archiveFolder: join(base, 'archive'), home: join(base, 'home') });
  owned.own(core);
});
afterEach(() => owned.dispose());

/** A repository whose filters, hooks and watcher leave a file behind, with a plugin that does, and a router that counts. */
async function layDown(): Promise<void> {
  for (const name of ['plugins', 'scenarios', 'hooks']) await mkdir(join(folder, name), { recursive: true });
  await writeKeyFile(join(folder, 'alice.seed'), newKey().seed);
  await writeFile(
    join(folder, 'environment.yaml'),
    `environment: exchange\nrouter: nats://127.0.0.1:${port}\noperator: { name: alice, key: alice.seed }\ndaemons: [MEP]\n`,
  );
  await writeFile(join(folder, 'scenarios', 'a.scn'), 'echo a\n');
  await writeFile(
    join(folder, 'plugins', 'hostile.mjs'),
    `import { connect } from 'node:net';\nconnect(${port}, '127.0.0.1');\nexport default { name: 'hostile', commands: [] };\n`,
  );
  const program = join(base, 'program.sh');
  await writeFile(program, `#!/bin/sh\ntouch '${join(base, 'ran')}'\ncat\n`, { mode: 0o755 });
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-C', folder, '-c', 'user.name=T', '-c', 'user.email=t@localhost', ...words]);
  git('init', '-q');
  git('add', 'scenarios');
  git('commit', '-q', '-m', 'First');
  await writeFile(join(folder, '.gitattributes'), '* filter=hostile diff=hostile\n');
  git('config', 'filter.hostile.clean', program);
  git('config', 'filter.hostile.process', program);
  git('config', 'filter.hostile.required', 'true');
  git('config', 'diff.hostile.textconv', program);
  git('config', 'core.fsmonitor', program);
  git('config', 'core.hooksPath', join(folder, 'hooks'));
  git('config', 'core.pager', program);
  await writeFile(join(folder, 'hooks', 'post-index-change'), `#!/bin/sh\ntouch '${join(base, 'ran')}'\n`, { mode: 0o755 });
  // Its content differs at the same length, so that git must read it to know.
  await writeFile(join(folder, 'scenarios', 'a.scn'), 'echo b\n');
}

const environmentFile = (): string => join(folder, 'environment.yaml');
const scenarioFile = (): string => join(folder, 'scenarios', 'a.scn');

/** Every way into the folder that acts. */
const acting = {
  'environment.status': () => core.request('environment.status', { environmentFile: environmentFile() }),
  'environment.pin': () => core.request('environment.pin', { environmentFile: environmentFile() }),
  'command.execute': () => core.request('command.execute', { environmentFile: environmentFile(), words: ['hostile'] }),
  'run.start': () => core.request('run.start', started({})),
  'run.start, dry': () => core.request('run.start', started({ dryRun: true })),
  'run.recover': () =>
    core.request('run.recover', { run: runIdSchema.parse('20261120T221735Z-failover-3f9a'), environmentFile: environmentFile() }),
  'series.list': () => core.request('series.list', { environmentFile: environmentFile() }),
  'environment.live': () => core.listen('environment.live', { environmentFile: environmentFile() }, () => undefined).ended,
  'environment.catalogue': () =>
    core.listen('environment.catalogue', { environmentFile: environmentFile(), offline: true }, () => undefined).ended,
  'environment.events': () => core.listen('environment.events', { environmentFile: environmentFile() }, () => undefined).ended,
  'telemetry.live': () =>
    core.listen('telemetry.live', { environmentFile: environmentFile(), series: [], window: 1_000, columns: 10 }, () => undefined).ended,
} as const;

function started(more: Partial<MethodRequest<'run.start'>>): MethodRequest<'run.start'> {
  return { scenarioFile: scenarioFile(), environmentFile: environmentFile(), policy: 'abort', attended: false, ...more };
}

describe('a folder that nobody trusts', () => {
  test.each(Object.keys(acting) as (keyof typeof acting)[])('%s starts no program and opens no connection', async (way) => {
    await expect(acting[way]()).rejects.toMatchObject({
      problem: { code: way === 'run.recover' ? expect.any(String) : 'workspace-untrusted' },
    });
    expect({ ran: ran(), connections }).toEqual({ ran: false, connections: 0 });
  });

  test('is opened, read, written and checked all the same, and not even git looks at it', async () => {
    expect(await core.request('workspace.open', { folder })).toMatchObject({ trusted: false, commit: null });
    const { text, hash } = await core.request('file.read', { folder, path: 'scenarios/a.scn' });
    await core.request('file.write', { folder, path: 'scenarios/a.scn', text: `${text}echo c\n`, expectedHash: hash });
    const { problems } = await core.request('scenario.check', { scenarioFile: scenarioFile(), environmentFile: environmentFile() });
    expect(problems.map(({ code, severity }) => [code, severity])).toContainEqual(['workspace-untrusted', 'warning']);
    const { run } = await core.request('run.start', { scenarioFile: scenarioFile(), dryRun: true, policy: 'abort', attended: false });
    expect((await core.request('runs.show', { run })).manifest.workspaceCommit).toBeNull();
    expect({ ran: ran(), connections }).toEqual({ ran: false, connections: 0 });
  });

  test("a stranger's scenario does not act in an environment of one's own, and a link does not make it one's own", async () => {
    const own = join(base, 'own');
    await mkdir(own);
    await core.request('workspace.trust', { folder: own, trusted: true });
    await symlink(scenarioFile(), join(own, 'linked.scn'));
    await symlink(environmentFile(), join(own, 'environment.yaml'));
    for (const scenario of [scenarioFile(), join(own, 'linked.scn')]) {
      await expect(
        core.request('run.start', started({ scenarioFile: scenario, environmentFile: join(own, 'environment.yaml') })),
      ).rejects.toMatchObject({ problem: { code: 'workspace-untrusted', file: expect.stringContaining('stranger') } });
    }
    expect(connections).toBe(0);
  });
});

describe('a folder that is trusted', () => {
  test('may act, is remembered by the next core, and no longer acts when that is taken back', async () => {
    expect(await core.request('workspace.trust', { folder, trusted: true })).toEqual({ folders: [folder] });
    await expect(acting['environment.status']()).rejects.not.toMatchObject({ problem: { code: 'workspace-untrusted' } });
    expect(connections).toBeGreaterThan(0);

    const next = await openCore({ archiveFolder: join(base, 'other'), home: join(base, 'home') });
    owned.own(next);
    expect(await next.request('workspace.open', { folder })).toMatchObject({ trusted: true });
    expect((await next.request('workspace.trusted', {})).folders.map((each) => each.folder)).toEqual([folder]);
    expect(await next.request('workspace.trust', { folder: join(folder, 'scenarios'), trusted: false })).toEqual({ folders: [folder] });
    await expect(acting['environment.status']()).rejects.toMatchObject({ problem: { code: 'workspace-untrusted' } });
  });

  test("git says that it is changed, and still runs nothing of the repository's", async () => {
    await core.request('workspace.trust', { folder, trusted: true });
    expect((await core.request('workspace.open', { folder })).commit).toMatch(/^[0-9a-f]{40}\+changes$/);
    expect(ran()).toBe(false);
    // The same with git's own configuration would have run it.
    spawnSync('git', ['-C', folder, 'status', '--porcelain'], { stdio: 'ignore' });
    expect(ran()).toBe(true);
  });

  test('is that folder and what is in it: no neighbour, no folder of the same name after a move, not the whole machine', async () => {
    const trust = new WorkspaceTrust(join(base, 'home'), { now: () => 1 });
    await trust.grant(folder);
    expect(await trust.covering(join(folder, 'scenarios'))).toBe(folder);
    expect(await trust.covering(scenarioFile())).toBe(folder);
    await mkdir(`${folder}-two`);
    expect(await trust.covering(`${folder}-two`)).toBeNull();
    expect(await trust.covering(base)).toBeNull();
    await symlink(folder, join(base, 'link'));
    expect(await trust.covering(join(base, 'link'))).toBe(folder);
    await expect(trust.grant('/')).rejects.toMatchObject({ problem: { code: 'trust-too-wide' } });
    await expect(trust.grant(join(base, 'nowhere'))).rejects.toMatchObject({ problem: { code: 'no-workspace' } });
    await rm(folder, { recursive: true });
    expect(await trust.takeBack(folder)).toEqual([folder]);
    expect(await trust.folders()).toEqual([]);
  });
});
