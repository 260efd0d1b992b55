/** Two daemon processes with one name and one key, as after a host was cloned: seen, named, and never both at work. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { newKey, signerFromSeed, writeKeyFile } from '#platform/keys.ts';
import { openLink } from '#main/core/link/link.ts';
import { systemClock } from '#platform/clock.ts';
import type { Link } from '#main/core/ports.ts';
import { problemOf } from '#shared/problem.ts';
import { daemonName, environment, startDaemonProcess } from '../../../network/daemon/daemon-process.ts';
import type { DaemonProcess } from '../../../network/daemon/daemon-process.ts';
import { targets, until } from '../../../network/router/targets.ts';
import type { Target, TargetFile } from '../../../network/router/targets.ts';
import { trustFolder } from '../../../trusted-folder.ts';
import { nodeOptions, testops } from '../../../network-of-processes.ts';
import { commandId } from './fake-daemon.ts';
import { hear, type Heard } from './linked.ts';

const [alice, mep] = [newKey(), newKey()];
const users: TargetFile['users'] = [
  { name: 'alice', key: alice.publicKey, role: 'operator', environment },
  { name: 'MEP', key: mep.publicKey, role: 'daemon', environment },
];
/** The embedded router lets a daemon's key in once, where it knows users; everywhere else both are there. */
const both = targets.flatMap((kind) => [
  { where: `${kind.name} without users`, kind, file: {} },
  ...(kind.name === 'nats-server' ? [{ where: `${kind.name} with users`, kind, file: { users } }] : []),
]);

let folder = '';
let commands = 0;
const open: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'namesakes-'));
  await trustFolder(folder);
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

/** Makes a host's folder: the daemon's configuration, its key, its state. */
async function host(name: string, target: Target): Promise<string> {
  const place = join(folder, name);
  await mkdir(place);
  await writeKeyFile(join(place, 'MEP.seed'), mep.seed);
  await configure(place, target);
  return place;
}

async function configure(place: string, target: Target): Promise<void> {
  await writeFile(
    join(place, 'daemon.yaml'),
    `daemon: ${daemonName}
environment: ${environment}
router: ${target.url}
key: MEP.seed
state: state
trust:
  - { operator: alice, key: ${alice.publicKey}, allow: ['*'] }
actions:
  fell: { command: [sh, -c, 'echo "$1" >> ${join(place, 'felled')}', sh, '{number}'], parameters: { number: { type: integer } } }
  long: { command: [sh, -c, 'sleep 4; echo "$1" >> ${join(place, 'felled')}', sh, '{number}'], parameters: { number: { type: integer } } }
`,
  );
}

async function start(place: string): Promise<DaemonProcess> {
  const daemon = startDaemonProcess(join(place, 'daemon.yaml'));
  open.push(() => daemon.end('SIGKILL'));
  await vi.waitFor(() => expect(daemon.lines.join('\n')).toMatch(/is connected to|has another connection/), 10_000);
  return daemon;
}

async function console(target: Target): Promise<{ readonly link: Link; readonly heard: Heard }> {
  const connection = await connectToRouter({ url: target.url, name: 'console', user: 'alice', seed: alice.seed, reconnectWait: 50 });
  const operator = { name: 'alice', signer: signerFromSeed(alice.seed) };
  // Long enough for the answer of a process on a machine with much else to do.
  const limits = { namesakePatience: 2_000 };
  const link = await openLink({ environment, connection, operator, expected: [daemonName], clock: systemClock, limits });
  open.push(() => link.dispose());
  await link.ready([daemonName], 10_000);
  return { link, heard: hear(link) };
}

