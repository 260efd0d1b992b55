/** Looks a run's folder over: what is missing, damaged or left in the middle. Cheap enough for every `show`. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Problem } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { logFile, samplesFile, seriesFile, summaryFile } from './layout.ts';

/** Bytes at the end of a log in which its last record is looked for; those that end a run are short. */
const lastLineBytes = 64 * 1_024;

/** What is wrong with the files of a run, finished or not; empty: nothing. */
export async function problemsOfRun(folder: string, manifest: RunManifest): Promise<readonly Problem[]> {
  if (manifest.totals === null) return [await problemOfLog(folder, false)].filter((problem) => problem !== null);
  return [...(await problemsOfFiles(folder)), ...(await problemsOfLength(folder, manifest.totals.records))];
}

/** What is wrong with the files of a finished run, each looked at by itself. */
export async function problemsOfFiles(folder: string): Promise<readonly Problem[]> {
  const found = [await problemOfLog(folder, true)];
  for (const name of [seriesFile, samplesFile, summaryFile]) found.push(await problemOfParquet(folder, name));
  return found.filter((problem) => problem !== null);
}

/** A log that was cut between two lines looks whole; that its last record is missing tells. */
async function problemsOfLength(folder: string, records: number): Promise<readonly Problem[]> {
  const file = path.join(folder, logFile);
  const ends = await endsOf(file, lastLineBytes);
  if (ends === null || (ends.size > 0 && ends.last.at(-1) !== 10)) return [];
  const last = ends.size === 0 ? 0 : lastSequence(ends.last);
  return last === null || last >= records ? [] : [damage(file, `The log ends after ${last} of ${records} records.`)];
}

/** Sequence of the record on the last line; null: it begins before these bytes, or is no record. */
function lastSequence(end: Buffer): number | null {
  const line = end.subarray(end.lastIndexOf(10, end.length - 2) + 1).toString('utf8');
  try {
    return z.object({ sequence: z.int() }).parse(JSON.parse(line)).sequence;
  } catch {
    return null;
  }
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
      const read = async (from: number): Promise<Buffer> => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
        return buffer.subarray(0, bytesRead);
      };
      return { size, first: await read(0), last: await read(Math.max(0, size - length)) };
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
