/** A router, a daemon and a workspace for campaigns, and cores that reach them; everything is gone with the test. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openCore, type CoreOptions, type OpenCore } from '#main/core/core.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { Ownership } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';
import { openNetwork, type NetworkOfProcesses } from '../../../network-of-processes.ts';
import { trustFolder } from '../../../trusted-folder.ts';

export class CampaignWorld {
  readonly network: NetworkOfProcesses;
  readonly home: string;
  /** What cores told without being asked. */
  readonly problems: Problem[] = [];
  private readonly owned: Ownership;

  private constructor(network: NetworkOfProcesses, home: string, owned: Ownership) {
    this.network = network;
    this.home = home;
    this.owned = owned;
  }

  /** @param daemon what stands in daemon.yaml besides names, keys and addresses */
  static async open(daemon: Readonly<Record<string, unknown>>): Promise<CampaignWorld> {
    const owned = new Ownership();
    try {
      const home = await mkdtemp(join(tmpdir(), 'testops-campaigns-'));
      owned.own(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
      const network = await openNetwork({ daemon });
      owned.own(network);
      await trustFolder(network.folder, home);
      await network.startDaemon();
      return new CampaignWorld(network, home, owned);
    } catch (failure) {
      await owned.dispose();
      throw failure;
    }
  }

  /** A core in this process, with the world's home and archive. */
  async core(more: Partial<CoreOptions> = {}): Promise<OpenCore> {
    const { home, problems } = this;
    const opened = await openCore({
      ...more,
      archiveFolder: join(home, 'archive'),
      home,
      onProblem: (problem) => void problems.push(problem),
    });
    this.owned.own(opened);
    return opened;
  }

  /** Writes a file of the workspace; @returns its path */
  async write(name: string, text: string, mode = 0o644): Promise<string> {
    const file = join(this.network.folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, mode);
    return file;
  }

  dispose(): Promise<void> {
    return this.owned.dispose();
  }
}

/** Follows a campaign to its end; what is told of it last. */
export async function ended(core: OpenCore, campaign: CampaignId): Promise<CampaignView> {
  let last: CampaignView | null = null;
  await core.listen('campaign.live', { campaign }, ({ view }) => void (last = view)).ended;
  if (last === null) throw new Error('nothing was told of the campaign');
  return last;
}
