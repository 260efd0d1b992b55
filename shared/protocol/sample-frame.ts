/**
 * The sample frame: how daemons send numbers. Little-endian, version 1:
 *
 *     0  u16  magic 0x5354          20  f64  base time, ms since 1970 (daemon's clock)
 *     2  u8   version               28  u32  number of values n
 *     3  u8   kind: 0 pairs, 1 dense  32  u32  column set (dense) or 0
 *     4  u8×8 epoch                 36  u32  reserved, 0
 *     12 f64  sequence              40  pairs: f64×n values, then u32×n series ids · dense: f64×n values
 *
 * A dense frame's series are those of a column set that the daemon declared earlier in its event stream
 * (`columns-declared`). NaN means: no value now (the process is gone, the exporter did not answer).
 */
import type { Epoch } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

export const frameMagic = 0x5354;
export const frameVersion = 1;
export const frameHeaderBytes = 40;
/** A frame of pairs of this many values is 786 kB, under the router's default payload limit of 1 MiB. */
export const maximumFrameValues = 65_536;

interface FrameBase {
  readonly epoch: Epoch;
  /** Number of this record in the daemon's epoch, from 1. */
  readonly sequence: number;
  /** ms since 1970, daemon's clock. */
  readonly time: number;
  readonly values: Float64Array;
}
export type SampleFrame =
  | (FrameBase & { readonly kind: 'pairs'; readonly series: Uint32Array })
  | (FrameBase & { readonly kind: 'dense'; readonly columns: number });

/**
 * The bytes of a frame as the head of this file has them. Throws a RangeError where it has more values than a frame takes, or not one
 * series for each.
 */
export function encodeSampleFrame(frame: SampleFrame): Uint8Array {
  const count = frame.values.length;
  if (count > maximumFrameValues) throw new RangeError(`A frame holds at most ${maximumFrameValues} values, not ${count}.`);
  if (frame.kind === 'pairs' && frame.series.length !== count) throw new RangeError('A frame needs one series per value.');
  const bytes = new Uint8Array(frameHeaderBytes + count * (frame.kind === 'pairs' ? 12 : 8));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, frameMagic, true);
  view.setUint8(2, frameVersion);
  view.setUint8(3, frame.kind === 'pairs' ? 0 : 1);
  for (let index = 0; index < 8; index++) bytes[4 + index] = Number.parseInt(frame.epoch.slice(index * 2, index * 2 + 2), 16);
  view.setFloat64(12, frame.sequence, true);
  view.setFloat64(20, frame.time, true);
  view.setUint32(28, count, true);
  view.setUint32(32, frame.kind === 'dense' ? frame.columns : 0, true);
  bytes.set(new Uint8Array(frame.values.buffer, frame.values.byteOffset, count * 8), frameHeaderBytes);
  if (frame.kind === 'pairs') {
    bytes.set(new Uint8Array(frame.series.buffer, frame.series.byteOffset, count * 4), frameHeaderBytes + count * 8);
  }
  return bytes;
}

function refuse(what: string): never {
  throw new ProblemError({ code: 'bad-sample-frame', message: `A sample frame was refused: ${what}.` });
}

/** Decodes a frame; throws a {@link ProblemError} for anything that is not exactly one. Copies the values out of `bytes`. */
export function decodeSampleFrame(bytes: Uint8Array): SampleFrame {
  if (bytes.length < frameHeaderBytes) refuse(`${bytes.length} bytes are less than its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== frameMagic) refuse('it does not start with the magic number');
  if (view.getUint8(2) !== frameVersion) refuse(`version ${view.getUint8(2)} is not known`);
  const kind = view.getUint8(3);
  if (kind > 1) refuse(`kind ${kind} is not known`);
  const sequence = view.getFloat64(12, true);
  const time = view.getFloat64(20, true);
  if (!Number.isSafeInteger(sequence) || sequence < 1) refuse('its sequence is not a positive whole number');
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) refuse('its time is not a time');
  const count = view.getUint32(28, true);
  const columns = view.getUint32(32, true);
  if (count > maximumFrameValues) refuse(`${count} values are more than ${maximumFrameValues}`);
  if (bytes.length !== frameHeaderBytes + count * (kind === 0 ? 12 : 8)) refuse('its length does not fit its number of values');
  let epoch = '';
  for (let index = 4; index < 12; index++) epoch += (bytes[index] ?? 0).toString(16).padStart(2, '0');
  const valuesEnd = frameHeaderBytes + count * 8;
  // Copied by constructor: `slice` of a Node Buffer would be a view of the buffer that it was cut from.
  const values = new Float64Array(new Uint8Array(bytes.subarray(frameHeaderBytes, valuesEnd)).buffer);
  const base = { epoch: epoch as Epoch, sequence, time, values };
  if (kind === 1) return { kind: 'dense', ...base, columns };
  return { kind: 'pairs', ...base, series: new Uint32Array(new Uint8Array(bytes.subarray(valuesEnd)).buffer) };
}
