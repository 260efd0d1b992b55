/** "An environment of your own" of docs/environment-file.md, word for word: its files are written, its commands executed in their order. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { root, runCommand, startCommand, type CommandOptions, type Started } from './console-command.ts';
import { freePort } from '#platform/free-port.ts';

const document = readFileSync(join(root, 'docs', 'environment-file.md'), 'utf8');
const section = document.slice(document.indexOf('## An environment of your own'), document.indexOf('## Aliases'));
/** Files by name: the block behind the line that begins with the name. */
const files = new Map(
  [...section.matchAll(/^`([\w./]+)`[^\n]*\n\n```[^\n]*\n(.*?)```$/gms)].map(([, name = '', text = '']) => [name, text]),
);
const commands = [...section.matchAll(/^testops (.*)$/gm)].map(([, command = '']) => command);

let folder: string;
let options: CommandOptions;
const inForeground: Started[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-own-'));
  options = { archive: join(folder, 'archive'), home: join(folder, 'home'), folder, program: inject('builtCommand') };
});
afterAll(async () => {
  for (const { process, ended } of inForeground.reverse()) {
    process.kill('SIGINT');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

async function inTheForeground(command: string, until: RegExp): Promise<void> {
  const started = startCommand(command.split(' '), options);
  inForeground.push(started);
  await started.printed(until);
}

test('it has the files and commands that are gone through here', () => {
  expect([...files.keys()]).toEqual(['ticker.mjs', 'router.yaml', 'daemon.yaml', 'environment.yaml', 'scenarios/restart.scn']);
  expect(commands).toEqual([
    'keys new keys/alice.seed',
    'keys new keys/TICK.seed',
    'router --config router.yaml',
    'daemon daemon.yaml',
    'workspace trust .',
    'environment status -e environment.yaml',
    'run scenarios/restart.scn -e environment.yaml',
  ]);
});

test('from nothing to a scenario that passes', { timeout: 120_000 }, async () => {
  expect(section).toContain('mkdir -p keys logs scenarios\n');
  for (const name of ['keys', 'logs', 'scenarios']) mkdirSync(join(folder, name));
  const run = async (index: number) => runCommand((commands[index] ?? '').split(' '), options);
  const [alice, tick] = [await run(0), await run(1)].map(({ output }) => output.trim());
  const port = await freePort();
  for (const [name, text] of files) {
    const filled = text.replaceAll('<public key of alice>', alice ?? '').replaceAll('<public key of TICK>', tick ?? '');
    writeFileSync(join(folder, name), filled.replaceAll(':4222', `:${port}`));
  }
  await inTheForeground(commands[2] ?? '', /\S/);
  await inTheForeground(commands[3] ?? '', /\S/);
  expect((await run(4)).status).toBe(0);
  await expect.poll(async () => (await run(5)).output, { timeout: 60_000 }).toMatch(/TICK .*present/);
  const ended = await run(6);
  expect(ended.output).toContain('PASSED');
  expect(ended.status).toBe(0);
});
