/** What a store of blobs must do, on files and in JetStream. */
import { createHash } from 'node:crypto';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#platform/clock.ts';
import { FileBlobs } from '#main/core/delivery/file-blobs.ts';
import type { BlobStore } from '#main/core/delivery/ports.ts';
import { randomBelow } from '../../../repeatable-random.ts';
import { blobEngines, onFiles, type BlobWorld } from './blob-worlds.ts';

function bytesOf(size: number, seed: number): Buffer {
  const random = randomBelow(seed);
  return Buffer.from(Array.from({ length: size }, () => random(256)));
}
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const refusal = (code: string) => expect.objectContaining({ problem: expect.objectContaining({ code }) });

async function whole(blobs: BlobStore, hash: string): Promise<Buffer> {
  return Buffer.from(await blobs.read(hash, 0, (await blobs.size(hash)) ?? 0));
}

describe.each(blobEngines.filter(({ skipped }) => !skipped))('blobs on $name', (engine) => {
  let world: BlobWorld;
  let blobs: BlobStore;
  beforeAll(async () => {
    world = await engine.start();
    blobs = await world.open();
  });
  afterAll(async () => {
    await blobs.dispose();
    await world.end();
  });

  test('what is put is read again, whole and in stretches, and is kept once', async () => {
    for (const size of [0, 1, 262_143, 262_144, 700_001]) {
      const bytes = bytesOf(size, size);
      expect(await blobs.put(bytes)).toEqual({ hash: hashOf(bytes), size });
      expect((await whole(blobs, hashOf(bytes))).equals(bytes)).toBe(true);
    }
    const bytes = bytesOf(700_001, 700_001);
    const hash = hashOf(bytes);
    async function* pieces() {
      for (let start = 0; start < bytes.length; start += 99_999) yield bytes.subarray(start, start + 99_999);
    }
    expect(await blobs.put(pieces())).toEqual({ hash, size: bytes.length });
    for (const [offset, length] of [
      [0, 10],
      [262_140, 20],
      [524_288, 524_288],
      [699_999, 50],
    ] as const) {
      expect(Buffer.from(await blobs.read(hash, offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(true);
    }
    expect(await (await world.open()).size(hash)).toBe(bytes.length);
  });

  test('what is not there is told', async () => {
    const hash = hashOf(Buffer.from('nowhere'));
    expect(await blobs.size(hash)).toBeNull();
    await expect(blobs.read(hash, 0, 1)).rejects.toEqual(refusal('no-blob'));
    expect(await blobs.size('../../etc/passwd')).toBeNull();
  });

  test.each([100_000, 524_288])(
    'what arrives in pieces of %i goes on where it was, after a repetition and after a restart',
    async (piece) => {
      const bytes = bytesOf(1_200_000, piece);
      const hash = hashOf(bytes);
      const send = (store: BlobStore, offset: number) => store.store(hash, bytes.length, offset, bytes.subarray(offset, offset + piece));
      expect(await send(blobs, 0)).toBe(piece);
      expect(await send(blobs, 0)).toBe(piece);
      // One that came too early is not taken.
      expect(await send(blobs, 2 * piece)).toBe(piece);
      expect(await send(blobs, piece)).toBe(Math.min(2 * piece, bytes.length));
      expect(await blobs.size(hash)).toBeNull();
      const restarted = await world.open();
      let have = await restarted.store(hash, bytes.length, 0, bytes.subarray(0, 0));
      expect(have).toBeLessThanOrEqual(2 * piece);
      while (have < bytes.length) have = await send(restarted, have);
      expect((await whole(restarted, hash)).equals(bytes)).toBe(true);
      expect(await send(restarted, 0)).toBe(bytes.length);
    },
  );

  test('what is not what its hash says is thrown away, and may come again', async () => {
    const bytes = bytesOf(300_000, 9);
    const hash = hashOf(bytes);
    const other = bytesOf(300_000, 10);
    await expect(blobs.store(hash, bytes.length, 0, other)).rejects.toEqual(refusal('blob-false'));
    expect(await blobs.size(hash)).toBeNull();
    await expect(blobs.store(hash, 10, 0, bytes)).rejects.toEqual(refusal('blob-stretch'));
    expect(await blobs.store(hash, bytes.length, 0, bytes)).toBe(bytes.length);
    expect((await whole(blobs, hash)).equals(bytes)).toBe(true);
  });

  test('removes what is not wanted and was not used for a while', async () => {
    let now = Date.now() + 1_000_000_000;
    const later = await world.open({ clock: { ...systemClock, now: () => now } });
    const [wanted, used, unused] = await Promise.all([1, 2, 3].map((seed) => later.put(bytesOf(1_000, 1_000 + seed))));
    now += 3_600_000;
    await later.read(used!.hash, 0, 1);
    const { removed } = await later.keepOnly(new Set([wanted!.hash]), 1_800_000);
    expect(removed).toBeGreaterThanOrEqual(1);
    expect(await Promise.all([wanted, used, unused].map((each) => later.size(each!.hash)))).toEqual([1_000, 1_000, null]);
  });

  test('keeps no more than it may', async () => {
    const small = await world.open({ maximumBytes: 3_000_000 });
    const bytes = bytesOf(3_000_001, 77);
    await expect(small.store(hashOf(bytes), bytes.length, 0, bytes.subarray(0, 1_000))).rejects.toEqual(refusal('blobs-full'));
    await expect(small.put(bytes)).rejects.toEqual(refusal('blobs-full'));
  });
});

describe('blobs on files', () => {
  test('a damaged one is noticed when it is read, and thrown away', async () => {
    const world = await onFiles();
    const { hash } = await (await world.open()).put(bytesOf(5_000, 5));
    const file = path.join(world.folder, hash.slice(0, 2), hash);
    const bytes = await readFile(file);
    bytes[4_000]! ^= 1;
    await writeFile(file, bytes);
    const blobs = await world.open();
    await expect(blobs.read(hash, 0, 10)).rejects.toEqual(refusal('no-blob'));
    expect(await blobs.size(hash)).toBeNull();
    await blobs.put(bytesOf(5_000, 5));
    expect(await blobs.read(hash, 0, 5_000)).toHaveLength(5_000);
    await world.end();
  });

  test('what was used least recently makes room', async () => {
    const world = await onFiles();
    let now = Date.now();
    const blobs = await FileBlobs.open({ folder: world.folder, clock: { ...systemClock, now: () => now }, maximumBytes: 3_000 });
    const made: string[] = [];
    for (let seed = 0; seed < 3; seed++) {
      made.push((await blobs.put(bytesOf(1_000, 50 + seed))).hash);
      now += 3_600_000;
    }
    await blobs.read(made[0]!, 0, 1);
    now += 3_600_000;
    const fresh = await blobs.put(bytesOf(1_000, 99));
    expect(await Promise.all([...made, fresh.hash].map((hash) => blobs.size(hash)))).toEqual([1_000, null, 1_000, 1_000]);
    await world.end();
  });

  test('pieces whose rest never came are removed a day later', async () => {
    const world = await onFiles();
    const bytes = bytesOf(1_000, 3);
    await (await world.open()).store(hashOf(bytes), 1_000, 0, bytes.subarray(0, 500));
    const arriving = path.join(world.folder, 'arriving');
    const [name = ''] = await readdir(arriving);
    const old = new Date(Date.now() - 25 * 3_600_000);
    await utimes(path.join(arriving, name), old, old);
    await world.open();
    expect(await readdir(arriving)).toEqual([]);
    await world.end();
  });
});
