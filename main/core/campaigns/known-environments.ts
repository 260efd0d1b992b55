/**
 * By which environment file a core of this home took part last in the campaigns of an environment. A campaign that another one has started names a
 * path of theirs, which this core may not have or not trust; with its own file it takes part again after it was started anew.
 */
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '#platform/atomic-file.ts';
import type { CampaignPlan } from '#shared/campaign/plan.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import type { EnvironmentSource } from '../environments/access.ts';

const fileName = 'environment-file.txt';

export class KnownEnvironments {
  private readonly folder: string;
  private readonly source: EnvironmentSource;

  /** @param folder of campaigns in the core's home */
  constructor(folder: string, source: EnvironmentSource) {
    this.folder = folder;
    this.source = source;
  }

  /** Where it cannot be kept, the path in the plan is all that there is. */
  async keep(environment: EnvironmentName, environmentFile: string): Promise<void> {
    if ((await this.kept(environment)) === environmentFile) return;
    try {
      await mkdir(join(this.folder, environment), { recursive: true, mode: 0o700 });
      await writeAtomically(join(this.folder, environment, fileName), environmentFile, { mode: 0o600 });
    } catch {
      return;
    }
  }

  /** The environment file by which this core takes part in a campaign. */
  async fileOf({ environment, environmentFile }: CampaignPlan): Promise<string> {
    return (await this.isUsable(environmentFile)) ? environmentFile : ((await this.kept(environment)) ?? environmentFile);
  }

  private async isUsable(file: string): Promise<boolean> {
    try {
      await access(file);
      await this.source.admit?.(file);
      return true;
    } catch {
      return false;
    }
  }

  private kept(environment: EnvironmentName): Promise<string | null> {
    return readFile(join(this.folder, environment, fileName), 'utf8').catch(() => null);
  }
}
