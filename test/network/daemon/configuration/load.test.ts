/** Reading daemon.yaml: what is meant is understood, what is wrong is told with its place and what to do. */
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDaemonConfiguration, parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { formatProblem, type Problem } from '#shared/problem.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-configuration-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const example = `daemon: MEP
environment: demo
router: nats://127.0.0.1:4222
clockTolerance: 30s
host: { component: System, interval: 1s, disks: ['/'] }
components:
  MatchingEnginePrimary:
    find: { pidFile: run/mep.pid }
    start:
      command: [node, engine.mjs, --port, 0080]
      environment: { VERSION: 1.10 }
    signals: [KILL, SIGterm]
    commands: [kill, start]
    logs:
      - files: [logs/mep*.log]
        rules:
          - match: 'STATE (?P<state>\\w+)'
            state: '{state}'
          - match: 'latency=(?P<us>\\d+)us'
            metric: { name: latency, value: '{us}', unit: ms, scale: 0.001 }
actions:
  exec_smoke:
    command: [node, smoke.mjs, '{orders}']
    parameters:
      orders: { type: integer, minimum: 1, maximum: 1000, default: 10 }
    result: { json: a.b }
  start_load:
    command: [node, load.mjs]
    background: { ready: 'ok', timeout: 5s }
  stop_load: { stops: start_load }
scrape:
  - { component: Redis, url: 'http://127.0.0.1:9121/metrics', interval: 5s, timeout: 2s }
