/** Packages: brought in stretches, verified, laid out so that tests cannot change them, prepared once, several side by side, the oldest removed. */
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PackageReference } from '#shared/campaign/plan.ts';
import { hashOf, suiteOf } from './fake-coordinator.ts';
import { shell, Surroundings, verdictsOf } from './worker-under-test.ts';

let here: Surroundings;
beforeEach(async () => {
  here = await Surroundings.open();
});
afterEach(async () => here.close());

const run = async (reference: PackageReference, script = 'sh check.sh') =>
  here.end(here.coordinator.give(suiteOf({ package: reference, settings: { tests: [shell('t', script)] } }), ['t']));
const folderOf = (reference: PackageReference): string => join(here.folder, 'state', 'work', 'packages', reference.hash ?? '');
const laidOut = async (): Promise<readonly string[]> => (await readdir(join(here.folder, 'state', 'work', 'packages'))).sort();
const prepared = (): readonly string[] => here.coordinator.requests.at(-1)?.packages ?? [];

test('is brought whole, once, and nothing in it can be written', async () => {
  await here.startDaemon();
  const big = 'x'.repeat(1_300_000);
  const reference = here.coordinator.pack({
    'check.sh': '#!/bin/sh\ntest "$(wc -c < data/big.txt)" = 1300000',
    'data/big.txt': big,
    'data/empty.txt': '',
  });
  expect(verdictsOf(await run(reference))).toEqual({ t: 'passed' });
  expect(await readFile(join(folderOf(reference), 'data/big.txt'), 'utf8')).toBe(big);
  const modes = await Promise.all(['', 'data', 'check.sh', 'data/big.txt'].map((path) => stat(join(folderOf(reference), path))));
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['555', '555', '555', '444']);
  await expect.poll(prepared).toEqual([reference.hash]);
  const { length } = here.coordinator.fetched;
  expect(here.coordinator.fetched.filter(({ hash }) => hash === hashOf(big)).map(({ offset }) => offset)).toEqual([0, 524_288, 1_048_576]);
  expect(verdictsOf(await run(reference))).toEqual({ t: 'passed' });
  expect(here.coordinator.fetched).toHaveLength(length);
});

test('that does not verify is refused and thrown away, and comes whole the next time', async () => {
  await here.startDaemon();
  const reference = here.coordinator.pack({ 'check.sh': 'exit 0', 'other.txt': 'other' });
  here.coordinator.onFetch = (hash) => (hash === hashOf('other') ? Buffer.from('OTHER') : undefined);
  const ended = await run(reference);
  expect(ended).toMatchObject({ end: 'set-up-failed', verdicts: [] });
  expect(ended.reason).toMatch(/^The package [0-9a-f]{12} is not what its hash says \(other\.txt is another file\); it was thrown away\.$/);
  expect(await laidOut()).toEqual([]);
  here.coordinator.onFetch = undefined;
  expect(verdictsOf(await run(reference))).toEqual({ t: 'passed' });
});

test.each([
  ['another manifest', (): Buffer => Buffer.from('{"files":[]}')],
  ['more bytes than were asked for', (): Buffer => Buffer.alloc(600_000)],
])('of which the core tells %s is refused', async (_, content) => {
  await here.startDaemon();
  const reference = here.coordinator.pack({ 'check.sh': 'exit 0' });
  here.coordinator.onFetch = (hash) => (hash === reference.hash ? content() : undefined);
  expect((await run(reference)).end).toBe('set-up-failed');
  expect(prepared()).toEqual([]);
});

test('that is not there is said', async () => {
  await here.startDaemon();
  const reference = { ...here.coordinator.pack({ a: 'a' }), hash: 'f'.repeat(64) };
  expect(await run(reference)).toMatchObject({ end: 'set-up-failed', reason: 'There is no such package.' });
});

