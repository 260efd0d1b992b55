/**
 * One loop that draws all charts: in each frame as many as fit into a small share of it, the others in the next frames. So
 * twelve charts never cost a frame, however slow the machine; and when drawing becomes a burden, charts are drawn less often.
 */

/** Something that is drawn when it is due. */
export interface Drawable {
  /** ms since it would have liked to be drawn, at the given pace (1: as often as it likes); negative or zero: not yet. */
  overdue(now: number, pace: number): number;
  draw(now: number): void;
}

/** ms of a frame that drawing may take before the rest waits for the next one. */
const frameBudget = 7;
/** ms of a frame at which charts begin to yield: below it sixty a second are reached. */
const longFrame = 18;
/** How many times rarer charts are drawn at most because frames take long. */
const rarest = 4;
/** Share of the main thread that drawing may take in the long run. */
const shareAllowed = 0.3;
const second = 1_000;

export class DrawingLoop {
  private readonly drawables = new Set<Drawable>();
  private frame = 0;
  /** Smoothed share of time that was spent on drawing. */
  private share = 0;
  private before = 0;
  /** How many times rarer charts are drawn since frames take long: drawing costs more than what it takes here. */
  private yielding = 1;

  /** Draws it from now on; returns the end of that. */
  add(drawable: Drawable): () => void {
    this.drawables.add(drawable);
    if (this.frame === 0) this.frame = requestAnimationFrame(this.turn);
    return () => {
      this.drawables.delete(drawable);
      if (this.drawables.size > 0 || this.frame === 0) return;
      cancelAnimationFrame(this.frame);
      this.frame = 0;
    };
  }

  /** How many times rarer than they like charts are drawn. */
  get pace(): number {
    return Math.max(1, this.share / shareAllowed) * this.yielding;
  }

  private readonly turn = (): void => {
    this.frame = requestAnimationFrame(this.turn);
    const began = performance.now();
    const due = [...this.drawables]
      .map((drawable) => ({ drawable, overdue: drawable.overdue(began, this.pace) }))
      .filter(({ overdue }) => overdue > 0)
      .sort((left, right) => right.overdue - left.overdue);
    for (const { drawable } of due) {
      drawable.draw(began);
      if (performance.now() - began > frameBudget) break;
    }
    const spent = performance.now() - began;
    const elapsed = Math.min(second, Math.max(1, began - this.before));
    this.before = began;
    // Up at once, down slowly; a single long frame, or a page that was not seen, says nothing.
    if (elapsed < second) this.yielding = Math.min(rarest, Math.max(1, this.yielding * (elapsed > longFrame ? 1.06 : 0.99)));
    const weight = elapsed / (2 * second);
    this.share += (Math.min(1, spent / elapsed) - this.share) * weight;
  };
}

/** The one loop of a console. */
export function createDrawingLoop(): DrawingLoop {
  return new DrawingLoop();
}
