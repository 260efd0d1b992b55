/** A daemon that tells ten thousand events a second: the console's memory stays bounded, the run ends, and nothing is missing. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { launch, nodeOptions, openNetwork, residentBytes, testops } from '../network-of-processes.ts';
import { linesTold, only } from './system.ts';
import { openCore } from '#main/core/core.ts';
import { trustFolder } from '../trusted-folder.ts';
import { Ownership } from '#shared/disposable.ts';
import type { RunRecord } from '#shared/run/records.ts';

const eventsPerSecond = 10_000;
const seconds = 10;
/** An idle console needs about a third of it, started from its sources. */
const bound = 500 * 1024 * 1024;

test('a flood of events is recorded in bounded memory', { timeout: 120_000 }, async () => {
  const owned = new Ownership();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'testops-flood-'));
    await trustFolder(folder);
    owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const archiveFolder = join(folder, 'archive');
    const network = await openNetwork({ daemon: {} });
    owned.own(network);
    const daemon = await network.start('test/faults/daemon-under-test.ts', [network.daemonFile, String(eventsPerSecond)], 'connected');
    const scenarioFile = join(folder, 'flood.scn');
    await writeFile(scenarioFile, 'wait event over within 100s\n');
    const words = [testops, '--archive', archiveFolder, 'run', scenarioFile, '-e', network.environmentFile];
    const console = launch(process.execPath, [...nodeOptions, ...words], folder);
    owned.own(() => console.kill('SIGKILL'));
    let peak = 0;
    const watch = setInterval(() => {
      const note = (bytes: number): void => void (peak = Math.max(peak, bytes || 0));
      residentBytes(console.pid).then(note, () => undefined);
    }, 100);
    owned.own(() => clearInterval(watch));
    await pause(seconds * 1_000);
    daemon.child.kill('SIGUSR1');
    await console.ended;
    expect(console.output()).toContain('Archived in');
    expect(console.child.exitCode).toBe(0);
    expect(peak).toBeGreaterThan(50 * 1024 * 1024);
    expect(peak).toBeLessThan(bound);

    const core = await openCore({ archiveFolder });
    owned.own(core);
    const [run] = (await core.request('runs.list', {})).runs;
    const records: RunRecord[] = [];
    await core.listen('run.records', { run: run!.run, from: 1 }, (batch) => void records.push(...batch)).ended;
    expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
    expect(only(records, 'gap').filter(({ state }) => state === 'lost')).toEqual([]);
    const lines = linesTold(records);
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => (lines[0] ?? 0) + index));
    expect(lines.length).toBeGreaterThan((eventsPerSecond * seconds) / 2);
  } finally {
    await owned.dispose();
  }
});
