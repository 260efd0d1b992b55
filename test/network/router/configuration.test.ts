/** router.yaml, and the router as a program. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { parseListenAddress } from '#network/router/configuration-schema.ts';
import { loadRouterConfiguration, parseRouterConfiguration } from '#network/router/configuration.ts';
import { runRouter } from '#network/router/main.ts';
import { formatProblem } from '#shared/problem.ts';
import { people } from './targets.ts';
import { freePort } from '#platform/free-port.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { alice, users } = people();
const problemsOf = (text: string): string[] => parseRouterConfiguration(text, 'router.yaml').problems.map(formatProblem);

describe('router.yaml', () => {
  test('is sound when empty: an open router on loopback', () => {
    expect(parseRouterConfiguration('', 'router.yaml').configuration).toMatchObject({ listen: { host: '127.0.0.1', port: 4222 } });
  });

  test('names paths from its own folder', () => {
    const { configuration } = parseRouterConfiguration('tls: { certificate: a.pem, key: keys/b.pem }', '/etc/testops/router.yaml');
    expect(configuration?.tls).toMatchObject({ certificate: '/etc/testops/a.pem', key: '/etc/testops/keys/b.pem' });
  });

  test.each([
    ['listen: everywhere', 'router.yaml:1:9: listen is not an address'],
    ['listen: 127.0.0.1:99999', 'router.yaml:1:9: listen is not an address'],
    ['listn: 4222', 'router.yaml:1:1: The key "listn" is not known. Did you mean "listen"?'],
    [
      'users:\n  - { name: a, key: SUxx, role: viewer, environment: demo }',
      'router.yaml:2:21: users[0].key is not the public key of a user',
    ],
    [`users:\n  - name: a\n    key: ${alice.entry.key}\n    role: king\n    environment: demo`, 'router.yaml:4:11: users[0].role'],
    [`users:\n  - { name: a, key: ${alice.entry.key}, role: viewer }`, 'users[0].environment'],
    ['users: []', 'router.yaml:1:8: users needs at least 1 item'],
    ['tls: { certificate: a, key: b, mutual: true }', 'router.yaml:1:40: tls.mutual needs "ca"'],
    ['limits: { maximumPayload: 1 }', 'router.yaml:1:27: limits.maximumPayload'],
    ['listen: [', 'router.yaml:1:10: This is not YAML'],
    ['listen: 1\nlisten: 2', 'router.yaml:2:1: The key "listen" stands here a second time'],
  ])('tells of %j where it stands', (text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  test('tells of one key or name for two users', () => {
    const line = (name: string, key: string): string => `  - { name: ${name}, key: ${key}, role: viewer, environment: demo }\n`;
    const [first, second] = users;
    expect(problemsOf(`users:\n${line('a', first!.key)}${line('b', first!.key)}`)[0]).toMatch(
      /^router\.yaml:3:21: users\[1\]\.key is that of another user too \(a\)/,
    );
    expect(problemsOf(`users:\n${line('a', first!.key)}${line('a', second!.key)}`)[0]).toMatch(/^router\.yaml:3:13: users\[1\]\.name/);
  });

  test('is not there, or a folder', async () => {
    expect((await loadRouterConfiguration(join(folder, 'none.yaml'))).problems[0]?.code).toBe('missing-file');
    expect((await loadRouterConfiguration(folder)).problems[0]?.code).toBe('unreadable-file');
  });

  test.each([
    ['4222', { host: '127.0.0.1', port: 4222 }],
    ['0.0.0.0:1', { host: '0.0.0.0', port: 1 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['router.example.org:4222', { host: 'router.example.org', port: 4222 }],
    ['::1:80', undefined],
    ['host', undefined],
    ['host:70000', undefined],
  ])('reads the address %s', (text, expected) => {
    expect(parseListenAddress(text)).toEqual(expected);
  });
});

describe('the router as a program', () => {
  const program = join(import.meta.dirname, '../../../network/router/program.ts');

  async function called(...args: string[]): Promise<{ status: number; out: string; error: string }> {
    const lines = { out: '', error: '' };
    const status = await runRouter(args, {
      out: (line) => void (lines.out += `${line}\n`),
      error: (line) => void (lines.error += `${line}\n`),
    });
    return { status, ...lines };
  }

  test.each([
    [['--config', 'none.yaml'], /none\.yaml: The configuration is not there\./],
    [['--listen', '0.0.0.0:0'], /would be open to everyone who reaches 0\.0\.0\.0\. Configure users/],
    [['--listen', 'nowhere'], /"nowhere" is not an address/],
    [['--unknown'], /Unknown option '--unknown'\. See --help\./],
    [['--check'], /need --config/],
  ])('ends with 2 and one sentence for %j', async (args, sentence) => {
    const { status, error, out } = await called(...args);
    expect(status).toBe(2);
    expect(error).toMatch(sentence);
    expect(error.trimEnd().split('\n')).toHaveLength(1);
    expect(out).toBe('');
  });

  test('checks a configuration, its certificates too', async () => {
    const file = join(folder, 'router.yaml');
    await writeFile(file, JSON.stringify({ listen: '0.0.0.0:4222', users }));
    expect(await called('--config', file, '--check')).toEqual({ status: 0, out: `${file} is sound.\n`, error: '' });
    await writeFile(file, JSON.stringify({ tls: { certificate: 'no.pem', key: 'no.key' }, users }));
    expect(await called('--config', file, '--check')).toMatchObject({ status: 2, error: expect.stringContaining('does not exist') });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, serves, and ends cleanly at %s', async (signal) => {
    const port = await freePort();
    const file = join(folder, 'router.yaml');
    await writeFile(file, JSON.stringify({ listen: `127.0.0.1:${port}`, users }));
    const child = spawn(process.execPath, [program, '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<unknown[]>((resolve) => child.once('exit', (...status) => resolve(status)));
    try {
      const line = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
      expect(line).toBe(`Router listening on nats://127.0.0.1:${port}\n`);
      const connection = await connectToRouter({ url: `nats://127.0.0.1:${port}`, reconnect: false, ...alice.login });
      child.kill(signal);
      expect(await ended).toEqual([0, null]);
      await connection.closed();
    } finally {
      child.kill('SIGKILL');
    }
  });
});
