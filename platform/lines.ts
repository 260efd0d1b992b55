/**
 * Bytes of a log to lines. Splits on the byte LF, which no UTF-8 sequence contains, so characters cut by a read come together
 * again. Holds at most one unfinished line, of bounded length.
 */
import { maximumLineLength } from '#shared/protocol/observations.ts';

export type OnLine = (text: string) => void;

const lineFeed = 0x0a;
/** A character of UTF-16 takes at most three bytes of UTF-8 (four for two of them). */
const maximumLineBytes = maximumLineLength * 3;
/** Stands at the end of a line that was cut. */
export const cutMark = ' … [cut]';

export class LineSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;
  private skipping: boolean;

  /** With `skipping`, it starts within a line that was too long: what is left of that is dropped. */
  constructor(skipping = false) {
    this.skipping = skipping;
  }

  /** Bytes that were taken but belong to no line yet; reading them again loses and repeats nothing. */
  get pending(): number {
    return this.heldBytes;
  }

  get isSkipping(): boolean {
    return this.skipping;
  }

  push(bytes: Buffer, onLine: OnLine): void {
    let start = 0;
    if (this.skipping || this.heldBytes > 0) {
      const end = bytes.indexOf(lineFeed);
      if (end < 0) {
        this.hold(bytes, onLine);
        return;
      }
      if (!this.skipping) this.finish(bytes.subarray(0, end), onLine);
      this.skipping = false;
      start = end + 1;
    }
    const last = bytes.lastIndexOf(lineFeed);
    if (last >= start) {
      // One decoding for all whole lines: much cheaper than one each.
      for (const text of bytes.toString('utf8', start, last).split('\n')) emit(text, onLine);
      start = last + 1;
    }
    if (start < bytes.length) this.hold(bytes.subarray(start), onLine);
  }

  /** No more will come for a while: what is held is a line. */
  flush(onLine: OnLine): void {
    if (this.heldBytes > 0) this.finish(Buffer.alloc(0), onLine);
  }

  private hold(bytes: Buffer, onLine: OnLine): void {
    if (this.skipping) return;
    if (this.heldBytes + bytes.length > maximumLineBytes) {
      const room = maximumLineBytes + 1 - this.heldBytes;
      this.finish(bytes.subarray(0, room), onLine, true);
      this.skipping = true;
      return;
    }
    // A copy: the reader uses its buffer again.
    this.held.push(Buffer.from(bytes));
    this.heldBytes += bytes.length;
  }

  private finish(rest: Buffer, onLine: OnLine, more = false): void {
    const text = Buffer.concat([...this.held, rest]).toString('utf8');
    this.held = [];
    this.heldBytes = 0;
    emit(text, onLine, more);
  }
}

function emit(text: string, onLine: OnLine, more = false): void {
  let line = text.endsWith('\r') ? text.slice(0, -1) : text;
  // Holes that a truncated file gets from a writer that goes on at its old position.
  if (line.includes('\0')) line = line.replaceAll('\0', '');
  onLine(more || line.length > maximumLineLength ? cut(line) : line);
}

function cut(line: string): string {
  const kept = line.slice(0, maximumLineLength);
  const last = kept.charCodeAt(kept.length - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return (splitsPair ? kept.slice(0, -1) : kept) + cutMark;
}
