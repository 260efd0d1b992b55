/** A daemon that is a worker, its router and its coordinator, in a folder of their own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startDaemon, type Daemon } from '#network/daemon/daemon.ts';
import type { Adapters } from '#network/daemon/worker/adapters/adapters.ts';
import { permissionsFor } from '#network/router/permissions.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { backgroundClock, type Clock } from '#platform/clock.ts';
import { freePort } from '#platform/free-port.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import type { EndedLease } from '#shared/protocol/work.ts';
import { daemonName, environment } from '../daemon-process.ts';
import { FakeCoordinator } from './fake-coordinator.ts';

export interface DaemonChoices {
  /** Keys of the section `worker`. */
  readonly worker?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly adapters?: Adapters;
  /** What the coordinator's operator may do. */
  readonly allow?: readonly string[];
}

export class Surroundings {
  readonly folder: string;
  readonly coordinator: FakeCoordinator;
  router: Router;
  private readonly port: number;
  private readonly key: ReturnType<typeof newKey>;
  private readonly daemons: Daemon[] = [];

  private constructor(folder: string, port: number, router: Router, key: ReturnType<typeof newKey>, coordinator: FakeCoordinator) {
    this.folder = folder;
    this.port = port;
    this.router = router;
    this.key = key;
    this.coordinator = coordinator;
  }

  static async open({ knowsUsers = false } = {}): Promise<Surroundings> {
    const folder = await mkdtemp(join(tmpdir(), 'worker-'));
    const port = await freePort();
    const key = newKey();
    const own = newKey();
    if (knowsUsers) await writeKeyFile(join(folder, 'daemon.seed'), own.seed);
    const users = [
      { name: 'alice', key: key.publicKey, permissions: permissionsFor('operator', environment, 'alice') },
      { name: daemonName, key: own.publicKey, permissions: permissionsFor('daemon', environment, daemonName) },
    ];
    const router = await startRouter({ host: '127.0.0.1', port, ...(knowsUsers && { users }) });
    const coordinator = await FakeCoordinator.open(`nats://127.0.0.1:${port}`, key.seed, knowsUsers ? 'alice' : undefined);
    return new Surroundings(folder, port, router, key, coordinator);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async restartRouter(): Promise<void> {
    await this.router.close();
    this.router = await startRouter({ host: '127.0.0.1', port: this.port });
  }

  /** Lays a file of the folder `product` down, where tests stand that are not delivered. */
  async program(name: string, text: string): Promise<string> {
    const path = join(this.folder, 'product', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o755 });
    return path;
  }

  async configure({ worker = {}, allow = ['work'] }: DaemonChoices = {}): Promise<string> {
    await mkdir(join(this.folder, 'product'), { recursive: true });
    const file = join(this.folder, 'daemon.yaml');
    const section = { slots: 2, labels: ['linux'], adapters: ['executable', 'junit'], packages: ['*'], folders: { product: 'product' } };
    const content = {
      daemon: daemonName,
      environment: 'test',
      router: this.url,
      ...(existsSync(join(this.folder, 'daemon.seed')) && { key: 'daemon.seed' }),
      state: 'state',
      trust: [{ operator: 'alice', key: this.key.publicKey, allow }],
      worker: { ...section, ...worker },
    };
    await writeFile(file, JSON.stringify(content));
    return file;
  }

  async startDaemon(choices: DaemonChoices = {}): Promise<Daemon> {
    const { configuration, problems, hash } = await loadDaemonConfiguration(await this.configure(choices));
    if (!configuration) throw new Error(JSON.stringify(problems));
    const daemon = await startDaemon({ configuration, configurationHash: hash, clock: backgroundClock, ...choices });
    this.daemons.push(daemon);
    return daemon;
  }

  /** The end of a lease, once it is settled. */
  async end(fence: number, timeout = 30_000): Promise<EndedLease> {
    const settled = (): EndedLease | undefined => this.coordinator.settled.get(fence);
    return vi.waitFor(() => settled() ?? Promise.reject(new Error(`Lease ${fence} has not ended.`)), { timeout, interval: 20 });
  }

  async close(): Promise<void> {
    for (const daemon of this.daemons) await daemon.dispose();
    await this.coordinator.close();
    await this.router.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Verdicts by their tests. */
export function verdictsOf({ verdicts }: EndedLease): Readonly<Record<string, string>> {
  return Object.fromEntries(verdicts.map(({ test, verdict }) => [test, verdict]));
}

/** A test that is a line of the shell. */
export function shell(id: string, script: string): { readonly id: string; readonly command: readonly string[] } {
  return { id, command: ['sh', '-c', script] };
}

/** Living processes whose arguments hold this text; a space stands for what parts arguments. */
export function processesWith(text: string): readonly number[] {
  const wanted = text.replaceAll(' ', '\0');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        const state = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.[0];
        return state !== 'Z' && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(wanted);
      } catch {
        return false;
      }
    })
    .map(Number);
}
