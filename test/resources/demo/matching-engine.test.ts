/** Two matching engines of the demo as real processes: who is active when one of them dies, or does not get to run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '#platform/free-port.ts';

const program = join(import.meta.dirname, '..', '..', '..', 'resources', 'demo', 'exchange', 'matching-engine.ts');
let folder: string;
let ports: readonly number[];
const engines: ChildProcess[] = [];

function start(role: 'primary' | 'secondary'): ChildProcess {
  const own = role === 'primary' ? 0 : 1;
  const words = {
    role,
    release: 'rc1',
    port: ports[own],
    'replication-port': ports[2 + own],
    'peer-replication-port': ports[3 - own],
    log: join(folder, `${role}.log`),
    pid: join(folder, `${role}.pid`),
  };
  const engine = spawn(process.execPath, [program, ...Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)])], {
    stdio: 'ignore',
  });
  engines.push(engine);
  return engine;
}

/** The states that an engine's log tells, in order. */
async function statesOf(role: string): Promise<string[]> {
  const log = await readFile(join(folder, `${role}.log`), 'utf8').catch(() => '');
  return [...log.matchAll(/STATE ([A-Z]+)/g)].map(([, state = '']) => state);
}

async function pair(): Promise<{ primary: ChildProcess; secondary: ChildProcess }> {
  const primary = start('primary');
  await expect.poll(() => statesOf('primary')).toEqual(['READY']);
  const secondary = start('secondary');
  await expect.poll(async () => (await statesOf('secondary')).at(-1)).toBe('STANDBY');
  return { primary, secondary };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engines-'));
  ports = [await freePort(), await freePort(), await freePort(), await freePort()];
});
afterEach(async () => {
  await Promise.all(
    engines.splice(0).map(async (engine) => {
      if (engine.exitCode !== null || engine.signalCode !== null) return;
      engine.kill('SIGKILL');
      await once(engine, 'exit');
    }),
  );
  await rm(folder, { recursive: true, force: true });
});

/** What an engine says of orders: which of them it does not know. */
async function unknownTo(port: number, ids: readonly string[]): Promise<unknown> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${JSON.stringify({ kind: 'known', request: 1, ids })}\n`);
  const [line] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return (JSON.parse(line.toString()) as { ids?: unknown }).ids;
}

test('a standby says which orders it has', async () => {
  await pair();
  const [active = 0, standby = 0] = ports;
  const socket = connect(active, '127.0.0.1');
  const order = { id: 'one', client: 'test', instrument: 'ALPHA', side: 'buy', price: 1, quantity: 1 };
  socket.write(`${JSON.stringify({ kind: 'new', request: 1, order })}\n`);
  await once(socket, 'data');
  socket.destroy();
  expect(await unknownTo(standby, ['one', 'two'])).toEqual(['two']);
});

test('the standby takes over when the active engine is killed', async () => {
  const { primary } = await pair();
  primary.kill('SIGKILL');
  await expect.poll(async () => (await statesOf('secondary')).slice(-2)).toEqual(['TAKEOVER', 'READY']);
});

test.each(['primary', 'secondary'] as const)('there is one active engine while the %s does not get to run for a second', async (role) => {
  const engine = (await pair())[role];
  engine.kill('SIGSTOP');
  // Three times as long as the silence after which a standby takes over from an engine that is gone.
  await pause(1_000);
  engine.kill('SIGCONT');
  await pause(500);
  expect((await statesOf('secondary')).at(-1)).toBe('STANDBY');
  expect(await statesOf('primary')).toEqual(['READY']);
});

test('an engine that stays silent although its connection stands is given up after a while', async () => {
  const { primary } = await pair();
  primary.kill('SIGSTOP');
  await expect.poll(async () => (await statesOf('secondary')).at(-1)).toBe('READY');
});
