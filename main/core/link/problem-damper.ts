/** Tells problems without flooding: of one kind the first at once, then at most one every few seconds with a count of the others. */
import type { Owned } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';
import type { Clock } from '#platform/clock.ts';
import { countText } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';

/** ms */
const pause = 5_000;
const maximumKinds = 200;

export class ProblemDamper implements Owned {
  private readonly clock: Clock;
  private readonly tell: (problem: Problem) => void;
  private readonly kinds = new Map<string, { suppressed: number; latest: Problem; readonly cancel: () => void }>();

  constructor(clock: Clock, tell: (problem: Problem) => void) {
    this.clock = clock;
    this.tell = tell;
  }

  report(problem: Problem): void {
    // Numbers vary from one to the next of the same kind; they do not make it another problem.
    const kind = `${problem.code} ${problem.message.replaceAll(/\d+/g, '#')}`;
    const known = this.kinds.get(kind);
    if (known) {
      known.suppressed++;
      known.latest = problem;
      return;
    }
    if (this.kinds.size >= maximumKinds) return;
    this.open(kind, problem);
    this.tell(problem);
  }

  dispose(): void {
    for (const { cancel } of this.kinds.values()) cancel();
    this.kinds.clear();
  }

  private open(kind: string, problem: Problem): void {
    const cancel = this.clock.after(pause, () => this.close(kind));
    this.kinds.set(kind, { suppressed: 0, latest: problem, cancel });
  }

  private close(kind: string): void {
    const entry = this.kinds.get(kind);
    this.kinds.delete(kind);
    if (!entry || entry.suppressed === 0) return;
    this.open(kind, entry.latest);
    this.tell({
      ...entry.latest,
      message: `${entry.latest.message} (${countText(entry.suppressed)} more of this kind in ${durationText(pause)})`,
    });
  }
}
