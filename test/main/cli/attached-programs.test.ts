/** A program of the network that a console started does not outlive it, whenever the console goes: also while the program is still loading. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeOptions, openNetwork, testops, type NetworkOfProcesses } from '../../network-of-processes.ts';

let network: NetworkOfProcesses;
beforeAll(async () => {
  network = await openNetwork({ daemon: {} });
}, 60_000);
afterAll(() => network?.dispose());

test.each([0, 50, 100, 200, 300, 400, 600, 1_000])('a daemon whose console goes %s ms after it was started ends', async (delay) => {
  const words = ['daemon', '--config', network.daemonFile, '--attached'];
  const child = spawn(process.execPath, [...nodeOptions, testops, ...words], { stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  await new Promise((resolve) => setTimeout(resolve, delay));
  child.stdin.end();
  const outcome = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 15_000, 'still there'))]);
  child.kill('SIGKILL');
  expect(outcome).not.toBe('still there');
});
