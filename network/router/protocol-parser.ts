/**
 * Reads the NATS client protocol from chunks of bytes: control lines, and payloads without copying them where they lie
 * in one chunk. What it keeps between chunks is bounded by the longest control line and the largest payload.
 */

export const maximumControlLine = 4_096;

/** Operations without a payload. */
export type ControlOperation = 'CONNECT' | 'PING' | 'PONG' | 'SUB' | 'UNSUB' | '+OK' | '-ERR';

export type ParserFault = 'unknown operation' | 'control line too long' | 'bad arguments' | 'payload too large' | 'headers not supported';

export interface ProtocolReader {
  /** Asked before anything of an operation is kept; false ends the parsing. */
  admits(operation: ControlOperation | 'PUB' | 'HPUB'): boolean;
  control(operation: ControlOperation, argument: string): void;
  /** `body` is the payload, headers first, and its closing CR LF. `owned`: the bytes are not part of a larger chunk. */
  publish(subject: string, reply: string, headerBytes: number, body: Buffer, owned: boolean): void;
  /** Nothing more is parsed after this. */
  fault(fault: ParserFault, detail: string): void;
}

interface Publication {
  readonly subject: string;
  readonly reply: string;
  /** 0: none. */
  readonly headerBytes: number;
  /** Payload and CR LF. */
  readonly total: number;
}

const lineFeed = 10;
const carriageReturn = 13;

export class ProtocolParser {
  private readonly reader: ProtocolReader;
  private readonly maximumPayload: number;
  /** Start of a control line whose end has not come yet. */
  private line: Buffer | undefined;
  private publication: Publication | undefined;
  /** Payload bytes so far, where they came in several chunks. Grows as they come, not as they were announced. */
  private gathered: Buffer | undefined;
  private gatheredBytes = 0;
  private stopped = false;

  constructor(reader: ProtocolReader, maximumPayload: number) {
    this.reader = reader;
    this.maximumPayload = maximumPayload;
  }

  /** Ignores everything from here on. */
  stop(): void {
    this.stopped = true;
    this.line = undefined;
    this.gathered = undefined;
    this.publication = undefined;
  }

  push(chunk: Buffer): void {
    if (this.stopped) return;
    const data = this.line ? Buffer.concat([this.line, chunk]) : chunk;
    this.line = undefined;
    let position = 0;
    while (position < data.length && !this.stopped) {
      position = this.publication ? this.readPayload(this.publication, data, position) : this.readLine(data, position);
    }
  }

  private fail(fault: ParserFault, detail: string): void {
    this.stop();
    this.reader.fault(fault, detail);
  }

  private readLine(data: Buffer, start: number): number {
    const end = data.indexOf(lineFeed, start);
    if (end < 0) {
      if (data.length - start > maximumControlLine) this.fail('control line too long', '');
      // A copy: a slice would keep the whole chunk alive for a few bytes.
      else this.line = Buffer.from(data.subarray(start));
      return data.length;
    }
    if (end - start > maximumControlLine + 8) {
      this.fail('control line too long', '');
      return data.length;
    }
    this.operate(data.toString('latin1', start, data[end - 1] === carriageReturn && end > start ? end - 1 : end));
    return end + 1;
  }

  private operate(line: string): void {
    const blank = line.search(/[ \t]/);
    const operation = (blank < 0 ? line : line.slice(0, blank)).toUpperCase();
    switch (operation) {
      case 'PUB':
      case 'HPUB':
        if (!this.admits(operation)) return;
        this.announce(operation === 'HPUB', line.slice(operation.length));
        return;
      case 'PING':
      case 'PONG':
      case 'CONNECT':
      case 'SUB':
      case 'UNSUB':
      case '+OK':
      case '-ERR':
        if (this.admits(operation)) this.reader.control(operation, blank < 0 ? '' : line.slice(blank + 1).trim());
        return;
      default:
        // Who is not admitted hears only that.
        if (this.admits('PUB')) this.fail('unknown operation', line.slice(0, 32));
    }
  }

  private admits(operation: ControlOperation | 'PUB' | 'HPUB'): boolean {
    if (this.reader.admits(operation)) return true;
    this.stop();
    return false;
  }

  /** `PUB subject [reply] bytes` or `HPUB subject [reply] header-bytes bytes`. */
  private announce(withHeaders: boolean, argument: string): void {
    const words = argument.split(/[ \t]+/).filter((word) => word !== '');
    const numbers = withHeaders ? 2 : 1;
    const subject = words[0];
    const size = readSize(words.at(-1));
    const headerBytes = withHeaders ? readSize(words.at(-2)) : 0;
    const fits = words.length === numbers + 1 || words.length === numbers + 2;
    if (!fits || subject === undefined || size < 0 || headerBytes < 0 || headerBytes > size) {
      this.fail('bad arguments', argument.slice(0, 64));
      return;
    }
    if (size > this.maximumPayload) {
      this.fail('payload too large', String(size));
      return;
    }
    const reply = words.length === numbers + 2 ? (words[1] ?? '') : '';
    this.publication = { subject, reply, headerBytes, total: size + 2 };
  }

  private readPayload(publication: Publication, data: Buffer, start: number): number {
    const missing = publication.total - this.gatheredBytes;
    const end = Math.min(data.length, start + missing);
    if (end - start < missing || this.gathered) this.gather(data, start, end, publication.total);
    if (end - start < missing) return end;
    const owned = this.gathered !== undefined;
    const body = this.gathered ? this.gathered.subarray(0, publication.total) : data.subarray(start, end);
    this.publication = undefined;
    this.gathered = undefined;
    this.gatheredBytes = 0;
    if (body[body.length - 2] !== carriageReturn || body[body.length - 1] !== lineFeed) {
      this.fail('unknown operation', 'a payload is longer than announced');
    } else {
      this.reader.publish(publication.subject, publication.reply, publication.headerBytes, body, owned);
    }
    return end;
  }

  private gather(data: Buffer, start: number, end: number, total: number): void {
    const wanted = this.gatheredBytes + end - start;
    if (!this.gathered || this.gathered.length < wanted) {
      const larger = Buffer.allocUnsafeSlow(Math.min(total, Math.max(wanted, this.gatheredBytes * 2, 1_024)));
      this.gathered?.copy(larger, 0, 0, this.gatheredBytes);
      this.gathered = larger;
    }
    data.copy(this.gathered, this.gatheredBytes, start, end);
    this.gatheredBytes = wanted;
  }
}

/** A count of bytes in decimal; -1 for anything else. */
export function readSize(text: string | undefined): number {
  if (text === undefined || text.length === 0 || text.length > 9) return -1;
  let size = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}
