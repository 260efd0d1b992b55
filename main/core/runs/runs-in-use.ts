/** Which archived runs this core is busy with for somebody: packing them, or showing them. Retention leaves those alone. */
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { RecentMap } from '#shared/recent-map.ts';

/** ms for which a run counts as looked at after its log or its samples were last read for a console. */
export const lookingTime = 5 * 60_000;
/** Looks that are remembered; older ones than these matter to nobody. */
const mostLooks = 1_000;

export class RunsInUse {
  private readonly exports = new Map<RunId, number>();
  private readonly looks = new RecentMap<RunId, number>(mostLooks);
  private readonly now: () => number;

  /** `now`: ms that never step back. */
  constructor(now: () => number) {
    this.now = now;
  }

  /** A console was shown something of a run. */
  looked(run: RunId): void {
    this.looks.set(run, this.now());
  }

  /** Does something to a run that must not go away meanwhile. */
  async whileExported<T>(run: RunId, work: () => Promise<T>): Promise<T> {
    this.exports.set(run, (this.exports.get(run) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.exports.get(run) ?? 1) - 1;
      if (left === 0) this.exports.delete(run);
      else this.exports.set(run, left);
    }
  }

  useOf(run: RunId): 'export' | 'look' | null {
    if (this.exports.has(run)) return 'export';
    const look = this.looks.get(run);
    return look !== undefined && this.now() - look < lookingTime ? 'look' : null;
  }

  /** Refuses to take away what is being packed. */
  assertNotExported(run: RunId): void {
    if (!this.exports.has(run)) return;
    throw new ProblemError({ code: 'run-exported', message: `The run ${run} is being exported.`, tip: 'Delete it when that is done.' });
  }
}