test('of which the transfer was interrupted goes on where it stopped, also after the daemon was started anew', async () => {
  const daemon = await here.startDaemon();
  const big = 'y'.repeat(1_300_000);
  const reference = here.coordinator.pack({ 'check.sh': 'exit 0', 'big.txt': big });
  here.coordinator.onFetch = (hash, offset) => (hash === hashOf(big) && offset > 1_000_000 ? 'nothing' : undefined);
  const fence = here.coordinator.give(suiteOf({ package: reference, settings: { tests: [shell('t', 'true')] } }), ['t']);
  await expect.poll(() => here.coordinator.fetched.some(({ offset }) => offset > 1_000_000)).toBe(true);
  await daemon.dispose();
  expect((await here.end(fence)).end).toBe('runner-lost');
  here.coordinator.onFetch = undefined;
  here.coordinator.fetched.length = 0;
  await here.startDaemon();
  expect(verdictsOf(await run(reference))).toEqual({ t: 'passed' });
  expect(here.coordinator.fetched.filter(({ hash }) => hash === hashOf(big)).map(({ offset }) => offset)).toEqual([1_048_576]);
});

test('is prepared once for all leases that wait for it, and stays so after the daemon was started anew', async () => {
  const count = await here.program('count.txt', '');
  const daemon = await here.startDaemon();
  const script = `echo prepared >> ${count}; sleep 0.3; mkdir made; echo well > made/result.txt`;
  const reference = here.coordinator.pack({ 'check.sh': 'grep -q well made/result.txt' }, [['sh', '-c', script]]);
  const suite = suiteOf({ package: reference, settings: { tests: [shell('a', 'sh check.sh'), shell('b', 'sh check.sh')] } });
  const fences = [here.coordinator.give(suite, ['a']), here.coordinator.give(suite, ['b'])];
  for (const fence of fences) expect((await here.end(fence)).verdicts[0]?.verdict).toBe('passed');
  await daemon.dispose();
  await here.startDaemon();
  expect(verdictsOf(await run(reference))).toEqual({ t: 'passed' });
  expect(await readFile(count, 'utf8')).toBe('prepared\n');
});

test('whose preparation fails ends the lease with what was said, and is prepared anew the next time', async () => {
  await here.startDaemon();
  const lock = await here.program('lock', '');
  const command = ['sh', '-c', `echo the registry is away >&2; test ! -e ${lock}`];
  const reference = here.coordinator.pack({ 'check.sh': 'exit 0' }, [['true'], command]);
  const ended = await run(reference);
  expect(ended.end).toBe('set-up-failed');
  expect(ended.reason).toMatch(/^tests could not be prepared: "sh -c .*" ended with exit status 1\. the registry is away$/);
  await rm(lock);
  expect(verdictsOf(await run(reference))).toEqual({ t: 'passed' });
});

test('lies beside others until there is no more room: then the one that was used longest ago goes', async () => {
  await here.startDaemon({ worker: { keep: '1MB' } });
  const pack = (name: string) => here.coordinator.pack({ 'check.sh': 'exit 0', [name]: name.repeat(400_000) });
  const [one, two, three] = [pack('a'), pack('b'), pack('c')];
  await run(one);
  await run(two);
  const both = async (...kept: readonly PackageReference[]): Promise<void> => {
    await expect.poll(() => new Set(prepared())).toEqual(new Set(kept.map(({ hash }) => hash)));
  };
  await both(one, two);
  await run(one);
  await run(three);
  await both(one, three);
  expect(new Set(await laidOut())).toEqual(new Set([one.hash, `${one.hash}.ready`, three.hash, `${three.hash}.ready`]));
});

test('half a preparation and what is left of an old transfer are removed at the next start', async () => {
  const packages = join(here.folder, 'state', 'work', 'packages');
  const weeksAgo = new Date(Date.now() - 20 * 24 * 3_600_000);
  for (const name of ['half', 'old.partial', 'new.partial']) await mkdir(join(packages, name, 'sub'), { recursive: true });
  await chmod(join(packages, 'half', 'sub'), 0o555);
  await utimes(join(packages, 'old.partial'), weeksAgo, weeksAgo);
  await writeFile(join(packages, 'gone.ready'), '{}');
  await here.startDaemon();
  expect(await laidOut()).toEqual(['new.partial']);
});
