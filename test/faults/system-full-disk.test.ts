/** A disk of four megabytes that fills up while a run is recorded: the run pauses and says why, and goes on when there is room. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNetwork } from '../network-of-processes.ts';
import { GrowingLog, System, expectEveryNumberOnce, linesTold, observingDaemon, only, upTo } from './system.ts';
import { mountSmallDisk } from './small-disk.ts';

const { disk, refusal } = mountSmallDisk('4m');

/** Writes until nothing fits any more. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'a');
  try {
    for (const block of [Buffer.alloc(65_536), Buffer.alloc(512)]) {
      for (;;) {
        const { bytesWritten } = await handle.write(block).catch(() => ({ bytesWritten: 0 }));
        if (bytesWritten === 0) break;
      }
    }
  } finally {
    await handle.close();
  }
}

// Not everybody may mount, on machines that check changes neither: there it is skipped, and the same with a file system
// that pretends to be full is tested everywhere.
test.skipIf(refusal !== null)('a full disk pauses the run with a sentence, and room lets it go on', { timeout: 60_000 }, async () => {
  const system = await System.open({ archiveFolder: join(disk, 'archive') });
  try {
    const log = await GrowingLog.create(system.folder, 100);
    system.owned.own(() => log.stop());
    const network = await openNetwork({ daemon: observingDaemon(log.file) });
    system.owned.own(network);
    await network.startDaemon();
    const run = await system.run('wait event over within 50s\necho over', network.environmentFile);
    const problems: string[] = [];
    system.console.listen('run.problems', { run: run.run }, ({ message }) => void problems.push(message));
    log.start();
    await expect.poll(() => linesTold(run.records).length, { timeout: 10_000 }).toBeGreaterThan(50);
    const filler = join(disk, 'filler');
    const filled = async <Value>(look: () => Value): Promise<Value> => {
      await fill(filler);
      return look();
    };
    // Whichever of the two comes to its end first, log or samples.
    await expect
      .poll(() => filled(() => problems), { timeout: 20_000 })
      .toContainEqual(expect.stringMatching(/^(The log|Samples) cannot be written to .*: the disk is full\.$/));
    const behind = (): number => log.written - linesTold(run.records).length;
    await expect.poll(() => filled(behind), { timeout: 20_000 }).toBeGreaterThan(150);
    await log.end();
    expect(linesTold(run.records).length).toBeLessThan(log.written);
    expect(run.records.some(({ kind }) => kind === 'run-finished')).toBe(false);

    await rm(filler);
    await run.ended;
    expect(run.records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
    expect(linesTold(run.records)).toEqual(upTo(log.written));
    const paused = only(run.records, 'paused');
    expect(new Set(paused.map(({ reason }) => reason))).toEqual(new Set(['disk']));
    expect(only(run.records, 'resumed').length).toBe(paused.length);
    await system.finished(run.run);
    await expectEveryNumberOnce(run);
  } finally {
    await system.dispose();
  }
});
