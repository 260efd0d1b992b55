/** How `npm test` runs vitest: what passed only when it was tried again is told, and the stress ends with it whatever happens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-tests-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

/** A program of its own that does what its text says, with the tools of this project. */
function program(text: string) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: root,
    env: { ...environment, NO_COLOR: '1', PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output, ended: once(child, 'close') };
}

/** Whether a process is there and is not merely waiting to be buried. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function runVitest(...words: readonly string[]) {
  const all = JSON.stringify([...words, '--root', folder, '--globals', '--retry=1']);
  return program(`import { runTests } from './tools/run-tests.mjs'; process.exitCode = await runTests(${all});`);
}

test('a test that passes at its second attempt is named in the last line but one', { timeout: 60_000 }, async () => {
  writeFileSync(
    join(folder, 'flaky.test.mjs'),
    "let attempts = 0;\ndescribe('a part', () => {\n  test('now and then', () => expect(++attempts).toBe(2));\n  test('always', () => undefined);\n});\n",
  );
  const { output, ended, child } = runVitest();
  await ended;
  expect(output().trim().split('\n').slice(-4)).toEqual([
    expect.stringMatching(/^ {2}\S*flaky\.test\.mjs: a part now and then$/),
    '    expected 1 to be 2 // Object.is equality',
    '1 retried: a part now and then',
    '2 passed, 0 failed, 0 skipped',
  ]);
  expect(child.exitCode).toBe(0);
});

test('--stress is told, is no word of vitest, and makes the machine busy only as long as the tests run', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'plain.test.mjs'), "test('sees it', () => expect(process.env.TESTOPS_STRESS).toBe('1'));\n");
  const { output, ended, child } = runVitest('--stress');
  await ended;
  expect(output()).toMatch(/^Under stress: \d+ processes compute for nothing/);
  expect(output().trim().split('\n').at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  expect(child.exitCode).toBe(0);
});

const burning = `
import { startBurner } from './tools/processor-burner.mjs';
const burner = startBurner(2);
console.log(burner.pids.join(' '));
`;

test.each([
  [
    'it is ended',
    `${burning}; setTimeout(async () => { await burner.end(); console.log('ended'); setInterval(() => {}, 1000); }, 200);`,
    null,
  ],
  ['its starter ends by itself', `${burning}; setTimeout(() => process.exit(), 200);`, null],
  ['its starter is killed', burning, 'SIGKILL'],
  ['its starter is interrupted', burning, 'SIGINT'],
] as const)('nothing burns on when %s', { timeout: 30_000 }, async (_, text, signal) => {
  const { child, output, ended } = program(text);
  try {
    await expect.poll(output, { timeout: 20_000 }).toMatch(/\d+ \d+\n/);
    const pids = output().split('\n')[0]?.split(' ').map(Number) ?? [];
    expect(pids).toHaveLength(2);
    if (signal) child.kill(signal);
    await expect.poll(() => pids.filter(runs), { timeout: 20_000 }).toEqual([]);
    if (text.includes("console.log('ended')")) await expect.poll(output).toContain('ended');
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});
