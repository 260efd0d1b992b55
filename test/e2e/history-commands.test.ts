/** The past at the command line, on the sample history: a pipeline that compare gates, decisions, release sheets, trends, replay. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, inject } from 'vitest';
import { comparisonSchema } from '#shared/analysis/comparison.ts';
import { releaseSheetSchema, trendSchema } from '#shared/analysis/trend.ts';
import { jsonLines, startCommand, type Ended } from './console-command.ts';

let folder: string;
let archive: string;

const testops = (...args: string[]): Promise<Ended> =>
  startCommand(args, { archive, folder, input: '', program: inject('builtCommand') }).ended;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'testops-history-'));
  archive = join(folder, 'archive');
  const { status, errors } = await testops('runs', 'samples');
  if (status !== 0) throw new Error(`The sample history cannot be loaded: ${errors}`);
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Listed {
  readonly run: string;
  readonly decision: string;
}

async function runsOf(release: string, scenario = 'release-check'): Promise<Listed[]> {
  const { output } = await testops('runs', 'list', '--release', release, '--scenario', scenario, '--json');
  return jsonLines(output) as Listed[];
}

async function newest(release: string, scenario?: string): Promise<string> {
  const [first] = await runsOf(release, scenario);
  if (!first) throw new Error(`The sample history has no run of ${release}.`);
  return first.run;
}

/** What a shell prints and how it ends; the pipeline's own words are on its standard output. */
function shell(script: string): Promise<{ readonly status: number; readonly output: string }> {
  const environment = { ...process.env, TESTOPS_ARCHIVE: archive, TESTOPS_SAMPLES: 'off', NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', script], { cwd: folder, env: environment }, (failure, output) =>
      resolve({ status: typeof failure?.code === 'number' ? failure.code : 0, output }),
    );
  });
}

describe('testops compare gates a pipeline', { timeout: 60_000 }, () => {
  const pipeline = (run: string, ...options: string[]) => `
    set -eu
    if "${process.execPath}" --disable-warning=ExperimentalWarning "${inject('builtCommand')}" compare ${run} ${options.join(' ')} > comparison.txt 2> problem.txt
    then echo promoted
    else
      case $? in
        1) echo changed; exit 10 ;;
        4) echo nothing to compare with; exit 11 ;;
        *) echo broken; exit 12 ;;
      esac
    fi`;

  test('rc1 against rc1 goes through', async () => {
    const candidate = (await runsOf('rc1')).find(({ decision }) => decision === 'undecided');
    expect(await shell(pipeline(candidate?.run ?? '', '--baseline', 'rc1'))).toEqual({ status: 0, output: 'promoted\n' });
    expect(readFileSync(join(folder, 'comparison.txt'), 'utf8')).toContain('no change');
  });

  test('unless told otherwise rc1 is compared with its own accepted runs, which is said; the release is no condition that differs', async () => {
    const runs = await runsOf('rc1');
    const accepted = runs.filter(({ decision }) => decision === 'accepted').length;
    expect(await shell(pipeline(runs.find(({ decision }) => decision === 'undecided')?.run ?? ''))).toMatchObject({ status: 0 });
    expect(readFileSync(join(folder, 'comparison.txt'), 'utf8')).toContain(
      `baseline: ${accepted} accepted runs of rc1, the release under test itself; no other release has accepted runs\n`,
    );
    const other = await testops('compare', await newest('rc2'));
    expect(other.output).toContain(`baseline: ${accepted} accepted runs of rc1, an earlier release; no other release has accepted runs\n`);
    expect(other.output).not.toContain('different condition  release');
    const named = await testops('compare', await newest('rc2'), '--baseline', 'rc1');
    expect(named.output).not.toContain('\nbaseline: ');
  });

  test.each(['rc2', 'rc3'])('%s is held, and the comparison says why', async (release) => {
    expect(await shell(pipeline(await newest(release)))).toEqual({ status: 10, output: 'changed\n' });
    expect(readFileSync(join(folder, 'comparison.txt'), 'utf8')).toMatch(/^changed {2}\d+ confirmed differences/m);
  });

  test('too little history is no pass', async () => {
    expect(await shell(pipeline(await newest('rc2'), '--last', '3'))).toEqual({ status: 11, output: 'nothing to compare with\n' });
    expect(await shell(pipeline(await newest('rc2'), '--baseline', 'rc3'))).toEqual({ status: 11, output: 'nothing to compare with\n' });
    expect(readFileSync(join(folder, 'problem.txt'), 'utf8')).toMatch(
      /^error No run of release-check in demo with release rc3 has been accepted.*testops runs accept/,
    );
  });

  test('a baseline release that nobody has run is told as a mistake, with the releases there are', async () => {
    expect(await shell(pipeline(await newest('rc2'), '--baseline', 'rc9'))).toEqual({ status: 12, output: 'broken\n' });
    expect(readFileSync(join(folder, 'problem.txt'), 'utf8')).toMatch(
      /^error There is no run of a release rc9; there are: rc1, rc2, rc3\./,
    );
    expect(await testops('compare', await newest('rc2'), '--baseline', 'rc9')).toMatchObject({ status: 2 });
  });

  test('a run is found by the random part of its id', async () => {
    const run = await newest('rc2');
    const random = run.split('-').at(-1) ?? '';
    expect(await testops('runs', 'show', random)).toMatchObject({ status: 0, errors: '' });
    expect(await testops('runs', 'show', random.slice(0, 6))).toMatchObject({ status: 0, errors: '' });
    expect(await testops('runs', 'show', 'zzzz')).toMatchObject({
      status: 2,
      errors: expect.stringContaining('No run is called zzzz') as string,
    });
  });

  test('a run that is not there is no change either', async () => {
    expect(await shell(pipeline('20990101T000000Z-nothing-0000'))).toEqual({ status: 12, output: 'broken\n' });
  });
});

