/**
 * Every method and stream of the contract, asked of a served core over its socket with paths that lead elsewhere: none does
 * anything. A request key that is new must be decided on here.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { openServedMachine, secret, type ServedMachine } from './served-core.ts';
import { pathKeys } from '#main/core/served/remote-requests.ts';
import { methods, streams, type Core, type Method, type Stream } from '#shared/contract/contract.ts';
import { folder, environmentFile, requests, listenings } from './every-request.ts';

let machine: ServedMachine;
beforeAll(async () => {
  machine = await openServedMachine();
});
afterAll(() => machine.owned.dispose());

/** Keys that hold no path. One that is not here, and not among the paths, makes the test fail: is it one? */
const plain = new Set(
  (
    'start texts decision text expectedHash layout release ready run series from columns scenario limit of console candidate baseline runs step remark previous subject ' +
    'environment format rules trusted accepted offline variables policy dryRun startPaused breakpoints attended stepBudget action words outcome orFind window ' +
    'unique revision suites only failedOf campaign offset limit suite results states failure test evidence with change line column looked token name id'
  ).split(' '),
);

/** Of each key, values that lead out, or to what is not served. */
function hostileValues(key: string, method: string): readonly unknown[] {
  const { folder: around, workspace, outside } = machine;
  const files = [
    '/etc/passwd',
    '~/.ssh/authorized_keys',
    '..',
    '../outside/secret.txt',
    'sub/../../outside/secret.txt',
    '..\\outside\\secret.txt',
    'a\0b',

    'leak.txt',
    'linked/secret.txt',
    './linked/secret.txt',
    'operator.txt',
    'forgotten.txt',
    'keys/note.txt',
    '.git/config',
    join(outside, 'secret.txt'),
  ];
  const governing = [
    'environment.yaml',
    'Environment.YAML',
    'environment-new.yml',
    'second/environment.yaml',
    'plugins/own.mjs',
    'plugins/new.mjs',
    'plugins/words.txt',

    'Plugins/new.txt',
    'sub/plugins/new.txt',
    'daemons/mep.yaml',
    'daemons/new.txt',
    'daemon.yaml',
    'run.sh',
    'settings.json',
    'package.json',
    'new',
    'environment.pin.json',
    'new.mjs',
    'linked/new.txt',
    'linked/new.scn',
    'scenarios/leak.scn',
    'keys/new.txt',
    '.new.txt',
  ];
  const environments = [
    '/etc/passwd',
    'other',
    '',
    'environment.yaml',
    './environment.yaml',
    'MAIN',
    'exchange/environment.yaml',
    join(outside, 'environment.yaml'),

    join(workspace, 'second', 'environment.yaml'),
    join(workspace, 'linked', 'environment.yaml'),
    `${workspace}/../outside/environment.yaml`,
  ];
  switch (key) {
    case 'folder':
      return [
        '/',
        '.',
        '..',
        '',
        '~',
        'other',
        'EXCHANGE',
        'exchange/',
        'exchange/..',
        'exchange/../outside',
        'exchange\0',
        '/etc',
        around,
        outside,
        `${workspace}-other`,
        `${workspace}/linked`,
        `${workspace}/../outside`,
        `${workspace}/scenarios`,
        `file://${workspace}`,
      ];
    case 'path':
    case 'to':
      if (method.startsWith('drafts.')) return ['../x', '/x', 'a\0b'];
      return method === 'file.read' ? files : [...files, ...governing];
    case 'draft':
      return ['../x', '/x', 'a\0b', 'a\\b'].map((path) => ({ path, text: '', baseHash: null }));
    case 'file':
      return [join(outside, 'new'), join(workspace, 'new'), '/etc/passwd', 'new', '~/.ssh/authorized_keys'];
    case 'scenarioFile':
      return [
        '/etc/passwd',
        'exchange/../outside/secret.scn',
        'exchange/scenarios/leak.scn',
        'exchange/linked/secret.scn',
        'scenarios/good.scn',
        '',
        'other/a.scn',
        'exchange',
        'exchange/',
        'exchange/environment.yaml',
        'exchange/operator.txt',
        'exchange/notes.txt',
        'exchange//etc/passwd',

        join(outside, 'secret.scn'),
        `${workspace}/../outside/secret.scn`,
        join(workspace, 'scenarios', 'leak.scn'),
        `${workspace}-other/other.scn`,
      ];
    case 'campaignFile':
      return [
        ...environments,
        'exchange/suites/smoke.yaml',
        'exchange/campaigns/../environment.yaml',
        'exchange/linked/environment.yaml',
        'exchange/campaigns',
        'other/campaigns/nightly.yaml',
        'campaigns/nightly.yaml',
        `${workspace}/../outside/environment.yaml`,
      ];
    case 'environmentFile':
      return environments;
    case 'environmentFiles':
      return environments.map((each) => [environmentFile, each]);
    default:
      return [];
  }
}

