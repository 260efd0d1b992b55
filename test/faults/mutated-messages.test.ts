/**
 * Damaged messages to a true daemon over its socket, and as many to a core over the contract's door: neither ends,
 * grows, or does what nobody asked for. (The router, the gate and the link have such tests beside their own.)
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cases } from '../thoroughness.ts';
import { openNetwork, residentBytes } from '../network-of-processes.ts';
import { connectToRouter } from '#network/bus/connect.ts';
import { signerFromSeed } from '#platform/keys.ts';
import { openCore } from '#main/core/core.ts';
import { portPair } from '#main/core/contract/in-process.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import { Ownership } from '#shared/disposable.ts';
import { commandIdSchema } from '#shared/identifiers.ts';
import { orderVersion, signCommand, type CommandOrder } from '#shared/protocol/commands.ts';
import { catalogueSchema } from '#shared/protocol/observations.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { randomBelow } from '../repeatable-random.ts';

const messages = cases(100_000, 20_000);
const seed = 20_261_120;
const megabyte = 1024 * 1024;

/** Some bytes changed, a piece cut out, a piece doubled, or the end cut off. */
function mutated(bytes: Uint8Array, random: (bound: number) => number): Uint8Array {
  const at = random(bytes.length);
  const to = at + random(bytes.length - at);
  switch (random(4)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 1:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 2:
      return bytes.subarray(0, at);
    default: {
      const changed = Buffer.from(bytes);
      for (let count = 1 + random(4); count > 0; count--) changed[random(changed.length)] = random(256);
      return changed;
    }
  }
}

test(`of ${messages} damaged messages none harms a daemon (seed ${seed})`, { timeout: 300_000 }, async () => {
  const owned = new Ownership();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'testops-mutated-'));
    owned.own(() => rm(folder, { recursive: true, force: true }));
    const done = join(folder, 'done.txt');
    const append = 'require("node:fs").appendFileSync(process.argv[1], process.argv[2] + "\\n")';
    const network = await openNetwork({
      daemon: {
        actions: { do_it: { command: [process.execPath, '-e', append, done, '{what}'], parameters: { what: { type: 'string' } } } },
      },
    });
    owned.own(network);
    const daemon = await network.startDaemon();
    const connection = await connectToRouter({ url: network.router, name: 'forger', seed: network.operatorSeed, user: 'alice' });
    owned.own(() => connection.close());
    const describe = async () =>
      catalogueSchema.parse(
        (await connection.request(subject(network.environment, 'describe', network.daemon), '', { timeout: 60_000 })).json(),
      );
    const { bootNonce, epoch } = await describe();
    const order = (number: number, what: string): CommandOrder => ({
      version: orderVersion,
      id: commandIdSchema.parse(`command-${number}`),
      operator: 'alice',
      environment: network.environment,
      daemon: network.daemon,
      epoch,
      bootNonce,
      session: 'forgers-session',
      sequence: number,
      issuedAt: Date.now(),
      timeToLive: 30_000,
      order: { kind: 'execute', action: 'do_it', arguments: [what] },
    });
    const signed = (number: number, what: string): Buffer =>
      Buffer.from(JSON.stringify(signCommand(order(number, what), signerFromSeed(network.operatorSeed))));
    const seeds = {
      command: signed(1, 'forged'),
      spool: Buffer.from(JSON.stringify({ epoch, from: 1, to: 50 })),
      describe: Buffer.from('{}'),
    };
    const kinds = ['command', 'command', 'command', 'spool', 'describe'] as const;
    const random = randomBelow(seed);
    const before = await residentBytes(daemon.pid);
    for (let count = 0; count < messages; count++) {
      const kind = kinds[random(kinds.length)] ?? 'command';
      const reply = random(2) === 0 ? { reply: `_INBOX_alice.${random(100)}` } : {};
      connection.publish(subject(network.environment, kind, network.daemon), mutated(seeds[kind], random), reply);
      // The daemon's answer to a question shows that it has come so far.
      if (count % 1_000 === 999) expect((await describe()).epoch).toBe(epoch);
    }
    expect(await residentBytes(daemon.pid)).toBeLessThan(before + 150 * megabyte);
    const answered = Promise.withResolvers<void>();
    connection.subscribe('_INBOX_alice.genuine', {
      callback: (_failure, message) => void (message.string().includes('"kind":"finished"') && answered.resolve()),
    });
    const genuine = signed(2_000_000, 'genuine');
    connection.publish(subject(network.environment, 'command', network.daemon), genuine, { reply: '_INBOX_alice.genuine' });
    await answered.promise;
    // What was damaged only where JSON does not mind is the genuine order still, and is executed once at most.
    expect(['genuine\n', 'forged\ngenuine\n']).toContain(await readFile(done, 'utf8'));
    expect(daemon.child.exitCode).toBeNull();
  } finally {
    await owned.dispose();
  }
});

