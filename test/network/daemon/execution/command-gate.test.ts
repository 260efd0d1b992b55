/** The gate: every reason for a refusal one by one, nothing executed twice, and no message that can harm it. */
import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { cases } from '../../../thoroughness.ts';
import { newKey, signerFromSeed, verifier } from '#platform/keys.ts';
import { CommandGate } from '#network/daemon/execution/command-gate.ts';
import type { CommandExecution } from '#network/daemon/execution/command-gate.ts';
import { succeeded, outcomeOf } from '#network/daemon/execution/command-outcome.ts';
import { Policy } from '#network/daemon/execution/policy.ts';
import { decodeSpoolRequest } from '#network/daemon/spool/spool-service.ts';
import { commandIdSchema, daemonNameSchema, environmentNameSchema, epochSchema } from '#shared/identifiers.ts';
import { commandReplySchema, orderBytes, orderVersion, signCommand } from '#shared/protocol/commands.ts';
import type { CommandOrder, CommandReply } from '#shared/protocol/commands.ts';
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import { daemonEventSchema } from '#shared/protocol/observations.ts';
import { randomFrom } from '../../../repeatable-random.ts';

const alice = newKey();
const bob = newKey();
const stranger = newKey();
const environment = environmentNameSchema.parse('demo');
const daemon = daemonNameSchema.parse('MEP');
const bootNonce = 'boot-nonce-of-now';
const epoch = epochSchema.parse('019aa3b1c2d41f08');
const earlier = epochSchema.parse('019aa3b1c2d30000');

let now = 0;
let monotonic = 0;
let events: DaemonEvent[] = [];
let executed: string[] = [];
let ends: ((outcome: CommandOutcome) => void)[] = [];
let gate: CommandGate;
let count = 0;

const execution: CommandExecution = {
  componentOf: (action, words) => (action === 'kill' ? words.at(-1) : undefined),
  prepare: (action, words) => {
    if (action === 'unknown') return { code: 'unknown-action', reason: 'There is no such action.' };
    if (action === 'busy') return { code: 'busy', reason: 'It runs already.' };
    if (words.includes('wrong')) return { code: 'bad-arguments', reason: 'Wrong.' };
    return {
      execute: () => {
        executed.push(action);
        if (action === 'exec_throws') throw new Error('It broke at once.');
        if (action === 'exec_rejects') return Promise.reject(new Error('It broke.'));
        return new Promise((resolve) => ends.push(resolve));
      },
    };
  },
  cancel: () => {
    ends.shift()?.(outcomeOf({ status: 'cancelled' }, 1));
    return Promise.resolve(outcomeOf(succeeded(), 1));
  },
};

beforeEach(() => {
  now = 1_000_000;
  monotonic = 0;
  events = [];
  executed = [];
  ends = [];
  count = 0;
  gate = newGate();
});

function newGate(verify = verifier): CommandGate {
  return new CommandGate({
    environment,
    daemon,
    epoch,
    succeeds: (other) => other === earlier,
    bootNonce,
    policy: new Policy([
      { operator: 'alice', key: alice.publicKey, allow: ['exec_*', 'unknown', 'busy', 'component:Engine*'] },
      { operator: 'bob', key: bob.publicKey, allow: ['exec_smoke'] },
    ]),
    clockTolerance: 500,
    now: () => now,
    monotonic: () => monotonic,
    verify,
    execution,
    report: (event) => events.push(daemonEventSchema.parse(event)),
  });
}

function order(change: Partial<CommandOrder> = {}, action = 'exec_smoke', words: string[] = []): CommandOrder {
  count++;
  return {
    version: orderVersion,
    id: commandIdSchema.parse(`command-${count}`),
    operator: 'alice',
    environment,
    daemon,
    epoch,
    bootNonce,
    session: 'session-1',
    sequence: count,
    issuedAt: now,
    timeToLive: 5_000,
    order: { kind: 'execute', action, arguments: words },
    ...change,
  };
}

