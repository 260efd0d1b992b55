/**
 * A profile as one file: a head in JSON, then the columns of its metrics as they lie in memory (little-endian), so that some
 * megabytes are read in a few milliseconds. Derived from the run: a file of another version or stamp, or of which a byte is not as it was
 * written, is made anew.
 */
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';
import type { RunProfile, MetricTable } from '#shared/analysis/profile.ts';

/** What a profile says, or how it is written, changed: files of another version are made anew. */
export const profileVersion = 6;
const magic = 'TESTOPS PROFILE\n';
/** Bytes before the head: the magic, the head's length, and the checksum (CRC-32) of all that follows. */
const preface = magic.length + 8;
const doubles = ['count', 'missing', 'level', 'spread', 'trend', 'minimum', 'maximum'] as const;

interface Head {
  readonly version: number;
  /** What the run's manifest file was when the profile was made. */
  readonly stamp: string;
  readonly rows: number;
  readonly series: MetricTable['series'];
  readonly profile: Omit<RunProfile, 'metrics'>;
}

/** Null on machines whose numbers lie the other way round: there profiles are made each time. */
export function encodeProfile(profile: RunProfile, stamp: string): Buffer | null {
  if (endianness() !== 'LE') return null;
  const { metrics, ...rest } = profile;
  const rows = metrics.step.length;
  const head: Head = { version: profileVersion, stamp, rows, series: metrics.series, profile: rest };
  const text = Buffer.from(JSON.stringify(head));
  const columnsAt = aligned(preface + text.length);
  const buffer = Buffer.alloc(columnsAt + rows * (doubles.length * 8 + 8));
  buffer.write(magic, 0, 'latin1');
  buffer.writeUInt32LE(text.length, magic.length);
  text.copy(buffer, preface);
  let at = columnsAt;
  const put = (column: Float64Array | Int32Array | Uint32Array): void => {
    Buffer.from(column.buffer, column.byteOffset, column.byteLength).copy(buffer, at);
    at += column.byteLength;
  };
  for (const name of doubles) put(metrics[name]);
  put(metrics.step);
  put(metrics.seriesOf);
  buffer.writeUInt32LE(crc32(buffer.subarray(preface)), magic.length + 4);
  return buffer;
}

/** Null where this is no profile that was written for this stamp by this version. */
export function decodeProfile(bytes: Buffer, stamp: string): RunProfile | null {
  if (endianness() !== 'LE' || bytes.length < preface || bytes.toString('latin1', 0, magic.length) !== magic) return null;
  if (crc32(bytes.subarray(preface)) !== bytes.readUInt32LE(magic.length + 4)) return null;
  const headLength = bytes.readUInt32LE(magic.length);
  if (preface + headLength > bytes.length) return null;
  const head = headOf(bytes.toString('utf8', preface, preface + headLength));
  if (head?.version !== profileVersion || head.stamp !== stamp) return null;
  const columnsAt = aligned(preface + headLength);
  if (bytes.length !== columnsAt + head.rows * (doubles.length * 8 + 8)) return null;
  // Views want an aligned beginning, which a buffer of the pool may not have.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
  let at = whole.byteOffset + columnsAt;
  const column = (): Float64Array => {
    const view = new Float64Array(whole.buffer, at, head.rows);
    at += view.byteLength;
    return view;
  };
  const [count, missing, level, spread, trend, minimum, maximum] = doubles.map(column);
  if (!count || !missing || !level || !spread || !trend || !minimum || !maximum) return null;
  const step = new Int32Array(whole.buffer, at, head.rows);
  const seriesOf = new Uint32Array(whole.buffer, at + step.byteLength, head.rows);
  return { ...head.profile, metrics: { series: head.series, step, seriesOf, count, missing, level, spread, trend, minimum, maximum } };
}

/** The file is ours, and its checksum guards it; what is no JSON is no profile. */
function headOf(text: string): Head | null {
  try {
    return JSON.parse(text) as Head;
  } catch {
    return null;
  }
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
