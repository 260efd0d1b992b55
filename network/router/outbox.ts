/**
 * What waits to be written to one client. Everything that one reading of the router produced leaves in one write; while
 * the client's socket is full it waits here, counted, up to a limit. What waits owns its bytes, so that the count is
 * also the memory.
 */

/** Where the bytes go. */
export interface Sink {
  /** Takes the buffers; false: take no more until the drain listener is called. */
  write(buffers: readonly Buffer[]): boolean;
  onDrain(listener: () => void): void;
}

/** A payload that is handed to many clients; its bytes may belong to a larger chunk that was read. */
export class Body {
  readonly bytes: Buffer;
  private owned: Buffer | undefined;

  constructor(bytes: Buffer, owned: boolean) {
    this.bytes = bytes;
    this.owned = owned ? bytes : undefined;
  }

  /** The same bytes in memory of their own; copied once for all clients. */
  own(): Buffer {
    this.owned ??= Buffer.from(this.bytes);
    return this.owned;
  }
}

/** Bodies up to this size are copied behind their header line; larger ones are written from where they lie. */
const copyLimit = 2_048;
const sheetBytes = 16_384;
/** Bytes handed to the socket at once when it drained. */
const portion = 1_048_576;

export class Outbox {
  private readonly sink: Sink;
  private readonly limit: number;
  private readonly onFull: () => void;
  private ready: Buffer[] = [];
  private readyBytes = 0;
  /** Being filled with header lines and small bodies. */
  private sheet: Buffer | undefined;
  private sheetStart = 0;
  private sheetEnd = 0;
  private blocked = false;
  private closed = false;
  private drained: (() => void)[] = [];

  constructor(sink: Sink, limit: number, onFull: () => void) {
    this.sink = sink;
    this.limit = limit;
    this.onFull = onFull;
    sink.onDrain(() => this.onSinkDrained());
  }

  /** Bytes that wait here; those in the socket's own buffer come on top, bounded by {@link portion}. */
  get waiting(): number {
    return this.readyBytes + this.sheetEnd - this.sheetStart;
  }

  /** More than half of what may wait waits: whoever sends should slow down. */
  get strained(): boolean {
    return this.blocked && this.waiting > this.limit / 2;
  }

  /** Appends a line (Latin-1) and, if given, a body. */
  append(line: string, body?: Body): void {
    if (this.closed) return;
    const bytes = line.length + (body?.bytes.length ?? 0);
    if (this.blocked && this.waiting + bytes > this.limit) {
      this.onFull();
      return;
    }
    // Many copies of one message (a client with many subscriptions) must not pile up uncounted before they are written.
    if (!this.blocked && this.waiting > portion) this.flush();
    this.appendLine(line);
    if (!body) return;
    if (body.bytes.length <= copyLimit) this.appendCopy(body.bytes);
    else this.appendWhole(this.blocked ? body.own() : body.bytes);
  }

  /** Writes what was appended, unless the socket is full; then it follows when the socket drains. */
  flush(): void {
    if (this.blocked || this.closed) return;
    this.cutSheet();
    if (this.ready.length === 0) return;
    const buffers = this.take();
    if (this.sink.write(buffers)) return;
    this.blocked = true;
  }

  /** Calls back once, when the outbox is strained no longer or closed. */
  whenRelieved(listener: () => void): void {
    this.drained.push(listener);
  }

  /** Drops what waits and says one last thing; nothing follows. */
  closeWith(line: string, dropWaiting: boolean): void {
    if (this.closed) return;
    if (dropWaiting) this.clear();
    if (line !== '') this.appendLine(line);
    this.cutSheet();
    this.closed = true;
    if (this.ready.length > 0) this.sink.write(this.ready);
    this.clear();
    this.relieve();
  }

  private clear(): void {
    this.ready = [];
    this.readyBytes = 0;
    this.sheet = undefined;
    this.sheetStart = 0;
    this.sheetEnd = 0;
  }

  private take(): Buffer[] {
    if (this.readyBytes <= portion) {
      const all = this.ready;
      this.ready = [];
      this.readyBytes = 0;
      return all;
    }
    let bytes = 0;
    let count = 0;
    while (bytes < portion && count < this.ready.length) bytes += this.ready[count++]?.length ?? 0;
    this.readyBytes -= bytes;
    return this.ready.splice(0, count);
  }

  private onSinkDrained(): void {
    this.blocked = false;
    this.flush();
    if (!this.strained) this.relieve();
  }

  private relieve(): void {
    const listeners = this.drained;
    this.drained = [];
    for (const listener of listeners) listener();
  }

  private room(bytes: number): Buffer {
    if (this.sheet && this.sheet.length - this.sheetEnd >= bytes) return this.sheet;
    this.cutSheet();
    this.sheet = Buffer.allocUnsafeSlow(Math.max(sheetBytes, bytes));
    this.sheetStart = 0;
    this.sheetEnd = 0;
    return this.sheet;
  }

  private appendLine(line: string): void {
    const sheet = this.room(line.length);
    this.sheetEnd += sheet.write(line, this.sheetEnd, 'latin1');
  }

  private appendCopy(bytes: Buffer): void {
    const sheet = this.room(bytes.length);
    this.sheetEnd += bytes.copy(sheet, this.sheetEnd);
  }

  private appendWhole(bytes: Buffer): void {
    this.cutSheet();
    this.ready.push(bytes);
    this.readyBytes += bytes.length;
  }

  /** Moves what the sheet holds to the buffers that are ready; the rest of the sheet is used on. */
  private cutSheet(): void {
    if (!this.sheet || this.sheetEnd === this.sheetStart) return;
    this.ready.push(this.sheet.subarray(this.sheetStart, this.sheetEnd));
    this.readyBytes += this.sheetEnd - this.sheetStart;
    this.sheetStart = this.sheetEnd;
  }
}
