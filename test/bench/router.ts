/**
 * The embedded router beside nats-server, in the same run with the same client: how many sample frames per second pass
 * through, and how long a small request takes. Each server is a process of its own; the two take turns, and the median
 * of the rounds counts. Alone: `node test/bench/router.ts`.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectToRouter } from '#network/bus/connect.ts';
import type { NatsConnection } from '#network/bus/connect.ts';
import type { Epoch } from '#shared/identifiers.ts';
import { encodeSampleFrame } from '#shared/protocol/sample-frame.ts';
import type { Figure } from './figures.ts';
import { freePort } from '#platform/free-port.ts';

const rounds = 3;
const frames = 20_000;
const requests = 4_000;

interface Server {
  readonly url: string;
  readonly webSocketUrl: string;
  end(): Promise<void>;
}

async function served(child: ChildProcess, port: number, webSocketPort: number): Promise<Server> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Whatever happens here, the server does not outlive this process.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const url = `nats://127.0.0.1:${port}`;
  const probe = await connectToRouter({ url, name: 'probe', waitOnFirstConnect: true, reconnectWait: 50 });
  await probe.close();
  return {
    url,
    webSocketUrl: `ws://127.0.0.1:${webSocketPort}`,
    end: async () => {
      process.off('exit', kill);
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function embedded(): Promise<Server> {
  const [port, webSocketPort] = [await freePort(), await freePort()];
  const program = join(import.meta.dirname, '../../network/router/program.ts');
  const addresses = ['--listen', `127.0.0.1:${port}`, '--websocket', `127.0.0.1:${webSocketPort}`];
  return served(spawn(process.execPath, [program, ...addresses], { stdio: 'ignore' }), port, webSocketPort);
}

const peerProgram = ['/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server'].find((path) => existsSync(path));

async function peer(program: string): Promise<Server> {
  const [port, webSocketPort] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
  const configuration = join(folder, 'nats-server.conf');
  await writeFile(configuration, `listen: "127.0.0.1:${port}"\nwebsocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true }\n`);
  try {
    return await served(spawn(program, ['-c', configuration], { stdio: 'ignore' }), port, webSocketPort);
  } finally {
    // It was read at the start.
    await rm(folder, { recursive: true });
  }
}

function frame(sequence: number): Uint8Array {
  const values = Float64Array.from({ length: 1_000 }, (_, index) => index * 0.5);
  const series = Uint32Array.from({ length: 1_000 }, (_, index) => index);
  return encodeSampleFrame({ kind: 'pairs', epoch: '0000000000000001' as Epoch, sequence, time: 1, values, series });
}

/** Frames delivered per second, over all receivers. */
async function fanOut(url: string, receivers: number): Promise<number> {
  const sender = await connectToRouter({ url, name: 'sender' });
  const payload = frame(1);
  const connections: NatsConnection[] = [];
  const received: Promise<void>[] = [];
  for (let index = 0; index < receivers; index++) {
    const receiver = await connectToRouter({ url, name: `receiver-${index}` });
    connections.push(receiver);
    let count = 0;
    const all = Promise.withResolvers<void>();
    receiver.subscribe('bench.samples', { callback: () => void (++count === frames && all.resolve()) });
    received.push(all.promise);
    await receiver.flush();
  }
  const started = performance.now();
  for (let index = 0; index < frames; index++) {
    sender.publish('bench.samples', payload);
    if (index % 200 === 199) await sender.flush();
  }
  await Promise.all(received);
  const elapsed = performance.now() - started;
  await Promise.all([...connections, sender].map((connection) => connection.close()));
  return (frames * receivers * 1_000) / elapsed;
}

/** ms of requests, one after another; p50 and p99. */
async function roundTrips(url: string): Promise<{ readonly p50: number; readonly p99: number }> {
  const [asker, answerer] = [await connectToRouter({ url, name: 'asker' }), await connectToRouter({ url, name: 'answerer' })];
  answerer.subscribe('bench.echo', { callback: (_error, message) => void message.respond(message.data) });
  await answerer.flush();
  const payload = new TextEncoder().encode('{"kind":"status"}');
  const times: number[] = [];
  for (let index = 0; index < requests + 500; index++) {
    const started = performance.now();
    await asker.request('bench.echo', payload, { timeout: 5_000 });
    if (index >= 500) times.push(performance.now() - started);
  }
  await Promise.all([asker.close(), answerer.close()]);
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(times.length * 0.5)] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 };
}

const figures = ['one', 'three', 'webSocket', 'p50', 'p99'] as const;
type Figures = Record<(typeof figures)[number], number>;

async function measure(server: Server): Promise<Figures> {
  const one = await fanOut(server.url, 1);
  const three = await fanOut(server.url, 3);
  const webSocket = await fanOut(server.webSocketUrl, 1);
  return { one, three, webSocket, ...(await roundTrips(server.url)) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function medians(all: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(all.map((each) => each[name]));
  return { one: of('one'), three: of('three'), webSocket: of('webSocket'), p50: of('p50'), p99: of('p99') };
}

async function allRounds(servers: readonly Server[]): Promise<Figures[]> {
  const measured: Figures[][] = servers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // They take turns, and in changing order, so that neither always runs on the warmer machine.
    const order = servers.map((_, index) => index);
    for (const index of round % 2 === 0 ? order : order.toReversed()) {
      const server = servers[index];
      if (server) measured[index]?.push(await measure(server));
      await wait(200);
    }
  }
  return measured.map(medians);
}

/** Measures both servers in turns; the peer is missing where nats-server is not installed. */
export async function benchRouter(): Promise<readonly Figure[]> {
  const servers = [await embedded(), ...(peerProgram ? [await peer(peerProgram)] : [])];
  try {
    const [ours, theirs] = await allRounds(servers);
    if (!ours) return [];
    const row = (figure: string, name: keyof Figures, unit: string, target: string): Figure => ({
      figure: `router: ${figure}`,
      ours: ours[name],
      unit,
      target,
      ...(theirs && { peer: { name: 'nats-server', value: theirs[name] } }),
    });
    return [
      row('frames of 1,000 samples (12 kB), one receiver', 'one', 'frames/s', 'ratio'),
      row('frames of 1,000 samples (12 kB), three receivers', 'three', 'frames/s delivered', 'ratio'),
      row('the same over WebSockets, one receiver', 'webSocket', 'frames/s', 'ratio'),
      row('small request and reply, p50', 'p50', 'ms', '<= 1'),
      row('small request and reply, p99', 'p99', 'ms', 'ratio'),
    ];
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
}

if (import.meta.main) console.table(await benchRouter());