const encode = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const signers = new Map([alice, bob, stranger].map(({ seed }) => [seed, signerFromSeed(seed)]));
const sign = (each: CommandOrder, seed = alice.seed) => signCommand(each, signers.get(seed)!);

/** A signature under a text alone, as a router gets one under its nonce. */
function signedText(text: string) {
  const signature = Buffer.from(signers.get(alice.seed)!.sign(Buffer.from(text))).toString('base64url');
  return { order: text, key: alice.publicKey, signature };
}
const signedBare = (each: CommandOrder) => signedText(JSON.stringify(each));

function send(message: unknown, replySubject = '_INBOX_alice.1'): CommandReply[] {
  const replies: CommandReply[] = [];
  const bytes = message instanceof Uint8Array ? message : encode(message);
  gate.handle(bytes, replySubject, (reply) => replies.push(commandReplySchema.parse(reply)));
  return replies;
}

function codeOf(message: unknown, replySubject?: string): string {
  const [reply] = send(message, replySubject);
  return reply?.kind === 'refused' ? reply.code : (reply?.kind ?? 'no answer');
}

const endAll = async (): Promise<void> => {
  for (const end of ends.splice(0)) end(outcomeOf(succeeded('PASS'), 12));
  await wait(0);
};

const mutated = cases(100_000, 20_000);

describe('an order in order', () => {
  test.each([
    ['exec_throws', 'It broke at once.'],
    ['exec_rejects', 'It broke.'],
  ])('that cannot be carried out (%s) is answered all the same, and the next one is taken', async (action, message) => {
    const replies = send(sign(order({}, action)));
    await wait(0);
    expect(replies).toMatchObject([
      { kind: 'accepted' },
      { kind: 'finished', outcome: { status: 'failed to start', success: false, message } },
    ]);
    expect(events.at(-1)).toMatchObject({ kind: 'command-finished', outcome: { status: 'failed to start' } });
    expect(codeOf(sign(order()))).toBe('accepted');
  });

  test('is accepted, executed once, and its end is answered and recorded', async () => {
    const replies = send(sign(order()));
    expect(replies).toEqual([{ kind: 'accepted', command: 'command-1' }]);
    expect(executed).toEqual(['exec_smoke']);
    await endAll();
    expect(replies[1]).toMatchObject({ kind: 'finished', command: 'command-1', outcome: { result: 'PASS', success: true } });
    expect(events.map((event) => event.kind)).toEqual(['command-accepted', 'command-finished']);
    expect(events[0]).toMatchObject({ operator: 'alice', action: 'exec_smoke', arguments: [] });
  });

  test('may overtake another of its session', () => {
    const [first, second] = [order(), order()];
    expect([codeOf(sign(second)), codeOf(sign(first))]).toEqual(['accepted', 'accepted']);
  });

  test('may come from another console of the same operator', () => {
    expect(codeOf(sign(order({ session: 'session-2', sequence: 1 })))).toBe('accepted');
    expect(codeOf(sign(order({ session: 'session-3', sequence: 1 })))).toBe('accepted');
  });
});

