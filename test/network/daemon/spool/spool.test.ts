/** The spool: records survive a restart and a torn tail, bounds hold and are told, a full disk loses as little as possible. */
import { appendFile, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, property, uint8Array } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { epochSchema } from '#shared/identifiers.ts';
import { Spool } from '#network/daemon/spool/spool.ts';
import type { SpoolOptions, SpoolTrouble } from '#network/daemon/spool/spool.ts';
import { readSegment } from '#network/daemon/spool/spool-segment.ts';
import type { SpoolRecord } from '#network/daemon/spool/spool-segment.ts';

const first = epochSchema.parse('0000000000010000');
const second = epochSchema.parse('0000000000020000');
const everything = 1_000_000_000;

let folder = '';
let troubles: SpoolTrouble[] = [];
const open: Spool[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
  troubles = [];
});
afterEach(async () => {
  for (const spool of open.splice(0)) await spool.close();
  await rm(folder, { recursive: true, force: true });
});

async function openSpool(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await Spool.open({
    folder,
    epoch: first,
    size: 64 * 1024 * 1024,
    age: 3_600_000,
    now: () => Date.now(),
    onTrouble: (trouble) => troubles.push(trouble),
    ...options,
  });
  open.push(spool);
  return spool;
}

function record(sequence: number, bytes = 100, time = Date.now()): SpoolRecord {
  return { kind: sequence % 2 ? 'events' : 'samples', sequence, time, bytes: new Uint8Array(bytes).fill(sequence % 251) };
}

const sequences = (records: readonly SpoolRecord[]): number[] => records.map((each) => each.sequence);

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400 && !condition(); attempt++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

