/** When each epoch of a daemon was last heard to be alive: it told that it is present, or answered a question. */
import type { Epoch } from '#shared/identifiers.ts';
import type { Presence } from '#shared/protocol/observations.ts';
import type { Clock } from '#platform/clock.ts';
import { RecentMap } from '#shared/recent-map.ts';

/** Epochs that are remembered. */
const maximumEpochs = 8;

export class Voices {
  private readonly clock: Clock;
  private readonly heard = new RecentMap<Epoch, number>(maximumEpochs);
  private last: Presence | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  note(epoch: Epoch): void {
    this.heard.set(epoch, this.clock.monotonic());
  }

  /** Whether one daemon would not say this: it never goes back to an epoch that another one followed, or to a lower number. */
  isContradiction(presence: Presence): boolean {
    const { last } = this;
    this.last = presence;
    return last?.epoch === presence.epoch ? presence.sequence < last.sequence : this.heard.has(presence.epoch);
  }

  /** ms; Infinity for an epoch that was never heard. */
  silenceOf(epoch: Epoch): number {
    const heard = this.heard.get(epoch);
    return heard === undefined ? Infinity : this.clock.monotonic() - heard;
  }
}