function keysOf(schema: z.ZodType): readonly string[] {
  return Object.keys((schema as z.ZodObject).shape);
}

/** Everything on the machine, except what the core keeps for itself. */
async function everything(): Promise<string> {
  const entries = await readdir(machine.folder, { recursive: true, withFileTypes: true });
  const own = [join(machine.folder, 'home'), join(machine.folder, 'archive')];
  const told = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      if (own.some((each) => path.startsWith(each))) return '';
      if (entry.isSymbolicLink()) return `${path} -> ${await readlink(path)}`;
      return entry.isFile() ? `${path} ${await readFile(path, 'base64')}` : path;
    }),
  );
  return told.sort().join('\n');
}

async function asked(core: Core, method: string, request: unknown): Promise<unknown> {
  return core.request(method as Method, request as never).then(
    (response) => ({ response }),
    (failure: unknown) => failure,
  );
}

async function listenedTo(core: Core, stream: string, request: unknown): Promise<unknown> {
  const items: unknown[] = [];
  const listening = core.listen(stream as Stream, request as never, (item) => void items.push(item));
  const ended = await Promise.race([
    listening.ended.then(
      () => 'ended',
      (failure: unknown) => failure,
    ),
    new Promise((resolve) => setTimeout(resolve, 1_000, 'goes on')),
  ]);
  listening.close();
  return ended instanceof Error ? ended : { response: [ended, items] };
}

const everyRequest = [
  ...Object.entries(methods).map(([name, { request }]) => ({
    name,
    schema: request as z.ZodType,
    good: requests[name as Method] as object,
    ask: asked,
  })),
  ...Object.entries(streams).map(([name, { request }]) => ({
    name,
    schema: request as z.ZodType,
    good: listenings[name as Stream] as object,
    ask: listenedTo,
  })),
];

test.each(everyRequest)('every key of $name is known to be a path or none', ({ name, schema }) => {
  for (const key of keysOf(schema)) {
    const isTime = name === 'runs.points' && key === 'to';
    expect(
      isTime || plain.has(key) || pathKeys.some((each) => each === key),
      `${name}: is '${key}' a path? Then the decision must know it`,
    ).toBe(true);
  }
});

