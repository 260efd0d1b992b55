/** Sealing the samples of a run where memory is scarce: more is taken only when it has to be. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { realFiles } from '#main/core/archive/files.ts';
import { LogTally } from '#main/core/archive/log-tally.ts';
import { sealSamples } from '#main/core/archive/sealing.ts';
import { batchOf, declarations, manifestOf, realClock, removeFolder, runId, temporaryFolder } from './fixtures.ts';

let folder: string;
let archive: Archive;

beforeEach(async () => {
  folder = await temporaryFolder();
  archive = await openArchive({ folder, clock: realClock });
});

afterEach(async () => {
  await archive.dispose();
  await removeFolder(folder);
});

test('too little memory is followed by more; where there is no more, that is the failure', { timeout: 60_000 }, async () => {
  const journal = await archive.create(manifestOf(runId()));
  const series = declarations(1_000);
  for (let second = 0; second < 1_000; second++) {
    const values = series.map((_, index) => (second * 7_919 + index * 104_729) % 1_000_003);
    journal.appendSamples(batchOf(series, second + 1, second * 1_000, values));
  }
  await journal.commitSamples();
  const samples = path.join(journal.folder, 'samples');
  const segments = (await readdir(samples)).filter((name) => name.endsWith('.parquet')).map((name) => path.join(samples, name));
  const input = { folder: journal.folder, files: realFiles, segments, series: [], frames: [], tally: new LogTally(), end: 0 };
  await expect(sealSamples({ ...input, memories: ['4MB'] })).rejects.toThrow('Out of Memory');
  expect(await sealSamples({ ...input, memories: ['4MB', '256MB'] })).toBe(1_000_000);
  expect((await readdir(journal.folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  await journal.finish();
});
