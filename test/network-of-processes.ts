/**
 * A whole network in a folder of its own, as an operator would lay it out: keys, router.yaml, daemon.yaml and
 * environment.yaml; router and daemon run as processes that can be killed and started again. The program that uses this
 * is the core. Tests of faults and benchmarks share it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { daemonNameSchema, environmentNameSchema } from '#shared/identifiers.ts';
import { trustFolder } from './trusted-folder.ts';
import { freePort } from '#platform/free-port.ts';

const root = join(import.meta.dirname, '..');
/** The command that a user calls. */
export const testops = join(root, 'main', 'cli', 'testops.ts');
export const nodeOptions = ['--disable-warning=ExperimentalWarning'];

/** A program that was started here. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Resolves when it has ended and everything it printed was read. */
  readonly ended: Promise<void>;
  /** Ends it and waits; nothing happens when it has ended already. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface NetworkOfProcesses {
  readonly folder: string;
  readonly environmentFile: string;
  readonly daemonFile: string;
  readonly daemon: typeof daemonName;
  readonly environment: typeof environmentName;
  /** URL of the router. */
  readonly router: string;
  readonly operatorSeed: string;
  /** The router that was started first. */
  readonly firstRouter: Program;
  /** Starts a program of ours with Node and waits until it prints a text. Its end is awaited when this is disposed. */
  start(file: string, args: readonly string[], ready: string): Promise<Program>;
  /** Starts the router on its port, again if it was killed; resolves when it listens. */
  startRouter(): Promise<Program>;
  /** Starts the daemon of daemon.yaml, or one of the others by its name; resolves when it is connected. */
  startDaemon(name?: string): Promise<Program>;
  /** Ends what was started and removes the folder. */
  dispose(): Promise<void>;
}

export const daemonName = daemonNameSchema.parse('MEP');
export const environmentName = environmentNameSchema.parse('TEST');

export interface NetworkOptions {
  /** What stands in daemon.yaml besides names, keys and addresses. */
  readonly daemon: Readonly<Record<string, unknown>>;
  /** Names of more daemons, with files, keys and state of their own. */
  readonly others?: readonly string[];
  /** A nats-server instead of the embedded router, with what `testops router --nats-server` makes of router.yaml. */
  readonly natsServer?: string;
  /** Whether that nats-server keeps campaigns. */
  readonly jetStream?: boolean;
}

/** Lays the network out and starts its router. */
export async function openNetwork(options: NetworkOptions): Promise<NetworkOfProcesses> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-network-'));
  await trustFolder(folder);
  const programs: Program[] = [];
  const dispose = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const files = await layOut(folder, options);
    const run = async (program: string, args: readonly string[], ready: string): Promise<Program> => {
      const started = launch(program, args, folder);
      programs.push(started);
      await saying(started, ready);
      return started;
    };
    const start = (file: string, args: readonly string[], ready: string): Promise<Program> =>
      run(process.execPath, [...nodeOptions, join(root, file), ...args], ready);
    const own = (...args: string[]): Promise<Program> =>
      run(process.execPath, [...nodeOptions, testops, ...args, '--attached'], args[0] === 'router' ? 'listening' : 'connected');
    const startRouter = await routerStarter(folder, options.natsServer, own, run);
    const firstRouter = await startRouter();
    const startDaemon = (name?: string): Promise<Program> =>
      own('daemon', '--config', name === undefined || name === daemonName ? files.daemonFile : join(folder, `${name}.yaml`));
    return { ...files, folder, firstRouter, start, startRouter, startDaemon, dispose };
  } catch (failure) {
    await dispose();
    throw failure;
  }
}

async function layOut(folder: string, { daemon, others = [], jetStream = false }: NetworkOptions) {
  await mkdir(join(folder, 'keys'), { mode: 0o700 });
  const operator = newKey();
  await writeKeyFile(join(folder, 'keys', 'operator.seed'), operator.seed);
  const address = `127.0.0.1:${await freePort()}`;
  const router = `nats://${address}`;
  const trust = [{ operator: 'alice', key: operator.publicKey, allow: ['*'] }];
  const users = [{ name: 'alice', key: operator.publicKey, role: 'operator', environment: environmentName }];
  /** @param files how its files are called */
  const addDaemon = async (name: string, files: string, state: string): Promise<void> => {
    const own = newKey();
    await writeKeyFile(join(folder, 'keys', `${files}.seed`), own.seed);
    users.push({ name, key: own.publicKey, role: 'daemon', environment: environmentName });
    const names = { daemon: name, environment: environmentName, router, key: `keys/${files}.seed`, state, trust };
    await writeFile(join(folder, `${files}.yaml`), stringify({ ...names, ...daemon }));
  };
  await addDaemon(daemonName, 'daemon', 'state');
  for (const name of others) await addDaemon(name, name, `state-${name}`);
  const kept = jetStream ? { jetstream: { folder: join(folder, 'jetstream'), administrator: 'alice' } } : {};
  await writeFile(join(folder, 'router.yaml'), stringify({ listen: address, users, ...kept }));
  const environmentFile = join(folder, 'environment.yaml');
  const console = { name: 'alice', key: 'keys/operator.seed' };
  await writeFile(
    environmentFile,
    stringify({ environment: environmentName, router, operator: console, release: 'rc1', daemons: [daemonName, ...others] }),
  );
  const daemonFile = join(folder, 'daemon.yaml');
  return { daemonFile, environmentFile, router, operatorSeed: operator.seed, daemon: daemonName, environment: environmentName };
}

async function routerStarter(
  folder: string,
  natsServer: string | undefined,
  own: (...args: string[]) => Promise<Program>,
  run: (program: string, args: readonly string[], ready: string) => Promise<Program>,
): Promise<() => Promise<Program>> {
  const routerFile = join(folder, 'router.yaml');
  if (natsServer === undefined) return () => own('router', '--config', routerFile);
  const printed = launch(process.execPath, [...nodeOptions, testops, 'router', '--config', routerFile, '--nats-server'], folder);
  await printed.ended;
  const natsFile = join(folder, 'nats-server.conf');
  await writeFile(natsFile, printed.output());
  return () => run(natsServer, ['-c', natsFile], 'Server is ready');
}

/** Starts a program. Its standard input is a pipe, whose end tells programs called with `--attached` that this process is gone. */
export function launch(
  program: string,
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  let text = '';
  const keep = (chunk: Buffer): void => void (text = `${text}${chunk.toString()}`.slice(-8_000_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return { child, pid: child.pid ?? 0, output: () => text, ended, kill };
}

/** Resolves when a program has printed a text; rejects with what it printed when it ends before. */
export async function saying(program: Program, text: string): Promise<void> {
  const said = (): boolean => program.output().includes(text);
  if (said()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => void (said() && resolve());
  const { stdout, stderr } = program.child;
  stdout?.on('data', look);
  stderr?.on('data', look);
  await Promise.race([promise, program.ended]);
  stdout?.off('data', look);
  stderr?.off('data', look);
  if (!said()) throw new Error(`A program ended before it said '${text}': ${program.output()}`);
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
