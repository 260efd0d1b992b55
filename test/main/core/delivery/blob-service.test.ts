/** Workers fetch packages and store evidence by requests over a real router. */
import { createHash } from 'node:crypto';
import { headers } from '@nats-io/nats-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectToRouter, type NatsConnection } from '#network/bus/connect.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { systemClock } from '#platform/clock.ts';
import { daemonNameSchema } from '#shared/identifiers.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { blobProblemHeader, blobSizeHeader, chunkBytes, storeHeader, type StoreAnswer, type StoreRequest } from '#shared/protocol/work.ts';
import { serveBlobs } from '#main/core/delivery/blob-service.ts';
import type { BlobStore } from '#main/core/delivery/ports.ts';
import { environment } from '../campaigns/campaign-worlds.ts';
import { onFiles, type BlobWorld } from './blob-worlds.ts';

let router: Router;
let world: BlobWorld;
let blobs: BlobStore;
const connections: NatsConnection[] = [];
const secret = Buffer.from('not for workers');
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function connect(): Promise<NatsConnection> {
  const connection = await connectToRouter({ url: router.url, name: 'test' });
  connections.push(connection);
  return connection;
}

beforeAll(async () => {
  router = await startRouter({ port: 0 });
  world = await onFiles();
  blobs = await world.open();
  const limits = { blobBytes: 2_000_000, hourlyBytes: 3_000_000 };
  const mayFetch = (hash: string) => hash !== hashOf(secret);
  const connection = await connect();
  serveBlobs({ connection, environment, blobs, clock: systemClock, mayFetch, limits });
  await connection.flush();
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await router.close();
  await world.end();
});

async function store(connection: NatsConnection, worker: string, request: StoreRequest | string, bytes: Uint8Array): Promise<StoreAnswer> {
  const lines = headers();
  lines.set(storeHeader, typeof request === 'string' ? request : JSON.stringify(request));
  const to = subject(environment, 'store', daemonNameSchema.parse(worker));
  return (await connection.request(to, bytes, { headers: lines, timeout: 5_000 })).json<StoreAnswer>();
}

test('a worker fetches a package stretch by stretch, and is told what is not there', async () => {
  const connection = await connect();
  const bytes = Buffer.alloc(chunkBytes + 1_000, 'package ');
  const { hash, size } = await blobs.put(bytes);
  await blobs.put(secret);
  const to = subject(environment, 'fetch', daemonNameSchema.parse('W1'));
  const ask = (body: unknown) => connection.request(to, JSON.stringify(body), { timeout: 5_000 });
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < size; offset += chunkBytes) {
    const answer = await ask({ hash, offset, length: chunkBytes });
    expect(answer.headers?.get(blobSizeHeader)).toBe(String(size));
    pieces.push(answer.data);
  }
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  for (const missing of [hashOf(Buffer.from('nowhere')), hashOf(secret)]) {
    const answer = await ask({ hash: missing, offset: 0, length: 1 });
    expect([answer.data.length, answer.headers?.get(blobProblemHeader)]).toEqual([0, `There is no blob ${missing}.`]);
  }
  for (const body of [{ hash, offset: 0, length: chunkBytes + 1 }, { hash: '../x', offset: 0, length: 1 }, 'x']) {
    expect((await ask(body)).headers?.get(blobProblemHeader)).toBe('The request to fetch is damaged.');
  }
});

test('a worker stores evidence, which is verified and bounded', async () => {
  const connection = await connect();
  const bytes = Buffer.alloc(1_200_000, 'evidence ');
  const hash = hashOf(bytes);
  let have = 0;
  while (have < bytes.length) {
    const answer = await store(connection, 'W1', { hash, size: bytes.length, offset: have }, bytes.subarray(have, have + chunkBytes));
    expect(answer.refused).toBeUndefined();
    expect(answer.have).toBe(Math.min(have + chunkBytes, bytes.length));
    ({ have } = answer);
  }
  expect(Buffer.from(await blobs.read(hash, 0, bytes.length)).equals(bytes)).toBe(true);

  const refusals: readonly (readonly [StoreRequest | string, Uint8Array, string])[] = [
    ['{}', bytes.subarray(0, 1), 'The request to store is damaged.'],
    [
      { hash: hashOf(secret), size: 2_000_001, offset: 0 },
      bytes.subarray(0, 1),
      'A file of 2000001 bytes is not kept: 2000000 are allowed.',
    ],
    [{ hash: hashOf(Buffer.from('a')), size: 1, offset: 0 }, Buffer.from('b'), 'is something else; it was thrown away'],
    [{ hash: hashOf(Buffer.from('a')), size: 1, offset: 1 }, Buffer.from('b'), 'reaches beyond its end'],
  ];
  for (const [request, sent, sentence] of refusals) {
    expect(await store(connection, 'W1', request, sent)).toEqual({ have: 0, refused: expect.stringContaining(sentence) });
  }
});

test('what a worker may store within an hour is bounded, and others are not bounded by it', async () => {
  const connection = await connect();
  const size = 1_900_000;
  const flood = async (worker: string, seed: string): Promise<StoreAnswer> => {
    const bytes = Buffer.alloc(size, seed);
    let answer: StoreAnswer = { have: 0 };
    while (answer.have < size && answer.refused === undefined) {
      const { have } = answer;
      answer = await store(connection, worker, { hash: hashOf(bytes), size, offset: have }, bytes.subarray(have, have + chunkBytes));
    }
    return answer;
  };
  expect(await flood('W2', 'first')).toEqual({ have: size });
  expect(await flood('W2', 'second')).toEqual({ have: 0, refused: expect.stringContaining('3000000 are allowed') });
  expect(await flood('W3', 'third')).toEqual({ have: size });
});
