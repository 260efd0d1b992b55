/** Commands over a real router to a scripted daemon: signed, sent again while unanswered, executed once, ended by whatever comes first. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { verifier } from '#platform/keys.ts';
import { connectToRouter } from '#network/bus/connect.ts';
import { ProblemError } from '#shared/problem.ts';
import { signedCommandSchema, verifyCommand, type SignedCommand } from '#shared/protocol/commands.ts';
import { subject } from '#shared/protocol/subjects.ts';
import type { Link } from '#main/core/ports.ts';
import { commandId, daemonName, environment, FakeDaemon, success, type FakeDaemonOptions } from './fake-daemon.ts';
import { hear, linkTo, operator } from './linked.ts';
import { startNatsServer, withoutNatsServer, type TestRouter } from './nats-server.ts';

const problemOf = async (promise: Promise<unknown>): Promise<{ code: string; message: string }> => {
  const failure = await promise.then(
    () => new Error('It did not fail.'),
    (thrown: unknown) => thrown,
  );
  expect(failure).toBeInstanceOf(ProblemError);
  return (failure as ProblemError).problem;
};

describe.skipIf(withoutNatsServer)('commands', () => {
  let router: TestRouter;
  const open: { stop?(): Promise<void>; dispose?(): void | Promise<void> }[] = [];
  beforeAll(async () => {
    router = await startNatsServer();
  });
  afterAll(() => router.kill());
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await (each.stop?.() ?? each.dispose?.());
  });
  const mep = daemonName('MEP');
  const startDaemon = async (options: Partial<FakeDaemonOptions> = {}): Promise<FakeDaemon> => {
    const daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', ...options });
    open.push(daemon);
    return daemon;
  };
  const startLink = async (...rest: Parameters<typeof linkTo> extends [string, ...infer Rest] ? Rest : never): Promise<Link> => {
    const link = await linkTo(router.url, ...rest);
    open.push(link);
    await link.ready([mep], 500);
    return link;
  };

  test('an order is signed, fresh in the clock of the daemon, and finished by the reply', async () => {
    const daemon = await startDaemon({ clockAhead: 3_600_000 });
    const signed: SignedCommand[] = [];
    const listener = await connectToRouter({ url: router.url, name: 'listener' });
    listener.subscribe(subject(environment, 'command', mep), {
      callback: (_, message) => void signed.push(signedCommandSchema.parse(message.json())),
    });
    await listener.flush();
    open.push({ stop: () => listener.close() });
    const link = await startLink(['MEP']);
    await vi.waitFor(() => expect(link.daemons()[0]?.clockOffset).not.toBeNull());
    const outcome = await link.send(mep, 'kill', ['-9', 'Engine'], commandId('command-1')).finished;
    expect(outcome).toEqual(success);
    expect(daemon.orders[0]).toMatchObject({
      id: 'command-1',
      operator: 'alice',
      daemon: 'MEP',
      bootNonce: daemon.bootNonce,
      sequence: 1,
      timeToLive: 10_000,
      order: { kind: 'execute', action: 'kill', arguments: ['-9', 'Engine'] },
    });
    expect(Math.abs((daemon.orders[0]?.issuedAt ?? 0) - daemon.now())).toBeLessThan(1_000);
    expect(signed[0]?.key).toBe(operator.signer.publicKey);
    expect(verifyCommand(signed[0]!, verifier)).toBe(true);
  });

  test('is sent again while unanswered, with the same id and a new sequence', async () => {
    const daemon = await startDaemon();
    let count = 0;
    daemon.onOrder = (order, reply) => {
      if (++count === 3) reply({ kind: 'finished', command: order.id, outcome: success });
    };
    const link = await startLink(['MEP']);
    await link.send(mep, 'act', [], commandId('command-2')).finished;
    expect(daemon.orders.map((each) => each.id)).toEqual(['command-2', 'command-2', 'command-2']);
    expect(daemon.orders.map((each) => each.sequence)).toEqual([1, 2, 3]);
    expect(new Set(daemon.orders.map((each) => each.session)).size).toBe(1);
  });

  test('is finished by the event when the replies are lost, and not sent again once it is known to have arrived', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) => {
      if (daemon.orders.length > 1) reply({ kind: 'refused', command: order.id, code: 'replayed', reason: 'This order was given before.' });
    };
    const link = await startLink(['MEP']);
    const watch = link.send(mep, 'act', [], commandId('command-3'));
    await vi.waitFor(() => expect(daemon.orders).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(daemon.orders).toHaveLength(2);
    daemon.events({ kind: 'command-finished', time: 1, command: watch.command, outcome: { ...success, result: 'by event' } });
    expect((await watch.finished).result).toBe('by event');
  });

  test('a refusal is a problem with the reason', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) =>
      reply({ kind: 'refused', command: order.id, code: 'not-allowed', reason: '"alice" may not run "kill" here.' });
    const link = await startLink(['MEP']);
    const problem = await problemOf(link.send(mep, 'kill', [], commandId('command-4')).finished);
    expect(problem).toMatchObject({ code: 'refused-not-allowed', message: 'MEP refused kill: "alice" may not run "kill" here.' });
  });

  test('a refusal of a forged order with the same id does not end ours', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) => {
      daemon.events({
        kind: 'command-refused',
        time: 1,
        command: order.id,
        operator: '',
        action: '',
        code: 'bad-signature',
        reason: 'Forged.',
      });
      setTimeout(() => reply({ kind: 'finished', command: order.id, outcome: success }), 50);
    };
    const link = await startLink(['MEP']);
    expect(await link.send(mep, 'act', [], commandId('command-5')).finished).toEqual(success);
  });

  test.each([
    [null, 1, 'Update the daemon MEP on localhost.'],
    [3, 3, 'Update this console.'],
  ])('a daemon that takes orders of another version (%s) is named, and sent none', async (told, taken, tip) => {
    const daemon = await startDaemon({ orderVersion: told });
    const link = await linkTo(router.url, ['MEP']);
    open.push(link);
    const heard = hear(link);
    const message = `The daemon MEP on localhost (version 0.1.0) takes orders of version ${taken}, and this console signs version 2: it cannot be commanded`;
    const problem = await problemOf(link.send(mep, 'kill', ['-9', 'Engine'], commandId('command-15')).finished);
    expect(problem).toMatchObject({ code: 'daemon-order-version', message: `${message}; kill was not sent.`, tip });
    expect(daemon.orders).toEqual([]);
    await vi.waitFor(() => expect(heard.of('problem')).toMatchObject([{ problem: { message: `${message}.`, tip } }]));
  });

  test('nobody there: a clear sentence', async () => {
    const link = await startLink([]);
    const problem = await problemOf(link.send(mep, 'kill', [], commandId('command-6')).finished);
    expect(problem).toMatchObject({ code: 'daemon-absent', message: 'No daemon MEP is connected to the environment TEST.' });
  });

  test('a daemon lost for too long ends the wait', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) => reply({ kind: 'accepted', command: order.id });
    const link = await startLink(['MEP']);
    const watch = link.send(mep, 'load', [], commandId('command-7'));
    await vi.waitFor(() => expect(daemon.orders).toHaveLength(1));
    await daemon.stop();
    const problem = await problemOf(watch.finished);
    expect(problem.code).toBe('daemon-lost');
    expect(problem.message).toContain('MEP was lost while load was running');
  });

  test('a daemon that is known to be lost: after the time of an answer the command is not carried out, and nothing was sent', async () => {
    const daemon = await startDaemon();
    const limits = { commandPatience: 60_000 };
    const link = await startLink(['MEP'], limits);
    daemon.deaf = true;
    await vi.waitFor(() => expect(link.daemons()[0]?.state).toBe('lost'));
    const problem = await problemOf(link.send(mep, 'kill', ['-9', 'Engine'], commandId('command-20')).finished);
    expect(problem).toMatchObject({ code: 'daemon-absent', tip: expect.stringContaining('testops daemon --config') as string });
    expect(problem.message).toMatch(/^MEP is lost: it has been silent for \d+ s and does not answer\. kill was not carried out\.$/);
    daemon.deaf = false;
    await vi.waitFor(() => expect(link.daemons()[0]?.state).toBe('present'));
    expect(daemon.orders).toEqual([]);
  });

  test('a daemon that comes back within the time of an answer is sent what was kept for it', async () => {
    const daemon = await startDaemon();
    const link = await startLink(['MEP'], { commandPatience: 60_000, describeTimeout: 20_000 });
    daemon.deaf = true;
    await vi.waitFor(() => expect(link.daemons()[0]?.state).toBe('lost'));
    const watch = link.send(mep, 'act', [], commandId('command-21'));
    daemon.deaf = false;
    expect(await watch.finished).toEqual(success);
    expect(daemon.orders).toHaveLength(1);
    await daemon.stop();
    await vi.waitFor(() => expect(link.daemons()[0]?.state).toBe('lost'));
    const second = link.send(mep, 'act', [], commandId('command-22'));
    const again = await startDaemon();
    expect(await second.finished).toEqual(success);
    expect(again.orders).toHaveLength(1);
  });

  test('a killed daemon that nobody has reached since is given up when it is known to be lost', async () => {
    const daemon = await startDaemon();
    const link = await startLink(['MEP'], { commandPatience: 60_000 });
    await daemon.stop();
    const problem = await problemOf(link.send(mep, 'act', [], commandId('command-23')).finished);
    expect(problem).toMatchObject({ code: 'daemon-absent', message: expect.stringContaining('act was not carried out') as string });
  });

  test('a daemon restarted meanwhile: the end may still be in its spool; if not, it is said so', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) => reply({ kind: 'accepted', command: order.id });
    const link = await startLink(['MEP']);
    const first = link.send(mep, 'load', [], commandId('command-8'));
    const second = link.send(mep, 'smoke', [], commandId('command-9'));
    await vi.waitFor(() => expect(daemon.orders).toHaveLength(2));
    daemon.loses = () => true;
    daemon.events({ kind: 'command-finished', time: 1, command: first.command, outcome: { ...success, result: 'from the spool' } });
    await daemon.stop();
    const again = await startDaemon({ spool: daemon.spool });
    again.notice('here again');
    expect((await first.finished).result).toBe('from the spool');
    const problem = await problemOf(second.finished);
    expect(problem.code).toBe('daemon-restarted');
    expect(problem.message).toContain('MEP was restarted while smoke was running');
    expect(again.orders).toEqual([]);
  });

  test('an order that only a later start of the daemon saw is given to that start', async () => {
    const daemon = await startDaemon();
    const link = await startLink(['MEP']);
    await daemon.stop();
    const again = await startDaemon({ presenceInterval: 600_000 });
    again.onOrder = (order, reply) => {
      if (order.bootNonce === again.bootNonce) reply({ kind: 'finished', command: order.id, outcome: success });
      else reply({ kind: 'refused', command: order.id, code: 'stale-boot', reason: 'Started anew.', epoch: again.epoch, succeeds: true });
    };
    expect(await link.send(mep, 'act', [], commandId('command-10')).finished).toEqual(success);
    expect(again.orders.map((each) => each.bootNonce)).toEqual([daemon.bootNonce, again.bootNonce]);
  });

  test('cancel asks the daemon, which ends the command', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) => {
      reply({ kind: 'accepted', command: order.id });
      if (order.order.kind !== 'cancel') return;
      const outcome = { ...success, status: 'cancelled' as const, success: false };
      daemon.events({ kind: 'command-finished', time: 1, command: order.order.command, outcome });
    };
    const link = await startLink(['MEP']);
    const watch = link.send(mep, 'load', [], commandId('command-11'));
    await vi.waitFor(() => expect(daemon.orders).toHaveLength(1));
    await watch.cancel();
    expect((await watch.finished).status).toBe('cancelled');
    expect(daemon.orders[1]?.order).toEqual({ kind: 'cancel', command: 'command-11' });
  });

  test('a router restart in between: the command is executed once and its end is told', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = (order, reply) => {
      if (daemon.orders.length === 1) reply({ kind: 'accepted', command: order.id });
    };
    const link = await startLink(['MEP'], { commandPatience: 10_000 });
    const watch = link.send(mep, 'load', [], commandId('command-12'));
    await vi.waitFor(() => expect(daemon.orders).toHaveLength(1));
    // What is heard after it was told after it: the answer is here.
    const heard = hear(link);
    daemon.notice('after the answer');
    await vi.waitFor(() => expect(heard.of('events')).toHaveLength(1));
    await router.kill();
    daemon.events({ kind: 'command-finished', time: 1, command: watch.command, outcome: { ...success, result: 'meanwhile' } });
    await router.start();
    expect((await watch.finished).result).toBe('meanwhile');
    expect(daemon.orders).toHaveLength(1);
  });

  test('closing the link ends the wait', async () => {
    const daemon = await startDaemon();
    daemon.onOrder = () => undefined;
    const link = await startLink(['MEP']);
    const watch = link.send(mep, 'load', [], commandId('command-13'));
    await link.dispose();
    expect((await problemOf(watch.finished)).code).toBe('link-closed');
    expect((await problemOf(link.send(mep, 'load', [], commandId('command-14')).finished)).code).toBe('link-closed');
  });
});
