/** The whole daemon: over a real router, killed, restarted, cut off, and as the files that are delivered. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '#platform/keys.ts';
import { readChildren } from '#network/daemon/execution/children-ledger.ts';
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { backgroundClock } from '#platform/clock.ts';
import { startDaemon } from '#network/daemon/daemon.ts';
import { runDaemon } from '#network/daemon/main.ts';
import { identify } from '#platform/process-identity.ts';
import { endTree } from '#network/daemon/execution/process-group.ts';
import { startRouter } from '#network/router/router.ts';
import type { Router } from '#network/router/router.ts';
import type { DaemonName } from '#shared/identifiers.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { daemonName, environment, Reader, startDaemonProcess, until } from './daemon-process.ts';
import type { DaemonProcess } from './daemon-process.ts';
import { freePort } from '#platform/free-port.ts';

const alice = newKey();
let folder = '';
let port = 0;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daemon-'));
  port = await freePort();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  // What a killed daemon left, should a test have failed before another one took it over.
  for (const child of readChildren(join(folder, 'state', 'children.ndjson'))) await endTree({ root: child, mark: child.mark }, 0);
  await rm(folder, { recursive: true, force: true });
});

async function configure(more = ''): Promise<string> {
  const file = join(folder, 'daemon.yaml');
  await writeFile(
    file,
    `daemon: MEP
environment: test
router: nats://127.0.0.1:${port}
state: state
trust:
  - { operator: alice, key: ${alice.publicKey}, allow: ['*'] }
host: { component: System, interval: 100ms }
components:
  Engine:
    start: { command: [sh, -c, 'echo up; exec sleep 1000'], ready: up }
    commands: [start, stop, kill, status]
    signals: [KILL]
actions:
  hello: { command: [echo, 'hello {name}'], parameters: { name: { type: string, default: world } }, result: last line }
  long: { command: [sh, -c, 'echo $$; exec sleep 1000'] }
  load: { command: [sh, -c, 'echo $$; exec sleep 1000'], background: { ready: '^[0-9]+$' } }
  unload: { stops: load }
${more}`,
  );
  return file;
}

async function router(): Promise<Router> {
  const running = await startRouter({ port });
  cleanups.push(() => running.close());
  return running;
}

async function reader(): Promise<Reader> {
  const open = await Reader.open(`nats://127.0.0.1:${port}`);
  cleanups.push(() => open.close());
  return open;
}

async function daemonHere(now?: () => number) {
  const { configuration, hash } = await loadDaemonConfiguration(join(folder, 'daemon.yaml'));
  const clock = now ? { ...backgroundClock, now } : backgroundClock;
  const daemon = await startDaemon({ configuration: configuration!, configurationHash: hash, clock });
  cleanups.push(async () => daemon.dispose());
  return daemon;
}

function daemonProcess(): DaemonProcess {
  const started = startDaemonProcess(join(folder, 'daemon.yaml'));
  cleanups.push(() => started.end('SIGKILL'));
  return started;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('the daemon', () => {
  test('offers its catalogue, tells its presence, and numbers what it observes without a gap', async () => {
    await configure();
    await router();
    const console = await reader();
    const daemon = await daemonHere();
    const presence = await until(() => console.presences.at(-1), 'a presence');
    expect(presence).toMatchObject({ daemon: 'MEP', epoch: daemon.epoch, bootNonce: daemon.bootNonce, interval: 1, oldest: 1 });
    const catalogue = await until(async () => {
      const described = await console.describe();
      return described.columns.length > 0 && described;
    }, 'column sets');
    expect(catalogue).toMatchObject({ daemon: daemonName, epoch: daemon.epoch });
    expect(catalogue.actions.map((action) => action.name)).toEqual(['hello', 'long', 'load', 'unload']);
    expect(catalogue.components.find((each) => each.name === 'Engine')).toMatchObject({
      commands: ['start', 'stop', 'kill', 'status'],
      signals: ['KILL'],
    });
    expect(catalogue.states).toContainEqual(expect.objectContaining({ component: 'Engine', state: 'STOPPED', pid: null }));
    expect(catalogue.series.some((series) => series.component === 'System')).toBe(true);
    await until(() => console.catalogues.length > 1, 'a catalogue that tells of new series');
    await until(() => console.heard.length >= 5, 'records');
    const { records, ends } = await console.spooled(daemon.epoch, 1, console.heard.at(-1)!.sequence);
    expect(records.map((record) => record.sequence)).toEqual(upTo(records.length));
    expect(records[0]?.events[0]).toMatchObject({ kind: 'epoch-started' });
    expect(ends).toMatchObject([{ sent: records.length, lost: [], next: null }]);
  });

  test('executes signed commands and tells of them on reply and event', async () => {
    await configure();
    await router();
    const console = await reader();
    await daemonHere();
    await until(() => console.presences.length, 'a presence');
    const catalogue = await console.describe();
    const replies = await console.command(alice.seed, catalogue, 'hello', 'name=you');
    expect(replies.map((reply) => reply.kind)).toEqual(['accepted', 'finished']);
    expect(replies[1]).toMatchObject({ outcome: { status: 'completed', exitStatus: 0, success: true, result: 'hello you' } });
    await until(() => console.events.some((event) => event.kind === 'command-finished'), 'the event');
    const kinds = console.events.map((event) => event.kind).filter((kind) => kind.startsWith('command-'));
    expect(kinds).toEqual(['command-accepted', 'command-output', 'command-finished']);
    expect(await console.command(newKey().seed, catalogue, 'hello')).toMatchObject([{ kind: 'refused', code: 'unknown-key' }]);
    expect(await console.command(alice.seed, { ...catalogue, bootNonce: 'another-start' }, 'hello')).toMatchObject([
      { code: 'stale-boot' },
    ]);
  });

  test('starts before its router, survives it, and loses no record in between', async () => {
    await configure();
    const daemon = await daemonHere();
    expect(daemon.connected).toBe(false);
    const first = await startRouter({ port });
    const console = await reader();
    await until(() => daemon.connected && console.presences.length > 0, 'the connection');
    await first.close();
    await until(() => !daemon.connected, 'the loss');
    await new Promise((done) => setTimeout(done, 300));
    await router();
    const count = console.presences.length;
    const presence = await until(() => console.presences.length > count && console.presences.at(-1), 'a presence again');
    const { records } = await console.spooled(daemon.epoch, 1, presence.sequence);
    expect(records.map((record) => record.sequence)).toEqual(upTo(presence.sequence));
  });

  test('killed and started again: another epoch, the old one still served, the engine taken over, actions ended', async () => {
    await configure();
    await router();
    const console = await reader();
    const first = daemonProcess();
    await until(() => console.presences.length, 'the first daemon');
    const before = await console.describe();
    const engine = await console.command(alice.seed, before, 'start', 'Engine');
    expect(engine[1]).toMatchObject({ outcome: { success: true } });
    const load = await console.command(alice.seed, before, 'load');
    const pids = [engine, load].map(([, end]) => Number(end?.kind === 'finished' ? end.outcome.result : 0));
    expect(pids.every((pid) => identify(pid) !== undefined)).toBe(true);
    await until(() => console.heard.filter((record) => record.epoch === before.epoch).length > 10, 'records');
    await first.end('SIGKILL');
    const last = Math.max(...console.heard.map((record) => record.sequence));

    const second = daemonProcess();
    const after = await until(() => console.catalogues.find((each) => each.epoch !== before.epoch), 'the second daemon');
    expect(after.epoch > before.epoch).toBe(true);
    expect(after.bootNonce).not.toBe(before.bootNonce);
    expect(after.states).toContainEqual(expect.objectContaining({ component: 'Engine', state: 'RUNNING', pid: pids[0] }));
    expect(identify(pids[1]!)).toBeUndefined();
    const { records, ends } = await console.spooled(before.epoch, 1, last + 5);
    const lost = ends.flatMap((end) => end.lost).reduce((sum, range) => sum + range.to - range.from + 1, 0);
    // What was written in the last milliseconds before the kill may be missing; then that is said.
    expect(records.map((record) => record.sequence)).toEqual(upTo(records.length));
    expect(records.length).toBeGreaterThan(last - 5);
    expect(records.length + lost).toBe(last + 5);
    const early = await console.spooled(after.epoch, 1, after.sequence);
    const codes = early.records.flatMap((record) => record.events.flatMap((event) => (event.kind === 'notice' ? [event.code] : [])));
    expect(codes).toContain('component-taken-over');
    expect(codes).not.toContain('ended-unobserved');
    expect(codes).toContain('leftover-ended');
    expect(await console.command(alice.seed, before, 'hello')).toMatchObject([{ code: 'stale-boot' }]);

    // A crash of what was taken over is still a crash.
    await console.command(alice.seed, after, 'kill', '-9', 'Engine');
    await until(() => console.events.some((event) => event.kind === 'component-crashed' && event.pid === pids[0]), 'the crash');
    expect(await second.end('SIGTERM')).toEqual({ status: 0, signal: null });
  });

  test('stopped: everything that it started ends, in order, and the last records are told', async () => {
    await configure();
    await router();
    const console = await reader();
    const running = daemonProcess();
    await until(() => console.presences.length, 'the daemon');
    await until(() => running.lines.includes(`test/MEP is connected to nats://127.0.0.1:${port}.`), 'the line that tells so');
    const catalogue = await console.describe();
    await console.command(alice.seed, catalogue, 'start', 'Engine');
    await console.command(alice.seed, catalogue, 'load');
    const long = console.command(alice.seed, catalogue, 'long');
    const pids = await until(() => {
      const numbers = console.events.flatMap((event) => {
        if (event.kind === 'command-output') return [Number(event.text)];
        return event.kind === 'component-started' ? [event.pid] : [];
      });
      return numbers.length === 3 && numbers;
    }, 'three processes');
    expect(pids.map((pid) => identify(pid)).every((each) => each !== undefined)).toBe(true);
    expect(await running.end('SIGTERM')).toEqual({ status: 0, signal: null });
    expect(pids.map((pid) => identify(pid))).toEqual([undefined, undefined, undefined]);
    expect((await long)[1]).toMatchObject({ kind: 'finished', outcome: { status: 'cancelled' } });
    await until(() => console.events.some((event) => event.kind === 'component-stopped'), 'the stop of the engine');
    expect(readChildren(join(folder, 'state', 'children.ndjson'))).toEqual([]);
  });

  test('a clock set back: a later epoch still sorts later, and numbers go on', async () => {
    await configure();
    await router();
    const console = await reader();
    let time = Date.now();
    const first = await daemonHere(() => time);
    await until(() => console.heard.length > 2, 'records');
    time -= 3_600_000;
    const count = console.heard.length;
    await until(() => console.heard.length > count + 3, 'records after the jump');
    await first.dispose();
    const second = await daemonHere(() => time);
    expect(second.epoch > first.epoch).toBe(true);
    const numbers = console.heard.filter((record) => record.epoch === first.epoch).map((record) => record.sequence);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('rubbish on every subject, and many requests at once, leave it as it was', async () => {
    await configure();
    await router();
    const console = await reader();
    const daemon = await daemonHere();
    await until(() => console.heard.length > 5, 'records');
    const rubbish = [
      '',
      '{}',
      'null',
      '[[',
      '{"epoch":"x"}',
      `{"epoch":"${daemon.epoch}","from":9,"to":1}`,
      '\u0000'.repeat(1_000),
      'x'.repeat(600_000),
    ];
    for (const kind of ['describe', 'spool', 'command'] as const) {
      for (const [index, text] of rubbish.entries()) {
        const options = index % 2 ? { reply: '_INBOX.reader.rubbish' } : {};
        console.connection.publish(subject(environment, kind, daemonName), text, options);
      }
    }
    const answers = await Promise.all(Array.from({ length: 80 }, () => console.spooled(daemon.epoch, 1, 5)));
    for (const { records } of answers) expect(records.map((record) => record.sequence)).toEqual([1, 2, 3, 4, 5]);
    expect((await console.command(alice.seed, await console.describe(), 'hello'))[1]).toMatchObject({ outcome: { success: true } });
    await until(() => console.events.filter((event) => event.kind === 'command-refused').length === rubbish.length, 'refusals');
  });

  test('answers no request that wants the answer where another daemon speaks', async () => {
    await configure();
    await router();
    const console = await reader();
    const daemon = await daemonHere();
    await until(() => console.heard.length > 5, 'records');
    const misled: string[] = [];
    const other = 'INJ' as DaemonName;
    const reply = subject(environment, 'events', other);
    console.connection.subscribe(reply, { callback: (_, message) => void misled.push(message.string()) });
    const request = JSON.stringify({ epoch: daemon.epoch, from: 1, to: 5 });
    console.connection.publish(subject(environment, 'spool', daemonName), request, { reply });
    console.connection.publish(subject(environment, 'describe', daemonName), '', { reply });
    console.connection.publish(subject(environment, 'command', daemonName), '{}', { reply });
    // The daemon takes requests in order: when this one is answered, those are settled.
    expect((await console.spooled(daemon.epoch, 1, 5)).records).toHaveLength(5);
    await console.describe();
    expect(misled).toEqual([]);
  });

  test('a second daemon with the same state folder is refused', async () => {
    await configure();
    await daemonHere();
    const errors: string[] = [];
    const status = await runDaemon(['--config', join(folder, 'daemon.yaml')], { out: () => undefined, error: (line) => errors.push(line) });
    expect([status, errors]).toEqual([
      2,
      [expect.stringMatching(/^Another daemon \(process \d+\) uses the state folder .*\. Stop it first/)],
    ]);
  });

  test('a state folder that cannot be written is told, and the daemon runs', async () => {
    await configure();
    await writeFile(join(folder, 'state'), 'a file where a folder should be');
    await router();
    const console = await reader();
    await daemonHere();
    const notice = await until(async () => console.presences.length > 0 && (await console.describe()), 'the daemon');
    const { records } = await console.spooled(notice.epoch, 1, notice.sequence);
    const codes = records.flatMap((record) => record.events.flatMap((event) => (event.kind === 'notice' ? [event.code] : [])));
    expect(codes).toContain('spool-unwritable');
    expect((await console.command(alice.seed, notice, 'hello'))[1]).toMatchObject({ outcome: { success: true } });
  });
});

describe('the command line', () => {
  const call = async (...args: string[]) => {
    const [out, error]: [string[], string[]] = [[], []];
    const status = await runDaemon(args, { out: (line) => out.push(line), error: (line) => error.push(line) });
    return { status, out: out.join('\n'), error: error.join('\n') };
  };

  test('checks a configuration: 0 when sound, 2 with file, line and tip when not', async () => {
    const file = await configure();
    expect(await call('--config', file, '--check')).toMatchObject({ status: 0, out: expect.stringContaining('sound') });
    await writeFile(file, (await readFile(file, 'utf8')).replace('timeout', 'timeuot').replace('actions:', 'acktions:'));
    const broken = await call('--config', file, '--check');
    expect(broken.status).toBe(2);
    expect(broken.error).toMatch(/daemon\.yaml:\d+:\d+: .*acktions.*/);
    expect(await call('--config', join(folder, 'nowhere.yaml'))).toMatchObject({
      status: 2,
      error: expect.stringContaining('nowhere.yaml'),
    });
    expect(await call('--check', file)).toMatchObject({ status: 2 });
    expect(await call('--nonsense')).toMatchObject({ status: 2, error: expect.stringContaining('--nonsense') });
    expect(await call('--help')).toMatchObject({ status: 0, out: expect.stringContaining('Usage') });
  });
});

