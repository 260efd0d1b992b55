/**
 * What a queue that others use makes of work like a campaign's: BullMQ on a redis-server whose log is forced to the disk at each write. It is no
 * dependency: `npm install bullmq ioredis` in a folder of its own, which TESTOPS_BENCH_PEERS names. Without it there is no peer, and nothing else changes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#platform/free-port.ts';
import type { Figure } from './figures.ts';

const jobs = 10_000;
const atOnce = 256;

interface Queue {
  addBulk(jobs: readonly { name: string; data: object }[]): Promise<unknown>;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}
interface BullMq {
  readonly Queue: new (name: string, options: object) => Queue;
  readonly Worker: new (
    name: string,
    work: () => Promise<object>,
    options: object,
  ) => { on(event: 'completed', listener: () => void): void; close(force: boolean): Promise<void> };
}

/** Jobs taken and completed per second; undefined: it is not here. */
export async function bullMq(): Promise<Figure['peer'] | undefined> {
  const peers = process.env['TESTOPS_BENCH_PEERS'];
  if (peers === undefined) return undefined;
  const { Queue, Worker } = createRequire(join(peers, 'package.json'))('bullmq') as BullMq;
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-redis-'));
  const port = await freePort();
  const log = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...log], { stdio: 'ignore' });
  try {
    await once(redis, 'spawn');
    await pause(500);
    const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    const queue = new Queue('tests', { connection });
    await queue.waitUntilReady();
    const test = (index: number) => ({ name: 'test', data: { test: `tests/orders/test_matching.py::test_case[${index}]` } });
    await queue.addBulk(Array.from({ length: jobs }, (_, index) => test(index)));
    const over = Promise.withResolvers<void>();
    let done = 0;
    const began = performance.now();
    const worker = new Worker('tests', () => Promise.resolve({ verdict: 'passed' }), { connection, concurrency: atOnce });
    worker.on('completed', () => {
      if (++done === jobs) over.resolve();
    });
    await over.promise;
    const value = (1_000 * jobs) / (performance.now() - began);
    await worker.close(true);
    await queue.close();
    return { name: 'BullMQ, forced', value };
  } finally {
    redis.kill('SIGKILL');
    await once(redis, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}