spool: { size: 64MB, age: 1h }
`;

const parse = (text: string): ReturnType<typeof parseDaemonConfiguration> => parseDaemonConfiguration(text, join(folder, 'daemon.yaml'));
const brief = (problem: Problem): string => `${problem.range ? problem.range.start.line + 1 : '-'} ${problem.code}`;

describe('a sound configuration', () => {
  test('is read with units, absolute paths and defaults', async () => {
    const path = join(folder, 'daemon.yaml');
    await writeFile(path, example);
    const { configuration, problems, hash } = await loadDaemonConfiguration(path);
    expect(problems).toEqual([]);
    expect(hash).toBe(createHash('sha256').update(example).digest('hex'));
    expect(configuration).toMatchObject({
      folder,
      state: join(folder, 'state'),
      clockTolerance: 30_000,
      trust: [],
      host: { interval: 1_000, interfaces: ['*'] },
      components: [
        {
          name: 'MatchingEnginePrimary',
          find: { kind: 'pid file', path: join(folder, 'run/mep.pid') },
          start: {
            command: ['node', 'engine.mjs', '--port', '0080'],
            environment: { VERSION: '1.10' },
            directory: folder,
            restart: 'never',
          },
          signals: ['KILL', 'TERM'],
          stop: { signal: 'TERM', timeout: 5_000 },
          logs: [
            {
              files: [join(folder, 'logs/mep*.log')],
              from: 'end',
              rules: [{ component: 'MatchingEnginePrimary' }, { metric: { scale: 0.001 } }],
            },
          ],
        },
      ],
      actions: [
        { kind: 'run', name: 'exec_smoke', result: { kind: 'json', path: ['a', 'b'] }, parameters: [{ name: 'orders', default: 10 }] },
        { kind: 'run', name: 'start_load', background: { ready: 'ok', timeout: 5_000 } },
        { kind: 'stop', name: 'stop_load', stops: 'start_load' },
      ],
      spool: { size: 64_000_000, age: 3_600_000 },
    });
  });
});

/** Each: what is replaced, by what, and the problems (line and code) that must be told. */
const mistakes: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['a missing name', 'daemon: MEP\n', '\n', ['2 missing-key']],
  ['a mistyped key', 'host: { component', 'hosts: { component', ['5 unknown-key']],
  ['a mistyped inner key', 'pidFile:', 'pidfile:', ['8 unknown-key']],
  ['a number without a unit', 'clockTolerance: 30s', 'clockTolerance: 30', ['4 bad-duration']],
  ['a duration beyond its bounds', 'interval: 1s', 'interval: 1ms', ['5 out-of-range']],
  ['a size without a unit', 'size: 64MB', 'size: 64', ['33 bad-size']],
  ['an unknown signal', '[KILL,', '[KIL,', ['12 unknown-signal']],
  ['an unknown command', '[kill, start]', '[kill, strat]', ['13 unknown-word']],
  ['a command without signals', '    signals: [KILL, SIGterm]\n', '', ['12 signals-missing']],
  ['look-ahead', "'latency=(?P<us>", "'latency(?==)(?P<us>", ['19 bad-pattern']],
  ['a group that is not there', "'{state}'", "'{stat}'", ['18 unknown-group']],
  ['a unit that is none', 'unit: ms', 'unit: seconds', ['20 unknown-word']],
  ['a rule for nothing', "            state: '{state}'\n", '', ['17 useless-rule']],
  ['a text for a list', 'files: [logs/mep*.log]', 'files: logs/mep.log', ['15 wrong-type']],
  ['an unknown parameter', "'{orders}'", "'{order}'", ['23 unknown-parameter']],
  ['a default beyond its bounds', 'default: 10', 'default: 5000', ['25 bad-default']],
  ['an action that stops nothing', 'stops: start_load', 'stops: startload', ['30 unknown-action']],
  ['an action that stops what is over', 'stops: start_load', 'stops: exec_smoke', ['30 unknown-action']],
  ['a URL of another kind', "'http://127", "'ftp://127", ['32 bad-url']],
  ['an impatient interval', 'timeout: 2s', 'timeout: 20s', ['32 timeout-over-interval']],
  ['a missing key file', 'clockTolerance: 30s', 'key: keys/none.seed', ['4 missing-file']],
  ['a program that is not there', 'command: [node, load.mjs]', 'command: [no-such-program-anywhere]', ['28 missing-program']],
  ['a duplicate component', 'component: System', 'component: MatchingEnginePrimary', ['5 duplicate-component']],
  ['a key that stands twice', 'clockTolerance: 30s', 'daemon: TWO', ['4 duplicate-key']],
  ['a name with a blank', '  exec_smoke:', '  exec smoke:', ['22 bad-name']],
  ['the name of a component command', '  exec_smoke:', '  kill:', ['22 reserved-name']],
  [
    'a rule for a mistyped component',
    "state: '{state}'",
    "state: '{state}'\n            component: MatchingEnginePrimry",
    ['19 unlisted-component'],
  ],
  [
    'a permission for nothing',
    'clockTolerance: 30s',
    `trust: [{ operator: a, key: UBQTEMIYL5JANTO4BB2K6QC3ABKIAQON34XPNPVHQMNIZPEUWUNAZT3Q, allow: ['exec_*', exec_smok, kill, 'component:Match*'] }]`,
    ['4 allows-nothing'],
  ],
  ['tabs', '  exec_smoke:', '\texec_smoke:', ['22 bad-yaml']],
];

describe('a mistake', () => {
  test.each(mistakes)('%s is told where it stands', async (_, sound, wrong, expected) => {
    expect(example).toContain(sound);
    const { configuration, problems } = await parse(example.replace(sound, wrong));
    expect(problems.map(brief)).toEqual(expected);
    for (const problem of problems) {
      expect(problem.message).toMatch(/\.$/);
      expect(problem.file).toBe(join(folder, 'daemon.yaml'));
    }
    expect(configuration === null).toBe(problems.some(({ severity }) => severity === 'error'));
  });

  test('does not hide others, in whatever part they stand', async () => {
    const text = example
      .replace('30s', '30')
      .replace('component: System, interval', 'component: System, intervall')
      .replace('KILL', 'KIL')
      .replace("'{orders}'", "'{order}'")
      .replace('stops: start_load', 'stops: startload')
      .replace('timeout: 2s', 'timeout: 20s');
    expect((await parse(text)).problems.map(brief)).toEqual([
      '4 bad-duration',
      '5 unknown-key',
      '12 unknown-signal',
      '23 unknown-parameter',
      '30 unknown-action',
      '32 timeout-over-interval',
    ]);
  });

  test('comes with advice', async () => {
    const told = async (sound: string, wrong: string): Promise<string> =>
      (await parse(example.replace(sound, wrong))).problems.map(formatProblem).join('\n');
    expect(await told('interval: 1s', 'intervall: 1s')).toMatch(
      /daemon\.yaml:5:28: The key "intervall" is not known in host\. Did you mean "interval"\?$/,
    );
    expect(await told('[KILL,', '[KIL,')).toContain('Did you mean KILL?');
    expect(await told('stops: start_load', 'stops: startload')).toContain('Did you mean "start_load"?');
    expect(await told("'{state}'", "'{stat}'")).toContain('Did you mean {state}?');
    expect(
      await told(
        'clockTolerance: 30s',
        'trust: [{ operator: a, key: SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTAM, allow: [] }]',
      ),
    ).toContain('not the public key');
  });

  test('never repeats a secret seed that stands in the wrong place', async () => {
    const seed = `SU${'A'.repeat(54)}`;
    const { problems } = await parse(example.replace('clockTolerance: 30s', `trust: [{ operator: a, key: ${seed}, allow: [] }]`));
    expect(problems.map(brief)).toEqual(['4 bad-key']);
    expect(problems.map(formatProblem).join()).not.toContain(seed);
  });
});

describe('a file that is none', () => {
  test.each([
    ['', 'bad-yaml'],
    ['- a\n- b\n', 'bad-yaml'],
    ['just a text', 'bad-yaml'],
    ['a: &a [*a]\n', 'missing-key'],
    ['a: *b\n', 'bad-yaml'],
    ['a: [1, 2\nb: 3', 'bad-yaml'],
  ])('is told: %j', async (text, code) => {
    const { configuration, problems } = await parse(text);
    expect(configuration).toBeNull();
    expect(problems[0]).toMatchObject({ code, range: expect.anything() });
  });

  test('because it is not there, a folder, or far too long', async () => {
    expect((await loadDaemonConfiguration(join(folder, 'none.yaml'))).problems[0]?.code).toBe('missing-file');
    expect((await loadDaemonConfiguration(folder)).problems[0]?.code).toBe('unreadable-file');
    await writeFile(join(folder, 'long.yaml'), `# ${'x'.repeat(1_100_000)}`);
    expect((await loadDaemonConfiguration(join(folder, 'long.yaml'))).problems[0]?.code).toBe('too-long');
  });

  test('because it multiplies itself', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 10; level++)
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
    const { problems } = await parse(`${lines.join('\n')}\n`);
    expect(problems[0]?.code).toBe('bad-yaml');
  });
});