describe('what is delivered', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const clean = { PATH: '/usr/bin:/bin' };

  test('runs from an empty folder, as one file and as a single executable', { timeout: 240_000 }, async () => {
    const built = join(folder, 'built');
    execFileSync(process.execPath, [join(root, 'tools/build-daemon.mjs'), '--single-executable', '--out', built], { stdio: 'pipe' });
    const file = await configure();
    const empty = join(folder, 'empty');
    execFileSync('mkdir', [empty]);
    await copyFile(join(built, 'testops-daemon.mjs'), join(empty, 'testops-daemon.mjs'));
    await copyFile(join(built, 'testops-daemon'), join(empty, 'testops-daemon'));
    const forms: readonly (readonly [string, readonly string[]])[] = [
      [process.execPath, ['testops-daemon.mjs']],
      [join(empty, 'testops-daemon'), []],
    ];
    await router();
    const console = await reader();
    for (const [program, words] of forms) {
      const check = spawnSync(program, [...words, '--config', file, '--check'], { cwd: empty, env: clean, encoding: 'utf8' });
      expect([check.status, check.stderr]).toEqual([0, '']);
      const seen = console.catalogues.length;
      const child = spawn(program, [...words, '--config', file], { cwd: empty, env: clean, stdio: 'ignore' });
      const ended = new Promise((done) => child.once('exit', done));
      const catalogue = await until(() => console.catalogues.length > seen && console.catalogues.at(-1), 'its catalogue');
      expect((await console.command(alice.seed, catalogue, 'hello'))[1]).toMatchObject({ outcome: { result: 'hello world' } });
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }
  });
});
