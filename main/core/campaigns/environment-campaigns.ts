/**
 * The campaigns of one environment as this core sees them: their store, whether it coordinates them, and its own worker for scenarios. Held open
 * for as long as a campaign goes on or somebody looks.
 */
import { randomInt } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import { forecast, type Forecast } from '#shared/campaign/forecast.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { Ownership, type Owned } from '#shared/disposable.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { WorkAnswer, WorkRequest } from '#shared/protocol/work.ts';
import type { BlobStore } from '../delivery/ports.ts';
import type { ActiveCampaign } from './coordination/active-campaign.ts';
import { Coordinator } from './coordination/coordinator.ts';
import { Leadership } from './coordination/leadership.ts';
import { ListingDesk } from './coordination/listing-desk.ts';
import { ScenarioWorker, type ScenarioDesk } from './coordination/scenario-worker.ts';
import { keepServers, tellRefused, type ServerDesk, type ServerKeeping } from './coordination/servers.ts';
import { LiveResults } from './export/live-results.ts';
import type { TestHistory } from './history/test-history.ts';
import { folded, recordsOf } from './ledger-reading.ts';
import type { CampaignStore } from './ports.ts';
import type { CoordinatorKnowledge } from './view/campaign-view.ts';
import { sampledWaits, WaitsTeller } from './waits-teller.ts';

/** Scenarios that the core executes at once. */
const scenarioSlots = 4;
/** ms for which a forecast is given again. */
const forecastAge = 1_000;

export interface EnvironmentCampaignsParts {
  readonly environment: EnvironmentName;
  readonly store: CampaignStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  /** Names this core among those that may coordinate. */
  readonly core: string;
  readonly servers: ServerDesk;
  readonly scenarios: ScenarioDesk;
  readonly history: TestHistory;
  /** Told when a campaign was taken, or has ended. */
  readonly changed: () => void;
  readonly report: (problem: Problem) => void;
}

export class EnvironmentCampaigns implements Owned {
  readonly store: CampaignStore;
  readonly blobs: BlobStore;
  readonly history: TestHistory;
  readonly environment: EnvironmentName;
  private readonly parts: EnvironmentCampaignsParts;
  private readonly leadership: Leadership;
  private isCandidate = false;
  private readonly ownership = new Ownership();
  /** Aborted when this core does not coordinate any more: then its servers are another one's. */
  private coordination = new AbortController();
  private readonly keeping: ServerKeeping;
  private readonly forecasts = new Map<CampaignId, { readonly at: number; readonly forecast: Forecast | null }>();
  private readonly scenarioWorker: ScenarioWorker;
  private readonly results = new Set<LiveResults>();

  constructor(parts: EnvironmentCampaignsParts) {
    this.parts = parts;
    this.store = parts.store;
    this.blobs = parts.blobs;
    this.history = parts.history;
    this.environment = parts.environment;
    const { clock, report, environment, scenarios, core } = parts;
    this.keeping = { clock, core, desk: parts.servers };
    this.leadership = new Leadership({
      store: parts.store,
      clock,
      core,
      report,
      coordinate: () => this.coordinate(),
      taken: (campaign) => this.begin(campaign),
      refuses: (campaign) => tellRefused(campaign, this.keeping),
    });
    this.ownership.own(() => this.parts.store.dispose());
    this.ownership.own(this.leadership);
    this.ownership.own(
      this.leadership.onChange((coordinator) => {
        if (coordinator) return;
        this.coordination.abort();
        this.coordination = new AbortController();
        this.leaveResults([...this.results]);
      }),
    );
    this.ownership.own(async () => {
      for (const each of this.results) await each.dispose();
    });
    this.scenarioWorker = new ScenarioWorker({
      clock,
      environment,
      slots: scenarioSlots,
      desk: scenarios,
      ask: (request) => this.answer(request),
      report,
    });
    this.ownership.own(this.scenarioWorker);
    this.ownership.own(new WaitsTeller(clock, () => this.coordinator));
  }

  get name(): EnvironmentName {
    return this.parts.environment;
  }

  get coordinator(): Coordinator | null {
    return this.leadership.current;
  }

