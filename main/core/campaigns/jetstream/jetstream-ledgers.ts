/** The ledgers of an environment on a stream of a nats-server, each on its subject. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { campaignIdSchema, type CampaignId } from '#shared/campaign/words.ts';
import { ledgerNewsSubject, ledgerStream, ledgerSubject } from '#shared/protocol/campaign-streams.ts';
import type { Clock } from '#platform/clock.ts';
import type { JetStream } from '#network/bus/jetstream.ts';
import { ledgerFile } from '../journal/journal-ledgers.ts';
import { campaignExists } from '../ledger-problems.ts';
import type { Ledger, Ledgers } from '../ports.ts';
import { JetStreamLedger } from './jetstream-ledger.ts';
import { LedgerMessages } from './ledger-messages.ts';

export interface JetStreamLedgersOptions {
  readonly jetStream: JetStream;
  readonly environment: EnvironmentName;
  /** Where this machine's own copies are: a folder per campaign. */
  readonly folder: string;
  readonly clock: Clock;
}

export class JetStreamLedgers implements Ledgers {
  private readonly options: JetStreamLedgersOptions;
  private readonly stream: string;
  private readonly opened = new Set<Ledger>();

  constructor(options: JetStreamLedgersOptions) {
    this.options = options;
    this.stream = ledgerStream(options.environment);
  }

  /** Campaigns that have records. */
  async list(): Promise<readonly CampaignId[]> {
    const { jetStream, environment } = this.options;
    const subjects = await jetStream.subjects(this.stream, ledgerSubject(environment, '*'));
    const place = ledgerSubject(environment, '*').split('.').indexOf('*');
    const campaigns = Object.keys(subjects).flatMap((subject) => campaignIdSchema.safeParse(subject.split('.')[place]).data ?? []);
    const there = await Promise.all(campaigns.map(async (campaign) => (await this.messagesOf(campaign).last())?.head?.removed !== true));
    return campaigns.filter((_, index) => there[index]).sort();
  }

  async create(campaign: CampaignId): Promise<Ledger> {
    if ((await this.messagesOf(campaign).last()) !== null) throw campaignExists(campaign, this.options.jetStream.place);
    return this.openLedger(campaign, true);
  }

  open(campaign: CampaignId): Promise<Ledger> {
    return this.openLedger(campaign, false);
  }

  async remove(campaign: CampaignId): Promise<void> {
    const ledger = await this.openLedger(campaign, false);
    await ledger.last();
    await ledger.markRemoved();
    await ledger.dispose();
    await rm(path.join(this.options.folder, campaign), { recursive: true, force: true });
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.opened].map(async (ledger) => ledger.dispose()));
  }

  private async openLedger(campaign: CampaignId, isNew: boolean): Promise<JetStreamLedger> {
    const { jetStream, environment, folder, clock } = this.options;
    const options = {
      campaign,
      jetStream,
      stream: this.stream,
      subject: ledgerSubject(environment, campaign),
      newsSubject: ledgerNewsSubject(environment, campaign),
      mirrorFile: path.join(folder, campaign, ledgerFile),
      clock,
      onClosed: (closed: Ledger) => void this.opened.delete(closed),
    };
    const ledger = await JetStreamLedger.open(options, isNew);
    this.opened.add(ledger);
    return ledger;
  }

  private messagesOf(campaign: CampaignId): LedgerMessages {
    return new LedgerMessages(this.options.jetStream, this.stream, ledgerSubject(this.options.environment, campaign));
  }
}
