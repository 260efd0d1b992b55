/** The contract over a port: answers and problems come back as data, a slow listener is bounded, rubbish does no harm. */
import * as fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { connectContract } from '#shared/contract/transport/connect.ts';
import { connectInProcess, portPair } from '#main/core/contract/in-process.ts';
import type { ContractPort } from '#shared/contract/transport/port.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import type { Core, StreamItem } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

const run = runIdSchema.parse('20261120T221735Z-failover-3f9a');
let owned = new Ownership();
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
});

/** A core that answers two methods and streams numbers as fast as its listener takes them. */
function fakeCore(count = Infinity): { core: Core; state: { produced: number; closed: boolean; requests: unknown[] } } {
  const state = { produced: 0, closed: false, requests: [] as unknown[] };
  const core = {
    request: async (method: string, request: unknown) => {
      state.requests.push(request);
      if (method === 'runs.list') return { runs: [] };
      throw new ProblemError({ code: 'no-such-run', message: 'There is no such run.', tip: 'Look at the list.', file: 'a.scenario' });
    },
    listen: (_: string, __: unknown, listener: (item: StreamItem<'run.records'>) => void | Promise<void>) => {
      const pump = async (): Promise<void> => {
        while (!state.closed && state.produced < count) {
          const sequence = ++state.produced;
          await listener([{ kind: 'resumed', sequence, time: 0 }]);
        }
      };
      return { ended: pump(), close: () => (state.closed = true) };
    },
  };
  return { core: core as unknown as Core, state };
}

function connect(core: Core): Core {
  const connected = connectInProcess(core);
  owned.own(connected);
  return connected;
}

test('answers and problems travel as data', async () => {
  const { core, state } = fakeCore();
  const console = connect(core);
  expect(await console.request('runs.list', { release: 'rc1' })).toEqual({ runs: [] });
  expect(state.requests).toEqual([{ release: 'rc1' }]);
  const failure = await console.request('runs.show', { run }).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(ProblemError);
  expect((failure as ProblemError).problem).toEqual({
    severity: 'error',
    code: 'no-such-run',
    message: 'There is no such run.',
    tip: 'Look at the list.',
    file: 'a.scenario',
  });
});

test('a stream arrives in order and whole, and then ends', async () => {
  const { core } = fakeCore(500);
  const seen: number[] = [];
  const { ended } = connect(core).listen('run.records', { run, from: 1 }, (records) => void seen.push(records[0]!.sequence));
  await ended;
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
});

test('a listener that stands still stops the stream within its credits, and does not hold another one', async () => {
  const slow = fakeCore();
  const console = connect(slow.core);
  const release = Promise.withResolvers<void>();
  const listening = console.listen('run.records', { run, from: 1 }, () => release.promise);
  await vi.waitFor(() => expect(slow.state.produced).toBeGreaterThan(2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const standing = slow.state.produced;
  expect(standing).toBeLessThanOrEqual(10);
  expect(await console.request('runs.list', {})).toEqual({ runs: [] });
  release.resolve();
  await vi.waitFor(() => expect(slow.state.produced).toBeGreaterThan(standing + 20));
  listening.close();
  await listening.ended;
  await vi.waitFor(() => expect(slow.state.closed).toBe(true));
});

test('a listener that fails ends its stream and says so', async () => {
  const { core, state } = fakeCore();
  const { ended } = connect(core).listen('run.records', { run, from: 1 }, () => {
    throw new Error('the screen is gone');
  });
  await expect(ended).rejects.toThrow('the screen is gone');
  await vi.waitFor(() => expect(state.closed).toBe(true));
});

test('when the core goes away, everything open is told so', async () => {
  const [a, b] = portPair();
  const { core } = fakeCore();
  const hanging = { ...core, request: () => new Promise<never>(() => undefined) };
  const serving = serveContract(hanging, b);
  const console = owned.own(connectContract(a));
  const asked = console.request('runs.list', {});
  const { ended } = console.listen('run.records', { run, from: 1 }, () => undefined);
  await serving.dispose();
  await expect(asked).rejects.toMatchObject({ problem: { code: 'core-gone' } });
  await expect(ended).rejects.toMatchObject({ problem: { code: 'core-gone' } });
  await expect(console.request('runs.list', {})).rejects.toMatchObject({ problem: { code: 'core-gone' } });
});

test('when the console goes away, its streams are closed in the core', async () => {
  const { core, state } = fakeCore();
  const console = connectInProcess(core);
  console.listen('run.records', { run, from: 1 }, () => undefined).ended.catch(() => undefined);
  await vi.waitFor(() => expect(state.produced).toBeGreaterThan(0));
  await console.dispose();
  await vi.waitFor(() => expect(state.closed).toBe(true));
});

/** A port whose other side is this test. */
function rawPort(): { port: ContractPort; send: (message: unknown) => void; sent: unknown[] } {
  const listeners = new Set<(message: unknown) => void>();
  const sent: unknown[] = [];
  const port: ContractPort = {
    post: (message) => void sent.push(message),
    onMessage: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose: () => () => undefined,
    close: () => undefined,
  };
  return { port, sent, send: (message) => listeners.forEach((listener) => listener(message)) };
}

test('rubbish is refused with a sentence and harms neither side', async () => {
  const { core } = fakeCore(3);
  const { port, send, sent } = rawPort();
  owned.own(serveContract(core, port));
  fc.assert(
    fc.property(fc.anything(), (message) => {
      const before = sent.length;
      send(message);
      expect(sent[before]).toMatchObject({ kind: 'refused' });
    }),
    { numRuns: 1_000, seed: 20_261_120 },
  );
  sent.length = 0;
  send({ kind: 'request', id: 1, method: 'constructor', request: {} });
  send({ kind: 'listen', id: 2, stream: '__proto__', request: {}, credits: 4 });
  send({ kind: 'credit', id: 77, items: 3 });
  send({ kind: 'close', id: 77 });
  send({ kind: 'request', id: 3, method: 'runs.list', request: {} });
  await vi.waitFor(() => expect(sent).toContainEqual({ kind: 'response', id: 3, response: { runs: [] } }));
  expect(sent).toContainEqual(expect.objectContaining({ kind: 'failure', id: 1 }));
  expect(sent).toContainEqual(expect.objectContaining({ kind: 'failure', id: 2 }));

  const client = rawPort();
  const console = owned.own(connectContract(client.port));
  const asked = console.request('runs.list', {});
  fc.assert(
    fc.property(fc.anything(), (message) => client.send(message)),
    { numRuns: 1_000, seed: 20_261_120 },
  );
  client.send({ kind: 'response', id: 1, response: { runs: [] } });
  expect(await asked).toEqual({ runs: [] });
});

test('one console cannot open without bound', async () => {
  const { core } = fakeCore();
  const hanging = { ...core, request: () => new Promise<never>(() => undefined) } as Core;
  const { port, send, sent } = rawPort();
  owned.own(serveContract(hanging, port));
  for (let id = 1; id <= 1_030; id++) send({ kind: 'request', id, method: 'runs.list', request: {} });
  expect(sent.length).toBe(6);
  send({ kind: 'request', id: 1, method: 'runs.list', request: {} });
  expect(sent.at(-1)).toMatchObject({ kind: 'refused' });
});