describe('any mutation', () => {
  test('never makes the loader throw, and every problem has a place and a sentence', async () => {
    const edit = fc.record({
      at: fc.nat(example.length),
      remove: fc.nat(30),
      insert: fc.oneof(
        fc.string({ maxLength: 5 }),
        fc.constantFrom('\n', ': ', '- ', '{', ']', "'", '*', '&a', 'null', '99999999999', '__proto__: 1\n'),
      ),
    });
    let faulty = 0;
    const property = fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
      let text = example;
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove);
      const { configuration, problems } = await parse(text);
      expect(configuration === null).toBe(problems.some(({ severity }) => severity === 'error'));
      if (configuration === null) faulty++;
      const lines = text.split('\n').length;
      for (const problem of problems) {
        expect(problem.message.length).toBeGreaterThan(10);
        expect(problem.range!.start.line).toBeGreaterThanOrEqual(0);
        expect(problem.range!.start.line).toBeLessThanOrEqual(lines);
      }
    });
    await fc.assert(property, { seed: 20261125, numRuns: 400 });
    expect(faulty).toBeGreaterThan(200);
  });

  test('that makes a value something else is told in its line', async () => {
    const lines = example.split('\n');
    // Free texts may be anything; these lines hold what may not.
    const strict = lines.flatMap((line, index) => (/: [^{['\n]+$/.test(line) && !/match:|state:|\{/.test(line) ? [index] : []));
    expect(strict.length).toBeGreaterThan(3);
    for (const index of strict) {
      const text = lines.map((line, at) => (at === index ? line.replace(/: .*$/, ': { a: 1 }') : line)).join('\n');
      const { problems } = await parse(text);
      expect(problems.map(({ range }) => range?.start.line)).toContain(index);
    }
  });
});

describe('the document', () => {
  test('shows only configurations without a problem', async () => {
    const path = fileURLToPath(new URL('../../../../docs/daemon-configuration.md', import.meta.url));
    const blocks = [...(await readFile(path, 'utf8')).matchAll(/^```yaml daemon\n([\s\S]*?)^```$/gm)].map((each) => each[1] ?? '');
    expect(blocks.length).toBeGreaterThan(5);
    for (const file of ['keys/MEP.seed', 'keys/ca.pem']) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), '');
    }
    for (const block of blocks) expect((await parse(block)).problems.map(formatProblem)).toEqual([]);
  });

  test('names every code that the check can tell', async () => {
    const root = fileURLToPath(new URL('../../../..', import.meta.url));
    const paths = globSync(['network/daemon/**/*.ts', 'platform/configuration/*.ts'], { cwd: root });
    const sources = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
    // Sections of the file are also checked where they are collected.
    const checking = sources.filter(({ path, text }) => path.includes('configuration/') || text.includes('configuration/finding.ts'));
    const code = checking.map(({ text }) => text).join('\n');
    const codes = [...code.matchAll(/(?:code: |fault\(\s*|missing\(\s*'[a-z]+',\s*|problem\(\s*)'([a-z-]+)'/g)].map(
      (each) => each[1] ?? '',
    );
    const document = await readFile(fileURLToPath(new URL('../../../../docs/daemon-configuration.md', import.meta.url)), 'utf8');
    expect(new Set(codes).size).toBeGreaterThan(30);
    const untold = [...new Set(codes)].filter((each) => each !== 'custom' && !document.includes(`\`${each}\``));
    expect(untold).toEqual([]);
  });
});
