/**
 * Who has looked at campaigns that are red. The ledger of a campaign that is over is closed, so what is said of it afterwards stands beside the ledgers: a
 * file for each environment, in the console's home.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '#platform/atomic-file.ts';
import { campaignIdSchema, type CampaignId } from '#shared/campaign/words.ts';
import { lookedAtSchema } from '#shared/contract/radiator.ts';

export type Look = z.output<typeof lookedAtSchema>;

const fileSchema = z.object({ campaigns: z.array(z.object({ campaign: campaignIdSchema, look: lookedAtSchema })).max(100_000) });
type Looks = ReadonlyMap<CampaignId, Look>;

export class LookedAt {
  private readonly folder: string;
  private turn: Promise<unknown> = Promise.resolve();

  /** @param folder of all campaigns */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Of an environment's campaigns. A file that cannot be read says nothing. */
  async of(environment: string): Promise<Looks> {
    const text = await readFile(this.fileOf(environment), 'utf8').catch(() => null);
    if (text === null) return new Map();
    try {
      return new Map(fileSchema.parse(JSON.parse(text)).campaigns.map(({ campaign, look }) => [campaign, look]));
    } catch {
      return new Map();
    }
  }

  /** null: nobody has. */
  say(environment: string, campaign: CampaignId, look: Look | null): Promise<void> {
    const said = this.turn.then(async () => {
      const looks = new Map(await this.of(environment));
      if (look === null && !looks.delete(campaign)) return;
      if (look !== null) looks.set(campaign, look);
      const file = this.fileOf(environment);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const content = { campaigns: [...looks].map(([id, each]) => ({ campaign: id, look: each })) };
      await writeAtomically(file, JSON.stringify(content), { mode: 0o600 });
    });
    this.turn = said.catch(() => undefined);
    return said;
  }

  private fileOf(environment: string): string {
    return join(this.folder, environment, 'looked-at.json');
  }
}
