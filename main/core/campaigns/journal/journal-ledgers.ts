/** The ledgers of an environment on the house journal: a folder per campaign, with its ledger in it. */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { campaignIdSchema, type CampaignId } from '#shared/campaign/words.ts';
import type { Clock } from '#platform/clock.ts';
import { realFiles, type AppendedFile } from '../../archive/files.ts';
import { ownerOfScratch, scratchFolder } from '../../archive/layout.ts';
import { campaignExists, noCampaign } from '../ledger-problems.ts';
import type { Ledger, Ledgers } from '../ports.ts';
import { JournalLedger } from './journal-ledger.ts';

export const ledgerFile = 'ledger.ndjson';

export interface JournalLedgersOptions {
  /** The folder of the environment. */
  readonly folder: string;
  readonly clock: Clock;
  readonly openFile?: (file: string) => Promise<AppendedFile>;
}

export class JournalLedgers implements Ledgers {
  private readonly options: JournalLedgersOptions;
  private readonly opened = new Set<Ledger>();

  constructor(options: JournalLedgersOptions) {
    this.options = options;
  }

  async list(): Promise<readonly CampaignId[]> {
    const names = await readdir(this.options.folder).catch(() => []);
    const campaigns = names.flatMap((name) => campaignIdSchema.safeParse(name).data ?? []).sort();
    const there = await Promise.all(campaigns.map((campaign) => this.isThere(campaign)));
    return campaigns.filter((_, index) => there[index]);
  }

  async create(campaign: CampaignId): Promise<Ledger> {
    const file = this.fileOf(campaign);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', 0o600).catch((failure: NodeJS.ErrnoException) => {
      throw failure.code === 'EEXIST' ? campaignExists(campaign, this.options.folder) : failure;
    });
    await handle.close();
    await realFiles.syncFolder(path.dirname(file));
    await realFiles.syncFolder(this.options.folder);
    return this.openFile(campaign);
  }

  async open(campaign: CampaignId): Promise<Ledger> {
    if (!(await this.isThere(campaign))) throw noCampaign(campaign, this.options.folder);
    return this.openFile(campaign);
  }

  /** Its folder vanishes in one step; what a process was killed at removing is removed the next time. */
  async remove(campaign: CampaignId): Promise<void> {
    if (!(await this.isThere(campaign))) throw noCampaign(campaign, this.options.folder);
    const trash = scratchFolder(this.options.folder, 'trash');
    await rename(path.dirname(this.fileOf(campaign)), trash);
    const leftovers = (await readdir(this.options.folder)).filter((name) => ownerOfScratch(name) !== null);
    for (const name of leftovers) await rm(path.join(this.options.folder, name), { recursive: true, force: true });
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.opened].map(async (ledger) => ledger.dispose()));
  }

  private async openFile(campaign: CampaignId): Promise<Ledger> {
    const onClosed = (closed: Ledger): void => void this.opened.delete(closed);
    const ledger = await JournalLedger.open({ ...this.options, campaign, file: this.fileOf(campaign), onClosed });
    this.opened.add(ledger);
    return ledger;
  }

  private fileOf(campaign: CampaignId): string {
    return path.join(this.options.folder, campaign, ledgerFile);
  }

  private isThere(campaign: CampaignId): Promise<boolean> {
    return stat(this.fileOf(campaign)).then(
      (found) => found.isFile() && found.size > 0,
      () => false,
    );
  }
}
