/** The same contract, whatever carries it: a port in this process, texts, a WebSocket of the web host, one of a served core. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { doorInProcess } from '#main/core-process/core-door.ts';
import { ChannelEnd, portOver } from '#main/core-process/text-channel.ts';
import { portPair } from '#main/core/contract/in-process.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import { doorOfRemote } from '#main/web/remote-door.ts';
import { startRemoteHost } from '#main/web/remote-host.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Core, StreamItem } from '#shared/contract/contract.ts';
import type { ContractPort } from '#shared/contract/transport/port.ts';
import { Ownership } from '#shared/disposable.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { enter, openHost, smallCore } from '../../web/sample-host.ts';

const run = runIdSchema.parse('20261120T221735Z-failover-3f9a');
let owned = new Ownership();
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
});

/** A core that answers one method and streams numbers as fast as its listener takes them. */
function sampleCore(count = Infinity) {
  const state = { produced: 0, closed: false };
  const core = smallCore({
    request: ((method: string) => {
      if (method === 'runs.list') return Promise.resolve({ runs: [] });
      return Promise.reject(new ProblemError({ code: 'no-such-run', message: 'There is no such run.', tip: 'Look at the list.' }));
    }) as Core['request'],
    listen: ((_: string, __: unknown, listener: (item: StreamItem<'run.records'>) => void | Promise<void>) => {
      const pump = async (): Promise<void> => {
        while (!state.closed && state.produced < count) await listener([{ kind: 'resumed', sequence: ++state.produced, time: 0 }]);
      };
      return { ended: pump(), close: () => (state.closed = true) };
    }) as Core['listen'],
  });
  return { core, state };
}

type Connect = (core: ReturnType<typeof smallCore>) => Promise<ContractPort>;
const token = 'a'.repeat(40);
const carriers: [string, Connect][] = [
  [
    'a MessagePort',
    (core) => {
      const [near, far] = portPair();
      owned.own(serveContract(core, far));
      return Promise.resolve(near);
    },
  ],
  ['texts within a process', (core) => Promise.resolve(portOver(doorInProcess(core).open({ operator: null })))],
  [
    'a WebSocket of the web host',
    async (core) => {
      const host = await openHost(owned, { served: core });
      const headers = { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` };
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}/contract`, { headers });
      const end = new ChannelEnd(
        (text) => socket.send(text),
        () => socket.close(),
      );
      socket.on('message', (data: Buffer) => end.deliver(data.toString()));
      socket.on('close', () => end.closed());
      await new Promise((resolve) => socket.once('open', resolve));
      return portOver(end);
    },
  ],
  [
    'a WebSocket of a served core',
    async (core) => {
      const tokens = [{ operator: 'alice', token }];
      const host = owned.own(await startRemoteHost({ core: doorInProcess(core), host: '127.0.0.1', port: 0, tokens }));
      return portOver((await doorOfRemote({ url: host.url, token })).open({ operator: null }));
    },
  ],
];

describe.each(carriers)('over %s', (_, connect) => {
  const open = async (core: ReturnType<typeof smallCore>) => owned.own(connectContract(await connect(core)));

  test('answers and problems travel as data', async () => {
    const console = await open(sampleCore().core);
    expect(await console.request('runs.list', {})).toEqual({ runs: [] });
    await expect(console.request('runs.show', { run })).rejects.toMatchObject({
      problem: { severity: 'error', code: 'no-such-run', message: 'There is no such run.', tip: 'Look at the list.' },
    });
  });

  test('a stream arrives in order and whole, and then ends', async () => {
    const console = await open(sampleCore(500).core);
    const seen: number[] = [];
    await console.listen('run.records', { run, from: 1 }, (records) => void seen.push(records[0]!.sequence)).ended;
    expect(seen).toEqual(Array.from({ length: 500 }, (__, index) => index + 1));
  });

  test('a listener that stands still stops its stream within its credits, and holds nothing else', async () => {
    const { core, state } = sampleCore();
    const console = await open(core);
    const release = Promise.withResolvers<void>();
    const listening = console.listen('run.records', { run, from: 1 }, () => release.promise);
    await vi.waitFor(() => expect(state.produced).toBeGreaterThan(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const standing = state.produced;
    expect(standing).toBeLessThanOrEqual(10);
    expect(await console.request('runs.list', {})).toEqual({ runs: [] });
    release.resolve();
    await vi.waitFor(() => expect(state.produced).toBeGreaterThan(standing + 20));
    listening.close();
    await vi.waitFor(() => expect(state.closed).toBe(true));
  });

  test('when the console goes away, its streams are closed in the core', async () => {
    const { core, state } = sampleCore();
    const console = await open(core);
    console.listen('run.records', { run, from: 1 }, () => undefined).ended.catch(() => undefined);
    await vi.waitFor(() => expect(state.produced).toBeGreaterThan(0));
    await console.dispose();
    await vi.waitFor(() => expect(state.closed).toBe(true));
  });

  test('rubbish is refused with a sentence, and the port goes on', async () => {
    const port = await connect(sampleCore().core);
    const seen: unknown[] = [];
    port.onMessage((message) => seen.push(message));
    for (const rubbish of [null, 7, 'text', [], { kind: 'nonsense' }, { kind: 'request', id: 0 }]) port.post(rubbish);
    port.post({ kind: 'request', id: 1, method: 'runs.list', request: {} });
    await vi.waitFor(() => expect(seen).toHaveLength(7));
    expect(seen.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => expect.objectContaining({ kind: 'refused' }) as unknown));
    expect(seen[6]).toEqual({ kind: 'response', id: 1, response: { runs: [] } });
    port.close();
  });
});
