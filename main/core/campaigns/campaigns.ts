/**
 * The campaigns that this core takes part in, environment by environment. An environment is held open for as long as one of its campaigns goes on, or
 * this core was asked to attend it; campaigns that a core left behind are taken up at the next start.
 */
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { noStreamYet } from '#network/bus/jetstream.ts';
import type { Clock } from '#platform/clock.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { summaryOf } from './view/campaign-view.ts';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import type { Core, MethodResponse } from '#shared/contract/contract.ts';
import { Emitter, Ownership, type Owned } from '#shared/disposable.ts';
import { RecentMap } from '#shared/recent-map.ts';
import { environmentNameSchema, type EnvironmentName } from '#shared/identifiers.ts';
import { ProblemError, problemOf, type Problem } from '#shared/problem.ts';
import { serveBlobs } from '../delivery/blob-service.ts';
import { openBlobs } from '../delivery/blobs.ts';
import type { EnvironmentPool, EnvironmentSource } from '../environments/access.ts';
import { openCampaignStore } from './campaign-store.ts';
import { areCopies } from './copies.ts';
import { EnvironmentCampaigns } from './environment-campaigns.ts';
import { hearWorkers, workerFrom } from './coordination/heard-workers.ts';
import { KnownEnvironments } from './known-environments.ts';
import { LookedAt, type Look } from './looked-at.ts';
import { campaignWithoutPlan } from './ledger-problems.ts';
import type { MayRead } from '../workspace/scenario-folder.ts';
import { untrustedCode } from '../workspace/trust.ts';
import { serveWorkers } from './coordination/work-desk.ts';
import { TestHistory } from './history/test-history.ts';
import { openJournalStore } from './journal/journal-store.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { BlobStore } from '../delivery/ports.ts';
import { folded, recordsOf } from './ledger-reading.ts';
import { scenarioDesk } from './scenario-desk.ts';
import { serverDesk } from './server-desk.ts';

/** Campaigns that are over and are kept in memory; one of 100,000 tests takes about 100 MB. */
const keptStates = 2;

export interface CampaignsParts {
  readonly clock: Clock;
  readonly environments: EnvironmentPool;
  readonly source: EnvironmentSource;
  /** The core itself, in the name of an operator. */
  readonly core: (operator: string) => Core;
  /** Whether this core coordinates wherever it looks; one that answers a single command does only what it began itself. */
  readonly stays: boolean;
  /** What it is, for people who look for it: `console`, `campaign run`. */
  readonly purpose: string;
  /** Folder of the console's home. */
  readonly home: string;
  readonly report: (problem: Problem) => void;
  /** Which scenarios may be read; absent: any. */
  readonly mayRead?: MayRead;
}

/** A campaign as it is known here. */
export interface KnownCampaign {
  readonly state: CampaignState;
  /** null: its environment is not open, and this is read from what is on this machine. */
  readonly attended: EnvironmentCampaigns | null;
  /** Whether that is a copy which nothing keeps current. */
  readonly isCopy: boolean;
}

interface Journal {
  readonly id: CampaignId;
  readonly isCopy: boolean;
  readonly records: () => AsyncIterable<readonly CampaignRecord[]>;
  readonly read: () => Promise<CampaignState>;
  readonly remove: () => Promise<void>;
}

interface Attended {
  readonly campaigns: EnvironmentCampaigns;
  readonly ownership: Ownership;
}

export class Campaigns implements Owned {
  private readonly parts: CampaignsParts;
  /** Different for each core. */
  private readonly id = `core-${randomBytes(4).toString('hex')}`;
  private readonly attended = new Map<string, Promise<Attended>>();
  private readonly names = new Map<EnvironmentName, string>();
  private readonly changes = new Emitter<void>();
  /** Of campaigns that are over, which change no more: summaries of all, states of those that were looked at last. */
  private readonly summaries = new Map<CampaignId, CampaignSummary>();
  private readonly states = new RecentMap<CampaignId, CampaignState>(keptStates);
  /** Campaigns whose ledgers cannot be read, as was told. */
  private readonly unreadable = new Set<CampaignId>();
  readonly lookedAt: LookedAt;
  private readonly knownEnvironments: KnownEnvironments;
  private disposed = false;

