/** What the parts of a link share. */
import type { DaemonName } from '#shared/identifiers.ts';
import type { Catalogue, DaemonEvent } from '#shared/protocol/observations.ts';
import type { LinkNews } from '../ports.ts';
import type { LinkLimits } from './limits.ts';
import type { Readings } from './readings.ts';
import type { ByteBudget } from './sequence-tracker.ts';
import type { SpoolAccess } from './spool-request.ts';

export interface LinkContext extends SpoolAccess {
  readonly limits: LinkLimits;
  readonly budget: ByteBudget;
  readonly readings: Readings;
  /** ms since 1970, core's clock. */
  readonly openedAt: number;
  emit(news: LinkNews): void;
  /** Whether the router is connected now. */
  connected(): boolean;
  /** For those who wait for the end of commands. */
  catalogueTaken(catalogue: Catalogue): void;
  eventsTaken(daemon: DaemonName, events: readonly DaemonEvent[]): void;
}
