/** Campaigns at the terminal: an embedded router, one daemon that is a worker, a suite of programs and one of pytest. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { Ownership } from '#shared/disposable.ts';
import { openNetwork, type NetworkOfProcesses } from '../network-of-processes.ts';
import { trustFolder } from '../trusted-folder.ts';
import { jsonLines, root, runCommand, startCommand, type CommandOptions, type Ended } from './console-command.ts';

const owned = new Ownership();
let network: NetworkOfProcesses;
let options: CommandOptions;

/** Whether pytest is there. */
const withPytest = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pytest', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), 'testops-campaign-command-'));
  owned.own(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  network = await openNetwork({ daemon: { worker: { slots: 3, adapters: ['executable', 'pytest'], packages: ['*'], labels: ['linux'] } } });
  owned.own(network);
  options = { archive: join(home, 'archive'), home, folder: network.folder, program: inject('builtCommand') };
  await trustFolder(network.folder, join(home, 'console'));
  await write('tests/good.sh', '#!/bin/sh\necho fine\n', 0o755);
  await write('tests/bad.sh', '#!/bin/sh\necho expected 1, got 2\nexit 1\n', 0o755);
  await write('tests/flaky.sh', '#!/bin/sh\n[ "$TESTOPS_ATTEMPT" = 2 ]\n', 0o755);
  await write('slow/slow.sh', '#!/bin/sh\nsleep 60\n', 0o755);
  await write('python/test_sums.py', 'import pytest\n\n@pytest.mark.parametrize("n", range(5))\ndef test_sum(n):\n    assert n + n == 2 * n\n\ndef test_wrong():\n    assert 1 + 1 == 3\n'); // prettier-ignore
  await write('suites/programs.yaml', suite('programs', 'executable', '../tests', 'retries: 1\nsettings: { files: ["*.sh"] }\n'));
  await write('suites/slow.yaml', suite('slow', 'executable', '../slow', 'timeout: 2m\nsettings: { files: ["*.sh"] }\n'));
  await write('suites/api.yaml', suite('api', 'pytest', '../python', ''));
  await write('campaigns/nightly.yaml', `campaign: nightly\nsuites: [programs${withPytest ? ', api' : ''}]\n`);
  // A folder of the same name is not meant.
  await mkdir(join(network.folder, 'nightly'));
  await write('campaigns/long.yaml', 'campaign: long\nsuites: [slow]\n');
  await network.startDaemon();
});
afterAll(() => owned.dispose());

function suite(name: string, adapter: string, folder: string, rest: string): string {
  return `suite: ${name}\nadapter: ${adapter}\npackage: { folder: ${folder} }\nusesServer: false\n${rest}`;
}

