/** The routers that the same tests run against: ours, and Debian's nats-server configured from the same router.yaml. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectToRouter } from '#network/bus/connect.ts';
import type { NatsConnection, RouterConnectionOptions } from '#network/bus/connect.ts';
import { newKey } from '#platform/keys.ts';
import { routerFileSchema } from '#network/router/configuration-schema.ts';
import { routerOptions } from '#network/router/configuration.ts';
import { natsServerConfiguration } from '#network/router/nats-server-configuration.ts';
import { startRouter } from '#network/router/router.ts';
import type { z } from 'zod';
import { RawClient } from './raw-client.ts';
import { freePort } from '#platform/free-port.ts';

export type TargetFile = Omit<z.input<typeof routerFileSchema>, 'listen' | 'websocket'> & {
  readonly port?: number;
  readonly webSocketPort?: number;
  readonly webSocket?: Omit<NonNullable<z.input<typeof routerFileSchema>['websocket']>, 'listen'>;
};

export interface Target {
  readonly url: string;
  readonly port: number;
  readonly webSocketUrl: string;
  /** A connection that the test need not close. */
  connect(options?: Partial<RouterConnectionOptions>): Promise<NatsConnection>;
  raw(): Promise<RawClient>;
  /** Ends the router only; connections keep trying. */
  stop(): Promise<void>;
  /** Ends connections and router. */
  close(): Promise<void>;
}

export interface TargetKind {
  readonly name: string;
  start(file?: TargetFile): Promise<Target>;
}

interface Running {
  stop(): Promise<void>;
}

const embedded = async (file: RouterFileInput): Promise<Running> => {
  const router = await startRouter(await routerOptions(routerFileSchema.parse(file)));
  return { stop: () => router.close() };
};

const natsServerProgram = ['/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server'].find((path) => existsSync(path));

const natsServer = async (file: RouterFileInput): Promise<Running> => {
  const folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
  const path = join(folder, 'nats-server.conf');
  await writeFile(path, natsServerConfiguration(routerFileSchema.parse(file)));
  const child = spawn(natsServerProgram ?? '', ['-c', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server ended: ${log}`)));
    child.stderr.on('data', (chunk) => {
      log += String(chunk);
      if (log.includes('Server is ready')) resolve();
    });
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

type RouterFileInput = z.input<typeof routerFileSchema>;

function kind(name: string, start: (file: RouterFileInput) => Promise<Running>): TargetKind {
  return {
    name,
    start: async (given = {}) => {
      const { port: wanted, webSocketPort: wantedForWebSockets, webSocket, ...rest } = given;
      const port = wanted ?? (await freePort());
      const webSocketPort = wantedForWebSockets ?? (await freePort());
      const running = await start({ ...rest, listen: `127.0.0.1:${port}`, websocket: { ...webSocket, listen: webSocketPort } });
      const connections: NatsConnection[] = [];
      const raws: RawClient[] = [];
      const url = `${rest.tls ? 'tls' : 'nats'}://127.0.0.1:${port}`;
      return {
        url,
        port,
        webSocketUrl: `${webSocket?.tls ? 'wss' : 'ws'}://127.0.0.1:${webSocketPort}`,
        connect: async (options = {}) => {
          const connection = await connectToRouter({ url, name: 'test', reconnectWait: 50, ...options });
          connections.push(connection);
          return connection;
        },
        raw: async () => {
          const client = await RawClient.open(port);
          raws.push(client);
          return client;
        },
        stop: () => running.stop(),
        close: async () => {
          for (const client of raws) client.close();
          await Promise.all(connections.map((connection) => connection.close()));
          await running.stop();
        },
      };
    },
  };
}

const ours = kind('embedded router', embedded);

if (!natsServerProgram && !process.env['CI']) console.warn('nats-server is not installed: the tests run against the embedded router only.');

/** Under CI a missing nats-server fails the tests; elsewhere only ours is tested. */
export const targets: readonly TargetKind[] = natsServerProgram || process.env['CI'] ? [ours, kind('nats-server', natsServer)] : [ours];

/** Keys and the users of a router for them. */
export function people() {
  const person = (name: string, role: 'daemon' | 'operator' | 'viewer', environment = 'demo') => {
    const { publicKey, seed } = newKey();
    return { entry: { name, key: publicKey, role, environment }, login: { user: name, name, seed } };
  };
  const mep = person('MEP', 'daemon');
  const mon = person('MON', 'daemon');
  const alice = person('alice', 'operator');
  const bob = person('bob', 'operator');
  const vera = person('vera', 'viewer');
  const stage = person('carol', 'operator', 'stage');
  return { mep, mon, alice, bob, vera, stage, users: [mep, mon, alice, bob, vera, stage].map(({ entry }) => entry) };
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, within = 10_000): Promise<void> {
  const end = Date.now() + within;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`Not within ${within} ms: ${holds.toString()}`);
    await wait(5);
  }
}