  onCoordinator(listener: () => void): () => void {
    return this.leadership.onChange(listener);
  }

  /** Answers a worker; null where this core does not coordinate, so that the worker asks again. */
  async answer(request: WorkRequest): Promise<WorkAnswer | null> {
    return (await this.coordinator?.answer(request)) ?? null;
  }

  /** From now on this core coordinates, whenever nobody else does. Resolves when it has looked for the seat. */
  async lead(): Promise<void> {
    if (!this.isCandidate) {
      this.isCandidate = true;
      this.leadership.begin();
    }
    await this.look();
  }

  /** Looks for new campaigns now, and has their scenarios begun. */
  async look(): Promise<void> {
    await this.leadership.now();
    this.scenarioWorker.nudge();
  }

  active(id: CampaignId): ActiveCampaign | undefined {
    return this.coordinator?.campaign(id);
  }

  /** The state of any campaign: of one that is coordinated here as it is decided, of any other as its ledger has it. */
  async state(id: CampaignId): Promise<CampaignState> {
    const active = this.active(id);
    if (active) return active.state;
    return folded(this.records(id));
  }

  /** Its ledger from the first record on, as far as it is durable. */
  records(id: CampaignId): AsyncIterable<readonly CampaignRecord[]> {
    return recordsOf(this.store.ledgers, id);
  }

  /** What only a coordinator knows of a campaign; null: another core is its coordinator. */
  knowledge(id: CampaignId): CoordinatorKnowledge | null {
    const { coordinator } = this;
    const campaign = coordinator?.campaign(id);
    if (!coordinator || !campaign) return null;
    const waits = sampledWaits(campaign, coordinator, this.parts.clock.now());
    // While nothing can be executed, no time can be given.
    const isStill = campaign.state.leases.size === 0 && waits.length > 0;
    return { forecast: isStill ? null : this.forecast(campaign, coordinator), waits, problems: [] };
  }

  async dispose(): Promise<void> {
    this.coordination.abort();
    await this.ownership.dispose();
  }

  private coordinate(): Coordinator {
    const { clock, blobs, history, report } = this.parts;
    const listing = new ListingDesk((hash, offset, length) => blobs.read(hash, offset, length), history);
    // A campaign that somebody else wrote into is read anew: by this core, or by the one that has the seat now.
    const told = (problem: Problem): void => void (problem.code === 'deposed' || report(problem));
    return new Coordinator({ clock, listing, durations: history.durations, report: told });
  }

  private begin(campaign: ActiveCampaign): void {
    keepServers(campaign, this.keeping, this.coordination.signal);
    this.writeResults(campaign);
    this.parts.changed();
    const forget = campaign.onChange(() => {
      if (!campaign.state.end) return;
      forget();
      this.parts.changed();
      this.parts.history.learn(campaign.state).catch(() => undefined);
    });
  }

  /** Results that somebody waits for while it goes on; the core that decides writes them. */
  private writeResults({ id, state }: ActiveCampaign): void {
    if (!state.plan?.results) return;
    const { store, blobs } = this;
    const { clock, report } = this.parts;
    const results: LiveResults = new LiveResults({
      id,
      state,
      ledgers: store.ledgers,
      blobs,
      clock,
      report,
      finished: () => this.leaveResults([results]),
    });
    this.results.add(results);
  }

  private leaveResults(all: readonly LiveResults[]): void {
    for (const each of all) {
      this.results.delete(each);
      void each.dispose().catch((failure: unknown) => this.parts.report(problemOf(failure)));
    }
  }

  private forecast(campaign: ActiveCampaign, coordinator: Coordinator): Forecast | null {
    const now = this.parts.clock.now();
    const known = this.forecasts.get(campaign.id);
    if (known && now - known.at < forecastAge) return known.forecast;
    const slots = coordinator.workers.all().reduce((sum, { offer }) => sum + offer.slots, 0);
    const random = (): number => randomInt(2 ** 32) / 2 ** 32;
    const made =
      campaign.state.planningFinished === null
        ? null
        : forecast({ state: campaign.state, durations: coordinator.scheduler.durations, slots, now, random });
    this.forecasts.set(campaign.id, { at: now, forecast: made });
    return made;
  }
}
