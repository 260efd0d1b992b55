/** A run that fails while nobody looks is told once; one that fails before the operator's eyes, or long ago, is not. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { portPair } from '#main/core/server/in-process.ts';
import { serveContract } from '#main/core/server/serve-contract.ts';
import { watchFailedRuns } from '#main/electron/failed-runs.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';

const seen = vi.hoisted(() => ({ notifications: [] as { title: string; body: string }[], focused: null as unknown }));
vi.mock('electron', () => ({
  BrowserWindow: { getFocusedWindow: () => seen.focused },
  Notification: class {
    constructor(options: { title: string; body: string }) {
      seen.notifications.push(options);
    }
    on(): void {}
    show(): void {}
  },
}));

let owned: Ownership;
let runs: object[];
let changed: (() => Promise<void>) | undefined;
/** Changes that were looked at to the end: the watcher gives a credit for each. */
let lookedAt: number;
beforeEach(() => {
  owned = new Ownership();
  seen.notifications = [];
  seen.focused = null;
  runs = [];
  const [near, far] = portPair();
  const core = {
    request: () => Promise.resolve({ runs }),
    listen: (_: string, __: unknown, listener: (item: unknown) => Promise<void>) => {
      changed = () => listener({ active: 0 });
      return { ended: new Promise(() => undefined), close: () => undefined };
    },
  };
  lookedAt = 0;
  changed = undefined;
  owned.own(
    far.onMessage((message) => {
      if ((message as { kind: string }).kind === 'credit') lookedAt++;
    }),
  );
  owned.own(serveContract(core as unknown as Core, far));
  owned.own(() => near.close());
  watchFailedRuns(near, () => undefined);
});
afterEach(() => owned.dispose());

const run = (id: string, outcome: string, startedAt = Date.now() + 1_000) => ({
  run: id,
  outcome,
  startedAt,
  scenario: 'failover',
  release: 'rc3',
});

/** Tells of a change and waits until it was looked at. */
async function change(...next: object[]): Promise<void> {
  runs = next;
  await vi.waitFor(() => expect(changed).toBeTypeOf('function'));
  const before = lookedAt;
  await changed?.();
  await vi.waitFor(() => expect(lookedAt).toBe(before + 1), { timeout: 10_000 });
}

test('a failed run is told once', async () => {
  await change(run('1', 'failed'), run('2', 'passed'), run('3', 'stopped'));
  await change(run('1', 'failed'), run('4', 'error'));
  expect(seen.notifications).toEqual([
    { title: 'failover failed', body: 'Release rc3' },
    { title: 'failover error', body: 'Release rc3' },
  ]);
});

test('not while a window has the focus, nor later', async () => {
  seen.focused = {};
  await change(run('1', 'failed'));
  seen.focused = null;
  await change(run('1', 'failed'));
  expect(seen.notifications).toEqual([]);
});

test('not when it began before the console', async () => {
  await change(run('1', 'failed', Date.now() - 60_000));
  expect(seen.notifications).toEqual([]);
});