describe('the past at the command line', { timeout: 60_000 }, () => {
  test('compare: JSON that fits its schema, and a report that stands for itself', async () => {
    const candidate = await newest('rc3');
    writeFileSync(join(folder, 'report.html'), 'an old one');
    const ended = await testops('compare', candidate, '--baseline', 'rc1', '--json', '--html', 'report.html');
    expect(ended).toMatchObject({ status: 1, errors: '' });
    const comparison = comparisonSchema.parse(JSON.parse(ended.output));
    expect(comparison.candidate.run).toBe(candidate);
    expect(comparison.findings.slice(0, 3).some(({ sentence }) => sentence.includes('smoke_status'))).toBe(true);
    const html = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  test('two baselines at once, and a report that cannot be written, are told in a sentence', async () => {
    const candidate = await newest('rc3');
    const both = await testops('compare', candidate, await newest('rc1'), '--baseline', 'rc1');
    expect(both).toMatchObject({ status: 2, errors: expect.stringContaining('Both runs and a release') as string });
    const nowhere = await testops('compare', candidate, '--html', join(folder, 'nowhere', 'report.html'));
    expect(nowhere.status).not.toBe(0);
    expect(nowhere.errors).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
  });

  test('decisions and remarks are kept beside the run', async () => {
    const run = await newest('rc2', 'failover');
    expect((await testops('runs', 'accept', run, '--reason', 'fine')).output).toBe(`${run} accepted\n`);
    expect((await testops('runs', 'annotate', run, '--cause', 'expected change', '--reference', 'EX-7', 'slower', 'takeover')).status).toBe(
      0,
    );
    expect((await testops('runs', 'annotate', run, '--withdraw', '1')).status).toBe(0);
    const { output } = await testops('runs', 'remarks', run);
    expect(output).toMatch(
      / 1 .* accepted: fine \(taken back\)\n.* 2 .* expected change EX-7: slower takeover\n.* 3 .* takes remark 1 back/,
    );
    expect((await runsOf('rc2', 'failover'))[0]).toMatchObject({ run, decision: 'undecided' });
    const nothing = await testops('runs', 'annotate', run);
    expect(nothing).toMatchObject({ status: 2, errors: expect.stringContaining('nothing to note') as string });
    const unknown = await testops('runs', 'reject', '20990101T000000Z-nothing-0000');
    expect(unknown).toMatchObject({ status: 3, errors: expect.stringContaining('There is no run') as string });
  });

  test('releases: the list, and whether a candidate may go on', async () => {
    expect((await testops('releases', 'list')).output).toMatch(/^RELEASE[^]*\nrc3 [^]*\nrc2 [^]*\nrc1 /);
    const sheet = await testops('releases', 'show', 'rc3', '--previous', 'rc1');
    expect(sheet).toMatchObject({ status: 1, errors: '' });
    expect(sheet.output).toMatch(/^May rc3 go on\? {2}no\n/);
    expect(sheet.output).toMatch(/changed: 9 confirmed differences(?:.*\n){6} {4}and 4 more: testops compare \S+ --baseline rc1 --all\n/);
    const json = await testops('releases', 'show', 'rc3', '--json');
    expect(releaseSheetSchema.parse(JSON.parse(json.output))).toMatchObject({ release: 'rc3', previous: 'rc1', answer: 'no' });
    expect(await testops('releases', 'show', 'rc9')).toMatchObject({
      status: 2,
      errors: expect.stringContaining('no run of the release rc9') as string,
    });
  });

  test('trend: a table for people, JSON for programs, and a word on metrics that nobody measured', async () => {
    const words = await testops('trend', 'release-check', '--series', 'MatchingEngineSecondary.rss', 'Nobody.nothing');
    expect(words).toMatchObject({
      status: 0,
      errors: expect.stringContaining('None of these runs has values of Nobody.nothing') as string,
    });
    expect(words.output).toMatch(/^RUN +rc1[^]*\nverdict +passed[^]*\nMatchingEngineSecondary\.rss +\d/);
    const json = await testops('trend', 'release-check', '--json', '--limit', '5');
    expect(trendSchema.parse(JSON.parse(json.output)).runs).toHaveLength(5);
    expect((await testops('trend', 'nothing')).errors).toMatch(/no finished run of the scenario nothing/);
  });

  test('replay: the run again, as fast as it can be printed, from a step on, and nothing of it is live', async () => {
    const run = await newest('rc3');
    const { status, output } = await testops('replay', run, '--speed', 'max');
    expect(status).toBe(0);
    expect(output).toMatch(/^REPLAY of .*nothing of this is live/);
    expect(output).toContain('MatchingEnginePrimary crashed');
    expect(output).toMatch(/FAILED {2}/);
    const later = await testops('replay', run, '--speed', 'max', '--from', '9');
    expect(later.output).toContain('◂ at step 9 ');
    expect(later.output).not.toContain('start_load #{rate}  ✓');
    expect((await testops('replay', run, '--speed', '1000')).status).toBe(2);
    const unknown = await testops('replay', run, '--speed', 'max', '--from', '99');
    expect(unknown).toMatchObject({
      status: 2,
      output: '',
      errors: expect.stringContaining('executed no step 99, so nothing was played') as string,
    });
  });

  test('a replay that nobody reads any more ends', async () => {
    const run = await newest('rc3');
    const { output } = await shell(`"${process.execPath}" "${inject('builtCommand')}" replay ${run} 2>/dev/null | head -1`);
    expect(output).toMatch(/^REPLAY of /);
  });
});
