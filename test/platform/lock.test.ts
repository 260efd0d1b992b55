/** A lock is one process's at a time, dead ones are taken over by exactly one, and nobody takes that of a living one. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isHeld, ownerOfLock, takeLock } from '#platform/lock.ts';
import { hostStart, identify } from '#platform/process-identity.ts';
import { cases } from '../thoroughness.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  file = join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function held() {
  const taken = await takeLock(file);
  if (!isHeld(taken)) throw new Error(`The lock is held: ${JSON.stringify(taken)}`);
  return taken;
}

const leave = (content: object): Promise<void> => writeFile(file, JSON.stringify(content));
const own = () => ({
  token: 'other',
  pid: process.pid,
  started: String(identify(process.pid)?.started),
  boot: hostStart(),
  host: hostname(),
});

describe('a lock', () => {
  test('is held by one until it is given back, and leaves nothing behind', async () => {
    const lock = await held();
    expect(await takeLock(file)).toMatchObject({ pid: process.pid, host: hostname() });
    expect(await ownerOfLock(file)).toMatchObject({ pid: process.pid });
    await lock.release(file);
    expect(await ownerOfLock(file)).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  test('of somebody else is not given back', async () => {
    const lock = await held();
    await leave(own());
    await lock.release(file);
    expect(await ownerOfLock(file)).toMatchObject({ token: 'other' });
  });

  test('says what its owner is called, and may be over although the owner lives', async () => {
    const lock = await takeLock(file, { name: 'core A' });
    if (!isHeld(lock)) throw new Error('The lock is held.');
    expect(await ownerOfLock(file)).toMatchObject({ name: 'core A' });
    expect(await takeLock(file, { isOver: ({ name }) => name === 'core B' })).toMatchObject({ name: 'core A' });
    expect(await lock.holds(file)).toBe(true);
    expect(isHeld(await takeLock(file, { name: 'core B', isOver: ({ name }) => name === 'core A' }))).toBe(true);
    expect(await lock.holds(file)).toBe(false);
    await lock.release(file);
    expect(await ownerOfLock(file)).toMatchObject({ name: 'core B' });
  });

  test('has the permissions that are asked for', async () => {
    await takeLock(file, { mode: 0o600 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('cannot be taken where there is no folder, and that is said', async () => {
    await expect(takeLock(join(folder, 'none', 'a.lock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the lock of another process', () => {
  test('that lives is respected, and taken over once that process is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      await once(child, 'spawn');
      await leave({ ...own(), pid: child.pid, started: String(identify(child.pid ?? 0)?.started) });
      expect(await takeLock(file)).toMatchObject({ pid: child.pid });
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await held();
  });

  test.each([
    ['whose id nobody has', { ...own(), pid: spawnSync(process.execPath, ['-e', '']).pid }],
    ['whose id another process has', { ...own(), started: '1' }],
    ['of an earlier start of the machine', { ...own(), boot: 'another' }],
    ['of a daemon of before, whose id another process has', { pid: process.pid, started: 1 }],
  ])('%s is taken over', async (_, content) => {
    await leave(content);
    expect(await ownerOfLock(file)).toBeNull();
    await held();
  });

  test('on another host is believed, unless the folder belongs to this machine alone', async () => {
    await leave({ ...own(), pid: 999_999_999, host: 'elsewhere' });
    expect(await takeLock(file)).toMatchObject({ host: 'elsewhere' });
    expect(isHeld(await takeLock(file, { thisMachineOnly: true }))).toBe(true);
  });

  test('that is just being written belongs to somebody; one that stayed so is a leftover', async () => {
    await writeFile(file, '');
    expect(await takeLock(file)).toBe('somebody');
    await utimes(file, new Date(0), new Date(0));
    await held();
  });
});

describe('several at once', () => {
  test.each([
    ['a free lock', () => Promise.resolve()],
    ['a dead lock', () => leave({ ...own(), started: '1' })],
    [
      'a dead lock that one was killed at taking over',
      async () => {
        await leave({ ...own(), started: '1' });
        const dead = createHash('sha256')
          .update(await readFile(file, 'utf8'))
          .digest('hex');
        const claim = `${file}-${dead.slice(0, 16)}`;
        await writeFile(claim, '');
        await utimes(claim, new Date(0), new Date(0));
      },
    ],
  ])('%s is taken by exactly one', async (_, prepare) => {
    for (let round = 0; round < cases(200, 20); round++) {
      await prepare();
      const taken = await Promise.all(Array.from({ length: 12 }, () => takeLock(file)));
      const locks = taken.filter(isHeld);
      expect(locks).toHaveLength(1);
      await locks[0]?.release(file);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test('never is two’s, however often it is left dead and taken over', async () => {
    let holders = 0;
    let most = 0;
    let left = cases(3_000, 400);
    const takeAndDie = async (): Promise<void> => {
      while (left > 0) {
        if (!isHeld(await takeLock(file))) continue;
        left--;
        most = Math.max(most, ++holders);
        await setImmediate();
        holders--;
        // As one that is killed leaves it: its lock stays, and names a process that is gone.
        await leave({ ...own(), token: `${left}`, started: '1' });
      }
    };
    await Promise.all(Array.from({ length: 8 }, takeAndDie));
    expect(most).toBe(1);
  });
});
