/**
 * A core that takes part in the campaigns of an environment and may be killed at any time. It says on its output, a line of JSON each, when it
 * begins or ceases to coordinate, and starts the campaigns whose files it is told on its input.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { openCore } from '#main/core/core.ts';
import { problemOf } from '#shared/problem.ts';

/** ms between looks whether this core coordinates. */
const glance = 50;

const [home = '', archiveFolder = '', environmentFile = ''] = process.argv.slice(2);
const say = (what: object): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const core = await openCore({ archiveFolder, home, resumesCampaigns: true, onProblem: (problem) => say({ problem }) });
await core.request('campaigns.list', { environmentFile });
say({ ready: true });

async function obey(): Promise<void> {
  for await (const campaignFile of createInterface({ input: process.stdin })) {
    const started = await core
      .request('campaign.start', { campaignFile, revision: 'rc1' })
      .catch((failure: unknown) => ({ problem: problemOf(failure) }));
    say(started);
  }
  process.exit(0);
}
void obey();

for (let leads = false; ; await pause(glance)) {
  const { coordinator } = await core.request('workers.list', { environmentFile });
  // Where another core coordinates, its name is told.
  const now = coordinator === 'this core';
  if (now === leads) continue;
  leads = now;
  say({ leads });
}
