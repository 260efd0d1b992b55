/** A campaign whose tests are executed by a worker daemon: packages delivered, programs run, evidence kept. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCore, type OpenCore } from '#main/core/core.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import { Ownership } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';
import { openNetwork, type NetworkOfProcesses } from '../../../network-of-processes.ts';
import { trustFolder } from '../../../trusted-folder.ts';

let owned = new Ownership();
let network: NetworkOfProcesses;
let home = '';
const problems: Problem[] = [];

beforeEach(async () => {
  owned = new Ownership();
  problems.splice(0);
  home = await mkdtemp(join(tmpdir(), 'testops-campaigns-'));
  owned.own(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  network = await openNetwork({ daemon: { worker: { slots: 4, adapters: ['executable'], packages: ['*'], labels: ['linux'] } } });
  owned.own(network);
  await trustFolder(network.folder, home);
  await network.startDaemon();
});
afterEach(() => owned.dispose());

async function core(): Promise<OpenCore> {
  const opened = await openCore({ archiveFolder: join(home, 'archive'), home, onProblem: (problem) => void problems.push(problem) });
  owned.own(opened);
  return opened;
}

async function write(name: string, text: string, mode = 0o644): Promise<string> {
  const file = join(network.folder, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

const program = (body: string): string => `#!/bin/sh\n${body}\n`;

async function ended(opened: OpenCore, campaign: CampaignId): Promise<CampaignView> {
  let last: CampaignView | null = null;
  await opened.listen('campaign.live', { campaign }, ({ view }) => void (last = view)).ended;
  if (last === null) throw new Error('nothing was told of the campaign');
  return last;
}

test('programs of a folder: each ends as it ended, with its output; what failed is tried again', { timeout: 60_000 }, async () => {
  await write('tests/passes.sh', program('echo fine'), 0o755);
  await write('tests/fails.sh', program('echo expected 1, got 2; exit 1'), 0o755);
  await write('tests/skips.sh', program('exit 77'), 0o755);
  await write('tests/killed.sh', program('kill -9 $$'), 0o755);
  await write('tests/flaky.sh', program('[ "$TESTOPS_ATTEMPT" = 2 ]'), 0o755);
  await write(
    'suites/programs.yaml',
    'suite: programs\nadapter: executable\npackage: { folder: ../tests }\nsettings: { files: ["*.sh"] }\nusesServer: false\nretries: 1\nlabels: [linux]\n',
  );
  const file = await write('campaigns/nightly.yaml', 'campaign: nightly\n');
  const opened = await core();
  const { campaign } = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1' });
  const view = await ended(opened, campaign);
  expect(view).toMatchObject({ outcome: 'failed', tests: 5 });
  expect(view.workers).toMatchObject([{ worker: 'MEP', state: 'present', slots: 4 }]);
  const { rows } = await opened.request('campaign.tests', { campaign, offset: 0, limit: 10 });
  expect(new Map(rows.map(({ test, result, attempts }) => [test as string, [result, attempts]]))).toEqual(
    new Map([
      ['fails.sh', ['failed', 2]],
      ['killed.sh', ['infrastructure', 0]],
      ['flaky.sh', ['passed on retry', 2]],
      ['passes.sh', ['passed', 1]],
      ['skips.sh', ['skipped', 1]],
    ]),
  );
  // What no attempt could judge says why all the same.
  expect(rows.find(({ test }) => test === 'killed.sh')?.message).toMatch(/KILL/);
  const { attempts } = await opened.request('campaign.test', { campaign, suite: 'programs', test: 'fails.sh' });
  expect(attempts.map(({ attempt, worker, end }) => [attempt, worker, end])).toEqual([
    [1, 'MEP', 'done'],
    [2, 'MEP', 'done'],
  ]);
  const [evidence] = attempts[0]?.verdict?.evidence ?? [];
  if (!evidence) throw new Error('the attempt left no output');
  expect(await opened.request('campaign.evidence', { campaign, evidence })).toEqual({ kind: 'text', content: 'expected 1, got 2\n' });
  expect(problems).toEqual([]);
});

test(
  'what is not in the package, or a suite that no worker may execute, is told and waits for nobody silently',
  { timeout: 60_000 },
  async () => {
    await write('tests/readme.txt', 'nothing to execute here\n');
    await write(
      'suites/none.yaml',
      'suite: none\nadapter: executable\npackage: { folder: ../tests }\nsettings: { files: ["*.sh"] }\nusesServer: false\n',
    );
    await write('suites/python.yaml', 'suite: python\nadapter: pytest\npackage: { folder: ../tests }\nusesServer: false\n');
    const file = await write('campaigns/nightly.yaml', 'campaign: nightly\n');
    const opened = await core();
    const alone = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1', suites: ['none'] });
    const view = await ended(opened, alone.campaign);
    expect(view).toMatchObject({ outcome: 'failed', tests: 0 });
    expect(view.suites[0]?.problem).toMatch(/tests/);
    const { campaign } = await opened.request('campaign.start', { campaignFile: file, revision: 'rc1', suites: ['python'] });
    const waiting = await opened.request('campaign.show', { campaign });
    expect(waiting).toMatchObject({ planning: true, waits: [{ reason: expect.stringContaining('adapter pytest') as string }] });
    await opened.request('campaign.act', { campaign, action: { kind: 'stop', reason: 'nobody comes' } });
    expect(await ended(opened, campaign)).toMatchObject({ outcome: 'stopped' });
  },
);
