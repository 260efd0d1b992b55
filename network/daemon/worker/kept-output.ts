/** The output of an attempt, bounded: its first part and its last, with a line between them that says how much is missing. */
import { quantityText } from '#shared/wording/quantities.ts';

export class KeptOutput {
  private readonly limit: number;
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private tail: Buffer[] = [];
  private tailBytes = 0;
  private total = 0;

  /** @param limit bytes that are kept */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes that there were. */
  get whole(): number {
    return this.total;
  }

  get isCut(): boolean {
    return this.total > this.headBytes + this.tailBytes;
  }

  add(chunk: Buffer): void {
    this.total += chunk.length;
    const room = Math.floor(this.limit / 2) - this.headBytes;
    const first = chunk.subarray(0, Math.max(0, room));
    if (first.length > 0) {
      this.head.push(Buffer.from(first));
      this.headBytes += first.length;
    }
    const rest = chunk.subarray(first.length);
    if (rest.length > 0) this.addToTail(rest);
  }

  /** All of it, as far as it is kept. */
  bytes(): Buffer {
    if (!this.isCut) return Buffer.concat([...this.head, ...this.tail]);
    const left = this.total - this.headBytes - this.tailBytes;
    const note = `\n… [${quantityText(left, 'bytes')} of output are left out here] …\n`;
    return Buffer.concat([...this.head, Buffer.from(note), ...this.tail]);
  }

  private addToTail(chunk: Buffer): void {
    const most = this.limit - Math.floor(this.limit / 2);
    const kept = chunk.length > most ? chunk.subarray(chunk.length - most) : chunk;
    this.tail.push(Buffer.from(kept));
    this.tailBytes += kept.length;
    // Pieces are dropped whole or cut at the front, so that what is held stays near the bound however small the pieces are.
    while (this.tailBytes > most) {
      const over = this.tailBytes - most;
      const first = this.tail[0] ?? Buffer.alloc(0);
      if (first.length <= over) this.tail.shift();
      else this.tail[0] = first.subarray(over);
      this.tailBytes -= Math.min(first.length, over);
    }
    // Many tiny pieces would cost more than their bytes, and each holds the whole buffer that it is a part of.
    if (this.tail.length > 1_000) this.tail = [Buffer.concat(this.tail)];
  }
}
