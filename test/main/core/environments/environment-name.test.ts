/** An environment file that names another environment than the router's user may listen to. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { trustFolder } from '../../../trusted-folder.ts';
import { openCore } from '#main/core/core.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { permissionsFor } from '#network/router/permissions.ts';
import { startRouter } from '#network/router/router.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-environment-name-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the status says that the router does not let the operator listen there, and what to compare', async () => {
  const alice = newKey();
  await mkdir(join(folder, 'keys'), { mode: 0o700 });
  await writeKeyFile(join(folder, 'keys', 'alice.seed'), alice.seed);
  const permissions = permissionsFor('operator', 'lab' as EnvironmentName, 'alice');
  const router = await startRouter({ host: '127.0.0.1', port: 0, users: [{ name: 'alice', key: alice.publicKey, permissions }] });
  const environmentFile = join(folder, 'environment.yaml');
  await writeFile(
    environmentFile,
    `environment: lob\nrouter: ${router.url}\noperator: { name: alice, key: keys/alice.seed }\nrelease: rc1\ndaemons: [TICK]\n`,
  );
  await trustFolder(folder, join(folder, 'home'));
  const core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') });
  try {
    const problem = await core.request('environment.status', { environmentFile }).then(
      () => null,
      (failure: { readonly problem: unknown }) => failure.problem,
    );
    expect(problem).toMatchObject({
      code: 'router-refusal',
      message: 'The router does not let alice listen to the environment lob.',
    });
  } finally {
    await core.dispose();
    await router.close();
  }
});
