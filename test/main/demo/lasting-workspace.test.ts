/** A demo's workspace over the years: starts, new versions of the product, two at a time, and starts that were cut off. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimPlace, type DemoPlace } from '#main/demo/demo-place.ts';
import { resetDemoWorkspace } from '#main/demo/demo-reset.ts';
import { layOutWorkspace, type TemplateWorkspace } from '#main/demo/template-workspace.ts';
import { readEnvironment } from '#main/core/environments/environment-file.ts';
import type { Problem } from '#shared/problem.ts';

let root: string;
let home: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'lasting-')));
  home = join(root, 'home', 'console');
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 3 }));

const environment = `# where it is
environment: small
router: '{{router}}'
operator: { name: demo, key: '{{operator-key}}' }
release: '{{release}}'
daemons: [ONE]
`;
const template = `title: a small one
folder: small
environment: small
operator: demo
daemons: [ONE]
ports: [router, other]
releases: [rc1, rc2]
start: []
ready: {}
scenario: first
`;
const daemon = `daemon: ONE\nrouter: '{{router}}'\nother: {{other-port}}\n`;
const firstVersion = { 'scenarios/first.scn': 'wait 1s\n', 'scenarios/second.scn': 'wait 2s\n', 'daemons/ONE.yaml': daemon };

/** A template, as a version of the product brings it. */
async function version(
  name: string,
  files: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = join(root, name, 'workspace');
  const all = { 'template.yaml': template, 'environment.yaml': environment, ...files, ...more };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

interface Start {
  readonly place: DemoPlace;
  readonly workspace: TemplateWorkspace;
  readonly codes: readonly string[];
}

/** Lays the workspace out as a start does, and gives it back. */
async function start(source: string, release?: string): Promise<Start> {
  const place = await claimPlace({ home, name: 'small' });
  try {
    const processes = await mkdtemp(join(root, 'processes-'));
    const workspace = await layOutWorkspace({ source, place, processes, release });
    return { place, workspace, codes: workspace.notices.map(({ code }) => code) };
  } finally {
    await place.release();
  }
}

const at = (path: string): string => join(home, 'demo', 'small', path);
const read = (path: string): Promise<string> => readFile(at(path), 'utf8');
const failureOf = async (work: Promise<unknown>): Promise<Problem> =>
  work.then(
    () => expect.unreachable('It worked.'),
    (failure: { problem: Problem }) => failure.problem,
  );

describe('files that come with the product', () => {
  test('are laid down, and what the user saved, changed and deleted stays so', async () => {
    const source = await version('one', firstVersion);
    expect((await start(source)).codes).toEqual([]);
    await writeFile(at('scenarios/mine.scn'), 'mine');
    await writeFile(at('scenarios/first.scn'), 'changed');
    await rm(at('scenarios/second.scn'));
    expect((await start(source, 'rc2')).codes).toEqual([]);
    expect(await read('scenarios/mine.scn')).toBe('mine');
    expect(await read('scenarios/first.scn')).toBe('changed');
    expect((await readdir(at('scenarios'))).sort()).toEqual(['first.scn', 'mine.scn']);
  });

  test('of a new version replace those that are untouched; it is told once which are not', async () => {
    await start(await version('one', firstVersion));
    await writeFile(at('scenarios/first.scn'), 'changed');
    await writeFile(at('scenarios/third.scn'), 'mine');
    const next = {
      ...firstVersion,
      'scenarios/first.scn': 'wait 11s\n',
      'scenarios/second.scn': 'wait 22s\n',
      'scenarios/third.scn': 'new\n',
    };
    const two = await version('two', next, { 'scenarios/fourth.scn': 'new too\n' });
    const { workspace } = await start(two);
    expect(workspace.notices).toMatchObject([
      {
        code: 'demo-files-kept',
        message: expect.stringMatching(/scenarios\/first\.scn and scenarios\/third\.scn\. Yours were kept/) as string,
      },
    ]);
    expect(await Promise.all(['first', 'second', 'third', 'fourth'].map((name) => read(`scenarios/${name}.scn`)))).toEqual([
      'changed',
      'wait 22s\n',
      'mine',
      'new too\n',
    ]);
    expect((await start(two)).codes).toEqual([]);
    // Who takes the change back has the product's text again, and its next version.
    await writeFile(at('scenarios/first.scn'), 'wait 11s\n');
    await start(two);
    await start(await version('three', { ...next, 'scenarios/first.scn': 'wait 111s\n' }));
    expect(await read('scenarios/first.scn')).toBe('wait 111s\n');
  });

  test('that were deleted stay away in a new version too; one that it does not bring any more stays', async () => {
    await start(await version('one', firstVersion));
    await rm(at('scenarios/second.scn'));
    const { 'scenarios/first.scn': _, ...rest } = firstVersion;
    await start(await version('two', { ...rest, 'scenarios/second.scn': 'wait 22s\n' }));
    expect(await readdir(at('scenarios'))).toEqual(['first.scn']);
  });

  test('are all laid down again where the whole folder was taken away', async () => {
    const source = await version('one', firstVersion);
    await start(source);
    await rm(at('.'), { recursive: true });
    expect((await start(source)).codes).toEqual([]);
    expect((await readdir(at('scenarios'))).sort()).toEqual(['first.scn', 'second.scn']);
  });

  test('of the daemons are used as the user has them, or, where they were deleted, as they came', async () => {
    const source = await version('one', firstVersion);
    await start(source);
    expect(await read('daemons/ONE.yaml')).toBe(daemon);
    await writeFile(at('daemons/ONE.yaml'), `${daemon}mine: '{{workspace}}'\n`);
    const { workspace } = await start(source);
    const used = await readFile(workspace.daemonFiles.get('ONE') ?? '', 'utf8');
    expect(used).toMatch(/^daemon: ONE\nrouter: 'nats:\/\/127\.0\.0\.1:\d+'\nother: \d+\nmine: '/);
    expect(used).toContain(workspace.folder);
    await rm(at('daemons/ONE.yaml'));
    const again = await start(source);
    expect(await readFile(again.workspace.daemonFiles.get('ONE') ?? '', 'utf8')).not.toContain('mine');
  });

  test('are still told from the user\u2019s when what was remembered is damaged', async () => {
    const source = await version('one', firstVersion);
    const { place } = await start(source);
    await writeFile(at('scenarios/first.scn'), 'changed');
    await writeFile(join(place.own, 'laid-down.json'), '{"version":1,"fil');
    await start(source);
    expect(await read('scenarios/first.scn')).toBe('changed');
    await start(await version('two', { ...firstVersion, 'scenarios/second.scn': 'wait 22s\n' }));
    expect(await read('scenarios/second.scn')).toBe('wait 22s\n');
  });
});

describe('the environment file', () => {
  test('stays as it is, byte for byte, while nothing changed', async () => {
    const source = await version('one', firstVersion);
    const { workspace } = await start(source);
    const before = await stat(workspace.environmentFile);
    await start(source);
    expect((await stat(workspace.environmentFile)).mtimeMs).toBe(before.mtimeMs);
    const { environment: described, problems } = await readEnvironment(workspace.environmentFile);
    expect(problems).toEqual([]);
    expect(described).toMatchObject({ name: 'small', release: { kind: 'value', value: 'rc1' } });
    expect((await stat(described?.operator.keyFile ?? '')).mode & 0o077).toBe(0);
  });

  test('keeps what the user wrote around what a start puts in', async () => {
    const source = await version('one', firstVersion);
    const { workspace } = await start(source);
    const [router = ''] = /nats:\/\/127\.0\.0\.1:\d+/.exec(await read('environment.yaml')) ?? [];
    const mine = `# of my own\nenvironment: small\nrouter:   "nats://elsewhere:4222"   # moved\noperator:\n  key: gone.seed # which\n  name: demo\nrelease: old\n\n\ndaemons: [ONE]\naliases: { smoke: [exec_smoke, fast] }\nlimits:\n    - { metric: One.rss, condition: '< 5MB' }\n`;
    await writeFile(at('environment.yaml'), mine);
    expect((await start(source, 'rc2')).codes).toEqual([]);
    const expected = mine
      .replace('"nats://elsewhere:4222"', `'${router}'`)
      .replace('gone.seed', "'../.small/demo.seed'")
      .replace('release: old', "release: 'rc2'");
    expect(await read('environment.yaml')).toBe(expected);
    // It is the user's from now on, with another release too.
    await start(source, 'rc1');
    expect(await read('environment.yaml')).toBe(expected.replace('rc2', 'rc1'));
    expect((await readEnvironment(workspace.environmentFile)).problems).toEqual([]);
  });

  test('gets what it lacks, and is laid down anew where it was deleted', async () => {
    const source = await version('one', firstVersion);
    const { workspace } = await start(source);
    const whole = await read('environment.yaml');
    await writeFile(at('environment.yaml'), '# mine\nenvironment: small\ndaemons: [ONE]\naliases: { a: b }\n');
    await start(source);
    const { environment: described, problems } = await readEnvironment(workspace.environmentFile);
    expect(problems).toEqual([]);
    expect(described).toMatchObject({ aliases: { a: ['b'] }, operator: { name: 'demo' } });
    expect(await read('environment.yaml')).toMatch(/^# mine\n/);
    await rm(at('environment.yaml'));
    await start(source);
    expect(await read('environment.yaml')).toBe(whole);
  });

  test.each([
    ['a half-written one', 'environment: small\nrouter: [\n', /no YAML .*\(line \d\)/],
    ['an empty one', '', /no YAML/],
    ['a list', '- a\n- b\n', /no YAML/],
  ])('that cannot be read is told and left alone: %s', async (_, text, message) => {
    const source = await version('one', firstVersion);
    await start(source);
    await writeFile(at('environment.yaml'), text);
    expect(await failureOf(start(source))).toMatchObject({
      code: 'demo-environment-unreadable',
      message: expect.stringMatching(message) as string,
      file: at('environment.yaml'),
    });
    expect(await read('environment.yaml')).toBe(text);
  });
});

describe('two at a time', () => {
  test('have folders of their own, and the first is taken again when it is free', async () => {
    const source = await version('one', firstVersion);
    const first = await claimPlace({ home, name: 'small' });
    expect(first).toMatchObject({ folder: join(home, 'demo', 'small'), notices: [] });
    const second = await start(source);
    expect(second.workspace.folder).toBe(`${first.folder}-2`);
    expect(second.workspace.notices).toMatchObject([{ code: 'demo-in-use', severity: 'warning' }]);
    await expect(resetDemoWorkspace({ home, source }, new Date())).rejects.toMatchObject({ problem: { code: 'demo-in-use' } });
    await first.release();
    expect((await start(source)).workspace.folder).toBe(first.folder);
  });

  test('one that is being given back is waited for; that of a process that was killed is free at once', { timeout: 40_000 }, async () => {
    const source = await version('one', firstVersion);
    const other = lay(source);
    await other.printed('laid');
    expect((await start(source)).codes).toEqual(['demo-in-use']);
    other.process.stdin.end();
    // It is about to be given back, but is not yet.
    await expect.poll(() => readdir(join(home, 'demo', '.small'))).toContain('leaving');
    expect((await start(source)).codes).toEqual([]);
    await other.ended;

    const killed = lay(source);
    await killed.printed('laid');
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect((await start(source)).codes).toEqual([]);
  });
});

test('a home behind a link is the same home, by the name that it has on the disk', async () => {
  const source = await version('one', firstVersion);
  const { workspace } = await start(source);
  await symlink(join(root, 'home'), join(root, 'link'));
  const place = await claimPlace({ home: join(root, 'link', 'console'), name: 'small' });
  expect(place.folder).toBe(workspace.folder);
  await place.release();
});

/** Lays the workspace out in a process of its own. */
function lay(source: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'laying-process.ts'), home, source], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close');
  const printed = async (text: string): Promise<void> => {
    await expect.poll(() => output, { timeout: 15_000 }).toContain(text);
  };
  return { process: child, ended, printed };
}

test('a start that is killed at any moment is brought to its end by the next', { timeout: 60_000 }, async () => {
  const many = (text: string) =>
    Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`scenarios/s${index}.scn`, `${text} ${index}\n`]));
  let old = await version('version-0', many('version 0'));
  for (let round = 1; round <= 6; round++) {
    const texts = many(`version ${round}`);
    const source = await version(`version-${round}`, texts);
    const killed = lay(source);
    await killed.printed('claimed');
    await new Promise((resolve) => {
      setTimeout(resolve, round * 8);
    });
    killed.process.kill('SIGKILL');
    await killed.ended;
    // The version before, or this one: whole texts, and none is taken for the user's.
    const next = round % 2 === 0 ? old : source;
    const wanted = round % 2 === 0 ? many(`version ${round - 1}`) : texts;
    expect((await start(next)).codes).toEqual([]);
    for (const [path, text] of Object.entries(wanted)) expect(await read(path)).toBe(text);
    expect((await readdir(at('scenarios'))).filter((name) => !name.endsWith('.scn'))).toEqual([]);
    old = source;
  }
});

describe('a home that cannot be written', () => {
  test('is told in one sentence: a file in its place', async () => {
    const source = await version('one', firstVersion);
    await writeFile(join(root, 'home'), '');
    expect(await failureOf(start(source))).toMatchObject({
      code: 'demo-workspace-not-writable',
      message: "The demo's workspace cannot be written: a file stands where a folder should be.",
      tip: expect.stringContaining('TESTOPS_HOME') as string,
    });
  });

  test.skipIf(process.getuid?.() === 0)('is told in one sentence: no permission (skipped for root, who may write everywhere)', async () => {
    const source = await version('one', firstVersion);
    await mkdir(join(root, 'home'), { mode: 0o500 });
    expect(await failureOf(start(source))).toMatchObject({ message: "The demo's workspace cannot be written: this user may not." });
    await chmod(join(root, 'home'), 0o700);
  });
});
