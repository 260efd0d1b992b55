/**
 * Files that a plan names, on the machine of the core that reads it. Whoever started the campaign wrote paths of its own workspace; another core
 * has a copy of that workspace, beside the environment file by which it takes part, and uses the file at the same place in it.
 */
import { access } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { CampaignPlan } from '#shared/campaign/plan.ts';

/** @param ownEnvironment environment file of the workers by which this core takes part */
export async function ownFile(planned: string, plan: Pick<CampaignPlan, 'environmentFile'>, ownEnvironment: string): Promise<string> {
  const own = resolve(dirname(ownEnvironment), relative(dirname(plan.environmentFile), planned));
  const isThere = await access(own).then(
    () => true,
    () => false,
  );
  return isThere ? own : planned;
}