async function write(name: string, text: string, mode = 0o644): Promise<void> {
  const file = join(network.folder, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
}

function testops(...words: string[]): Promise<Ended> {
  return runCommand(words, options);
}

test('suites are listed and checked, workers are heard', { timeout: 60_000 }, async () => {
  const checked = await testops('suites', 'check');
  expect(checked.output).toBe(`3 suites, 2 campaigns, 0 tests in quarantine: no errors\n`);
  expect(checked.status).toBe(0);
  expect((await testops('suites', 'list')).output).toMatch(/^programs +executable$/m);
  await write('suites/wrong.yaml', 'suite: wrong\nadaptor: pytest\n');
  const wrong = await testops('suites', 'check');
  await rm(join(network.folder, 'suites', 'wrong.yaml'));
  expect(wrong.errors).toMatch(/wrong\.yaml:2:1.*adaptor/);
  expect(wrong.status).toBe(2);
  const workers = await testops('workers');
  expect(workers.output).toMatch(/^MEP +present +\S+ +0\/3 +linux$/m);
  expect(workers.status).toBe(0);
});

test('a campaign is followed to its end, looked at, and what failed is executed again', { timeout: 60_000 }, async () => {
  const run = await testops('campaign', 'run', 'nightly', '--revision', 'rc1');
  expect(run.errors).toBe('');
  expect(run.output).toContain('nightly on TEST, revision rc1');
  expect(run.output).toMatch(/✗ programs {2}bad\.sh {2}on MEP, .*attempt 2, final\n {4}.*1/);
  expect(run.output).toContain('Failures by their messages');
  expect(run.output).toMatch(
    withPytest ? /FAILED {2}6 passed, 2 failed, 1 passed on retry/ : /FAILED {2}1 passed, 1 failed, 1 passed on retry/,
  );
  expect(run.status).toBe(1);
  // Whoever looks on afterwards ends as the campaign has.
  expect((await testops('campaign', 'show', 'last', '--follow')).status).toBe(1);

  expect((await testops('campaign', 'list')).output).toMatch(/-nightly-\S+ +TEST +rc1 +failed +\d\/\d/);
  const shown = await testops('campaign', 'show', 'last');
  expect(shown.output).toMatch(/^programs +executable +3 +1 passed, 1 failed, 1 passed on retry$/m);
  const failed = await testops('campaign', 'tests', 'last', '--failed', '--suite', 'programs', '--json');
  expect(jsonLines(failed.output)).toMatchObject([{ test: 'bad.sh', result: 'failed', worker: 'MEP' }]);
  const one = await testops('campaign', 'test', 'last', 'programs', 'bad.sh');
  expect(one.output).toMatch(/attempt 1 on MEP.*failed[\s\S]*attempt 2 on MEP.*failed/);

  await write('tests/bad.sh', '#!/bin/sh\nexit 0\n', 0o755);
  const again = await testops('campaign', 'run', 'nightly', '--failed-of', 'last', '--suite', 'programs', '--json');
  const lines = jsonLines(again.output) as { kind: string; outcome?: string; tests: number }[];
  expect(lines.at(-1)).toMatchObject({ kind: 'ended', outcome: 'passed', tests: 1 });
  expect(again.status).toBe(0);
  const [newer, older] = jsonLines((await testops('campaign', 'list', '--json')).output) as { campaign: string }[];
  const compared = await testops('campaign', 'compare', newer?.campaign ?? '', older?.campaign ?? '');
  expect(compared.output).toMatch(/^newly passing {2}programs {2}bad\.sh/m);
  expect(compared.status).toBe(0);
  expect((await testops('campaign', 'delete', newer?.campaign ?? '', '--yes')).output).toBe(`${newer?.campaign} deleted\n`);
  expect((await testops('campaign', 'show', newer?.campaign ?? '')).status).toBe(2);
});

test('Ctrl-C stops a campaign; so does another terminal', { timeout: 60_000 }, async () => {
  const stopped = startCommand(['campaign', 'run', 'long'], options);
  await stopped.printed(/1 running/);
  stopped.process.kill('SIGINT');
  const end = await stopped.ended;
  expect(end.output).toContain('Stopping the campaign');
  expect(end.output).toMatch(/STOPPED {2}1 not run/);
  expect(end.status).toBe(130);

  const other = startCommand(['campaign', 'run', 'long'], options);
  await other.printed(/1 running/);
  const asked = await testops('campaign', 'stop', 'last', '--reason', 'enough');
  expect(asked.output).toMatch(/STOPPED/);
  expect(await other.ended).toMatchObject({ status: 130, complaints: '' });
});

test.each([
  ['gitlab-ci.yml', scriptOfGitLab],
  ['github-actions.yml', scriptOfGitHub],
] as const)('the lines of %s are executed in a workspace', { timeout: 60_000 }, async (name, scriptOf) => {
  const content: unknown = parse(await readFile(join(root, 'resources', 'examples', 'ci', name), 'utf8'));
  const bin = join(options.home ?? '', 'bin');
  await mkdir(bin, { recursive: true });
  const command = `exec '${process.execPath}' --disable-warning=ExperimentalWarning '${options.program ?? ''}' "$@"`;
  await writeFile(join(bin, 'testops'), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  const environment = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, TESTOPS_HOME: options.home, TESTOPS_ARCHIVE: options.archive, CI_COMMIT_SHORT_SHA: 'c0ffee', GITHUB_SHA: 'c0ffee', NO_COLOR: '1' }; // prettier-ignore
  const shell = (lines: readonly string[]) =>
    spawnSync('sh', ['-ec', lines.join('\n')], { cwd: network.folder, env: environment, encoding: 'utf8' });
  const { script, after } = scriptOf(content);
  await write('tests/bad.sh', '#!/bin/sh\nexit 1\n', 0o755);
  const during = shell(script);
  expect(during.stdout).toMatch(/revision c0ffee[\s\S]*FAILED/);
  expect(during.status).toBe(1);
  const afterwards = shell(after);
  expect(afterwards.stderr).toBe('');
  expect(afterwards.status).toBe(0);
  expect(await readFile(join(network.folder, 'results', 'TEST-programs.xml'), 'utf8')).toContain('bad.sh');
});

/** What a job does, and what it does whatever became of that. */
interface Scripts {
  readonly script: readonly string[];
  readonly after: readonly string[];
}

function scriptOfGitLab(content: unknown): Scripts {
  const { campaign } = content as { campaign: { script: string[]; after_script: string[] } };
  return { script: campaign.script, after: campaign.after_script };
}

function scriptOfGitHub(content: unknown): Scripts {
  const { jobs } = content as { jobs: { campaign: { steps: { run?: string; if?: string }[] } } };
  const lines = (always: boolean) => jobs.campaign.steps.flatMap(({ run, if: when }) => (run !== undefined && (when === 'always()') === always ? [run] : [])); // prettier-ignore
  return { script: lines(false), after: lines(true) };
}

test('quarantine is edited where it stands, with what is written around it', { timeout: 60_000 }, async () => {
  await write('quarantine.yaml', '# Ask before you add.\nquarantine: []\n');
  const add = ['quarantine', 'add', 'programs', 'flaky.sh', '--owner', 'alice', '--reason', 'a race'];
  expect((await testops(...add)).status).toBe(0);
  expect((await testops(...add)).status).toBe(2);
  expect((await testops('quarantine', 'extend', 'programs', 'flaky.sh')).status).toBe(0);
  expect((await testops('quarantine', 'extend', 'programs', 'flaky.sh')).errors).toContain('extended already');
  expect((await testops('quarantine', 'check')).output).toContain('1 test in quarantine');
  expect((await testops('quarantine', 'list')).output).toMatch(/programs +flaky\.sh +alice .*2[789] days left +a race/);
  const text = await readFile(join(network.folder, 'quarantine.yaml'), 'utf8');
  expect(text).toMatch(/^# Ask before you add\.\nquarantine:\n {2}- suite: programs\n {4}test: flaky\.sh\n/);
  await testops('quarantine', 'remove', 'programs', 'flaky.sh');
  expect(await readFile(join(network.folder, 'quarantine.yaml'), 'utf8')).toBe('# Ask before you add.\nquarantine: []\n');
});