test(`of ${messages} damaged messages none harms a core at its door (seed ${seed})`, { timeout: 300_000 }, async () => {
  const owned = new Ownership();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'testops-mutated-'));
    owned.own(() => rm(folder, { recursive: true, force: true }));
    const core = await openCore({ archiveFolder: join(folder, 'archive') });
    owned.own(core);
    const [port, serving] = portPair();
    owned.own(serveContract(core, serving));
    owned.own(() => port.close());
    const random = randomBelow(seed);
    const seeds = [
      { kind: 'request', id: 1, method: 'runs.show', request: { run: '20261120T221735Z-failover-3f9a' } },
      { kind: 'request', id: 2, method: 'run.act', request: { run: '20261120T221735Z-failover-3f9a', action: { kind: 'goto', line: 1 } } },
      { kind: 'request', id: 3, method: 'run.start', request: { scenarioFile: 'none.scn', policy: 'abort', attended: false } },
      { kind: 'listen', id: 4, stream: 'run.records', request: { run: '20261120T221735Z-failover-3f9a', from: 1 }, credits: 3 },
      { kind: 'credit', id: 4, items: 2 },
      { kind: 'close', id: 4 },
    ];
    const answers: string[] = [];
    let listed = Promise.withResolvers<void>();
    port.onMessage((message) => {
      const { kind, id } = message as { readonly kind: string; readonly id?: number };
      answers.push(kind);
      if (id === probe && kind === 'response') listed.resolve();
    });
    const before = process.memoryUsage().rss;
    let probe = 0;
    for (let count = 0; count < messages; count++) {
      const message = seeds[random(seeds.length)];
      if (random(2) === 0) port.post(withStrangeValue(message, random));
      else port.post(parsedOrText(mutated(Buffer.from(JSON.stringify(message)), random)));
      if (count % 500 !== 499) continue;
      // The core still answers, and everything before was taken.
      probe = 1_000_000 + count;
      listed = Promise.withResolvers<void>();
      port.post({ kind: 'request', id: probe, method: 'runs.list', request: {} });
      await listed.promise;
    }
    expect(new Set(answers).difference(new Set(['response', 'item', 'end', 'failure', 'refused']))).toEqual(new Set());
    expect(answers.length).toBeGreaterThan(messages / 2);
    expect(process.memoryUsage().rss).toBeLessThan(before + 300 * megabyte);
    expect((await core.request('runs.list', {})).runs).toEqual([]);
  } finally {
    await owned.dispose();
  }
});

/** Ports carry values, not bytes: what is no JSON any more is sent as the text that it is. */
function parsedOrText(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const strange: readonly unknown[] = [
  null,
  undefined,
  -1,
  0,
  1.5,
  1e308,
  Number.NaN,
  '',
  '__proto__',
  '../..',
  'x'.repeat(5_000),
  [],
  [[]],
  {},
  true,
  7n,
];

/** The message with one of its values, wherever it stands, made into another, or with one too many. */
function withStrangeValue(message: unknown, random: (bound: number) => number): unknown {
  const odd = strange[random(strange.length)];
  if (typeof message !== 'object' || message === null || random(8) === 0) return odd;
  const keys = [...Object.keys(message), 'another'];
  const key = keys[random(keys.length)] ?? '';
  const value: unknown = Reflect.get(message, key);
  return { ...message, [key]: typeof value === 'object' ? withStrangeValue(value, random) : odd };
}
