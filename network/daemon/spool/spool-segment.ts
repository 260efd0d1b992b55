/**
 * The file format of the spool: segments of numbered records, appended and never changed. A segment's name tells its
 * epoch and its first sequence number, so a daemon can list what it holds without reading it. Each record carries a
 * checksum: a torn tail (the daemon was killed while writing) ends the segment there and harms nothing before it.
 *
 *     0 u32 magic · 4 u8 kind · 5 three zeros · 8 u32 length · 12 u32 crc32 · 16 f64 sequence · 24 f64 time · 32 payload
 */
import { crc32 } from 'node:zlib';
import { epochSchema, type Epoch } from '#shared/identifiers.ts';

export type RecordKind = 'samples' | 'events';

/** One numbered record exactly as it was, or would have been, published. */
export interface SpoolRecord {
  readonly kind: RecordKind;
  readonly sequence: number;
  /** ms since 1970 at which it was spooled. */
  readonly time: number;
  readonly bytes: Uint8Array;
}

const magic = 0x31525354;
export const recordHeaderBytes = 32;
/** A published record fits a message of the router; anything longer in a file is damage. */
const maximumRecordBytes = 8 * 1024 * 1024;
const segmentName = /^([0-9a-f]{16})-([0-9]{16})\.spool$/;

export function segmentFileName(epoch: Epoch, firstSequence: number): string {
  return `${epoch}-${String(firstSequence).padStart(16, '0')}.spool`;
}

/** Epoch and first sequence number that a segment's name tells, or undefined for a file of another kind. */
export function parseSegmentFileName(name: string): { readonly epoch: Epoch; readonly first: number } | undefined {
  const match = segmentName.exec(name);
  if (!match) return undefined;
  const epoch = epochSchema.safeParse(match[1]);
  const first = Number(match[2]);
  return epoch.success && Number.isSafeInteger(first) && first >= 1 ? { epoch: epoch.data, first } : undefined;
}

/** The bytes that stand before a record's payload in a segment. */
export function encodeRecordHeader(record: SpoolRecord): Uint8Array {
  const header = new Uint8Array(recordHeaderBytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, magic, true);
  view.setUint8(4, record.kind === 'samples' ? 0 : 1);
  view.setUint32(8, record.bytes.length, true);
  view.setFloat64(16, record.sequence, true);
  view.setFloat64(24, record.time, true);
  view.setUint32(12, crc32(record.bytes, crc32(header)), true);
  return header;
}

/** The record at an offset and where the next one starts; undefined at the end and at the first damaged byte. */
function decodeRecord(segment: Uint8Array, offset: number): { readonly record: SpoolRecord; readonly next: number } | undefined {
  if (offset + recordHeaderBytes > segment.length) return undefined;
  // A copy even where the segment is a Buffer, whose `slice` would share its bytes.
  const header = new Uint8Array(segment.subarray(offset, offset + recordHeaderBytes));
  const view = new DataView(header.buffer);
  const length = view.getUint32(8, true);
  const next = offset + recordHeaderBytes + length;
  if (view.getUint32(0, true) !== magic || header[4] === undefined || header[4] > 1) return undefined;
  if (length > maximumRecordBytes || next > segment.length) return undefined;
  const checksum = view.getUint32(12, true);
  view.setUint32(12, 0, true);
  const bytes = segment.subarray(offset + recordHeaderBytes, next);
  if (crc32(bytes, crc32(header)) !== checksum) return undefined;
  const record: SpoolRecord = {
    kind: header[4] === 0 ? 'samples' : 'events',
    sequence: view.getFloat64(16, true),
    time: view.getFloat64(24, true),
    bytes,
  };
  return { record, next };
}

/** The sound records of a segment, in order. */
export function* readSegment(segment: Uint8Array): Generator<SpoolRecord> {
  let offset = 0;
  for (;;) {
    const found = decodeRecord(segment, offset);
    if (!found) return;
    yield found.record;
    offset = found.next;
  }
}
