/** The series that every watched process has. */
import type { ComponentName } from '#shared/identifiers.ts';
import type { SeriesDeclaration, Unit } from '#shared/telemetry/series.ts';
import type { Reporter } from '../ports.ts';
import type { ProcessSample } from './process-reader.ts';

interface Form {
  readonly metric: string;
  readonly unit: Unit;
  readonly kind: SeriesDeclaration['kind'];
  readonly help: string;
}

export const processMetrics: readonly Form[] = [
  { metric: 'rss', unit: 'bytes', kind: 'gauge', help: 'Memory of the process that is in RAM.' },
  { metric: 'cpu', unit: '%', kind: 'gauge', help: 'CPU time used, of one core: two busy threads are 200.' },
  { metric: 'threads', unit: 'count', kind: 'gauge', help: 'Threads of the process.' },
  { metric: 'open_files', unit: 'count', kind: 'gauge', help: 'Open file descriptors: files, sockets, pipes.' },
  { metric: 'uptime', unit: 'ms', kind: 'gauge', help: 'Time since the process started.' },
];

export interface Value {
  readonly series: number;
  readonly value: number;
}

export class ProcessSeries {
  private readonly component: ComponentName;
  private readonly reporter: Reporter;
  private series: readonly number[] | undefined;
  private lastLook = Number.NEGATIVE_INFINITY;
  private lastCpuTime = Number.NaN;

  constructor(component: ComponentName, reporter: Reporter) {
    this.component = component;
    this.reporter = reporter;
  }

  isDue(now: number, interval: number): boolean {
    // Half a liveness interval of slack, so that a timer that fires a little early does not skip a turn.
    return now - this.lastLook >= interval - 50;
  }

  /** `now` is monotonic, in ms. CPU use is that since the last look; there is none at the first. */
  values(sample: ProcessSample, now: number): readonly Value[] {
    const cpu = sample.cpuShare ?? (100 * (sample.cpuTime - this.lastCpuTime)) / (now - this.lastLook);
    this.lastLook = now;
    this.lastCpuTime = sample.cpuTime;
    const values = [sample.rss, Math.max(0, cpu), sample.threads, sample.openFiles, sample.uptime];
    this.series ??= processMetrics.map(({ metric, unit, kind, help }) => this.reporter.declare(this.component, metric, unit, kind, help));
    return this.series.flatMap((series, index) => {
      const value = values[index] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [{ series, value }];
    });
  }

  /** Another process: its CPU time starts anew. */
  restart(): void {
    this.lastLook = Number.NEGATIVE_INFINITY;
    this.lastCpuTime = Number.NaN;
  }

  /** No value any more, told once. */
  gone(): readonly Value[] {
    this.restart();
    return this.series?.map((series) => ({ series, value: Number.NaN })) ?? [];
  }
}
