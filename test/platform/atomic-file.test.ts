/** Files replaced whole or not at all, on the real disk. */
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isHalfOf, writeAtomically } from '#platform/atomic-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atomic-file-'));
  file = join(folder, 'kept.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a new file has the mode that was asked for, whatever the process masks away', async () => {
  const mask = process.umask(0o077);
  try {
    await writeAtomically(file, 'new', { mode: 0o644 });
  } finally {
    process.umask(mask);
  }
  expect(await readFile(file, 'utf8')).toBe('new');
  expect((await stat(file)).mode & 0o777).toBe(0o644);
  expect(await readdir(folder)).toEqual(['kept.json']);
});

test('an old file is replaced, by pieces too, and a reader that has it open keeps the old one', async () => {
  await writeFile(file, 'old');
  const reader = await open(file, 'r');
  try {
    await writeAtomically(
      file,
      async (write) => {
        await write('new ');
        await write(Buffer.from('content'));
        expect(await readFile(file, 'utf8')).toBe('old');
      },
      { mode: 0o600 },
    );
    expect(await reader.readFile('utf8')).toBe('old');
  } finally {
    await reader.close();
  }
  expect(await readFile(file, 'utf8')).toBe('new content');
});

test.each([
  ['the pieces fail', { mode: 0o600 }],
  ['the last look refuses', { mode: 0o600, lastLook: () => Promise.reject(new Error('refused')) }],
] as const)('since %s the file is as it was and nothing lies beside it', async (why, options) => {
  await writeFile(file, 'old');
  const content = why === 'the pieces fail' ? () => Promise.reject(new Error('failed')) : 'new';
  await expect(writeAtomically(file, content, options)).rejects.toThrow(/failed|refused/);
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['kept.json']);
});

test('an exclusive file is never written over', async () => {
  await writeAtomically(file, 'first', { mode: 0o644, exclusive: true });
  await expect(writeAtomically(file, 'second', { mode: 0o644, exclusive: true })).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await readFile(file, 'utf8')).toBe('first');
  expect(await readdir(folder)).toEqual(['kept.json']);
});

test('a folder that is not there or takes nothing is told by the system, and half copies are known by their names', async () => {
  await expect(writeAtomically(join(folder, 'no', 'file'), 'x', { mode: 0o644 })).rejects.toMatchObject({ code: 'ENOENT' });
  expect(isHalfOf('kept.json', '.kept.json.0123456789ab.tmp')).toBe(true);
  expect(isHalfOf('kept.json', '.kept.json.0123456789aX.tmp')).toBe(false);
  expect(isHalfOf('other.json', '.kept.json.0123456789ab.tmp')).toBe(false);
});