describe('refused is what is', () => {
  const refused: readonly (readonly [string, () => unknown, string])[] = [
    ['no JSON', () => 'hello', 'malformed'],
    ['no object', () => '[1]', 'malformed'],
    ['without signature', () => ({ ...sign(order()), signature: '' }), 'unsigned'],
    ['without key', () => ({ order: JSON.stringify(order()), signature: 'x' }), 'unsigned'],
    ['a plain order', () => order(), 'unsigned'],
    ['of an unknown key', () => sign(order(), stranger.seed), 'unknown-key'],
    ['in the name of another operator', () => sign(order({ operator: 'bob' })), 'unknown-key'],
    ['altered', () => ({ ...sign(order()), order: JSON.stringify(order({}, 'exec_other')) }), 'bad-signature'],
    ['signed by another', () => ({ ...sign(order(), stranger.seed), key: alice.publicKey }), 'bad-signature'],
    ['with a signature that is none', () => ({ ...sign(order()), signature: 'AAAA' }), 'bad-signature'],
    ['signed nonsense', () => sign('nonsense' as unknown as CommandOrder), 'malformed'],
    ['of an earlier version', () => sign({ ...order(), version: 1 } as unknown as CommandOrder), 'malformed'],
    ['of a later version', () => sign({ ...order(), version: 3 } as unknown as CommandOrder), 'malformed'],
    ['signed as its bare text', () => signedBare(order()), 'bad-signature'],
    [
      'signed as its bare text, as before there were versions',
      () => signedBare({ ...order(), version: undefined } as never),
      'bad-signature',
    ],
    ['a nonce', () => signedText('Fxx3UiuxCnJbvYo'), 'bad-signature'],
    ['for another daemon', () => sign(order({ daemon: daemonNameSchema.parse('MES') })), 'misdirected'],
    ['for another environment', () => sign(order({ environment: environmentNameSchema.parse('uat') })), 'misdirected'],
    ['for an earlier start', () => sign(order({ bootNonce: 'boot-nonce-of-before' })), 'stale-boot'],
    ['too old', () => sign(order({ issuedAt: now - 5_501 })), 'expired'],
    ['from the future', () => sign(order({ issuedAt: now + 501 })), 'expired'],
    ['not in the policy', () => sign(order({}, 'format_disk')), 'not-allowed'],
    ['of an operator with fewer rights', () => sign(order({ operator: 'bob' }, 'exec_other'), bob.seed), 'not-allowed'],
    ['for a component that is not listed', () => sign(order({}, 'kill', ['-9', 'Gateway'])), 'not-allowed'],
    ['unknown here', () => sign(order({}, 'unknown')), 'unknown-action'],
    ['wrongly called', () => sign(order({}, 'exec_smoke', ['wrong'])), 'bad-arguments'],
    ['too much at once', () => sign(order({}, 'busy')), 'busy'],
    [
      'to cancel what does not run',
      () => sign(order({ order: { kind: 'cancel', command: commandIdSchema.parse('command-0') } })),
      'bad-arguments',
    ],
  ];
  test.each(refused)('%s', (_name, message, code) => {
    const [reply] = send(message());
    expect(reply).toMatchObject({ kind: 'refused', code });
    expect(executed).toEqual([]);
    expect(events).toMatchObject([{ kind: 'command-refused', code }]);
  });

  test('by whom, is told: by the start that it is for, by a later one that has its state, or by another daemon', () => {
    const stale = 'boot-nonce-of-before';
    const other = epochSchema.parse('019aa3b1c2d41f09');
    expect(send(sign(order({}, 'busy')))).toMatchObject([{ code: 'busy', epoch, succeeds: false }]);
    expect(send(sign(order({ epoch: earlier, bootNonce: stale })))).toMatchObject([{ code: 'stale-boot', epoch, succeeds: true }]);
    expect(send(sign(order({ epoch: other, bootNonce: stale })))).toMatchObject([{ code: 'stale-boot', epoch, succeeds: false }]);
    // The same of orders that are refused before anything in them is believed.
    expect(send(sign(order({ epoch: earlier }), stranger.seed))).toMatchObject([{ code: 'unknown-key', epoch, succeeds: true }]);
    expect(send(sign(order({ epoch: other }), stranger.seed))).toMatchObject([{ code: 'unknown-key', epoch, succeeds: false }]);
    expect(send('nonsense')).toMatchObject([{ code: 'malformed', epoch, succeeds: false }]);
  });

  test.each([
    [1, 'The order is of version 1 and this daemon takes version 2 only; update the console that sent it.'],
    [3, 'The order is of version 3 and this daemon takes version 2 only; update this daemon.'],
  ])('an order of version %i: its sender is told what to update, and recognises its order', (version, reason) => {
    const [reply] = send(signedBare({ ...order(), version } as unknown as CommandOrder));
    expect(reply).toEqual({ kind: 'refused', command: 'command-1', code: 'malformed', reason, epoch, succeeds: false });
  });

  test('replayed: the very same message on another reply subject', async () => {
    const message = sign(order());
    expect(codeOf(message)).toBe('accepted');
    expect(codeOf(message, '_INBOX_mallory.1')).toBe('replayed');
    await endAll();
    expect(codeOf(message, '_INBOX_mallory.1')).toBe('replayed');
    expect(executed).toHaveLength(1);
    expect(events.filter((event) => event.kind === 'command-refused')).toHaveLength(2);
  });

  test('replayed: a sequence number used before, or too far back to be remembered', () => {
    expect(codeOf(sign(order({ sequence: 5_000 })))).toBe('accepted');
    expect(codeOf(sign(order({ sequence: 5_000 })))).toBe('replayed');
    expect(codeOf(sign(order({ sequence: 5_000 - 1_024 })))).toBe('replayed');
    expect(codeOf(sign(order({ sequence: 5_000 - 1_023 })))).toBe('accepted');
  });

  test('a trusted key that begins sessions without end keeps nobody else out', () => {
    const bobs = (session: string) => sign(order({ operator: 'bob', session, sequence: 1 }, 'exec_other'), bob.seed);
    let refusals = new Set<string>();
    for (let number = 0; number < 4_200; number++) refusals = refusals.add(codeOf(bobs(`session-of-bob-${number}`)));
    expect([...refusals]).toEqual(['not-allowed', 'busy']);
    expect(codeOf(sign(order({ session: 'session-new' })))).toBe('accepted');
    // Sessions that nothing was heard of for long make room.
    monotonic += 3_600_001;
    expect(codeOf(bobs('session-of-bob-again'))).toBe('not-allowed');
  });

  test('replayed: the id of an order that asked for something else', () => {
    const id = commandIdSchema.parse('same-id-again');
    expect(codeOf(sign(order({ id })))).toBe('accepted');
    expect(codeOf(sign(order({ id }, 'exec_other')))).toBe('replayed');
    expect(executed).toEqual(['exec_smoke']);
  });

  test('a clock set back does not make an old order good again', () => {
    const message = sign(order());
    expect(codeOf(message)).toBe('accepted');
    now += 60_000;
    expect(codeOf(message, '_INBOX_mallory.1')).toBe('expired');
    now -= 60_000;
    expect(codeOf(message, '_INBOX_mallory.1')).toBe('replayed');
  });
});

