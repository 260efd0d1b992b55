/** The section `worker` of daemon.yaml: what is meant is understood, what is wrong or useless is told with its place. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { runDaemon } from '#network/daemon/main.ts';
import { newKey } from '#platform/keys.ts';

let folder = '';
const { publicKey } = newKey();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-section-'));
  await mkdir(join(folder, 'checks'));
});
afterAll(async () => rm(folder, { recursive: true }));

const text = (worker: string, allow = '[work]'): string => `daemon: W1
environment: demo
router: nats://127.0.0.1:4222
trust:
  - { operator: alice, key: ${publicKey}, allow: ${allow} }
worker:
${worker}
`;
const sound = '  { slots: 2, adapters: [executable], folders: { checks: checks } }';
const parse = async (content: string) => parseDaemonConfiguration(content, join(folder, 'daemon.yaml'));

test('is read with defaults, sizes and absolute paths; without it there is no worker', async () => {
  const { configuration, problems } = await parse(text(sound));
  expect(problems).toEqual([]);
  expect(configuration?.worker).toEqual({
    slots: 2,
    labels: [],
    adapters: ['executable'],
    packages: [],
    folders: { checks: join(folder, 'checks') },
    folder: join(folder, 'state', 'work'),
    keep: 10_000_000_000,
    user: null,
    limits: { memory: null, cpu: null, threads: 1 },
    recycle: { tests: 1_000, memory: null, idle: 300_000 },
    output: 256_000,
    evidence: { files: 50, size: 20_000_000 },
  });
  expect((await parse(text(sound).replace(/worker:[^]*/, ''))).configuration?.worker).toBeNull();
});

test.each([
  ['  { slots: 0 }', 'out-of-range', 'worker.slots must be a whole number from 1 to 1000'],
  ['  { labels: [a b] }', 'bad-label', 'is not a label: "a b"'],
  ['  { adapters: [pitest] }', 'unknown-word', 'Did you mean "pytest"?'],
  ['  { adapters: [scenario] }', 'unknown-word', 'cannot be "scenario"'],
  ['  { keep: 5 }', 'bad-size', 'worker.keep is not a size'],
  ['  { limits: { cpu: 0 } }', 'out-of-range', 'a number of processors from 0.01 to 1024'],
  ['  { recycle: { test: 3 } }', 'unknown-key', 'tests'],
  ['  { user: nobody, adapters: [go], folders: { checks: checks } }', 'closed-folder', 'cannot enter the state folder'],
])('%s is a mistake that is told in its place', async (worker, code, words) => {
  const { configuration, problems } = await parse(text(worker));
  const found = problems.find((problem) => problem.code === code);
  expect(configuration).toBeNull();
  expect(`${found?.message} ${found?.tip}`).toContain(words);
  expect(found?.range?.start.line).toBe(6);
});

test.each([
  ['  { folders: { checks: checks } }', '[work]', 'worker has no adapters, so it executes nothing.'],
  ['  { adapters: [go] }', '[work]', 'worker allows no packages and has no folders, so it executes nothing.'],
  [sound, '[kill, "work:junit"]', 'Nobody may give this worker work.'],
  [sound, '["work:pytest", work]', '"work:pytest" allows nothing: this daemon offers no such action, command or component.'],
  ['  { adapters: [go], folders: { checks: away } }', '[work]', 'The folder FOLDER/away is not there.'],
])('%s allowed %s is worth a warning', async (worker, allow, message) => {
  const { configuration, problems } = await parse(text(worker, allow));
  expect(configuration).not.toBeNull();
  expect(problems.map((problem) => problem.message.replace(folder, 'FOLDER'))).toContain(message);
});

test('the check says what the worker offers', async () => {
  const file = join(folder, 'checked.yaml');
  await writeFile(file, text('  { slots: 2, adapters: [executable, junit], folders: { checks: checks } }'));
  const lines: string[] = [];
  expect(await runDaemon(['--check', file], { out: (line) => lines.push(line), error: (line) => lines.push(line) })).toBe(0);
  expect(lines.join('\n')).toMatch(/It executes tests of campaigns: 2 slots, executable and junit\.$/);
});

test('a daemon whose worker could not work does not start, and says why', async () => {
  await writeFile(join(folder, 'file'), '');
  const started = async (worker: string): Promise<string> => {
    const file = join(folder, 'unusable.yaml');
    await writeFile(file, text(worker));
    const lines: string[] = [];
    expect(await runDaemon([file], { out: (line) => lines.push(line), error: (line) => lines.push(line) })).toBe(2);
    return lines.join('\n');
  };
  const common = 'adapters: [executable], folders: { checks: checks }';
  expect(await started(`  { folder: file, ${common} }`)).toMatch(/The folder of worker cannot be used: .* worker\.folder\./);
  expect(await started(`  { folder: work, user: no-such-user, ${common} }`)).toMatch(/There is no user "no-such-user" on this host\./);
});