  constructor(parts: CampaignsParts) {
    this.parts = parts;
    this.lookedAt = new LookedAt(this.folder);
    this.knownEnvironments = new KnownEnvironments(this.folder, parts.source);
  }

  /** Told when the list of campaigns, or where one stands, is not as it was. */
  onChange(listener: () => void): () => void {
    return this.changes.subscribe(listener);
  }

  /** Takes part in the campaigns of an environment from now on; `lead`: as one that may coordinate them. */
  async attend(environmentFile: string, lead = this.parts.stays): Promise<EnvironmentCampaigns> {
    const key = resolve(environmentFile);
    const opening = this.attended.get(key) ?? this.open(key);
    this.attended.set(key, opening);
    try {
      const { campaigns } = await opening;
      if (lead) await campaigns.lead();
      return campaigns;
    } catch (failure) {
      this.attended.delete(key);
      throw failure;
    }
  }

  /** Environments that are attended now. */
  async environments(): Promise<readonly EnvironmentCampaigns[]> {
    const found = await Promise.all([...this.attended.values()].map((opening) => opening.catch(() => null)));
    return found.flatMap((attended) => attended?.campaigns ?? []);
  }

  /** Where a campaign is; rejects for one that nobody knows. */
  async of(campaign: CampaignId): Promise<EnvironmentCampaigns> {
    for (const opening of this.attended.values()) {
      const found = await opening.catch(() => null);
      if (!found) continue;
      if (found.campaigns.active(campaign) || (await found.campaigns.store.ledgers.list()).includes(campaign)) return found.campaigns;
    }
    throw noCampaign(campaign);
  }

  /** The state of a campaign, also of one whose environment is not open: its journal is here. */
  async state(campaign: CampaignId): Promise<KnownCampaign> {
    const attended = await this.found(campaign);
    if (attended) return { state: await this.known(campaign, () => attended.state(campaign)), attended, isCopy: false };
    for await (const { id, isCopy, read } of this.journals()) {
      if (id === campaign) return { state: await this.known(id, read), attended: null, isCopy };
    }
    throw noCampaign(campaign);
  }

  /** Its ledger from the first record on, as far as it is durable. */
  async *records(campaign: CampaignId): AsyncIterable<readonly CampaignRecord[]> {
    const attended = await this.found(campaign);
    if (attended) return yield* attended.records(campaign);
    for await (const { id, records } of this.journals()) if (id === campaign) return yield* records();
    throw noCampaign(campaign);
  }

  /** Where its evidence is; null: it cannot be reached. */
  async blobsOf(campaign: CampaignId): Promise<BlobStore | null> {
    return (await this.found(campaign))?.blobs ?? null;
  }

  /** Where a campaign is; its environment is attended for it, where it is not yet. */
  async reach(campaign: CampaignId): Promise<EnvironmentCampaigns> {
    const { state, attended } = await this.state(campaign);
    if (attended) return attended;
    if (!state.plan) throw campaignWithoutPlan(campaign);
    return this.attend(await this.knownEnvironments.fileOf(state.plan));
  }

  /** Removes a campaign that is over; of an environment that is there no more, what is kept of it here. */
  async remove(campaign: CampaignId): Promise<void> {
    const environments = (await this.list()).flatMap((each) => (each.campaign === campaign ? [each.environment] : []));
    const attended = await this.reach(campaign).catch((failure: unknown) => {
      if (problemOf(failure).code === untrustedCode) throw failure;
      return null;
    });
    if (attended) await attended.store.ledgers.remove(campaign);
    else for await (const { id, remove } of this.journals()) if (id === campaign) await remove();
    for (const environment of environments) await this.lookedAt.say(environment, campaign, null);
    this.forget(campaign);
  }

