/** The way from an environment file to a command that was executed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey, writeKeyFile } from '#network/bus/keys.ts';
import { ProblemError } from '#shared/problem.ts';
import { linkEnvironment } from '#main/core/link/link-environment.ts';
import { systemClock } from '#main/core/system-clock.ts';
import { loadEnvironment } from '#main/core/workspace/environment.ts';
import { commandId, daemonName, FakeDaemon, success } from './fake-daemon.ts';
import { freePort, startNatsServer, withoutNatsServer, type TestRouter } from './nats-server.ts';

describe.skipIf(withoutNatsServer)('link of an environment file', () => {
  let router: TestRouter;
  let folder = '';
  const write = async (url: string, key = 'alice.seed'): Promise<string> => {
    const file = join(folder, 'environment.yaml');
    await writeFile(file, `environment: TEST\nrouter: ${url}\noperator: { name: alice, key: ${key} }\ndaemons: [MEP]\n`);
    return file;
  };
  beforeAll(async () => {
    router = await startNatsServer();
    folder = await mkdtemp(join(tmpdir(), 'testops-link-'));
    await writeKeyFile(join(folder, 'alice.seed'), newKey().seed);
  });
  afterAll(async () => {
    await router.kill();
    await rm(folder, { recursive: true, force: true });
  });

  test('connects, finds its daemons, commands them', async () => {
    const mep = await FakeDaemon.start({ url: router.url, name: 'MEP' });
    const link = await linkEnvironment(await loadEnvironment(await write(router.url)), { clock: systemClock });
    expect(await link.ready([daemonName('MEP')], 2_000)).toEqual({ missing: [] });
    expect(await link.send(mep.name, 'act', [], commandId('command-1')).finished).toEqual(success);
    await link.dispose();
    await mep.stop();
  });

  test('a missing key and a router that is not there are sentences', async () => {
    const problem = async (file: string): Promise<string> => {
      const failure: unknown = await linkEnvironment(await loadEnvironment(file), { clock: systemClock }).catch(
        (thrown: unknown) => thrown,
      );
      return failure instanceof ProblemError ? failure.problem.code : String(failure);
    };
    expect(await problem(await write(router.url, 'absent.seed'))).toBe('no-key-file');
    expect(await problem(await write(`nats://127.0.0.1:${await freePort()}`))).toBe('router-unreachable');
  });
});
