/** A workspace with an environment file, an embedded router, and a scripted daemon behind it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeDaemon, environment } from '../link/fake-daemon.ts';
import { openConsole, type Opened } from '../open-console.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter, type Router } from '#network/router/router.ts';

export interface Scripted extends Opened {
  readonly environmentFile: string;
  readonly daemon: FakeDaemon;
  /** Where the router listens, whether or not it is there. */
  readonly port: number;
  stopRouter(): Promise<void>;
  startRouter(): Promise<void>;
}

export async function openScripted(options: { readonly clockAhead?: number } = {}): Promise<Scripted> {
  const opened = await openConsole();
  const { owned, workspace } = opened;
  let router: Router = await startRouter({ port: 0 });
  const { port, url } = router;
  owned.own(() => router.close());
  const daemon = await FakeDaemon.start({ url, name: 'MEP', components: ['Engine'], ...options });
  owned.own(() => daemon.stop());
  await writeKeyFile(join(workspace, 'alice.seed'), newKey().seed);
  const environmentFile = join(workspace, 'environment.yaml');
  await writeFile(
    environmentFile,
    `environment: ${environment}
router: ${url}
operator: { name: alice, key: alice.seed }
release: rc1
daemons: [MEP]
limits:
  - { metric: Engine.rss, condition: '< 100', severity: warning }
`,
  );
  return {
    ...opened,
    environmentFile,
    daemon,
    port,
    stopRouter: () => router.close(),
    startRouter: async () => {
      router = await startRouter({ port });
    },
  };
}
