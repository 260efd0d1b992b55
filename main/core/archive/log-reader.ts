/** Reads `log.ndjson`: line by line with bounded memory, every line checked, a torn or damaged line told from an intact one. */
import { open } from 'node:fs/promises';
import { ProblemError } from '#shared/problem.ts';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';

const chunkBytes = 256 * 1024;
/** A record of ten thousand events may be large; nothing honest is larger than this. */
export const maximumLineBytes = 64 * 1024 * 1024;

export interface LogLine {
  /** From 1. */
  readonly number: number;
  /** Bytes from the start of the file to the start and to the end of the line, its line feed included. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  /** Whether it ends in a line feed. */
  readonly complete: boolean;
}

/** Where to read; bytes. `lineLimit` ends the reading with a refusal. */
export interface Stretch {
  readonly start?: number;
  readonly end?: number;
  readonly lineLimit?: number;
}

/** The lines of a file, in batches. */
export async function* readLines(file: string, stretch: Stretch = {}): AsyncGenerator<LogLine[]> {
  const limit = stretch.lineLimit ?? maximumLineBytes;
  const handle = await open(file, 'r');
  try {
    let offset = stretch.start ?? 0;
    let rest: Buffer[] = [];
    let restBytes = 0;
    let number = 1;
    for (;;) {
      const wanted = Math.min(chunkBytes, (stretch.end ?? Infinity) - offset);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.max(wanted, 0)), 0, Math.max(wanted, 0), offset);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      const lines: LogLine[] = [];
      let begin = 0;
      for (let feed = chunk.indexOf(10); feed !== -1; feed = chunk.indexOf(10, begin)) {
        const tail = chunk.subarray(begin, feed);
        const bytes = restBytes > 0 ? Buffer.concat([...rest, tail]) : tail;
        const end = offset + feed + 1;
        lines.push({ number: number++, start: end - bytes.length - 1, end, bytes, complete: true });
        rest = [];
        restBytes = 0;
        begin = feed + 1;
      }
      rest.push(chunk.subarray(begin));
      restBytes += bytesRead - begin;
      if (restBytes > limit || lines.some(({ bytes }) => bytes.length > limit)) {
        throw new ProblemError({ code: 'log-line-too-long', message: `A line of ${file} is longer than ${limit} bytes.`, file });
      }
      offset += bytesRead;
      if (lines.length > 0) yield lines;
    }
    if (restBytes > 0) {
      yield [{ number, start: offset - restBytes, end: offset, bytes: Buffer.concat(rest), complete: false }];
    }
  } finally {
    await handle.close();
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The record on a line, or why there is none. */
export function recordOf(line: LogLine): { readonly record: RunRecord } | { readonly damage: string } {
  if (!line.complete) return { damage: 'it ends in the middle' };
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(line.bytes));
  } catch {
    return { damage: 'it is not JSON' };
  }
  const parsed = runRecordSchema.safeParse(value);
  if (parsed.success) return { record: parsed.data };
  const issue = parsed.error.issues[0];
  return { damage: `it is no record of a run (${issue?.path.join('.') || 'whole line'}: ${issue?.message ?? 'unknown'})` };
}

/** What a log holds: its intact beginning and, if it does not end there, what is wrong with the first line after it. */
export interface LogScan {
  /** Bytes up to the end of the last intact record. */
  readonly intactLength: number;
  readonly length: number;
  readonly records: number;
  readonly damage: { readonly line: number; readonly reason: string; readonly torn: boolean } | null;
}

/** Reads a whole log up to the first line that is not intact and shows each record to a visitor. */
export async function scanLog(file: string, visit: (record: RunRecord) => void, stretch: Stretch = {}): Promise<LogScan> {
  let intactLength = 0;
  let length = 0;
  let records = 0;
  let damage: LogScan['damage'] = null;
  for await (const lines of readLines(file, stretch)) {
    for (const line of lines) {
      length = line.end;
      if (damage) continue;
      const reason = damageOf(line, records + 1, visit);
      if (reason === null) {
        records++;
        intactLength = line.end;
      } else {
        damage = { line: line.number, reason, torn: !line.complete };
      }
    }
  }
  return { intactLength, length, records, damage };
}

function damageOf(line: LogLine, expected: number, visit: (record: RunRecord) => void): string | null {
  const read = recordOf(line);
  if ('damage' in read) return read.damage;
  if (read.record.sequence !== expected) return `it has the sequence ${read.record.sequence} where ${expected} should stand`;
  visit(read.record);
  return null;
}

/**
 * Records from a sequence on, in batches. A last line that is torn (the log of a run that was killed, or is being written) is left
 * out; any other damage ends the reading with a {@link ProblemError} after the records before it.
 */
export async function* readRecords(file: string, from: number, stretch: Stretch = {}): AsyncGenerator<readonly RunRecord[]> {
  let expected: number | null = stretch.start ? null : 1;
  for await (const lines of readLines(file, stretch)) {
    const batch: RunRecord[] = [];
    let damage: string | null = null;
    for (const line of lines) {
      if (!line.complete) break;
      expected ??= sequenceOf(line);
      damage = damageOf(line, expected, (record) => {
        if (record.sequence >= from) batch.push(record);
      });
      if (damage !== null) break;
      expected++;
    }
    if (batch.length > 0) yield batch;
    if (damage !== null) throw damagedLog(file, expected ?? 1, damage);
  }
}

function sequenceOf(line: LogLine): number {
  const read = recordOf(line);
  return 'record' in read ? read.record.sequence : 1;
}

export function damagedLogFile(file: string): ProblemError {
  return new ProblemError({
    code: 'log-damaged',
    message: 'The log of this run is missing.',
    tip: 'Import the run again from its bundle if there is one.',
    file,
  });
}

/** The log of a finished run that ends too early, though each of its lines is whole. */
export function shortLog(file: string, last: number, records: number): ProblemError {
  return new ProblemError({
    code: 'log-damaged',
    message: `The log ends after ${last} of ${records} records.`,
    tip: 'These records can be read; import the run again from its bundle if there is one.',
    file,
  });
}

export function damagedLog(file: string, line: number, reason: string): ProblemError {
  return new ProblemError({
    code: 'log-damaged',
    message: `Line ${line} of the log is damaged: ${reason}.`,
    tip: 'The records before it can be read; import the run again from its bundle if there is one.',
    file,
  });
}
