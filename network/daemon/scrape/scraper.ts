/** Asks one exporter for its metrics at an interval and reports them; `up` tells whether it answered. */
import { every } from '#platform/clock.ts';
import { z } from 'zod';
import { problemOf } from '#shared/problem.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import type { CheckedTarget, Collector, CollectorKind, CollectorParts, CollectorTarget } from '../collector.ts';
import { pathText } from '#platform/configuration/explain.ts';
import { duration, integer, section, text, url } from '#platform/configuration/leaves.ts';
import { componentName } from '../configuration/daemon-leaves.ts';
import type { Finding } from '../configuration/finding.ts';
import { globMatcher } from '../name-glob.ts';
import { parseExposition, type ExposedSample, type Exposition } from './exposition.ts';
import { fetchText } from './fetch-text.ts';

export interface ScrapeConfiguration extends CollectorTarget {
  readonly url: string;
  /** ms */
  readonly timeout: number;
  /** Globs over metric names. */
  readonly metrics: readonly string[];
  readonly maximumSeries: number;
}

const scrapeSection = z
  .array(
    section({
      component: componentName,
      url: url(['http', 'https'], 'http://127.0.0.1:9121/metrics'),
      interval: duration('100ms', '1h').default(5_000),
      timeout: duration('50ms', '5m').default(2_000),
      metrics: z.array(text(256)).min(1).max(1_000).default(['*']),
      maximumSeries: integer(1, 50_000).default(5_000),
    }),
  )
  .max(100)
  .default([]);

export const scrapeCollector: CollectorKind<ScrapeConfiguration, typeof scrapeSection> = {
  section: scrapeSection,
  check: checkScrape,
  create: (target, parts) => new Scraper({ target, ...parts }),
};

function checkScrape(target: ScrapeConfiguration, { path, targets }: CheckedTarget<ScrapeConfiguration>): readonly Finding[] {
  const told: Finding[] = [];
  if (target.timeout > target.interval) {
    const message = `${pathText(path)} waits longer for an answer (timeout) than its interval.`;
    told.push({ path: [...path, 'timeout'], code: 'timeout-over-interval', message, tip: 'Give it a timeout below the interval.' });
  }
  if (targets.find(({ component }) => component === target.component) !== target) {
    const message = `Another exporter is scraped for ${target.component} already, so their series could not be told apart.`;
    told.push({ path: [...path, 'component'], code: 'duplicate-component', message, tip: 'Give each target a component of its own.' });
  }
  return told;
}

export interface ScraperOptions extends CollectorParts {
  readonly target: ScrapeConfiguration;
}

export class Scraper implements Collector {
  private readonly options: ScraperOptions;
  private readonly wants: (metric: string) => boolean;
  private readonly cancelled = new AbortController();
  private stopTicking: (() => void) | undefined;
  private scraping: Promise<void> | undefined;
  /** Series that had a value the last time. */
  private present = new Set<number>();
  /** Whether it answered the last time; undefined before the first. */
  private answered: boolean | undefined;
  private omissionTold = false;
  private garbageTold = false;

  constructor(options: ScraperOptions) {
    this.options = options;
    this.wants = globMatcher(options.target.metrics);
  }

  /** Asks at once, without waiting for the answer, and then at the interval. */
  start(): void {
    this.begin();
    this.stopTicking = every(this.options.clock, this.options.target.interval, () => this.begin());
  }

  async dispose(): Promise<void> {
    this.stopTicking?.();
    this.cancelled.abort();
    await this.scraping;
  }

  private begin(): void {
    this.scraping ??= this.scrape().finally(() => {
      this.scraping = undefined;
    });
  }

  private async scrape(): Promise<void> {
    const { url, timeout, maximumSeries } = this.options.target;
    const asked = this.options.clock.now();
    try {
      const text = await fetchText(url, timeout, this.cancelled.signal);
      const exposition = parseExposition(text, { wants: this.wants, maximumSamples: maximumSeries });
      this.tellOdds(exposition);
      this.report(asked, exposition.samples, true);
      if (this.answered === false) this.notice('scrape-recovered', 'info', `${shownUrl(url)} answers again.`);
      this.answered = true;
    } catch (failure) {
      if (this.cancelled.signal.aborted) return;
      const { message, tip } = problemOf(failure);
      this.report(asked, [], false);
      if (this.answered !== false)
        this.notice('scrape-failed', 'warning', `${shownUrl(url)} gives no metrics: ${message}. ${tip ?? ''}`.trim());
      this.answered = false;
    }
  }

  /** The time is that of asking: what an exporter tells it counted by then at the latest. */
  private report(time: number, samples: readonly ExposedSample[], up: boolean): void {
    const { target, reporter } = this.options;
    const values = new Map<number, number>();
    for (const { series, value, kind, help, unit, metric } of samples) {
      values.set(reporter.declare(target.component, series, unitOf(metric, unit), kind, help), value);
    }
    const gone = [...this.present].filter((series) => !values.has(series)).map((series) => ({ series, value: Number.NaN }));
    this.present = new Set(values.keys());
    const alive = {
      series: reporter.declare(target.component, 'up', 'none', 'gauge', 'Whether the exporter answered: 1 or 0.'),
      value: up ? 1 : 0,
    };
    const all = [...values].map(([series, value]) => ({ series, value }));
    reporter.samples(time, [
      ...all.filter(({ series }) => series !== alive.series),
      ...gone.filter(({ series }) => series !== alive.series),
      alive,
    ]);
  }

  private tellOdds({ unreadable, omitted, samples }: Exposition): void {
    const { url, maximumSeries } = this.options.target;
    if (omitted > 0 && !this.omissionTold) {
      this.omissionTold = true;
      const text = `${shownUrl(url)} exposes ${samples.length + omitted} series; those after the first ${maximumSeries} are left out. Narrow metrics, or raise maximumSeries.`;
      this.notice('scrape-too-many-series', 'warning', text);
    }
    if (unreadable > 0 && !this.garbageTold) {
      this.garbageTold = true;
      const text = `${shownUrl(url)} answered ${unreadable} lines that are no metrics; they are left out. Look whether the url is that of the metrics.`;
      this.notice('scrape-unreadable', 'warning', text);
    }
  }

  private notice(code: string, severity: 'info' | 'warning', text: string): void {
    const { clock, reporter, target } = this.options;
    reporter.event({ kind: 'notice', time: clock.now(), severity, code, text: text.slice(0, 1_000), component: target.component });
  }
}

/** Without user, password and query, which may hold secrets. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** The unit as the exporter or the name tells it, where it is one of ours without converting the value. */
export function unitOf(metric: string, told: string | undefined): Unit {
  const base = metric.replace(/_(total|sum)$/, '');
  if (told === 'bytes' || base.endsWith('_bytes')) return 'bytes';
  if (told === 'milliseconds' || base.endsWith('_milliseconds') || base.endsWith('_ms')) return 'ms';
  if (base.endsWith('_percent')) return '%';
  return /_(total|count|bucket)$/.test(metric) && !base.endsWith('_seconds') ? 'count' : 'none';
}
