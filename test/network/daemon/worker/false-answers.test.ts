/** What is not the coordinator's answer to this worker's question is refused and told, and nothing of it is executed. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '#platform/keys.ts';
import { Reader } from '../daemon-process.ts';
import { campaign, hashOf, suiteOf, type Tampering } from './fake-coordinator.ts';
import { shell, Surroundings } from './worker-under-test.ts';

let here: Surroundings;
let reader: Reader;
beforeEach(async () => {
  here = await Surroundings.open();
  reader = await Reader.open(here.url);
});
afterEach(async () => {
  await reader.close();
  await here.close();
});

const notices = (): readonly string[] => reader.events.flatMap((event) => (event.kind === 'notice' ? [event.code] : []));
const changed = (change: Readonly<Record<string, unknown>>): Tampering => ({
  answer: (answer) => ({ ...answer, ...change }),
});

const falseAnswers: readonly (readonly [string, string, Tampering])[] = [
  [
    'changed after it was signed',
    'work-bad-signature',
    { signed: (signed) => ({ ...signed, answer: signed.answer.replace('"r1"', '"r2"').replace('"settled"', ' "settled"') }) },
  ],
  ['without a signature', 'work-malformed', { signed: ({ answer }) => ({ answer }) as never }],
  ['of a stranger', 'work-unknown-key', { signed: (signed) => ({ ...signed, key: newKey().publicKey }) }],
  ['for another worker', 'work-misdirected', changed({ worker: 'Other' })],
  ['for another environment', 'work-misdirected', changed({ environment: 'Other' })],
  ['for another start', 'work-misdirected', changed({ epoch: '0'.repeat(16) })],
  ['to another question', 'work-replayed', changed({ nonce: 'x'.repeat(22) })],
  ['of another version', 'work-other-version', changed({ version: 9 })],
];

test.each(falseAnswers)('an answer %s', async (_, code, tampering) => {
  here.coordinator.tampering = tampering;
  await here.startDaemon();
  const fence = here.coordinator.give(suiteOf({ settings: { tests: [shell('t', 'true')] } }), ['t']);
  await expect.poll(notices).toContain(code);
  await expect.poll(() => here.coordinator.requests.length).toBeGreaterThan(2);
  expect(here.coordinator.told.has(fence)).toBe(false);
  expect(here.coordinator.requests.every(({ running }) => running.length === 0)).toBe(true);
});

test('an answer of before that comes again', async () => {
  let recorded: Parameters<NonNullable<Tampering['signed']>>[0] | undefined;
  here.coordinator.tampering = { signed: (signed) => (recorded ??= signed) };
  await here.startDaemon();
  await expect.poll(notices).toContain('work-replayed');
});

test('an answer of somebody who may do other things but give work', async () => {
  await here.startDaemon({ allow: ['kill', 'work:pytest'] });
  await expect.poll(notices).toContain('work-not-allowed');
});

test('a lease that is given again is executed once', async () => {
  await here.startDaemon();
  const lines = await here.program('count.txt', '');
  const suite = suiteOf({ settings: { tests: [shell('t', `echo x >> ${lines}`)] } });
  const fence = here.coordinator.give(suite, ['t']);
  await here.end(fence);
  const task = { kind: 'execute', tests: ['t'] };
  const lease = { campaign, fence, attempt: 1, task, suite: hashOf(JSON.stringify(suite)), server: null, revision: 'r1', unique: 'u1abc' };
  here.coordinator.tampering = changed({ suites: { [lease.suite]: suite }, leases: [lease] });
  const { length } = here.coordinator.requests;
  await expect.poll(() => here.coordinator.requests.length).toBeGreaterThan(length + 2);
  expect(await readFile(lines, 'utf8')).toBe('x\n');
});
