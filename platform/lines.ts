/**
 * Bytes to lines: of logs, of what programs print, of what plugins say. Splits on the byte LF, which no UTF-8 sequence contains,
 * so characters cut by a read come together again. Holds at most one unfinished line, of bounded length. LF and CR LF end a line.
 */
import { maximumLineLength } from '#shared/protocol/observations.ts';

/** Told each line without its end; `cut` says that it was longer, and then it ends in the {@link cutMark}. */
export type OnLine = (text: string, cut: boolean) => void;

export interface LineOptions {
  /** UTF-16 code units of a line that are kept; the rest is dropped. */
  readonly longest?: number;
  /** Leaves out NUL: a truncated file gets holes from a writer that goes on at its old position. */
  readonly withoutNul?: boolean;
  /** Starts within a line that was too long: what is left of that is dropped. */
  readonly skipping?: boolean;
}

const lineFeed = 0x0a;
/** A code unit of UTF-16 takes at most three bytes of UTF-8 (four for two of them). */
const mostBytes = 3;
/** Stands at the end of a line that was cut. */
export const cutMark = ' … [cut]';

export class LineSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;
  private skipping: boolean;
  private readonly longest: number;
  private readonly withoutNul: boolean;

  constructor({ longest = maximumLineLength, withoutNul = false, skipping = false }: LineOptions = {}) {
    this.longest = longest;
    this.withoutNul = withoutNul;
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
      for (const text of bytes.toString('utf8', start, last).split('\n')) this.emit(text, onLine);
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
    // A line as long as it may be, and the CR before its LF.
    const mostHeld = this.longest * mostBytes + 1;
    if (this.heldBytes + bytes.length > mostHeld) {
      const room = mostHeld + 1 - this.heldBytes;
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
    this.emit(text, onLine, more);
  }

  private emit(text: string, onLine: OnLine, more = false): void {
    let line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (this.withoutNul && line.includes('\0')) line = line.replaceAll('\0', '');
    if (more || line.length > this.longest) onLine(cut(line, this.longest), true);
    else onLine(line, false);
  }
}

/** A line that is at hand as a whole; cut and marked where it is too long. */
export function cutLine(line: string, longest = maximumLineLength): string {
  return line.length > longest ? cut(line, longest) : line;
}

function cut(line: string, longest: number): string {
  const kept = line.slice(0, longest);
  const last = kept.charCodeAt(kept.length - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return (splitsPair ? kept.slice(0, -1) : kept) + cutMark;
}