  /** The workers of an environment: as its coordinator knows them, or as they are heard to ask another core for work. */
  async workers(environmentFile: string): Promise<MethodResponse<'workers.list'>> {
    const attended = await this.attend(environmentFile).catch((failure: unknown) => {
      // Where no campaign can be kept yet, workers ask for work all the same.
      if (problemOf(failure).code === noStreamYet) return null;
      throw failure;
    });
    const coordinator = attended?.coordinator;
    if (coordinator) return { workers: coordinator.workers.all().map(workerFrom), coordinator: 'this core' };
    const lease = await this.parts.environments.lease(environmentFile);
    try {
      const { router, description } = lease.environment;
      const holder = (await attended?.store.seat.holder().catch(() => null)) ?? null;
      const heard = router ? await hearWorkers(router.connection, description.name, this.parts.clock) : [];
      return { workers: [...heard], coordinator: holder };
    } finally {
      lease.release();
    }
  }

  /** All campaigns that this core knows, newest first. */
  async list(): Promise<readonly CampaignSummary[]> {
    const found = new Map<CampaignId, CampaignSummary>();
    for (const opening of this.attended.values()) {
      const attended = await opening.catch(() => null);
      for (const id of (await attended?.campaigns.store.ledgers.list()) ?? []) {
        const summary = attended && (await this.summary(id, () => attended.campaigns.state(id)));
        if (summary) found.set(id, summary);
      }
    }
    for await (const { id, isCopy, read } of this.journals()) {
      const summary = found.has(id) ? null : await this.summary(id, read, isCopy);
      if (summary) found.set(id, summary);
    }
    const looks = new Map<string, Awaited<ReturnType<LookedAt['of']>>>();
    for (const { environment } of found.values()) if (!looks.has(environment)) looks.set(environment, await this.lookedAt.of(environment));
    const told = [...found.values()].map((each) => ({ ...each, lookedAt: looks.get(each.environment)?.get(each.campaign) ?? null }));
    return told.toSorted((one, other) => other.startedAt - one.startedAt);
  }

  /** Says who has looked at a campaign; null: nobody. */
  async sayLooked(environment: string, campaign: CampaignId, look: Look | null): Promise<void> {
    await this.lookedAt.say(environment, campaign, look);
    this.changes.emit();
  }

  /** A campaign was removed. */
  forget(campaign: CampaignId): void {
    this.states.delete(campaign);
    this.summaries.delete(campaign);
    this.changes.emit();
  }

