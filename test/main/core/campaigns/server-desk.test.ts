/** Servers of campaigns by their environment files: those of this core's own copy of the workspace, and only where it trusts them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serverDesk } from '#main/core/campaigns/server-desk.ts';
import { EnvironmentPool, type EnvironmentSource, type OpenEnvironment } from '#main/core/environments/access.ts';
import { untrusted } from '#main/core/workspace/trust.ts';
import type { CampaignPlan, ServerPlan } from '#shared/campaign/plan.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { campaignPlan } from '../../../shared/campaign/made-campaign.ts';
import { ManualClock } from '../link/manual-clock.ts';

let folder = '';
let clock: ManualClock;
let pool: EnvironmentPool;
let opened: string[] = [];
let trusted: readonly string[] = [];
let present: Record<string, 'present' | 'lost' | 'never seen'> = {};
let outOfReach = false;
let silent = false;
let answer: () => void = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-servers-'));
  clock = new ManualClock();
  [opened, trusted, present, outOfReach] = [[], ['alice', 'bob'], { LON: 'present', PAR: 'present' }, false];
});
afterEach(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true });
});

const write = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), '');
  }
};

/** Files are empty; an environment expects the daemons that its name says: `LON.yaml`, `any.yaml`. */
const source = (): EnvironmentSource => ({
  admit: (file) =>
    trusted.some((name) => file.startsWith(join(folder, name))) ? Promise.resolve() : Promise.reject(untrusted(join(file, '..'))),
  describe: () => Promise.reject(new Error('nobody asks')),
  offlineCatalogue: () => Promise.resolve(null),
  open: (file) => {
    if (outOfReach) return Promise.reject(new ProblemError({ code: 'router-unreachable', message: 'Nothing listens there.' }));
    opened.push(file.slice(folder.length + 1));
    const expected = Object.keys(present).filter((daemon) => file.endsWith(`${daemon}.yaml`));
    const link = {
      connected: true,
      ready: () => Promise.resolve({ missing: [] }),
      daemons: () => Object.entries(present).map(([daemon, state]) => ({ daemon, state })),
    };
    const environment = { description: { expected }, link, dispose: () => undefined } as unknown as OpenEnvironment;
    return silent ? new Promise((resolve) => (answer = () => resolve(environment))) : Promise.resolve(environment);
  },
});

/** The desk of bob's core; alice has started the campaign. */
function desk(core: Partial<Core> = {}) {
  pool = new EnvironmentPool(source(), clock);
  const environmentFile = join(folder, 'bob/environment.yaml');
  return serverDesk({ core: () => core as Core, environments: pool, source: source(), clock, environmentFile });
}

const plan = (): CampaignPlan => ({ ...campaignPlan(), environmentFile: join(folder, 'alice/environment.yaml') });
const server = (file: string, deploy: string | null = null): ServerPlan => ({
  ...(campaignPlan({ servers: { a: 1 } }).servers[0] as ServerPlan),
  environmentFile: join(folder, 'alice', file),
  deploy: deploy === null ? null : join(folder, 'alice', deploy),
});

describe('the files of a server', () => {
  test('are those at the same place of this core’s own workspace, although another one has started the campaign', async () => {
    await write('alice/servers/LON.yaml', 'bob/servers/LON.yaml', 'alice/deploy.scn', 'bob/deploy.scn');
    trusted = ['bob'];
    const asked: unknown[] = [];
    const servers = desk({
      request: (_, request) => {
        asked.push(request);
        return Promise.reject(new Error('enough'));
      },
    });
    const london = server('servers/LON.yaml', 'deploy.scn');
    expect(await servers.refusal(london, plan())).toBeNull();
    const campaign = { plan: plan() } as Parameters<typeof servers.deploy>[1];
    await expect(servers.deploy(london, campaign, new AbortController().signal)).rejects.toThrow('enough');
    expect(asked).toMatchObject([{ scenarioFile: join(folder, 'bob/deploy.scn'), environmentFile: join(folder, 'bob/servers/LON.yaml') }]);
    expect(opened).toEqual(['bob/servers/LON.yaml']);
  });

  test('of a folder that this core does not trust are opened by nobody, and the refusal says what helps', async () => {
    await write('alice/LON.yaml');
    trusted = ['bob'];
    const refusal = await desk().refusal(server('LON.yaml'), plan());
    expect(refusal).toMatchObject({ code: 'workspace-untrusted', tip: expect.stringContaining('testops workspace trust') as string });
    expect(opened).toEqual([]);
  });

  test('lack the deployment on another machine: it is said', async () => {
    await write('bob/LON.yaml');
    expect(await desk().refusal(server('LON.yaml', 'deploy.scn'), plan())).toMatchObject({ code: 'no-deployment' });
  });

  test('a router that is out of reach is no refusal: every core would miss it', async () => {
    await write('bob/LON.yaml');
    outOfReach = true;
    expect(await desk().refusal(server('LON.yaml'), plan())).toBeNull();
  });

  test('a router that does not answer keeps nobody waiting', async () => {
    await write('bob/LON.yaml');
    silent = true;
    const refusal = desk().refusal(server('LON.yaml'), plan());
    await expect.poll(() => (clock.pass(1_000), opened)).toEqual(['bob/LON.yaml']);
    clock.pass(1_000);
    expect(await refusal).toBeNull();
    silent = false;
    answer();
  });
});

describe('a server', () => {
  const heard = async (file: string): Promise<(string | null)[]> => {
    const told: (string | null)[] = [];
    desk().watch(server(file), plan(), (trouble) => told.push(trouble));
    await expect.poll(() => told.length).toBe(1);
    return told;
  };

  test('is lost for daemons of its own file, not for those of another server in the same environment', async () => {
    await write('alice/LON.yaml', 'alice/PAR.yaml');
    const [london, paris] = [await heard('LON.yaml'), await heard('PAR.yaml')];
    present = { LON: 'lost', PAR: 'present' };
    clock.pass(10_000);
    expect(london).toEqual([null, 'It has lost LON.']);
    expect(paris).toEqual([null]);
  });

  test('whose file names no daemons is lost for any of its environment', async () => {
    await write('alice/any.yaml');
    const told = await heard('any.yaml');
    present = { LON: 'present', PAR: 'lost' };
    clock.pass(10_000);
    expect(told).toEqual([null, 'It has lost PAR.']);
  });

  test('lacks a daemon of its file that was never there', async () => {
    await write('alice/LON.yaml');
    present = { LON: 'never seen' };
    expect(await heard('LON.yaml')).toEqual(['It lacks LON.']);
  });
});
