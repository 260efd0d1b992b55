/** A run that fails is told once, with its core's next life too; one that failed before is not. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { doorInProcess, type CoreDoor } from '#main/core-process/core-door.ts';
import { watchFailedRuns } from '#main/core-process/failed-runs.ts';
import type { TextChannel } from '#main/core-process/text-channel.ts';
import type { OpenCore } from '#main/core/core.ts';
import { Ownership } from '#shared/disposable.ts';

let owned: Ownership;
let told: string[];
let runs: object[];
let changed: (() => Promise<void>) | undefined;
let channels: TextChannel[];
beforeEach(() => {
  owned = new Ownership();
  told = [];
  runs = [];
  changed = undefined;
  channels = [];
  const core = {
    request: () => Promise.resolve({ runs }),
    listen: (_: string, __: unknown, listener: (item: unknown) => Promise<void>) => {
      changed = () => listener({ active: 0 });
      return { ended: new Promise(() => undefined), close: () => undefined };
    },
  };
  const inside = doorInProcess(core as unknown as OpenCore);
  const door: CoreDoor = {
    open: (visitor) => {
      const channel = inside.open(visitor);
      channels.push(channel);
      return channel;
    },
  };
  owned.own(watchFailedRuns(door, ({ scenario, outcome }) => told.push(`${scenario} ${outcome ?? ''}`)));
});
afterEach(() => owned.dispose());

const summary = {
  environment: 'demo',
  operator: 'alice',
  mode: 'live',
  finishedAt: null,
  duration: null,
  totals: null,
  damage: null,
  reason: null,
  decision: 'open',
  remarks: 0,
};
const run = (id: string, outcome: string, startedAt = Date.now() + 1_000) => ({
  ...summary,
  run: `20261120T221735Z-failover-${id}`,
  outcome,
  startedAt,
  scenario: 'failover',
  release: 'rc3',
});

/** Tells of a change; waits until so much was told. */
async function change(next: readonly object[], expected: readonly string[]): Promise<void> {
  runs = [...next];
  await vi.waitFor(() => expect(changed).toBeTypeOf('function'));
  await changed?.();
  await vi.waitFor(() => expect(told).toEqual(expected));
}

test('a failed run is told once', async () => {
  await change([run('0001', 'failed'), run('0002', 'passed'), run('0003', 'stopped')], ['failover failed']);
  await change([run('0001', 'failed'), run('0004', 'error')], ['failover failed', 'failover error']);
});

test('not when it began before', async () => {
  await change([run('0001', 'failed', Date.now() - 60_000), run('0002', 'failed')], ['failover failed']);
});

test('a core that died is watched again', async () => {
  await change([run('0001', 'failed')], ['failover failed']);
  changed = undefined;
  channels[0]?.close();
  await vi.waitFor(() => expect(channels).toHaveLength(2), { timeout: 5_000 });
  await change([run('0001', 'failed'), run('0002', 'failed')], ['failover failed', 'failover failed']);
});

test('after its end nothing is asked any more', async () => {
  await owned.dispose();
  await new Promise((over) => setTimeout(over, 1_200));
  expect(channels).toHaveLength(1);
});
