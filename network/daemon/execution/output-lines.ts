/** Cuts the output of a process into lines: UTF-8 whole across chunks, lines of bounded length, a bounded number of them. */
import { StringDecoder } from 'node:string_decoder';
import { maximumLineLength } from '#shared/protocol/observations.ts';
import { counted } from '#shared/wording/counts.ts';

/** Gives each line, without its end, to `take`. A longer line than allowed is cut and marked. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private readonly take: (line: string) => void;
  private part = '';
  private skipped = 0;

  constructor(take: (line: string) => void) {
    this.take = take;
  }

  push(chunk: Buffer): void {
    this.text(this.decoder.write(chunk));
  }

  /** The output is over; what is left is a line too. */
  end(): void {
    this.text(this.decoder.end());
    if (this.part !== '') this.complete();
  }

  private text(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.extend(text, start, end);
      this.complete();
      start = end + 1;
    }
    this.extend(text, start, text.length);
  }

  private extend(text: string, start: number, end: number): void {
    const room = maximumLineLength - this.part.length;
    this.part += text.slice(start, Math.min(end, start + room));
    this.skipped += Math.max(0, end - start - room);
  }

  private complete(): void {
    const line = this.part.endsWith('\r') ? this.part.slice(0, -1) : this.part;
    this.take(this.skipped > 0 ? `${line} … (${counted(this.skipped, 'more character')})` : line);
    this.part = '';
    this.skipped = 0;
  }
}

/** Lines in a row before the rate applies, lines per second from then on, and characters per second likewise. */
const lineBurst = 5_000;
const linesPerSecond = 2_000;
const characterBurst = 4 * 1024 * 1024;
const charactersPerSecond = 1024 * 1024;

/** Lets through as many lines as a reader can use, and says how many were left out. */
export class OutputGate {
  private readonly monotonic: () => number;
  private readonly forward: (line: string) => void;
  private lines = lineBurst;
  private characters = characterBurst;
  private lastTime: number;
  private left = 0;

  constructor(monotonic: () => number, forward: (line: string) => void) {
    this.monotonic = monotonic;
    this.forward = forward;
    this.lastTime = monotonic();
  }

  line(text: string): void {
    const now = this.monotonic();
    const seconds = (now - this.lastTime) / 1_000;
    this.lastTime = now;
    this.lines = Math.min(lineBurst, this.lines + seconds * linesPerSecond);
    this.characters = Math.min(characterBurst, this.characters + seconds * charactersPerSecond);
    // Once closed it opens again only when there is room for more than single lines, so that cuts are few.
    const wanted = this.left > 0 ? linesPerSecond / 4 : 1;
    if (this.lines < wanted || this.characters < text.length) {
      this.left++;
      return;
    }
    this.tellCut();
    this.lines--;
    this.characters -= text.length;
    this.forward(text);
  }

  /** States lines left out at the end. */
  end(): void {
    this.tellCut();
  }

  private tellCut(): void {
    if (this.left > 0)
      this.forward(`… ${counted(this.left, 'line was', 'lines were')} left out here: more than ${linesPerSecond} lines or 1 MiB a second.`);
    this.left = 0;
  }
}