describe('a remote console', () => {
  test.each(
    everyRequest.filter(
      ({ schema, name }) => name !== 'runs.points' && keysOf(schema).some((key) => pathKeys.some((each) => each === key)),
    ),
  )('reaches nothing that is not served by $name', { timeout: 120_000 }, async ({ name, schema, good, ask }) => {
    const before = await everything();
    const hostile = keysOf(schema).flatMap((key) => hostileValues(key, name).map((value) => ({ ...good, [key]: value })));
    expect(hostile.length).toBeGreaterThan(3);
    for (const request of hostile) {
      const answer = await ask(machine.alice, name, request);
      expect(answer, `${name} ${JSON.stringify(request)}`).toMatchObject({ problem: { code: expect.any(String) as string } });
      const { problem } = answer as { problem: { code: string; message: string } };
      expect(JSON.stringify(problem)).not.toContain(secret);
      expect(
        ['not-served', 'not-from-here', 'outside-workspace', 'hidden-file', 'bad-request'],
        `${name} ${JSON.stringify(request)}: ${problem.message}`,
      ).toContain(problem.code);
    }
    expect(await everything()).toBe(before);
  });

  test('chooses workspaces and environments by their names', async () => {
    const { alice, workspace } = machine;
    expect(await alice.request('workspace.recent', {})).toEqual({ folders: ['exchange'] });
    expect(await alice.request('workspace.open', { folder })).toMatchObject({
      folder: workspace,
      environments: [{ name: 'main', file: machine.environmentFile }],
    });
    expect((await alice.request('workspace.files', { folder: workspace })).files.map(({ path }) => path)).toContain('scenarios/good.scn');
    expect(await alice.request('file.read', { folder, path: 'scenarios/good.scn' })).toMatchObject({ text: 'start_load\n' });
    expect(await alice.request('environment.status', { environmentFile })).toMatchObject({ environment: 'TEST' });
    expect(await alice.request('environment.status', { environmentFile: machine.environmentFile })).toMatchObject({ environment: 'TEST' });
    expect(await alice.request('scenario.check', requests['scenario.check'])).toEqual({ problems: [] });
    // On a busy machine it may have changed within the second.
    const { response } = (await listenedTo(alice, 'environment.live', { environmentFile })) as { response: [string, unknown[]] };
    expect([response[0], response[1][0]]).toMatchObject(['goes on', { environment: 'TEST' }]);
    expect(await alice.request('core.information', {})).toMatchObject({ operator: 'alice', demoReleases: [] });
  });

  test('writes, renames and removes scenarios', async () => {
    const { alice, workspace } = machine;
    const { hash } = await alice.request('file.write', { folder, path: 'scenarios/sub/mine.scn', text: 'log mine\n', expectedHash: null });
    await alice.request('file.rename', { folder: workspace, path: 'scenarios/sub/mine.scn', to: 'scenarios/yours.scn' });
    expect(await readFile(join(workspace, 'scenarios', 'yours.scn'), 'utf8')).toBe('log mine\n');
    await alice.request('file.delete', { folder, path: 'scenarios/yours.scn', expectedHash: hash });
    expect(await readdir(join(workspace, 'scenarios'))).not.toContain('yours.scn');
  });

  test('does not run what a link of the workspace calls elsewhere', async () => {
    const { alice } = machine;
    const request = { ...requests['run.start'], scenarioFile: 'exchange/scenarios/calls.scn' };
    expect(await asked(alice, 'run.start', request)).toMatchObject({ problem: { code: 'outside-workspace' } });
    expect(await asked(alice, 'run.start', { ...request, dryRun: true })).toMatchObject({ problem: { code: 'outside-workspace' } });
    expect(await asked(alice, 'scenario.check', { scenarioFile: 'exchange/scenarios/calls.scn' })).toMatchObject({
      problem: { code: 'outside-workspace' },
    });
  });

  test('commands only where the environment’s key is its operator’s', async () => {
    const { alice, bob } = machine;
    expect(await alice.request('command.execute', requests['command.execute'])).toMatchObject({ outcome: { success: true } });
    for (const method of ['command.execute', 'environment.pin', 'run.start', 'run.recover'] as const) {
      expect(await asked(bob, method, requests[method]), method).toMatchObject({
        problem: { code: 'key-of-another', message: expect.stringContaining('alice') as string },
      });
    }
    expect(await bob.request('environment.status', { environmentFile })).toMatchObject({ environment: 'TEST' });
    expect(await bob.request('run.start', { ...requests['run.start'], dryRun: true })).toMatchObject({ run: expect.any(String) as string });
  });

  test('drives only the runs that its operator started', { timeout: 30_000 }, async () => {
    const { alice, bob } = machine;
    const { run: started } = await alice.request('run.start', { ...requests['run.start'], startPaused: true, attended: true });
    const records = (core: Core): { kinds: string[]; ended: Promise<void> } => {
      const kinds: string[] = [];
      const { ended } = core.listen('run.records', { run: started, from: 1 }, (batch) => void kinds.push(...batch.map(({ kind }) => kind)));
      return { kinds, ended };
    };
    const [seen, own] = [records(bob), records(alice)];
    const others: readonly [Method, unknown][] = [
      ['run.act', { run: started, action: { kind: 'continue' } }],
      ['run.edit', { run: started, scenario: 'good', text: 'log changed\n' }],
      ['run.control', { run: started, console: null }],
    ];
    for (const [method, request] of others) {
      expect(await asked(bob, method, request), method).toMatchObject({
        problem: { code: 'run-of-another', message: expect.stringContaining('alice') as string },
      });
    }
    await alice.request('run.act', { run: started, action: { kind: 'continue' } });
    await own.ended;
    await seen.ended;
    expect(seen.kinds.at(-1)).toBe('run-finished');
  });

  test.each([
    'demo.start',
    'demo.reset',
    'demo.workspace',
    'demo.stop',
    'runs.export',
    'runs.import',
    'report.write',
    'campaign.export',
  ] as const)('neither starts programs on the machine nor names files there (%s)', async (method) => {
    expect(await asked(machine.alice, method, requests[method])).toMatchObject({ problem: { code: 'not-served' } });
  });

  test('sees no unsaved texts of other operators', async () => {
    const { alice, bob } = machine;
    await alice.request('drafts.save', requests['drafts.save']);
    expect((await alice.request('drafts.list', { folder })).drafts.map(({ text }) => text)).toEqual(['draft']);
    expect(await bob.request('drafts.list', { folder })).toEqual({ drafts: [] });
  });
});

test('a console of the machine itself reaches what it did before', async () => {
  const { local, outside, workspace } = machine;
  expect(await local.request('file.read', { folder: outside, path: 'secret.txt' })).toMatchObject({ text: secret });
  expect((await local.request('workspace.open', { folder: workspace })).environments).toHaveLength(2);
  expect(await asked(local, 'file.write', { folder: outside, path: 'environment-new.yaml', text: 'x', expectedHash: null })).toHaveProperty(
    'response',
  );
});