describe('an order sent again because no answer came', () => {
  test('is told again what it was told, and not executed again', async () => {
    const message = sign(order());
    const first = send(message);
    const again = send(message);
    expect(again).toEqual([{ kind: 'accepted', command: 'command-1' }]);
    await endAll();
    expect(first).toEqual([{ kind: 'accepted', command: 'command-1' }]);
    expect(again.map((reply) => reply.kind)).toEqual(['accepted', 'finished']);
    expect(send(message).map((reply) => reply.kind)).toEqual(['accepted', 'finished']);
    expect(executed).toHaveLength(1);
  });

  test('may also be signed anew, in its session, with any reply subject', async () => {
    const original = order();
    send(sign(original), '_INBOX_alice.1');
    const again = send(sign({ ...original, sequence: 2, issuedAt: now + 100 }), '_INBOX_alice.2');
    await endAll();
    expect(again.map((reply) => reply.kind)).toEqual(['accepted', 'finished']);
    expect(codeOf(sign({ ...original, sequence: 3, session: 'session-other' }))).toBe('replayed');
    expect(executed).toHaveLength(1);
  });

  test('is refused again if it was refused', () => {
    const message = sign(order({}, 'busy'));
    expect([codeOf(message), codeOf(message)]).toEqual(['busy', 'busy']);
  });
});

