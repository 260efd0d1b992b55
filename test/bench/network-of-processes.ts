/**
 * For the benchmarks: a router and a daemon as processes of their own, with keys and an environment file, in a folder
 * that is removed afterwards. The measuring program is the core.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newKey, writeKeyFile } from '#network/bus/keys.ts';

const root = join(import.meta.dirname, '..', '..');

export interface BenchNetwork {
  readonly folder: string;
  readonly environmentFile: string;
  readonly daemonFile: string;
  /** Starts a program with Node and waits until it prints a line that contains a text. */
  start(file: string, args: readonly string[], ready: string): Promise<ChildProcess>;
  dispose(): Promise<void>;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address !== 'string' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** `daemon`: what stands in daemon.yaml besides names, keys and addresses. */
export async function openBenchNetwork(daemon: Readonly<Record<string, unknown>>): Promise<BenchNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-'));
  await mkdir(join(folder, 'keys'), { mode: 0o700 });
  const [operator, own] = [newKey(), newKey()];
  await writeKeyFile(join(folder, 'keys', 'operator.seed'), operator.seed);
  await writeKeyFile(join(folder, 'keys', 'BENCH.seed'), own.seed);
  const router = `127.0.0.1:${await freePort()}`;
  const users = [
    { name: 'bench', key: operator.publicKey, role: 'operator', environment: 'bench' },
    { name: 'BENCH', key: own.publicKey, role: 'daemon', environment: 'bench' },
  ];
  await writeFile(join(folder, 'router.yaml'), stringify({ listen: router, users }));
  const trust = [{ operator: 'bench', key: operator.publicKey, allow: ['*'] }];
  const daemonFile = join(folder, 'daemon.yaml');
  const common = { daemon: 'BENCH', environment: 'bench', router: `nats://${router}`, key: 'keys/BENCH.seed', state: 'state', trust };
  await writeFile(daemonFile, stringify({ ...common, ...daemon }));
  const environmentFile = join(folder, 'environment.yaml');
  const environment = {
    environment: 'bench',
    router: `nats://${router}`,
    operator: { name: 'bench', key: 'keys/operator.seed' },
    release: 'bench',
    daemons: ['BENCH'],
  };
  await writeFile(environmentFile, stringify(environment));

  const children: { readonly child: ChildProcess; readonly ended: Promise<void> }[] = [];
  const start = async (file: string, args: readonly string[], ready: string) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    children.push({ child, ended });
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes(ready)) resolve();
      });
      void ended.then(() => reject(new Error(`${file} ended: ${output}`)));
    });
    return child;
  };
  await start('main/cli/testops.ts', ['router', '--config', join(folder, 'router.yaml')], 'listening');
  return {
    folder,
    environmentFile,
    daemonFile,
    start,
    dispose: async () => {
      for (const { child, ended } of children.reverse()) {
        child.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Resident memory of a process, bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const match = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) * 1024;
}

/** Processor time that a process has used, ms. */
export async function processorTime(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
