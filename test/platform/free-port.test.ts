/** Ports for programs that are yet to be started: free, held until they differ, and out of the way of what systems give by themselves. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort, holdFreePort, listenOn, portOf, release } from '#platform/free-port.ts';

const held: Parameters<typeof release>[0][] = [];
afterEach(async () => {
  for (const server of held.splice(0)) await release(server);
});

test('is free, and below every port that a system gives by itself', async () => {
  for (let count = 0; count < 20; count++) {
    const server = await holdFreePort();
    held.push(server);
    expect(portOf(server)).toBeGreaterThanOrEqual(15_000);
    expect(portOf(server)).toBeLessThan(32_768);
  }
  expect(new Set(held.map(portOf)).size).toBe(20);
});

test('one that is in use is passed over, and may be had when it was let go', async () => {
  const first = await holdFreePort();
  held.push(first);
  const used = portOf(first);
  expect(await listenOn(used)).toBeNull();
  const answers = [used, used, used + 1];
  const choose = (): number => answers.shift() ?? used + 2;
  const second = await holdFreePort(choose);
  held.push(second);
  expect(portOf(second)).toBeGreaterThan(used);
  await release(held.shift()!);
  expect(await freePort(() => used)).toBe(used);
  expect(await freePort(() => used)).toBe(used);
});

test('where nothing is free it is said, and not tried for ever', async () => {
  const server = await holdFreePort();
  held.push(server);
  const used = portOf(server);
  await expect(holdFreePort(() => used)).rejects.toThrow(/^None of 200 ports/);
});

test('one that the system gives may be taken by anybody; one of these by nobody who does not ask for it', async () => {
  const chosen = await freePort();
  const others = Array.from({ length: 50 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(others.map((server) => once(server, 'listening')));
  held.push(...others);
  expect(others.map(portOf)).not.toContain(chosen);
});