  /** Takes up what a core before this one left: campaigns without an end, where their environments are trusted and can be reached. */
  async resume(): Promise<void> {
    for await (const { id, read } of this.journals()) {
      const { plan, end } = (await this.readable(id, read)) ?? { plan: null, end: null };
      if (!plan || end || this.disposed) continue;
      await this.attend(await this.knownEnvironments.fileOf(plan), true).catch((failure: unknown) => this.parts.report(problemOf(failure)));
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    for (const opening of this.attended.values()) {
      await opening.then(
        ({ ownership }) => ownership.dispose(),
        () => undefined,
      );
    }
    this.attended.clear();
  }

  /** The state of a campaign, read once when it is over. */
  private async known(id: CampaignId, read: () => Promise<CampaignState>): Promise<CampaignState> {
    const known = this.states.get(id);
    if (known) return known;
    const state = await read();
    if (state.end) this.states.set(id, state);
    return state;
  }

  private async summary(id: CampaignId, read: () => Promise<CampaignState>, isCopy = false): Promise<CampaignSummary | null> {
    const known = this.summaries.get(id);
    if (known) return known;
    const state = this.states.get(id) ?? (await this.readable(id, read));
    const summary = state && summaryOf(state, isCopy);
    if (summary && summary.endedAt !== null) this.summaries.set(id, summary);
    return summary;
  }

  /** null: its ledger cannot be read, which is told once and hides no other campaign. */
  private async readable(id: CampaignId, read: () => Promise<CampaignState>): Promise<CampaignState | null> {
    try {
      return await read();
    } catch (failure) {
      if (!this.unreadable.has(id)) this.parts.report(problemOf(failure));
      this.unreadable.add(id);
      return null;
    }
  }

  /** null: its environment is not open here. */
  private async found(campaign: CampaignId): Promise<EnvironmentCampaigns | null> {
    return this.of(campaign).catch((failure: unknown) => {
      if (problemOf(failure).code === 'no-campaign') return null;
      throw failure;
    });
  }

  private get folder(): string {
    return join(this.parts.home, 'campaigns');
  }

  /** Campaigns whose ledgers, or copies of them, are on this machine. */
  private async *journals(): AsyncIterable<Journal> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      const environment = environmentNameSchema.safeParse(name);
      if (!environment.success || this.names.has(environment.data)) continue;
      const isCopy = await areCopies(join(this.folder, environment.data));
      const store = openJournalStore({ folder: this.folder, environment: environment.data, clock: this.parts.clock });
      try {
        for (const id of await store.ledgers.list()) {
          const records = () => recordsOf(store.ledgers, id);
          yield { id, isCopy, records, read: () => folded(records()), remove: () => store.ledgers.remove(id) };
        }
      } finally {
        await store.dispose();
      }
    }
  }

  private async open(environmentFile: string): Promise<Attended> {
    const { clock, environments, source, core, report, mayRead } = this.parts;
    const ownership = new Ownership();
    try {
      const lease = await environments.lease(environmentFile);
      ownership.own(() => lease.release());
      const { router, description } = lease.environment;
      if (!router)
        throw new ProblemError({ code: 'no-router', message: `The environment ${description.name} has no router, so it has no workers.` });
      const place = {
        connection: router.connection,
        router: description.router,
        environment: description.name,
        folder: this.folder,
        clock,
      };
      const store = await openCampaignStore(place);
      const blobs = ownership.own(await openBlobs(place));
      const history = await TestHistory.open(join(this.folder, description.name, 'history'));
      const campaigns: EnvironmentCampaigns = new EnvironmentCampaigns({
        environment: description.name,
        store,
        blobs,
        clock,
        core: `${this.id} (${this.parts.purpose} of ${description.operator}, process ${process.pid})`.slice(0, 128),
        servers: serverDesk({ core, environments, source, clock, environmentFile }),
        scenarios: scenarioDesk({
          core,
          source,
          blobs,
          environmentFile,
          planOf: (id) => campaigns.active(id)?.plan,
          ...(mayRead && { mayRead }),
        }),
        history,
        changed: () => this.changes.emit(),
        report,
      });
      ownership.own(campaigns);
      this.serveWhileLeading(campaigns, router, description.name, ownership, blobs);
      this.names.set(description.name, environmentFile);
      await this.knownEnvironments.keep(description.name, environmentFile);
      ownership.own(() => void this.names.delete(description.name));
      return { campaigns, ownership };
    } catch (failure) {
      await ownership.dispose();
      throw failure;
    }
  }

  /** Only the coordinator listens to workers: a request that nobody hears is sent again. */
  private serveWhileLeading(
    campaigns: EnvironmentCampaigns,
    { connection, signer }: NonNullable<Awaited<ReturnType<EnvironmentPool['lease']>>['environment']['router']>,
    environment: EnvironmentName,
    ownership: Ownership,
    blobs: Parameters<typeof serveBlobs>[0]['blobs'],
  ): void {
    const { report, clock } = this.parts;
    let stop: (() => void)[] = [];
    const follow = (): void => {
      for (const each of stop.splice(0)) each();
      if (!campaigns.coordinator) return;
      const service = serveBlobs({ connection, environment, blobs, clock });
      stop = [
        serveWorkers({ connection, environment, signer, answer: (request) => campaigns.answer(request), report }),
        () => void service.dispose(),
      ];
    };
    ownership.own(() => {
      for (const each of stop.splice(0)) each();
    });
    ownership.own(campaigns.onCoordinator(follow));
    follow();
  }
}

function noCampaign(campaign: CampaignId): ProblemError {
  return new ProblemError({
    code: 'no-campaign',
    message: `There is no campaign ${campaign}.`,
    tip: 'See testops campaign list -e environment.yaml.',
  });
}
