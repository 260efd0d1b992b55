/** Two commands that set a checkout up at once do it one after the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const tool = join(import.meta.dirname, '..', '..', 'tools', 'set-up-lock.mjs');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that writes when it begins and ends under the lock; what it says of waiting goes to its output. */
function start(name: string) {
  const text = `
    import { appendFileSync } from 'node:fs';
    import { whileLocked } from ${JSON.stringify(tool)};
    const note = (word) => appendFileSync('notes', word + '\\n');
    whileLocked('lock', () => {
      note('begin ${name}');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      note('end ${name}');
    }, () => process.stdout.write('waits'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { ended: once(child, 'close').then(([status]) => ({ status: status as number | null, output })) };
}

const notes = (): string[] => readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n');

test('several at once: one after the other, and those that wait say so once', async () => {
  const ended = await Promise.all(['a', 'b', 'c'].map((name) => start(name).ended));
  expect(ended.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(ended.map(({ output }) => output).toSorted()).toEqual(['', 'waits', 'waits']);
  const said = notes();
  expect(said).toHaveLength(6);
  for (let at = 0; at < 6; at += 2) expect(said[at + 1]).toBe(said[at]?.replace('begin', 'end'));
  expect(existsSync(join(folder, 'lock'))).toBe(false);
});

test('the lock of a process that is gone is taken', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  writeFileSync(join(folder, 'lock'), String(gone.pid));
  expect(await start('a').ended).toMatchObject({ status: 0 });
  expect(notes()).toEqual(['begin a', 'end a']);
});
