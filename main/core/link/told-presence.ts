/** What was told of a daemon's presence last, and so what is news. */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { Catalogue } from '#shared/protocol/observations.ts';
import type { DaemonView, LinkNews } from '../ports.ts';
import type { PresenceState } from '#shared/run/records.ts';

/** ms by which the estimate of a clock's offset changes before it is told again. */
const notableOffset = 50;

interface Telling {
  readonly state: PresenceState;
  readonly epoch: Epoch | null;
  readonly clockOffset: number | null;
  readonly catalogue: Catalogue | null;
  /** ms since 1970: of a lost daemon, or of one that comes back or was started anew; null: it was heard all the time. */
  readonly lastSign: number | null;
}

export class ToldPresence {
  state: DaemonView['state'] = 'never seen';
  private offset: number | null = null;
  /** The epoch that was told with its components. */
  private epoch: Epoch | null = null;

  /** Whether the clock of a daemon that is there moved since it was told; small changes of the estimate are no news. */
  isOutdated(offset: number | null): boolean {
    return this.state === 'present' && offset !== null && (this.offset === null || Math.abs(offset - this.offset) > notableOffset);
  }

  /** The news. What was started anew is told with the states in which it found its components. */
  news(daemon: DaemonName, { state, epoch, clockOffset, catalogue, lastSign }: Telling): LinkNews {
    this.state = state;
    this.offset = clockOffset;
    const components = catalogue?.components.map(({ name }) => name);
    const isNew = catalogue !== null && catalogue.epoch === epoch && this.epoch !== null && this.epoch !== epoch;
    if (catalogue?.epoch === epoch) this.epoch = epoch;
    return {
      kind: 'presence',
      daemon,
      state,
      epoch,
      clockOffset,
      ...(lastSign !== null && { lastSign }),
      ...(components && { components }),
      ...(isNew && { states: catalogue.states }),
    };
  }
}
