/**
 * Numbers everything the daemon tells: batches of events and frames of samples share one sequence per epoch. Whoever
 * reads sees every gap, and nothing reaches the network that is not in the spool too.
 */
import type { ComponentName, Epoch } from '#shared/identifiers.ts';
import type { Catalogue, DaemonEvent } from '#shared/protocol/observations.ts';
import { encodeSampleFrame, maximumFrameValues } from '#shared/protocol/sample-frame.ts';
import type { SeriesDeclaration, Unit } from '#shared/telemetry/series.ts';
import { ColumnSets } from './column-sets.ts';
import type { Reporter } from '../ports.ts';
import type { SpoolRecord } from '../spool/spool-segment.ts';

export interface ReporterOptions {
  readonly epoch: Epoch;
  readonly softwareVersion: string;
  readonly configurationHash: string;
  /** ms since 1970 */
  readonly now: () => number;
  /** Takes each record, in order of sequence: to the spool and to the router. */
  readonly onRecord: (record: SpoolRecord) => void;
}

/** ms that an event which is not urgent may wait for others. */
const batchDelay = 50;
/** A batch leaves before it could exceed the router's payload limit (1 MiB), whatever the last event adds. */
const batchBytes = 256 * 1024;
const batchEvents = 2_000;
const seriesPerDeclaration = 500;
const maximumSeries = 200_000;
/** What `declare` answers when no more series fit; its samples are dropped. */
const noSeries = 0xffff_ffff;

type Sample = Parameters<Reporter['samples']>[1][number];

function isUrgent(event: DaemonEvent): boolean {
  return (
    event.kind === 'state' || event.kind.startsWith('component-') || event.kind.startsWith('command-') || event.kind === 'epoch-started'
  );
}

/** The daemon's one reporter. */
export class RecordReporter implements Reporter {
  private readonly options: ReporterOptions;
  private readonly columns = new ColumnSets();
  private readonly seriesByName = new Map<string, number>();
  private readonly declarations: SeriesDeclaration[] = [];
  private undeclared: SeriesDeclaration[] = [];
  private lastSequence = 0;
  private pending: string[] = [];
  private pendingBytes = 0;
  private urgentPending = false;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private seriesRefused = false;
  private disposed = false;

  constructor(options: ReporterOptions) {
    this.options = options;
    const { softwareVersion, configurationHash } = options;
    this.event({ kind: 'epoch-started', time: options.now(), softwareVersion, configurationHash });
    this.flush();
  }

  /** Last sequence number used. */
  get sequence(): number {
    return this.lastSequence;
  }

  /** Grows with every series and every column set. */
  get declarationCount(): number {
    return this.declarations.length + this.columns.declared.length;
  }

  /** Series and column sets declared in this epoch, as the catalogue lists them. */
  get declared(): Pick<Catalogue, 'series' | 'columns'> {
    return { series: this.declarations, columns: this.columns.declared.map((set) => ({ id: set.id, series: [...set.series] })) };
  }

  event(event: DaemonEvent): void {
    if (this.disposed) return;
    this.push(event);
    if (isUrgent(event)) {
      this.urgentPending = true;
      // At once, but together with what the same turn of the event loop still tells (the lines of one read).
      this.immediate ??= setImmediate(() => this.flush());
    } else this.timer ??= setTimeout(() => this.flush(), batchDelay);
  }

  declare(component: ComponentName, metric: string, unit: Unit, kind: SeriesDeclaration['kind'], help?: string): number {
    const name = `${component}\n${metric}`;
    const known = this.seriesByName.get(name);
    if (known !== undefined) return known;
    if (this.declarations.length >= maximumSeries) return this.refuseSeries(component);
    const series = {
      id: this.declarations.length,
      component,
      metric,
      unit,
      kind,
      ...(help === undefined ? {} : { help: help.slice(0, 500) }),
    };
    this.seriesByName.set(name, series.id);
    this.declarations.push(series);
    this.undeclared.push(series);
    return series.id;
  }

  samples(time: number, values: readonly Sample[]): void {
    if (this.disposed) return;
    const known = values.every((each) => each.series < this.declarations.length);
    const accepted = known ? values : values.filter((each) => each.series < this.declarations.length);
    for (let start = 0; start < accepted.length; start += maximumFrameValues) {
      this.frame(time, accepted.length <= maximumFrameValues ? accepted : accepted.slice(start, start + maximumFrameValues));
    }
  }

  /** Sends what waits. */
  flush(): void {
    this.declareSeries();
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    this.timer = undefined;
    this.immediate = undefined;
    this.urgentPending = false;
    this.sendBatch();
  }

  /** Sends what waits and takes nothing any more. */
  dispose(): void {
    this.flush();
    this.disposed = true;
  }

  private frame(time: number, values: readonly Sample[]): void {
    const { set, isNew } = this.columns.match(values);
    if (set && isNew) this.push({ kind: 'columns-declared', time, columns: set.id, series: [...set.series] });
    // Declarations come before what they declare, and what is urgent is not overtaken.
    if (isNew || this.undeclared.length > 0 || this.urgentPending) this.flush();
    const base = {
      epoch: this.options.epoch,
      sequence: this.lastSequence + 1,
      time,
      values: Float64Array.from(values, (each) => each.value),
    };
    const frame = set
      ? encodeSampleFrame({ kind: 'dense', ...base, columns: set.id })
      : encodeSampleFrame({ kind: 'pairs', ...base, series: Uint32Array.from(values, (each) => each.series) });
    this.record('samples', frame);
  }

  private declareSeries(): void {
    const waiting = this.undeclared;
    this.undeclared = [];
    for (let start = 0; start < waiting.length; start += seriesPerDeclaration) {
      this.push({ kind: 'series-declared', time: this.options.now(), series: waiting.slice(start, start + seriesPerDeclaration) });
    }
  }

  private push(event: DaemonEvent): void {
    const text = JSON.stringify(event);
    const bytes = Buffer.byteLength(text);
    if (this.pending.length > 0 && (this.pendingBytes + bytes > batchBytes || this.pending.length >= batchEvents)) this.sendBatch();
    this.pending.push(text);
    this.pendingBytes += bytes;
  }

  private sendBatch(): void {
    if (this.pending.length === 0) return;
    const text = `{"epoch":"${this.options.epoch}","sequence":${this.lastSequence + 1},"events":[${this.pending.join(',')}]}`;
    this.pending = [];
    this.pendingBytes = 0;
    this.record('events', Buffer.from(text));
  }

  private record(kind: SpoolRecord['kind'], bytes: Uint8Array): void {
    this.lastSequence++;
    this.options.onRecord({ kind, sequence: this.lastSequence, time: this.options.now(), bytes });
  }

  private refuseSeries(component: ComponentName): number {
    if (!this.seriesRefused) {
      this.seriesRefused = true;
      const text = `More than ${maximumSeries} series; further ones are not recorded. Narrow "metrics" of the scrape targets.`;
      this.event({ kind: 'notice', time: this.options.now(), severity: 'error', code: 'too-many-series', text, component });
    }
    return noSeries;
  }
}