describe('the spool', () => {
  test('gives back what was appended, whether it is on disk or still in memory', async () => {
    const spool = await openSpool();
    for (let sequence = 1; sequence <= 50; sequence++) spool.append(record(sequence));
    const early = await spool.read(first, 10, 20, everything);
    expect(sequences(early.records)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    await spool.flush();
    expect(spool.waiting).toBe(0);
    const late = await spool.read(first, 1, 50, everything);
    expect(late.records.map((each) => [each.kind, each.bytes[0], each.bytes.length])).toEqual(
      Array.from({ length: 50 }, (_, index) => [index % 2 ? 'samples' : 'events', index + 1, 100]),
    );
    expect(late.lost).toEqual([]);
    expect(late.next).toBeNull();
    expect(spool.oldest()).toBe(1);
  });

  test('bounds an answer and says where to ask again', async () => {
    const spool = await openSpool();
    for (let sequence = 1; sequence <= 100; sequence++) spool.append(record(sequence, 1_000));
    const collected: number[] = [];
    let from: number | null = 1;
    let answers = 0;
    while (from !== null) {
      const answer = await spool.read(first, from, 100, 10_000);
      collected.push(...sequences(answer.records));
      from = answer.next;
      answers++;
    }
    expect(collected).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(answers).toBe(10);
  });

  test('still serves an earlier epoch after a restart, and says what it never wrote', async () => {
    const before = await openSpool();
    for (let sequence = 1; sequence <= 30; sequence++) before.append(record(sequence));
    await before.close();
    const after = await openSpool({ epoch: second });
    expect(await Spool.epochs(folder)).toEqual([first]);
    after.append(record(1, 7));
    expect(sequences((await after.read(first, 1, 30, everything)).records)).toHaveLength(30);
    expect((await after.read(second, 1, 1, everything)).records[0]?.bytes.length).toBe(7);
    const beyond = await after.read(first, 29, 35, everything);
    expect(sequences(beyond.records)).toEqual([29, 30]);
    expect(beyond.lost).toMatchObject([{ from: 31, to: 35 }]);
    expect((await after.read(epochSchema.parse('00000000000f0000'), 1, 5, everything)).lost).toMatchObject([{ from: 1, to: 5 }]);
  });

  test.each([1, 20, 33, 131])('a tail torn by %d bytes costs only the torn record', async (torn) => {
    const before = await openSpool();
    for (let sequence = 1; sequence <= 10; sequence++) before.append(record(sequence));
    await before.close();
    const file = join(folder, (await readdir(folder))[0]!);
    await truncate(file, 10 * 132 - torn);
    const after = await openSpool({ epoch: second });
    const answer = await after.read(first, 1, 10, everything);
    expect(sequences(answer.records)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(answer.lost).toMatchObject([{ from: 10, to: 10 }]);
  });

  test('garbage after the last record is ignored', async () => {
    const before = await openSpool();
    for (let sequence = 1; sequence <= 10; sequence++) before.append(record(sequence));
    await before.close();
    await appendFile(join(folder, (await readdir(folder))[0]!), 'TSR1 and other rubbish that is longer than one header of a record');
    const after = await openSpool({ epoch: second });
    expect(sequences((await after.read(first, 1, 10, everything)).records)).toHaveLength(10);
  });

  test('keeps its size, drops the oldest first, and says so once', async () => {
    const spool = await openSpool({ size: 200_000 });
    for (let sequence = 1; sequence <= 1_000; sequence++) {
      spool.append(record(sequence, 1_000));
      if (sequence % 10 === 0) await spool.flush();
    }
    expect(spool.bytes).toBeLessThanOrEqual(230_000);
    const oldest = spool.oldest()!;
    expect(oldest).toBeGreaterThan(750);
    const answer = await spool.read(first, 1, 1_000, everything);
    expect(sequences(answer.records)[0]).toBe(oldest);
    expect(answer.lost).toMatchObject([{ from: 1, to: oldest - 1 }]);
    const dropped = () => troubles.flatMap((trouble) => (trouble.kind === 'dropped' ? [trouble] : []));
    // At a busy moment it is told in more than one piece; each record once, and one piece after the other.
    await until(() => dropped().at(-1)?.to === oldest - 1);
    expect(dropped().map(({ from }) => from)).toEqual([
      1,
      ...dropped()
        .slice(0, -1)
        .map(({ to }) => to + 1),
    ]);
    expect(troubles).toHaveLength(dropped().length);
  });

  test('lets old records go without ado', async () => {
    let now = Date.now();
    const spool = await openSpool({ age: 400, now: () => now });
    spool.append(record(1, 100, now));
    await spool.flush();
    now += 200;
    spool.append(record(2, 100, now));
    await spool.flush();
    now += 300;
    await until(() => spool.oldest() === 2);
    expect(troubles).toEqual([]);
  });

  test('a folder that cannot be used is told; records are kept in memory, bounded, until it can be', async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'not a folder');
    const spool = await openSpool({ memory: 10_000, retry: 20 });
    for (let sequence = 1; sequence <= 100; sequence++) spool.append(record(sequence, 1_000));
    await spool.flush();
    expect(troubles).toMatchObject([{ kind: 'unwritable' }]);
    const answer = await spool.read(first, 1, 100, everything);
    expect(sequences(answer.records)).toEqual([92, 93, 94, 95, 96, 97, 98, 99, 100]);
    expect(answer.lost).toMatchObject([{ from: 1, to: 91 }]);
    await rm(folder);
    await until(() => troubles.some((trouble) => trouble.kind === 'writable'));
    expect(spool.waiting).toBe(0);
    await until(() => troubles.some((trouble) => trouble.kind === 'dropped'));
    expect(sequences((await spool.read(first, 1, 100, everything)).records)).toHaveLength(9);
  });

  test('a disk that fills up in the middle of a record tears nothing', async () => {
    const files = new Map<string, Buffer>();
    let room = 1_500;
    const openFile: NonNullable<SpoolOptions['openFile']> = async (path) => ({
      async write(bytes, position) {
        const fits = bytes.subarray(0, room);
        room -= fits.length;
        const old = files.get(path) ?? Buffer.alloc(0);
        const file = Buffer.concat([old.subarray(0, position), fits]);
        files.set(path, file);
        await writeFile(path, file);
        if (fits.length < bytes.length) throw new Error('ENOSPC: no space left on device');
      },
      close: async () => undefined,
    });
    const spool = await openSpool({ openFile, retry: 20 });
    for (let sequence = 1; sequence <= 20; sequence++) {
      spool.append(record(sequence, 100));
      await spool.flush();
    }
    expect(troubles).toEqual([{ kind: 'unwritable', reason: 'ENOSPC: no space left on device' }]);
    expect(sequences((await spool.read(first, 1, 20, everything)).records)).toHaveLength(20);
    room = 1_000_000;
    await until(() => spool.waiting === 0);
    await spool.close();
    const after = await openSpool({ epoch: second });
    const answer = await after.read(first, 1, 20, everything);
    expect(sequences(answer.records)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(answer.lost).toEqual([]);
  });

  test('takes six seconds of 500 frames of 12 kB in a fraction of that', async () => {
    const spool = await openSpool({ size: 128 * 1024 * 1024 });
    const started = performance.now();
    for (let second = 0; second < 6; second++) {
      for (let frame = 1; frame <= 500; frame++) spool.append(record(second * 500 + frame, 12_000));
      await spool.flush();
    }
    expect(performance.now() - started).toBeLessThan(5_000);
    expect((await spool.read(first, 2_900, 3_000, everything)).records).toHaveLength(101);
  });

  test('reading any bytes as a segment gives sound records or none', () => {
    assert(
      property(uint8Array({ maxLength: 300 }), (bytes) => {
        expect([...readSegment(bytes)]).toEqual([]);
      }),
      { seed: 4711, numRuns: 2_000 },
    );
  });
});