/** What `testops environment status` prints, and its exit status. */
async function status(target: Target): Promise<{ readonly status: number | null; readonly text: string }> {
  const file = join(folder, 'environment.yaml');
  await writeKeyFile(join(folder, 'alice.seed'), alice.seed).catch(() => undefined);
  await writeFile(
    file,
    `environment: ${environment}\nrouter: ${target.url}\noperator: { name: alice, key: alice.seed }\ndaemons: [${daemonName}]\narchive: archive\n`,
  );
  const child = spawn(process.execPath, [...nodeOptions, testops, 'environment', 'status', '-e', file]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const [ended] = (await once(child, 'close')) as [number | null];
  return { status: ended, text };
}

/** Gives a command; says how it went. */
const fell = (link: Link, number: number, action = 'fell'): Promise<string> =>
  link.send(daemonName, action, [String(number)], commandId(`command-${++commands}`)).finished.then(
    ({ status }) => status,
    (failure: unknown) => problemOf(failure).code,
  );

/** What was carried out on a host. */
const felled = (place: string): Promise<readonly number[]> =>
  readFile(join(place, 'felled'), 'utf8').then(
    (text) => text.trim().split('\n').map(Number),
    () => [],
  );

const problemsOf = (heard: Heard): readonly string[] => heard.of('problem').map(({ problem }) => problem.code);

test('the embedded router lets only one of them in where it knows users, and the other one says so', { timeout: 60_000 }, async () => {
  const target = await targets[0]!.start({ users });
  open.push(() => target.close());
  const [original, clone] = [await host('original', target), await host('clone', target)];
  const first = await start(original);
  const { link, heard } = await console(target);
  const second = await start(clone);
  expect(second.lines.join('\n')).toMatch(
    new RegExp(
      `has another connection with this key, of 127\\.0\\.0\\.1:\\d+ MEP \\(daemon MEP on ${hostname()}\\), and refused this one\\.`,
    ),
  );
  for (let number = 1; number <= 5; number++) expect(await fell(link, number)).toBe('completed');
  expect([await felled(original), await felled(clone)]).toEqual([[1, 2, 3, 4, 5], []]);
  expect(problemsOf(heard)).toEqual([]);
  await first.end('SIGKILL');
  await vi.waitFor(() => expect(second.lines.join('\n')).toContain('is connected to'), 10_000);
  await until(() => link.daemons()[0]?.catalogue?.process === second.child.pid);
  expect(await fell(link, 6)).toBe('completed');
  expect([await felled(original), await felled(clone)]).toEqual([[1, 2, 3, 4, 5], [6]]);
});

describe.each(both)('two daemons of one name at $where', { timeout: 60_000 }, ({ kind, file }) => {
  let target: Target;
  beforeEach(async () => {
    target = await kind.start(file);
    open.push(() => target.close());
  });

  test('are named with both their places, and not commanded until only one speaks', async () => {
    const [original, clone] = [await host('original', target), await host('clone', target)];
    const first = await start(original);
    const { link, heard } = await console(target);
    expect(await fell(link, 1)).toBe('completed');
    expect(problemsOf(heard)).toEqual([]);

    const second = await start(clone);
    await until(() => problemsOf(heard).includes('daemon-doubled'));
    const said = heard.of('problem').find(({ problem }) => problem.code === 'daemon-doubled')?.problem;
    for (const { child } of [first, second]) expect(said?.message).toContain(`on ${hostname()} (127.0.0.1, process ${child.pid})`);
    expect(said?.message).toMatch(/^Two daemons call themselves MEP, on .* and on .*: none is commanded while more than one speaks\.$/);
    expect(link.daemons()[0]?.problems).toEqual([said]);
    const refused = await link.send(daemonName, 'fell', ['2'], commandId(`command-${++commands}`)).finished.catch(problemOf);
    expect(refused).toMatchObject({ code: 'daemon-doubled', message: expect.stringMatching(/one speaks; fell was not sent\.$/) });
    // It looks once; on a machine with much else to do the second answer may come after its look.
    let shown = await status(target);
    await until(async () => shown.status !== 0 || (shown = await status(target)).status !== 0, 30_000);
    for (const { child } of [first, second]) expect(shown.text).toContain(`process ${child.pid}`);
    expect(shown).toMatchObject({ status: 1, text: expect.stringContaining('Two daemons call themselves MEP') });
    // Who comes only now is told as well, before it commands anything.
    const other = await console(target);
    expect(await fell(other.link, 3)).toBe('daemon-doubled');

    await second.end('SIGKILL');
    await until(() => problemsOf(heard).includes('daemon-single'), 20_000);
    expect(link.daemons()[0]?.problems).toEqual([]);
    expect(await fell(link, 4)).toBe('completed');
    expect(await status(target)).toMatchObject({ status: 0, text: expect.not.stringContaining('Two daemons') });
    expect([await felled(original), await felled(clone)]).toEqual([[1, 4], []]);
  });

  test('carry a command out once at the most, whatever comes in between', async () => {
    const [original, clone] = [await host('original', target), await host('clone', target)];
    await start(original);
    const { link, heard } = await console(target);
    const long = fell(link, 1_000, 'long');
    const giver = { stopped: false };
    const outcomes = new Map<number, string>();
    const giving = (async () => {
      for (let number = 1; !giver.stopped; number++) {
        outcomes.set(number, await fell(link, number));
        await wait(5);
      }
    })();
    // With the records of its original, as a cloned disk has them: it takes itself for the next start of the original.
    await cp(join(original, 'state'), join(clone, 'state'), { recursive: true });
    await rm(join(clone, 'state', 'daemon.lock'));
    await start(clone);
    await until(() => problemsOf(heard).includes('daemon-doubled'));
    giver.stopped = true;
    await giving;
    // What was under way where it was given goes on there, and its end is told.
    expect(await long).toBe('completed');
    const done = [await felled(original), await felled(clone)].flat();
    expect(new Set(done).size).toBe(done.length);
    for (const [number, outcome] of outcomes)
      expect([number, outcome, done.includes(number)]).toEqual([number, outcome, outcome === 'completed']);
    expect(outcomes.size).toBeGreaterThan(3);
  });
});
