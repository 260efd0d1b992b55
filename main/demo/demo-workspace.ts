/**
 * The demo's workspace: a copy of the templates in resources/demo/workspace with the ports, keys and paths of this one
 * start filled in. Several demos can run side by side, each in its own folder on its own ports.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newKey, writeKeyFile } from '#network/bus/keys.ts';

export const demoDaemons = ['MEP', 'MON', 'INJ'] as const;
export const demoReleases = ['rc1', 'rc2', 'rc3'] as const;
export type DemoRelease = (typeof demoReleases)[number];

const portNames = ['router', 'primary', 'secondary', 'primary-replication', 'secondary-replication', 'gateway'] as const;
type PortName = (typeof portNames)[number];

export interface DemoWorkspace {
  readonly folder: string;
  readonly environmentFile: string;
  readonly routerFile: string;
  readonly daemonFiles: readonly string[];
  readonly ports: Readonly<Record<PortName, number>>;
}

/** Ports of 127.0.0.1 that nothing listens on now; all are held until all are found, so that they differ. */
async function freePorts(): Promise<Record<PortName, number>> {
  const servers = await Promise.all(
    portNames.map(
      (name) =>
        new Promise<readonly [PortName, number, () => void]>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            if (address === null || typeof address === 'string') reject(new Error('The free port has no number.'));
            else resolve([name, address.port, () => server.close()]);
          });
        }),
    ),
  );
  for (const [, , close] of servers) close();
  return Object.fromEntries(servers.map(([name, port]) => [name, port])) as Record<PortName, number>;
}

/** Makes keys for the operator and the daemons; secrets go to files only their owner can read. Returns the public keys. */
async function makeKeys(folder: string): Promise<ReadonlyMap<string, string>> {
  await mkdir(join(folder, 'keys'), { recursive: true, mode: 0o700 });
  const keys = new Map<string, string>();
  for (const user of ['demo', ...demoDaemons]) {
    const key = newKey();
    await writeKeyFile(join(folder, 'keys', `${user}.seed`), key.seed);
    keys.set(user, key.publicKey);
  }
  return keys;
}

async function fillIn(folder: string, values: Readonly<Record<string, string>>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.yaml')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, 'utf8');
    const filled = text.replace(/\{\{([a-z-]+)\}\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${file} asks for {{${name}}}, which is not known.`);
      return value;
    });
    await writeFile(file, filled);
  }
}

/** Lays out a workspace in an empty folder. `resources` is the folder resources/demo. */
export async function layOutDemo(folder: string, resources: string, release: DemoRelease): Promise<DemoWorkspace> {
  await cp(join(resources, 'workspace'), folder, { recursive: true });
  const [ports, keys] = await Promise.all([freePorts(), makeKeys(folder)]);
  await fillIn(folder, {
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${name}-port`, String(port)])),
    router: `nats://127.0.0.1:${ports.router}`,
    operator: keys.get('demo') ?? '',
    node: process.execPath,
    exchange: join(resources, 'exchange'),
    release,
  });
  const users = [...keys].map(([name, key]) => ({ name, key, role: name === 'demo' ? 'operator' : 'daemon', environment: 'demo' }));
  const routerFile = join(folder, 'router.yaml');
  await writeFile(routerFile, stringify({ listen: `127.0.0.1:${ports.router}`, users }));
  return {
    folder,
    environmentFile: join(folder, 'environment.yaml'),
    routerFile,
    daemonFiles: demoDaemons.map((daemon) => join(folder, 'daemons', `${daemon}.yaml`)),
    ports,
  };
}
