/** The environment file: what it says, and that every fault is told with its line and a way to mend it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatProblem, ProblemError } from '#shared/problem.ts';
import { loadEnvironment, parseEnvironment, readEnvironment } from '#main/core/environments/environment-file.ts';

const least = 'environment: demo\nrouter: nats://127.0.0.1:4222\noperator: { name: alice, key: keys/alice.seed }\n';
const told = (text: string): string[] => parseEnvironment(text, '/team/environment.yaml').problems.map(formatProblem);

describe('environment file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'testops-environment-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the least that it needs, and what is taken for the rest', () => {
    const { environment, problems } = parseEnvironment(least, '/team/environment.yaml');
    expect(problems).toEqual([]);
    expect(environment).toEqual({
      file: '/team/environment.yaml',
      name: 'demo',
      router: 'nats://127.0.0.1:4222',
      operator: { name: 'alice', keyFile: '/team/keys/alice.seed' },
      tls: null,
      release: null,
      daemons: [],
      pinFile: '/team/environment.pin.json',
      aliases: {},
      limits: [],
      scenariosFolder: '/team/scenarios',
      pluginsFolder: '/team/plugins',
      archiveFolder: join(homedir(), '.testops', 'archive'),
    });
  });

  test('everything that it may say', () => {
    const text = `${least}
tls: { ca: tls/ca.pem, certificate: /etc/cert.pem, key: ~/key.pem }
release: { action: which_release }
daemons: [MEP, MON, MEP]
pin: pins/demo.json
aliases:
  fail_primary: [kill, -9, MatchingEnginePrimary]
  smoke: exec_smoke 007
limits:
  - { metric: MatchingEnginePrimary.rss, condition: '< 500MB' }
  - { metric: 'Gateway.latency{quantile="0.99"}', condition: '<=20ms', severity: error }
scenarios: ../shared-scenarios
archive: archive
`;
    const { environment, problems } = parseEnvironment(text, '/team/environment.yaml');
    expect(problems).toEqual([]);
    expect(environment).toMatchObject({
      tls: { ca: '/team/tls/ca.pem', certificate: '/etc/cert.pem', key: join(homedir(), 'key.pem') },
      release: { kind: 'action', action: 'which_release' },
      daemons: ['MEP', 'MON'],
      pinFile: '/team/pins/demo.json',
      aliases: { fail_primary: ['kill', '-9', 'MatchingEnginePrimary'], smoke: ['exec_smoke', '007'] },
      scenariosFolder: '/shared-scenarios',
      archiveFolder: '/team/archive',
      limits: [
        {
          metric: 'MatchingEnginePrimary.rss',
          severity: 'warning',
          condition: { operator: '<', bound: 500_000_000, unit: 'bytes', text: '< 500MB' },
        },
        {
          metric: 'Gateway.latency{quantile="0.99"}',
          severity: 'error',
          condition: { operator: '<=', bound: 20, unit: 'ms', text: '<=20ms' },
        },
      ],
    });
  });

  test('a release that looks like a number stays as it was written', () => {
    expect(parseEnvironment(`${least}release: 1.20`, '/e.yaml').environment?.release).toEqual({ kind: 'value', value: '1.20' });
  });

  test.each([
    ['router: nats://h:1\n', '/team/environment.yaml:1:1: environment is missing.'],
    [`${least}relaese: rc2\n`, '/team/environment.yaml:4:1: The key "relaese" is not known. Did you mean "release"?'],
    [
      `${least}limits:\n  - { metric: A.b, condition: '< 500 apples' }\n`,
      '/team/environment.yaml:5:31: limits[0].condition is not a condition: "< 500 apples".',
    ],
    [
      `${least}limits:\n  - { metric: A.b, condition: '< 5apples' }\n`,
      'limits[0].condition compares with "5apples", which is no number with a known unit.',
    ],
    [
      `${least}limits:\n  - { metric: rss, condition: '< 5' }\n`,
      '/team/environment.yaml:5:15: limits[0].metric is not the name of a metric: "rss".',
    ],
    [
      `${least}limits:\n  - { metric: A.STATE, condition: '< 5' }\n`,
      'limits[0].metric is a state, which is a word and keeps to no limit: "A.STATE".',
    ],
    [
      `${least}limits:\n  - { metric: A.b, condition: '< 1,000' }\n`,
      'limits[0].condition compares with "1,000", which is no number with a known unit.',
    ],
    [
      `${least}limits:\n  - { metric: A.b, condition: '< 5', severity: eror }\n`,
      'limits[0].severity cannot be "eror". Did you mean "error"?',
    ],
    [`${least}aliases:\n  smoke: []\n`, '/team/environment.yaml:5:10: aliases.smoke is not a command: a list.'],
    [`${least}aliases:\n  '9x': [a]\n`, '/team/environment.yaml:5:3: aliases.9x is not a usable name.'],
    [`${least}daemons: [MEP, '../x']\n`, '/team/environment.yaml:4:16: daemons[1] is not a usable name: "../x".'],
    [`${least}release: { action: a, value: b }\n`, '/team/environment.yaml:4:10: release needs exactly one key, action.'],
    [
      least.replace('nats:', 'http:'),
      '/team/environment.yaml:2:9: router cannot be used: "http://127.0.0.1:4222" is not the URL of a router.',
    ],
    [`${least}daemons: [MEP\n`, '/team/environment.yaml:'],
    [`${least}environment: again\n`, '/team/environment.yaml:4:1: The key "environment" stands here a second time.'],
    ['- a list\n', '/team/environment.yaml:1:1: The file is no group of keys.'],
    ['', 'The file is empty. It needs at least environment, router and operator.'],
  ])('tells what is wrong and where: %j', (text, expected) => {
    expect(told(text).join('\n')).toContain(expected);
    expect(told(text).every((sentence) => sentence.startsWith('/team/environment.yaml:'))).toBe(true);
  });

  test('all problems are told at once, in the order of the file', () => {
    const text = 'environment: 9\nrouter: x\noperator: { name: alice, key: k }\nlimits: [1]\n';
    expect(parseEnvironment(text, '/e.yaml').problems.map((problem) => problem.range?.start.line)).toEqual([0, 1, 3]);
  });

  test('loading throws the first problem, with the others at it', async () => {
    const file = join(folder, 'environment.yaml');
    await writeFile(file, 'environment: 9\nrouter: x\n');
    const failure: unknown = await loadEnvironment(file).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ProblemError);
    const { problem } = failure as ProblemError;
    expect([problem, ...(problem.others ?? [])].map(({ range }) => range?.start.line)).toEqual([0, 0, 1]);
    await writeFile(file, least);
    expect((await loadEnvironment(file)).file).toBe(file);
  });

  test('a file that is not there, is a folder, or is far too long', async () => {
    expect((await readEnvironment(join(folder, 'absent.yaml'))).problems[0]).toMatchObject({
      code: 'missing-file',
      file: join(folder, 'absent.yaml'),
    });
    expect((await readEnvironment(folder)).problems[0]).toMatchObject({ code: 'unreadable-file' });
    await writeFile(join(folder, 'long.yaml'), '#'.repeat(1_000_001));
    expect((await readEnvironment(join(folder, 'long.yaml'))).problems[0]?.code).toBe('too-long');
  });

  test('no text makes it throw', () => {
    const fragments = fc.constantFrom(
      ...least.split(/(?<=[\s:{},])/),
      '&a ',
      '*a',
      '<<: ',
      '!!binary ',
      '- ',
      '\t',
      '? ',
      '{',
      '[',
      '"',
      "'",
      '\n',
      '|\n',
      '\0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fragments, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const { environment, problems } = parseEnvironment(text, '/e.yaml');
          expect(environment === null).toBe(problems.length > 0);
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});
