/**
 * The seam inside the daemon: everything that observes (collectors, log tailers, scrapers, the executor) reports here;
 * the reporter numbers what it is told, spools it and publishes it.
 */
import type { ComponentName } from '#shared/identifiers.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import type { SeriesDeclaration, Unit } from '#shared/telemetry/series.ts';

export interface Reporter {
  /** Joins the next record of events. States, crashes and commands leave at once, the rest within 50 ms. */
  event(event: DaemonEvent): void;
  /** Number of a series; the same for the same component and metric, declared to readers before its first sample. */
  declare(component: ComponentName, metric: string, unit: Unit, kind: SeriesDeclaration['kind'], help?: string): number;
  /** Values observed together at one time (ms since 1970); they leave in one frame. NaN: no value now. */
  samples(time: number, values: readonly { readonly series: number; readonly value: number }[]): void;
}

/** What is known now of a component; the catalogue shows it. */
export interface ComponentView {
  readonly component: ComponentName;
  readonly state: string;
  readonly pid: number | null;
  /** ms since 1970 */
  readonly since: number;
}

/** What the executor may ask of and tell the component watcher. */
export interface ComponentControl {
  view(component: ComponentName): ComponentView | undefined;
  views(): readonly ComponentView[];
  /** The coming end of this process is wanted: report it as stopped, not as crashed. */
  expectStop(component: ComponentName): void;
  /** Looks again now instead of at the next interval (after a start, after a kill). */
  lookNow(component: ComponentName): Promise<ComponentView | undefined>;
  /** A process that the daemon itself started for this component; its exit status is reported when it ends. */
  adopt(
    component: ComponentName,
    pid: number,
    ended: Promise<{ readonly exitStatus: number | null; readonly signal: string | null }>,
  ): void;
}
