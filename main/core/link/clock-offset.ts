/**
 * By how much a daemon's clock is ahead of the core's, estimated from its presences. A presence is always seen later than
 * it was sent, so of several the one that was under way for the shortest time, the one with the greatest difference, is the best.
 */
const remembered = 8;
/** ms; differences that fall this far below the best one twice running mean that a clock was set, not that the network is slow. */
const setClock = 1_000;

export class ClockOffset {
  private differences: number[] = [];

  /** @param sent ms since 1970, daemon's clock @param received ms since 1970, core's clock */
  observe(sent: number, received: number): void {
    this.differences.push(sent - received);
    if (this.differences.length > remembered) this.differences.shift();
    const latest = this.differences.slice(-2);
    const best = Math.max(...this.differences);
    if (latest.length === 2 && latest.every((difference) => best - difference > setClock)) this.differences = latest;
  }

  /** ms to add to the core's time to get the daemon's; null before the first presence. */
  get value(): number | null {
    return this.differences.length === 0 ? null : Math.max(...this.differences);
  }
}
