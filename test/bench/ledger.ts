/**
 * Measures the ledgers of campaigns on both engines: pairs of lease and verdict per second, each acknowledged when it is on the disk, with 256
 * units on their way; how long one record takes alone; and reading the whole again. Alone: `node test/bench/ledger.ts`.
 */
import { fileURLToPath } from 'node:url';
import type { CampaignBody, CampaignRecord } from '#shared/campaign/records.ts';
import type { Ledger } from '#main/core/campaigns/ports.ts';
import { campaignId, engines, type Engine } from '../main/core/campaigns/campaign-worlds.ts';
import { quantile, type Figure } from './figures.ts';
import { bullMq } from './queue-peer.ts';

const atOnce = 256;
const pairs = 50_000;
const alone = 300;

/** Gives records their number, as the one coordinator does. */
class Appender {
  private readonly ledger: Ledger;
  private last = 0;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  append(body: CampaignBody): Promise<void> {
    const expected = this.last++;
    return this.ledger.append(expected, [{ sequence: this.last, time: Date.now(), ...body }]);
  }
}

const lease = (fence: number): CampaignBody =>
  ({ kind: 'leased', fence, unit: fence, attempt: 1, worker: `W${fence % 16}`, epoch: '0000000000000001', server: 'A' }) as CampaignBody;
const settled = (fence: number): CampaignBody =>
  ({
    kind: 'settled',
    fence,
    end: 'done',
    takenUpAt: 1_796_000_000_000 + fence,
    verdicts: [{ test: `tests/orders/test_matching.py::test_case[${fence}]`, verdict: 'passed', duration: 12.5, offset: 3.25 }],
  }) as CampaignBody;

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function benchEngine(engine: Engine, peer: Figure['peer']): Promise<Figure[]> {
  const { name } = engine;
  const world = await engine.start();
  try {
    const ledger = await (await world.open()).ledgers.create(campaignId('bench'));
    const appender = new Appender(ledger);
    let fence = 0;
    const worker = async (): Promise<void> => {
      while (fence < pairs) {
        const own = ++fence;
        await appender.append(lease(own));
        await appender.append(settled(own));
      }
    };
    const elapsed = await millisecondsOf(() => Promise.all(Array.from({ length: atOnce }, worker)));
    const times: number[] = [];
    for (let each = 0; each < alone; each++) times.push(await millisecondsOf(() => appender.append(lease(++fence))));
    let read: CampaignRecord | undefined;
    const elsewhere = await (await world.open()).ledgers.open(campaignId('bench'));
    const reading = await millisecondsOf(async () => {
      for await (const records of elsewhere.read(1)) read = records.at(-1);
    });
    if (read?.sequence !== (await ledger.last())) throw new Error(`The ledger on ${name} was read up to ${read?.sequence}.`);
    const target = name === 'journal' ? '>= 5000' : '>= 3000';
    return [
      {
        figure: `ledger on ${name}: lease and verdict, ${atOnce} at once`,
        ours: (pairs * 1_000) / elapsed,
        target,
        unit: 'pairs/s',
        ...(peer && { peer }),
      },
      { figure: '— one record alone, p50', ours: quantile(times, 0.5), target: '-', unit: 'ms' },
      { figure: `— ${pairs * 2} records read again`, ours: reading / 1_000, target: '-', unit: 's' },
    ];
  } finally {
    await world.end();
  }
}

export async function benchLedger(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const peer = await bullMq();
  for (const engine of engines) if (!engine.skipped) figures.push(...(await benchEngine(engine, peer)));
  return figures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchLedger());
