/** The files of campaigns: what they may say, and that everything that is wrong with them is told at once, with its place. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  readCampaign,
  readCampaigns,
  readQuarantine,
  readSuite,
  readSuites,
  suitesOf,
  workspaceOf,
} from '#main/core/campaigns/files/campaign-files.ts';
import { problemOf } from '#shared/problem.ts';

let workspace = '';
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'testops-campaign-files-'));
});
afterEach(() => rm(workspace, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(workspace, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

const told = (problems: readonly { code: string; message: string; range?: { start: { line: number } } }[]): string[] =>
  problems.map(({ code, range }) => `${(range?.start.line ?? -1) + 1} ${code}`);

describe('a suite', () => {
  test('says with little where its tests are, and the rest is as usual', async () => {
    const file = await write('suites/api.yaml', 'suite: api\nadapter: pytest\npackage: { folder: ../tests }\n');
    const { content, problems } = await readSuite(file);
    expect(problems).toEqual([]);
    expect(content).toMatchObject({ suite: 'api', slots: 1, retries: 0, timeout: 60_000, usesServer: true, needs: {}, priority: 0 });
  });

  test('keeps the numbers of its settings as numbers and those of its variables as they were written', async () => {
    const file = await write(
      'suites/api.yaml',
      'suite: api\nadapter: vitest\npackage: { onWorker: tests }\nsettings: { shards: 3, deep: { on: true } }\nvariables: { VERSION: 1.20 }\n',
    );
    expect((await readSuite(file)).content).toMatchObject({ settings: { shards: 3, deep: { on: true } }, variables: { VERSION: '1.20' } });
  });

  test('has everything that is wrong told at once, in the order of the file', async () => {
    const file = await write(
      'suites/bad.yaml',
      'suite: 1 bad\nadapter: pytst\ntimeout: soon\nretries: 99\nneeds: { licence: none }\nsurprise: yes\npackage: {}\n',
    );
    const { content, problems } = await readSuite(file);
    expect(content).toBeNull();
    expect(told(problems)).toEqual(['1 bad-name', '2 unknown-word', '3 bad-duration', '4 out-of-range', '5 out-of-range', '6 unknown-key']);
    expect(problems[1]?.tip).toBe('Did you mean "pytest"?');
  });

  test.each([
    ['none', 'package: {}', '3 package-source', /names no source/],
    ['two', 'package: { folder: a, archive: b }', '3 package-source', /names 2 sources \(folder and archive\)/],
    ['none at all', 'title: api', '2 package-missing', /needs a package/],
  ])('names exactly one source of its tests: %s is told', async (_, line, place, message) => {
    const { content, problems } = await readSuite(await write('suites/api.yaml', `suite: api\nadapter: pytest\n${line}\n`));
    expect(content).toBeNull();
    expect(told(problems)).toEqual([place]);
    expect(problems[0]?.message).toMatch(message);
  });

  test('of scenarios needs none', async () => {
    const { content } = await readSuite(
      await write('suites/all.yaml', 'suite: all\nadapter: scenario\nsettings: { scenarios: ["*.scn"] }\n'),
    );
    expect(content?.adapter).toBe('scenario');
  });

  test('of a name that another file has is told', async () => {
    await write('suites/a.yaml', 'suite: api\nadapter: scenario\n');
    await write('suites/b.yaml', 'suite: api\nadapter: scenario\n');
    const { suites, problems } = await readSuites(workspace);
    expect(suites.map(({ name }) => name)).toEqual(['api', 'api']);
    expect(problems.map(({ message }) => message)).toEqual(['b.yaml describes the suite api, which a.yaml does already.']);
  });
});

describe('a campaign', () => {
  test('has all suites of its workspace unless it names them, and servers with their capacity', async () => {
    await write('suites/a.yaml', 'suite: a\nadapter: scenario\n');
    await write('suites/b.yaml', 'suite: b\nadapter: scenario\n');
    const file = await write(
      'campaigns/nightly.yaml',
      'campaign: nightly\nservers: { one: { slots: 3, deploy: deploy.scn } }\ncapacities: { licence: 2 }\n',
    );
    const campaign = await readCampaign(file);
    expect(campaign.content).toMatchObject({
      environment: '../environment.yaml',
      servers: { one: { slots: 3 } },
      capacities: { licence: 2 },
    });
    expect((await suitesOf(campaign)).map(({ content }) => content?.suite)).toEqual(['a', 'b']);
    expect(workspaceOf(file)).toBe(workspace);
    expect(await readCampaigns(workspace)).toHaveLength(1);
  });

  test('that names a suite which is not there, or has a broken one, is refused with all of it', async () => {
    await write('suites/smoke.yaml', 'suite: smoke\nadapter: scenario\nretries: -1\n');
    const file = await write('campaigns/nightly.yaml', 'campaign: nightly\nsuites: [smok, smoke]\n');
    const refused = problemOf(await suitesOf(await readCampaign(file)).catch((failure: unknown) => failure));
    expect(refused).toMatchObject({ code: 'unknown-suite', message: 'There is no suite smok.', tip: 'Did you mean smoke?' });
    expect(refused.others?.map(({ code }) => code)).toEqual(['out-of-range']);
  });

  test('of a workspace without suites is refused in a sentence', async () => {
    const file = await write('campaigns/nightly.yaml', 'campaign: nightly\n');
    expect(problemOf(await suitesOf(await readCampaign(file)).catch((failure: unknown) => failure))).toMatchObject({ code: 'no-suites' });
  });

  test.each(['', '- a list', '{', 'campaign: [x]', 'campaign: x\nservers: { "a b": {} }', '\u0000', 'campaign: &a [*a]'])(
    'made of rubbish (%j) is told, and nothing else happens',
    async (text) => {
      const { content, problems } = await readCampaign(await write('campaigns/rubbish.yaml', text));
      expect(content).toBeNull();
      expect(problems.length).toBeGreaterThan(0);
      for (const { message } of problems) expect(message).toMatch(/^[A-Z].*\.$|^[a-z].*\.$/s);
    },
  );
});

describe('the quarantine', () => {
  const entry = (more: string): string =>
    `quarantine:\n  - { suite: api, test: "a::b", owner: ann, reason: race, since: 2026-11-01, ${more} }\n`;

  test('is empty without its file', async () => {
    expect(await readQuarantine(workspace)).toEqual({ entries: [], problems: [] });
  });

  test('holds an entry to the end of its day', async () => {
    await write('quarantine.yaml', entry('expires: 2026-11-15'));
    const { entries, problems } = await readQuarantine(workspace);
    expect(problems).toEqual([]);
    expect(entries).toMatchObject([{ suite: 'api', test: 'a::b', owner: 'ann', expires: Date.parse('2026-11-15T23:59:59.999Z') }]);
  });

  test.each([
    ['expires: 2026-11-16', ['2 quarantine-long']],
    ['expires: 2026-11-16, extended: true', []],
    ['expires: 2026-11-30, extended: true', ['2 quarantine-long']],
    ['expires: 2026-10-31', ['2 quarantine-long']],
    ['expires: 2026-02-31', ['2 bad-day']],
    ['expires: tomorrow', ['2 bad-day']],
  ])('lasts 14 days, once extended by as many: %s', async (more, expected) => {
    await write('quarantine.yaml', entry(more));
    expect(told((await readQuarantine(workspace)).problems)).toEqual(expected);
  });
});
