/**
 * Measures the coordinator of campaigns on the journal: scripted workers ask in its process, each with all that ended and all that is free, and are answered
 * when it is on the disk. Units per second and the time of a turn, with many slots at few workers and few at many; then a campaign of 100,000
 * tests: memory, and how long the next core folds. Alone: `node test/bench/coordinator.ts`.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ActiveCampaign } from '#main/core/campaigns/coordination/active-campaign.ts';
import { Coordinator } from '#main/core/campaigns/coordination/coordinator.ts';
import { ListingDesk } from '#main/core/campaigns/coordination/listing-desk.ts';
import { openJournalStore } from '#main/core/campaigns/journal/journal-store.ts';
import { systemClock as clock } from '#platform/clock.ts';
import type { ListedTest } from '#shared/campaign/plan.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { ScriptedWorker } from '../main/core/campaigns/coordination/scripted-worker.ts';
import { campaignPlan, testId } from '../shared/campaign/made-campaign.ts';
import { quantile, type Figure } from './figures.ts';

interface Measured {
  /** Units per second, leased and settled. */
  readonly rate: number;
  /** ms of each turn. */
  readonly turns: readonly number[];
  /** bytes, of the whole process. */
  readonly memory: number;
  /** ms that another core takes to fold the ledger. */
  readonly fold: number;
}

async function execute(tests: number, workers: number, slots: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-coordinator-'));
  const store = openJournalStore({ folder, environment: 'TEST' as EnvironmentName, clock });
  const listed = Array.from({ length: tests }, (_, index): ListedTest => ({
    test: testId(`tests/t${index % 97}.py::test[${index}]`),
    unit: `${index}`,
    group: `t${index % 97}`,
    serial: false,
    tags: [],
  }));
  const list = Buffer.from(listed.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const kept = { hash: createHash('sha256').update(list).digest('hex'), bytes: list.length };
  const listing = new ListingDesk((_, offset, length) => Promise.resolve(list.subarray(offset, offset + length)), {
    expected: () => null,
    failedBefore: () => false,
  });
  const coordinator = new Coordinator({ clock, listing, report: () => undefined });
  try {
    coordinator.begin();
    const plan = campaignPlan();
    const ledger = await store.ledgers.create(plan.campaign);
    await ledger.append(0, [{ sequence: 1, time: clock.now(), kind: 'campaign-started', plan }]);
    const campaign = await ActiveCampaign.load(ledger, clock);
    coordinator.take(campaign);
    const fleet = Array.from(
      { length: workers },
      (_, index) => new ScriptedWorker({ name: `W${index}`, slots, keep: () => kept, tests: () => listed }),
    );
    const [first] = fleet;
    for (let turn = 0; turn < 2; turn++) await first?.ask(coordinator);
    const turns: number[] = [];
    const began = performance.now();
    const isOver = (): boolean => campaign.state.totals().over >= tests;
    await Promise.all(
      fleet.map(async (worker) => {
        while (!isOver()) {
          const asked = performance.now();
          await worker.ask(coordinator);
          turns.push(performance.now() - asked);
          if (worker.running.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
          worker.finish();
        }
      }),
    );
    const rate = (1_000 * tests) / (performance.now() - began);
    const memory = process.memoryUsage().rss;
    const folding = performance.now();
    await ActiveCampaign.load(await store.ledgers.open(plan.campaign), clock);
    return { rate, turns, memory, fold: performance.now() - folding };
  } finally {
    coordinator.dispose();
    await store.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function benchCoordinator(): Promise<readonly Figure[]> {
  const few = await execute(20_000, 50, 8);
  const many = await execute(20_000, 2_000, 1);
  const large = await execute(100_000, 120, 4);
  return [
    { figure: 'coordinator: leased and settled, 50 workers of 8 slots', ours: few.rate, unit: 'units/s', target: '>= 5000' },
    {
      figure: 'coordinator: a turn, 2,000 workers that all ask at once, p50',
      ours: quantile(many.turns, 0.5),
      unit: 'ms',
      target: 'told only',
    },
    { figure: 'coordinator: leased and settled, 2,000 workers of one slot', ours: many.rate, unit: 'units/s', target: '>= 5000' },
    { figure: 'coordinator: a campaign of 100,000 tests, memory', ours: large.memory / 1e6, unit: 'MB', target: '<= 400' },
    { figure: 'coordinator: the next core folds 100,000 tests', ours: large.fold, unit: 'ms', target: '<= 3000' },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { figure, ours, unit, target } of await benchCoordinator())
    process.stdout.write(`${figure}: ${ours.toPrecision(4)} ${unit} (${target})\n`);
}
