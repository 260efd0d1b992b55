/** Answers `core.metrics`: the state of the core and of its open environments, for monitoring systems. */
import type { FedEnvironments } from '../telemetry/environment-feed.ts';
import type { EnvironmentPool, Lease } from '../environments/access.ts';
import type { MethodTable } from '../contract/method-tables.ts';
import type { Clock } from '#platform/clock.ts';
import { campaignMetrics, type ToldCampaigns } from './campaign-families.ts';
import { CoreHealth, coreFamilies, type CoreHealthParts } from './core-health.ts';
import { environmentMetrics, LiveNames } from './live-families.ts';
import { Scrape } from './scrape.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf, type Problem } from '#shared/problem.ts';

export interface MetricsParts extends CoreHealthParts {
  readonly environments: EnvironmentPool;
  readonly source: FedEnvironments;
  readonly clock: Clock;
  readonly campaigns: () => Promise<ToldCampaigns>;
  readonly report: (problem: Problem) => void;
}

/** ms for which an environment stays open after a scrape that named it. */
const keptOpen = 60_000;
/** ms that the first scrape waits for an environment to open. */
const openingPatience = 3_000;

interface Kept {
  readonly lease: Promise<Lease | null>;
  cancel: () => void;
}

export class MetricsService implements Owned {
  readonly methods: MethodTable<'core.metrics'>;
  private readonly parts: MetricsParts;
  private readonly health: CoreHealth;
  private readonly names = new LiveNames();
  private readonly kept = new Map<string, Kept>();
  private readonly told = new Set<string>();

  constructor(parts: MetricsParts) {
    this.parts = parts;
    this.health = new CoreHealth(parts);
    this.methods = { 'core.metrics': async ({ environmentFiles }) => ({ text: await this.scrape(environmentFiles) }) };
  }

  dispose(): void {
    this.health.dispose();
    for (const file of this.kept.keys()) this.leave(file);
  }

  private async scrape(files: readonly string[]): Promise<string> {
    const opening = Promise.all(files.map((file) => this.keep(file)));
    await Promise.race([opening, new Promise<void>((resolve) => this.parts.clock.after(openingPatience, resolve))]);
    const scrape = new Scrape();
    await this.health.tell(scrape);
    const environments = this.parts.source.opened().map((environment) => ({
      environment,
      series: this.parts.source.feedOf(environment.link).telemetry.list(),
    }));
    scrape.add(coreFamilies.seriesOmitted, {}, environmentMetrics(scrape, environments, this.names));
    campaignMetrics(scrape, await this.parts.campaigns(), this.parts.clock.now());
    return scrape.text();
  }

  /** Keeps an environment open from now on, or for longer. One that cannot be opened is tried again by the next scrape. */
  private keep(file: string): Promise<Lease | null> {
    const known = this.kept.get(file);
    known?.cancel();
    const lease = known?.lease ?? this.open(file);
    this.kept.set(file, { lease, cancel: this.parts.clock.after(keptOpen, () => this.leave(file)) });
    return lease;
  }

  private open(file: string): Promise<Lease | null> {
    return this.parts.environments.lease(file).then(
      (lease) => {
        this.told.delete(file);
        return lease;
      },
      (failure: unknown) => {
        this.kept.get(file)?.cancel();
        this.kept.delete(file);
        // Said once, and again only after it was open meanwhile: a scrape comes every few seconds.
        if (!this.told.has(file)) this.parts.report({ ...problemOf(failure), severity: 'warning' });
        this.told.add(file);
        return null;
      },
    );
  }

  /** Gives an environment back; one that is still being opened, when it is open. */
  private leave(file: string): void {
    const kept = this.kept.get(file);
    this.kept.delete(file);
    kept?.cancel();
    void kept?.lease.then((lease) => lease?.release());
  }
}
