/** What a store of campaigns must do, on both engines: with real files, processes that are killed, and a real nats-server that is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignStore, Ledger } from '#main/core/campaigns/ports.ts';
import { LineSplitter } from '#platform/lines.ts';
import { randomBelow } from '../../../repeatable-random.ts';
import { cases } from '../../../thoroughness.ts';
import { all, campaignId, end, engines, numbers, records, type World } from './campaign-worlds.ts';

const sequencesOf = (list: readonly CampaignRecord[]): number[] => list.map(({ sequence }) => sequence);
const refusal = (code: string) => expect.objectContaining({ problem: expect.objectContaining({ code }) });

describe.each(engines.filter(({ skipped }) => !skipped))('campaigns on $name', (engine) => {
  let world: World;
  let store: CampaignStore;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    world = await engine.start();
    store = await world.open();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => world.end());

  interface Core {
    /** Lines that it printed. */
    readonly lines: string[];
    kill(): Promise<void>;
    pauseProcess(): void;
    goOn(): void;
  }

  async function startCore(work: Readonly<Record<string, unknown>>): Promise<Core> {
    const task = JSON.stringify({ place: await world.place(), ...work });
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'ledger-writer.ts'), task], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines: string[] = [];
    const splitter = new LineSplitter();
    child.stdout.on('data', (bytes: Buffer) => splitter.push(bytes, (line) => void lines.push(line)));
    const closed = once(child, 'close');
    return {
      lines,
      kill: async () => {
        child.kill('SIGKILL');
        await closed;
      },
      pauseProcess: () => child.kill('SIGSTOP'),
      goOn: () => child.kill('SIGCONT'),
    };
  }

  test('creates a ledger, appends to it and reads it again, here and from elsewhere', async () => {
    const campaign = campaignId('plain');
    const ledger = await store.ledgers.create(campaign);
    expect(await ledger.last()).toBe(0);
    await ledger.append(0, records(1, 3));
    await Promise.all([ledger.append(3, records(4, 4)), ledger.append(4, records(5, 9))]);
    expect(await ledger.last()).toBe(9);
    expect(await all(ledger.read(1))).toEqual(records(1, 9));
    expect(sequencesOf(await all(ledger.read(5)))).toEqual([5, 6, 7, 8, 9]);
    expect(await all(ledger.read(10))).toEqual([]);

    const other = await world.open();
    expect(await other.ledgers.list()).toContain(campaign);
    expect(await all((await other.ledgers.open(campaign)).read(1))).toEqual(records(1, 9));
    await expect(other.ledgers.create(campaign)).rejects.toEqual(refusal('campaign-exists'));
    await expect(other.ledgers.open(campaignId('nowhere'))).rejects.toEqual(refusal('no-campaign'));
  });

  test('keeps records that are larger than a message of the router', async () => {
    const ledger = await store.ledgers.create(campaignId('large'));
    const rest = { suite: 'regression', group: '', serial: false, tags: [], expected: null, failedBefore: false };
    const units = Array.from({ length: 400 }, (_, unit) => ({ ...rest, unit, tests: [`${'long/'.repeat(780)}${unit}`] }));
    const large = [{ sequence: 1, time: 1, kind: 'units-planned', units }] as unknown as CampaignRecord[];
    await ledger.append(0, [...large, ...records(2, 3)]);
    await ledger.append(3, records(4, 4));
    const elsewhere = await (await world.open()).ledgers.open(campaignId('large'));
    expect(await all(elsewhere.read(1))).toEqual([...large, ...records(2, 4)]);
  });

  test('refuses what does not follow the last record, and what follows the end', async () => {
    const ledger = await store.ledgers.create(campaignId('order'));
    await ledger.append(0, records(1, 2));
    await expect(ledger.append(1, records(2, 2))).rejects.toEqual(refusal('deposed'));
    await expect(ledger.append(7, records(8, 8))).rejects.toEqual(refusal('deposed'));
    await expect(ledger.append(2, records(4, 4))).rejects.toThrow('where 3 belongs');
    const huge = records(3, 3, 'x'.repeat(17_000_000));
    await expect(ledger.append(2, huge)).rejects.toEqual(refusal('append-too-large'));
    await ledger.append(2, [end(3)]);
    await expect(ledger.append(3, records(4, 4))).rejects.toEqual(refusal('ledger-closed'));
    const elsewhere = await (await world.open()).ledgers.open(campaignId('order'));
    await expect(elsewhere.append(3, records(4, 4))).rejects.toEqual(refusal('ledger-closed'));
    expect(sequencesOf(await all(elsewhere.read(1)))).toEqual([1, 2, 3]);
  });

  test('of two writers that both believe to know the last record, one is deposed', async () => {
    const campaign = campaignId('rivals');
    await (await store.ledgers.create(campaign)).append(0, records(1, 2, '0'));
    const rivals = [await store.ledgers.open(campaign), await (await world.open()).ledgers.open(campaign)];
    let last = 2;
    for (let round = 0; round < 39; round++) {
      const tries = await Promise.allSettled(rivals.map((ledger, index) => ledger.append(last, records(last + 1, last + 2, `${index}`))));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(tries.find(({ status }) => status === 'rejected')).toEqual({ status: 'rejected', reason: refusal('deposed') });
      last += 2;
    }
    for (const ledger of rivals) {
      const found = await all(ledger.read(1));
      expect(sequencesOf(found)).toEqual(numbers(80));
      // Two by two from the same hand.
      const hands = found.map((record) => ('reason' in record ? String(record.reason).split(' ')[0] : ''));
      expect(hands.filter((_, index) => index % 2 === 0)).toEqual(hands.filter((_, index) => index % 2 === 1));
    }
  });

  test('tells those who follow every record once and in order, whoever appends it', async () => {
    const campaign = campaignId('followed');
    const writer = await store.ledgers.create(campaign);
    const elsewhere = await world.open();
    expect(await elsewhere.ledgers.list()).not.toContain(campaign);
    await expect(elsewhere.ledgers.open(campaign)).rejects.toEqual(refusal('no-campaign'));
    await writer.append(0, records(1, 1));
    const reader = await elsewhere.ledgers.open(campaign);
    let last = 1;
    const told: CampaignRecord[][] = [[], [], []];
    const ends = [reader.follow(1, (batch) => told[0]!.push(...batch)), writer.follow(1, (batch) => told[1]!.push(...batch))];
    const random = randomBelow(20_261_201);
    while (last < 10_000) {
      const next = Math.min(10_000, last + 1 + random(300));
      const done = writer.append(last, records(last + 1, next));
      if (random(10) === 0) await done;
      last = next;
      if (ends.length < 3 && last > 5_000) ends.push(reader.follow(2_000, (batch) => told[2]!.push(...batch)));
    }
    await expect.poll(() => told.map((list) => list.length)).toEqual([10_000, 10_000, 8_001]);
    expect(told[0]).toEqual(records(1, 10_000));
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]!.slice(1_999));
    for (const stop of ends) stop();
    await writer.append(10_000, records(10_001, 10_001));
    await pause(300);
    expect(told[0]).toHaveLength(10_000);
  });

  test('a campaign that was removed is gone', async () => {
    const campaign = campaignId('removed');
    const ledger = await store.ledgers.create(campaign);
    await ledger.append(0, records(1, 5));
    expect(await store.ledgers.list()).toContain(campaign);
    await store.ledgers.remove(campaign);
    expect(await store.ledgers.list()).not.toContain(campaign);
    await expect(store.ledgers.open(campaign)).rejects.toEqual(refusal('no-campaign'));
    await expect(ledger.append(5, records(6, 6))).rejects.toEqual(refusal('ledger-closed'));
  });

  test(
    'a writer that is killed anywhere loses nothing that was acknowledged, and leaves no gap and nothing twice',
    async () => {
      const campaign = campaignId('killed');
      const ledger = await store.ledgers.create(campaign);
      await ledger.append(0, records(1, 1));
      const random = randomBelow(47);
      const told: CampaignRecord[] = [];
      const stop = ledger.follow(1, (batch) => told.push(...batch));
      for (let round = 0; round < cases(50, 6); round++) {
        const core = await startCore({ campaign, words: `core ${round}`, seed: round });
        const wanted = 1 + random(40);
        await expect.poll(() => core.lines.length).toBeGreaterThan(wanted);
        await pause(random(10));
        await core.kill();
        const acknowledged = Number(core.lines.at(-1));
        const found = await all(ledger.read(1));
        expect(found.length).toBeGreaterThanOrEqual(acknowledged);
        expect(sequencesOf(found)).toEqual(numbers(found.length));
        const own = found.slice(0, acknowledged).findLast((record) => 'reason' in record);
        expect(own).toMatchObject({ reason: `core ${round} ${acknowledged}` });
      }
      const found = await all(ledger.read(1));
      await expect.poll(() => told.length).toBe(found.length);
      expect(told).toEqual(found);
      stop();
    },
    cases(600_000, 120_000),
  );

  test('two processes that write at once: each record is of one of them, whole batches, none lost', async () => {
    const campaign = campaignId('both');
    await (await store.ledgers.create(campaign)).append(0, records(1, 1));
    const cores = [await startCore({ campaign, words: 'left', seed: 1 }), await startCore({ campaign, words: 'right', seed: 2 })];
    // One is deposed and ends; the other goes on.
    await expect.poll(() => Math.max(...cores.map(({ lines }) => lines.length))).toBeGreaterThan(60);
    for (const core of cores) await core.kill();
    const found = await all((await store.ledgers.open(campaign)).read(1));
    expect(sequencesOf(found)).toEqual(numbers(found.length));
    for (const [index, words] of ['left', 'right'].entries()) {
      for (const line of cores[index]!.lines) expect(found[Number(line) - 1]).toMatchObject({ reason: `${words} ${line}` });
    }
  }, 60_000);

  test('the seat is one core’s; who dies in it loses it soon', async () => {
    const core = await startCore({ words: 'core A', onlySeat: true });
    await expect.poll(() => core.lines).toEqual(['taken']);
    expect(await store.seat.holder()).toBe('core A');
    for (let attempt = 0; attempt < 30; attempt++) {
      expect(await store.seat.take('core B')).toBe(false);
      await pause(100);
    }
    await core.kill();
    const killed = performance.now();
    await expect.poll(() => store.seat.take('core B'), { interval: 50 }).toBe(true);
    expect(performance.now() - killed).toBeLessThan(3_000);
    expect(await store.seat.holder()).toBe('core B');
    const rival = await world.open();
    expect(await rival.seat.take('core C')).toBe(false);
    await store.seat.giveBack();
    expect(await rival.seat.holder()).toBeNull();
    expect(await rival.seat.take('core C')).toBe(true);
    await rival.seat.giveBack();
  }, 60_000);

  test('a core that hangs in the seat loses it, and is told when it wakes', async () => {
    const core = await startCore({ words: 'hung', onlySeat: true });
    await expect.poll(() => core.lines).toEqual(['taken']);
    core.pauseProcess();
    await expect.poll(() => store.seat.take('awake'), { interval: 100 }).toBe(true);
    core.goOn();
    await expect.poll(() => core.lines).toEqual(['taken', 'lost']);
    expect(await store.seat.holder()).toBe('awake');
    await store.seat.giveBack();
  }, 60_000);

  test('a writer that hung while another went on is deposed', async () => {
    const campaign = campaignId('hung');
    await (await store.ledgers.create(campaign)).append(0, records(1, 1));
    const core = await startCore({ campaign, words: 'hung', seed: 3 });
    await expect.poll(() => core.lines.length).toBeGreaterThan(10);
    core.pauseProcess();
    const ledger: Ledger = await store.ledgers.open(campaign);
    const last = await takeOver(ledger);
    core.goOn();
    await pause(500);
    const found = await all(ledger.read(1));
    expect(sequencesOf(found)).toEqual(numbers(found.length));
    expect(found.slice(last)).toEqual(records(last + 1, last + 50, 'awake'));
  }, 60_000);

  /** What was on its way when its writer was stopped may still arrive once. */
  async function takeOver(ledger: Ledger): Promise<number> {
    for (;;) {
      const last = await ledger.last();
      const failure = await ledger.append(last, records(last + 1, last + 50, 'awake')).catch((thrown: unknown) => thrown);
      if (failure === undefined) return last;
      expect(failure).toEqual(refusal('deposed'));
    }
  }

  test('when what keeps the campaigns is killed and comes back, writing stands still, is said to, and goes on', async ({ skip }) => {
    if (!world.restart) return skip('the journal is no process of its own');
    const ledger = await store.ledgers.create(campaignId('restarted'));
    const said: boolean[] = [];
    ledger.onStandstill((still) => said.push(still));
    const told: number[] = [];
    const stop = ledger.follow(1, (batch) => told.push(...sequencesOf(batch)));
    let last = 0;
    let killed: Promise<void> | undefined;
    for (let round = 0; round < 60; round++) {
      const done = ledger.append(last, records(last + 1, last + 7));
      if (round === 20) killed = world.restart();
      await done;
      last += 7;
    }
    await killed;
    expect(said.length % 2).toBe(0);
    expect(await all(ledger.read(1))).toEqual(records(1, 420));
    await expect.poll(() => told).toEqual(numbers(420));
    stop();
  }, 60_000);
});
