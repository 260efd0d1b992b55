/** Looks a run's folder over: what is missing, damaged or left in the middle. Cheap enough for every `show`. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { logFile, samplesFile, seriesFile, summaryFile } from './layout.ts';
import { isFinished } from './manifest-file.ts';

export async function problemsOfRun(folder: string, manifest: RunManifest): Promise<readonly Problem[]> {
  const finished = isFinished(manifest);
  const found = [await problemOfLog(folder, finished)];
  if (finished) for (const name of [seriesFile, samplesFile, summaryFile]) found.push(await problemOfParquet(folder, name));
  return found.filter((problem) => problem !== null);
}

async function problemOfLog(folder: string, finished: boolean): Promise<Problem | null> {
  const file = path.join(folder, logFile);
  const ends = await endsOf(file, 1);
  if (ends === null) return damage(file, 'The log cannot be read.');
  if (ends.size === 0 || ends.last.toString() === '\n') return null;
  return finished
    ? damage(file, 'The log ends in the middle of a record.')
    : {
        severity: 'warning',
        code: 'log-torn',
        message: 'The last record of the log was not written to its end; it is left out.',
        tip: 'It is cut off when the run is recovered.',
        file,
      };
}

async function problemOfParquet(folder: string, name: string): Promise<Problem | null> {
  const file = path.join(folder, name);
  return (await looksLikeParquet(file)) ? null : damage(file, `${name} is missing or no Parquet file.`);
}

/** Parquet starts and ends with its magic number; a file that was cut does not. */
export async function looksLikeParquet(file: string): Promise<boolean> {
  const ends = await endsOf(file, 4);
  return ends !== null && ends.size >= 12 && ends.first.toString('latin1') === 'PAR1' && ends.last.toString('latin1') === 'PAR1';
}

async function endsOf(file: string, length: number): Promise<{ size: number; first: Buffer; last: Buffer } | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const first = (await handle.read(Buffer.alloc(length), 0, length, 0)).buffer;
      const last = (await handle.read(Buffer.alloc(length), 0, length, Math.max(0, size - length))).buffer;
      return { size, first, last };
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

function damage(file: string, message: string): Problem {
  return {
    severity: 'error',
    code: 'run-damaged',
    message,
    tip: 'Import the run again from its bundle if there is one.',
    file,
  };
}