describe('cancelling', () => {
  const cancel = (command: string, change: Partial<CommandOrder> = {}) =>
    order({ order: { kind: 'cancel', command: commandIdSchema.parse(command) }, ...change });

  test('ends the command; both ends are told', async () => {
    const command = send(sign(order()));
    const answer = send(sign(cancel('command-1')));
    await wait(0);
    expect(command.at(-1)).toMatchObject({ kind: 'finished', outcome: { status: 'cancelled' } });
    expect(answer.map((reply) => reply.kind)).toEqual(['accepted', 'finished']);
  });

  test('is for those who may run it', () => {
    send(sign(order({}, 'exec_other')));
    expect(codeOf(sign(cancel('command-1', { operator: 'bob' }), bob.seed))).toBe('not-allowed');
    send(sign(order({}, 'exec_smoke')));
    expect(codeOf(sign(cancel('command-3', { operator: 'bob' }), bob.seed))).toBe('accepted');
  });
});

describe('a flood', () => {
  test('of refusals is answered, but recorded within bounds', () => {
    for (let index = 0; index < 10_000; index++) expect(codeOf('nonsense')).toBe('malformed');
    expect(events).toHaveLength(100);
    monotonic += 1_000;
    send('nonsense');
    expect(events.slice(100)).toMatchObject([
      { kind: 'notice', code: 'refusals-unrecorded', text: expect.stringContaining('9,900 more refused commands were') },
      { kind: 'command-refused' },
    ]);
  });

  // It computes all the time, for as long as the machine takes.
  test(`of ${mutated} mutated messages neither crashes it, nor executes anything, nor fills the memory`, { timeout: 600_000 }, () => {
    const random = randomFrom(20261120);
    const original = sign(order());
    const genuine = Buffer.from(JSON.stringify(original));
    const spoolRequest = Buffer.from('{"epoch":"0123456789abcdef","from":1,"to":100}');
    // What the real check would find of these signatures, without its time.
    const signed = Buffer.from(orderBytes(original.order));
    gate = newGate((_key, bytes) => signed.equals(bytes));
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    let answered = 0;
    for (let turn = 0; turn < mutated; turn++) {
      const mutated = mutate(genuine, random);
      gate.handle(mutated, '_INBOX_x', () => answered++);
      const request = decodeSpoolRequest(mutate(spoolRequest, random));
      if (request) expect(request.from).toBeLessThanOrEqual(request.to);
      if (turn % 1_000 === 0) monotonic += 1_000;
    }
    expect(answered).toBe(mutated);
    // What still is the genuine order (white space, a repeated key) may pass, once.
    expect(executed.length).toBeLessThanOrEqual(1);
    expect(events.length).toBeLessThan(3_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('of genuine orders keeps the memory of answers bounded', async () => {
    for (let turn = 0; turn < 2_000; turn++) {
      send(sign(order()));
      for (const end of ends.splice(0)) end(outcomeOf(succeeded('x'.repeat(60_000)), 1));
      events = [];
      if (turn % 100 === 0) await wait(0);
    }
    await wait(0);
    expect(executed).toHaveLength(2_000);
    globalThis.gc?.();
    expect(process.memoryUsage().heapUsed).toBeLessThan(400 * 1024 * 1024);
  });
});

function mutate(genuine: Uint8Array, random: () => number): Uint8Array {
  const bytes = Buffer.from(genuine);
  const place = (): number => Math.floor(random() * bytes.length);
  switch (Math.floor(random() * 4)) {
    case 0:
      for (let count = 1 + random() * 4; count > 0; count--) bytes[place()] = Math.floor(random() * 256);
      return bytes;
    case 1:
      return bytes.subarray(0, place());
    case 2: {
      const [from, to] = [place(), place()];
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(Math.min(from, to), to), bytes.subarray(from)]);
    }
    default:
      bytes.copy(bytes, place(), place(), place());
      return bytes;
  }
}
