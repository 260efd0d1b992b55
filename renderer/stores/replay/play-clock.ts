/** How far a replay moves from frame to frame, and how fast it really was. Pure: it is told the time. */

export const speeds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 'max'] as const;
/** Times as fast as it was; `max`: as fast as it can be watched at all. */
export type Speed = (typeof speeds)[number];

/** ms: a frame that took longer counts as one of this length, so that a replay never jumps over what nobody saw. */
const longestFrame = 100;
/** ms in which `max` shows a whole run; and the least it is. */
const wholeRun = 3_000;
const leastMaximum = 200;
/** ms over which the achieved speed is measured. */
const measured = 1_000;

/** How many ms of the run are shown in a ms. */
export function factorOf(speed: Speed, length: number): number {
  return speed === 'max' ? Math.max(leastMaximum, length / wholeRun) : speed;
}

/** The speed that is `by` places up or down the list; the first or last one at its ends. */
export function speedBeside(speed: Speed, by: number): Speed {
  const place = Math.max(0, Math.min(speeds.length - 1, speeds.indexOf(speed) + by));
  return speeds[place] ?? speed;
}

/** `×0.5`, `×100`, `max`. */
export function speedText(speed: Speed): string {
  return speed === 'max' ? 'max' : `×${speed}`;
}

export class PlayClock {
  private before: number | null = null;
  private readonly moves: { readonly now: number; readonly elapsed: number; readonly moved: number }[] = [];

  /** Begins anew: after a pause, at another place, at another speed. */
  restart(): void {
    this.before = null;
    this.moves.length = 0;
  }

  /** ms of the run that the frame at `now` (ms, any monotonic clock) goes on by. */
  advance(now: number, factor: number): number {
    const elapsed = this.before === null ? 0 : now - this.before;
    this.before = now;
    const moved = Math.min(elapsed, longestFrame) * factor;
    if (elapsed > 0) this.moves.push({ now, elapsed, moved });
    while (this.moves.length > 1 && (this.moves[0]?.now ?? now) < now - measured) this.moves.shift();
    return moved;
  }

  /** Times as fast as it was, in the last second; null until there is enough to tell. */
  get achieved(): number | null {
    const elapsed = this.moves.reduce((sum, move) => sum + move.elapsed, 0);
    return elapsed < measured / 4 ? null : this.moves.reduce((sum, move) => sum + move.moved, 0) / elapsed;
  }
}
