/** A daemon that is killed at any moment loses no line; what it says again is what came since it last saved its place. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../recorded-reports.ts';

let folder: string;
let follower: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-killed-'));
});
afterEach(async () => {
  follower?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function follow(): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('tailing-process.ts', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  follower = child;
  await once(child.stdout, 'data');
}

async function kill(): Promise<void> {
  const ended = once(follower!, 'exit');
  follower!.kill('SIGKILL');
  await ended;
}

const told = async (): Promise<string[]> => (await readFile(join(folder, 'told.txt'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

test('loses no line over kills and rotations', async () => {
  const log = join(folder, 'app.log');
  await writeFile(log, '');
  let written = 0;
  const write = async (lines: number, pause: number): Promise<void> => {
    for (let count = 0; count < lines; count++) {
      await appendFile(log, `line ${written++}\n`);
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  for (const wait of [130, 700, 1_400]) {
    await follow();
    await write(wait / 10, 10);
    await kill();
    await write(20, 0);
    await rename(log, `${log}.${wait}`);
    await writeFile(log, '');
    await write(20, 0);
  }
  await follow();
  const expected = Array.from({ length: written }, (_, index) => `line ${index}`);
  await until('the last line', async () => (await told()).at(-1) === expected.at(-1));
  await kill();
  const lines = await told();
  expect(new Set(lines)).toEqual(new Set(expected));
  // At most a second's lines are said again, at each of the three kills (plus what a busy machine adds).
  expect(lines.length - expected.length).toBeLessThan(3 * 200);
}, 60_000);
