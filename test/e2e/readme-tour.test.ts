/** The README's tour of five minutes, word for word: every command that it shows is executed in its order and does what it says. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, inject } from 'vitest';
import { jsonLines, root, runCommand, startCommand, type CommandOptions, type Ended, type Started } from './console-command.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const tour = readme.slice(readme.indexOf('## A tour of five minutes'), readme.indexOf('## Where to read on'));
/** The commands of each of its numbered parts, without how the checkout calls the command. */
const parts = tour
  .split(/^\*\*(?=\d+\. )/m)
  .map((part) => [...part.matchAll(/^npm run --silent testops -- (.*)$/gm)].map((match) => match[1] ?? ''));

let folder: string;
let options: CommandOptions;
let exchange: Started | undefined;
/** What stands for what the tour writes in angle brackets. */
const meant = new Map<string, string>();

async function testops(command: string, input?: string): Promise<Ended> {
  const words = command.split(/ (?![^<]*>)/).map((word) => word.replace(/<[^>]+>/, (name) => meant.get(name) ?? name));
  return runCommand(words, { ...options, ...(input !== undefined && { input }) });
}

async function bringUp(command: string): Promise<void> {
  exchange = startCommand(command.split(' '), options);
  await exchange.printed('Ctrl-C takes it down');
  const environmentFile = /-e (\S+environment\.yaml)/.exec(exchange.output())?.[1] ?? '';
  meant.set('<environment file>', environmentFile).set('<folder>', dirname(environmentFile));
}

async function takeDown(): Promise<void> {
  exchange?.process.kill('SIGINT');
  await exchange?.ended;
  exchange = undefined;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-tour-'));
  options = { archive: join(folder, 'archive'), home: join(folder, 'home'), folder, program: inject('builtCommand') };
});
afterAll(async () => {
  await takeDown();
  rmSync(folder, { recursive: true, force: true });
});

describe('the tour', { timeout: 120_000 }, () => {
  test('has the parts and commands that are gone through here', () => {
    expect(tour).toContain('`npm run --silent testops -- demo`');
    expect(parts.slice(1)).toEqual([
      ['demo --release rc3'],
      ['demo --stay', 'environment status -e <environment file>', 'run <folder>/scenarios/failover-measured.scn -e <environment file>'],
      [
        'run <folder>/scenarios/failover-measured.scn -e <environment file> --step',
        'execute -e <environment file> start MatchingEnginePrimary',
      ],
      ['runs list', 'runs show last', 'runs export last'],
      ['runs samples', 'runs list', 'compare <a release-check of rc2> --baseline rc1', 'releases show rc3', 'replay <a run of rc3>'],
      [],
      [],
      // These are executed in demo-campaign.test.ts.
      [
        'campaign run <folder>/campaigns/exchanges.yaml',
        'campaign run <folder>/campaigns/exchanges.yaml --revision rc3',
        'campaign compare last <the campaign of rc1>',
        'campaign flaky -e <environment file>',
      ],
      // Tests of one's own are executed in campaign-command.test.ts.
      [],
    ]);
  });

  test('its beginning and part 1: two candidates, two traces', async () => {
    const first = await testops('demo');
    expect(first.output).toContain('Trace: 0 1 2 3 8\n');
    expect(first.status).toBe(0);
    const third = await testops('demo --release rc3');
    expect(third.output).toContain('Trace: 0 1 2 3 4 5 6\n');
    expect(third.status).toBe(1);
  });

  test('part 2: stay in it; the measured failover passes', async () => {
    const [stay = '', status = '', run = ''] = parts[2] ?? [];
    await bringUp(stay);
    const seen = await testops(status);
    expect(seen.output).toMatch(/MatchingEnginePrimary +READY/);
    expect(seen.status).toBe(0);
    const ended = await testops(run);
    expect(ended.output).toContain('PASSED');
    expect(ended.status).toBe(0);
  });

  test('part 3: where the exchange was not brought up afresh, the first check says so', async () => {
    const ended = await testops(parts[2]?.[2] ?? '');
    expect(ended.output).toMatch(/expect MatchingEnginePrimary\.STATE == READY .*failed check.*MatchingEnginePrimary\.STATE = CRASHED/);
    expect(ended.output).not.toContain('kill -9');
    expect(ended.status).toBe(1);
  });

  test('part 3: brought up afresh it is stepped through, and the old primary comes back as the standby', async () => {
    const [step = '', execute = ''] = parts[3] ?? [];
    const before = meant.get('<environment file>');
    await takeDown();
    await bringUp(parts[2]?.[0] ?? '');
    expect(meant.get('<environment file>')).toBe(before);
    const stepped = await testops(step, 'n\nb 27\nc\nset smoke_status FAIL\nn\nq\n');
    expect(stepped.output).toContain('✗ MatchingEnginePrimary crashed');
    expect(stepped.output).toMatch(/next: line 27: expect #\{smoke_status\} == PASS/);
    expect(stepped.output).toMatch(/failed check.*smoke_status = FAIL/);
    expect(stepped.output).toContain('stop_load (deferred)');
    expect(stepped.output).toContain('LoadGenerator is STOPPED');
    expect((await testops(execute)).status).toBe(0);
    await expect
      .poll(async () => (await testops('environment status -e <environment file>')).output, { timeout: 20_000, interval: 500 })
      .toMatch(/MatchingEnginePrimary +STANDBY/);
  });

  test('part 4: what is kept', async () => {
    for (const command of parts[4] ?? []) expect((await testops(command)).status).toBe(0);
  });

  test('part 5: what changed since rc1', async () => {
    const [samples = '', list = '', compare = '', show = '', replay = ''] = parts[5] ?? [];
    expect((await testops(samples)).output).toContain('28 runs of the sample history imported');
    expect((await testops(list)).output).toMatch(/release-check +rc2/);
    const newest = async (scenario: string, release: string): Promise<string> => {
      const [run] = jsonLines((await testops(`${list} --scenario ${scenario} --release ${release} --json`)).output) as { run: string }[];
      return run?.run ?? '';
    };
    meant.set('<a release-check of rc2>', await newest('release-check', 'rc2')).set('<a run of rc3>', await newest('failover', 'rc3'));
    const compared = await testops(compare);
    expect(compared.output).toMatch(/^changed/m);
    expect(compared.output).toContain('rss');
    expect(compared.status).toBe(1);
    const sheet = await testops(show);
    expect(sheet.output).toMatch(/May rc3 go on\? +no/);
    expect(sheet.status).toBe(1);
    expect((await testops(replay)).output).toContain('Trace: 0 1 2 3 4 5 6\n');
  });

  test('part 6: pin the environment', async () => {
    expect((await testops('environment pin -e <environment file>')).status).toBe(0);
    expect((await testops('environment drift -e <environment file>')).status).toBe(0);
  });
});
