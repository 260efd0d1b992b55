/** Lets through as much of the output of a process as a reader can use: a bounded number of lines and characters a second. */
import { counted } from '#shared/wording/counts.ts';

/** Lines in a row before the rate applies, lines per second from then on, and characters per second likewise. */
const lineBurst = 5_000;
const linesPerSecond = 2_000;
const characterBurst = 4 * 1024 * 1024;
const charactersPerSecond = 1024 * 1024;

/** Says how many lines were left out. */
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
