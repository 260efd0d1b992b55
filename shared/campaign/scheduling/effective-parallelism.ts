/**
 * How many units a server really executes at once: its slots, less what they slow each other down. Learnt from finished units, each with how
 * many there were beside it and how long it took for its expectation: a line through the ratios, in which old ones fade.
 */

/** Share that an observation keeps with each later one. */
const fading = 0.999;
/** Observations from which on they count. */
const enough = 20;

export class EffectiveParallelism {
  private weight = 0;
  private sumOthers = 0;
  private sumRatio = 0;
  private sumOthersSquared = 0;
  private sumProduct = 0;

  /** @param together units on the server while it was executed, itself included @param expected, measured ms */
  observe(together: number, expected: number, measured: number): void {
    if (expected <= 0 || measured <= 0 || together < 1) return;
    const others = together - 1;
    const ratio = Math.min(10, Math.max(0.1, measured / expected));
    this.weight = this.weight * fading + 1;
    this.sumOthers = this.sumOthers * fading + others;
    this.sumRatio = this.sumRatio * fading + ratio;
    this.sumOthersSquared = this.sumOthersSquared * fading + others * others;
    this.sumProduct = this.sumProduct * fading + others * ratio;
  }

  /** How many times as long as expected a unit takes among so many. */
  slowdown(together: number): number {
    if (this.weight < enough) return 1;
    const [others, ratio] = [this.sumOthers / this.weight, this.sumRatio / this.weight];
    const variance = this.sumOthersSquared / this.weight - others * others;
    // Who was always among the same number tells nothing of another one.
    if (variance < 0.05) return ratio;
    const slope = Math.max(0, (this.sumProduct / this.weight - others * ratio) / variance);
    return Math.max(0.1, ratio + slope * (together - 1 - others));
  }

  /** Units' worth of work that so many slots do in the time of one. */
  of(slots: number): number {
    return Math.min(slots, Math.max(1, slots / this.slowdown(slots)));
  }
}
