/** The demo's workspace on a disk without room: one sentence, nothing of the user's is touched, and with room the next start goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claimPlace } from '#main/demo/demo-place.ts';
import { layOutWorkspace } from '#main/demo/template-workspace.ts';
import { mountSmallDisk } from './small-disk.ts';

const source = join(import.meta.dirname, '..', '..', 'resources', 'demo', 'workspace');
const scratch = mkdtempSync(join(tmpdir(), 'testops-processes-'));
/** kB of the disk: room for the whole workspace twice. */
const size = 512;
const { disk, refusal } = mountSmallDisk(`${size}k`);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function start(release = 'rc1') {
  const place = await claimPlace({ home: disk, name: 'exchange' });
  try {
    const processes = await mkdtemp(join(scratch, 'start-'));
    return await layOutWorkspace({ source, place, processes, release });
  } finally {
    await place.release();
  }
}

test.skipIf(refusal !== null)(
  'a full disk is told in one sentence, at the first start and at a later one',
  { timeout: 30_000 },
  async () => {
    const full = { problem: { code: 'demo-workspace-not-writable', message: "The demo's workspace cannot be written: the disk is full." } };
    const filling = join(disk, 'filling');
    // Room for the folders and for some of the files.
    await writeFile(filling, Buffer.alloc((size - 28) * 1_024));
    await expect(start()).rejects.toMatchObject(full);
    await rm(filling);
    const { folder, notices } = await start();
    expect(notices).toEqual([]);
    expect((await readdir(join(folder, 'scenarios'))).toSorted()).toEqual((await readdir(join(source, 'scenarios'))).toSorted());

    await writeFile(join(folder, 'scenarios', 'mine.scn'), 'mine');
    const before = await readFile(join(folder, 'environment.yaml'), 'utf8');
    await writeFile(filling, Buffer.alloc(size * 1_024)).catch(() => undefined);
    await expect(start('rc2')).rejects.toMatchObject(full);
    expect(await readFile(join(folder, 'environment.yaml'), 'utf8')).toBe(before);
    await rm(filling);
    await start('rc2');
    expect(await readFile(join(folder, 'environment.yaml'), 'utf8')).toBe(before.replace('rc1', 'rc2'));
    expect(await readFile(join(folder, 'scenarios', 'mine.scn'), 'utf8')).toBe('mine');
  },
);
