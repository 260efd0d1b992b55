/**
 * Writes to Redis all the time through the primary that the sentinels name, as an application would, and logs when no
 * write was taken for a while and for how long. Speaks the Redis protocol over plain sockets; needs nothing installed.
 *
 *     node write-probe.ts --sentinel-ports A,B,C --master NAME --log FILE --pid FILE
 */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const writeInterval = 10;
const patience = 250;
const reportInterval = 1_000;

const { values } = parseArgs({
  options: { 'sentinel-ports': { type: 'string' }, master: { type: 'string' }, log: { type: 'string' }, pid: { type: 'string' } },
});
const { master, log: logFile, pid: pidFile } = values;
const sentinelPorts = (values['sentinel-ports'] ?? '').split(',').map(Number);
if (!master || !logFile || !pidFile || sentinelPorts.some((port) => !(port > 0))) {
  process.stderr.write('Say --sentinel-ports, --master, --log and --pid.\n');
  process.exit(2);
}

function log(text: string): void {
  appendFileSync(logFile ?? '', `${new Date().toISOString()} ${text}\n`);
}

/** A connection on which commands are asked one after the other. */
class RedisConnection {
  private received = '';
  private wake: () => void = () => {};
  private lost = false;
  private readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.setNoDelay(true);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (chunk: string) => {
      this.received += chunk;
      this.wake();
    });
    this.socket.on('error', () => this.end());
    this.socket.on('close', () => this.end());
  }

  /** Lines of the answer once it has as many as expected; rejects when it does not come in time. */
  async ask(words: readonly string[], answerLines: number): Promise<string[]> {
    this.received = '';
    this.socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    const deadline = performance.now() + patience;
    for (;;) {
      const lines = this.received.split('\r\n');
      if (lines.length > answerLines || lines[0]?.startsWith('-')) return lines.slice(0, -1);
      if (this.lost || performance.now() > deadline) throw new Error('no answer');
      await Promise.race([
        pause(20),
        new Promise<void>((resolve) => {
          this.wake = resolve;
        }),
      ]);
    }
  }

  end(): void {
    this.lost = true;
    this.socket.destroy();
    this.wake();
  }
}

/** Port of the primary, as the first sentinel that answers says. */
async function primaryPort(): Promise<number | undefined> {
  for (const port of sentinelPorts) {
    const sentinel = new RedisConnection(port);
    try {
      const answer = await sentinel.ask(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master ?? ''], 5);
      const found = Number(answer[4]);
      if (found > 0) return found;
    } catch {
      // The next sentinel is asked.
    } finally {
      sentinel.end();
    }
  }
  return undefined;
}

let state = '';
function become(next: string): void {
  if (state === next) return;
  state = next;
  log(`STATE ${next}`);
}

let lastTaken = performance.now();
let times: number[] = [];
let written = 0;

async function writeUntilLost(port: number): Promise<void> {
  const connection = new RedisConnection(port);
  try {
    for (;;) {
      const started = performance.now();
      const [answer] = await connection.ask(['SET', 'write-probe', String(written)], 1);
      if (answer !== '+OK') return;
      written++;
      const now = performance.now();
      times.push(now - started);
      if (state === 'FAILING') log(`WRITES RESTORED after ${Math.round(now - lastTaken)} ms`);
      lastTaken = now;
      become('WRITING');
      await pause(writeInterval);
    }
  } catch {
    // Asked anew below: the sentinels may name another primary.
  } finally {
    connection.end();
  }
}

writeFileSync(pidFile, `${process.pid}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    rmSync(pidFile, { force: true });
    process.exit(0);
  });
}
setInterval(() => {
  const sorted = times.sort((left, right) => left - right);
  if (sorted.length > 0) log(`WRITE TIME p50=${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(3)} count=${sorted.length}`);
  times = [];
}, reportInterval);

become('SEARCHING');
for (;;) {
  const port = await primaryPort();
  if (port !== undefined) await writeUntilLost(port);
  if (state === 'WRITING') {
    log('WRITES FAIL');
    become('FAILING');
  }
  await pause(20);
}
