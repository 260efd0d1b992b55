/**
 * A core of its own that writes a ledger until it is killed, in batches of random sizes with several on their way. It prints the last sequence
 * of each batch that was acknowledged. Its argument: JSON of the place, the campaign, its name, and whether it first takes the seat.
 */
import { ProblemError } from '#shared/problem.ts';
import { randomFrom } from '../../../repeatable-random.ts';
import { openCore, records, type Place } from './campaign-worlds.ts';
import { campaignIdSchema } from '#shared/campaign/words.ts';

interface Work {
  readonly place: Place;
  readonly campaign: string;
  readonly words: string;
  readonly seed: number;
  readonly onlySeat?: boolean;
}

const work = JSON.parse(process.argv[2] ?? '') as Work;
const { store } = await openCore(work.place);
if (work.onlySeat) {
  while (!(await store.seat.take(work.words))) await new Promise((resolve) => void setTimeout(resolve, 50));
  process.stdout.write('taken\n');
  store.seat.onLost(() => process.stdout.write('lost\n'));
} else {
  // Deposed: somebody else goes on.
  await write().catch((failure: unknown) => process.exit(failure instanceof ProblemError ? 3 : 1));
}

async function write(): Promise<void> {
  const ledger = await store.ledgers.open(campaignIdSchema.parse(work.campaign));
  const random = randomFrom(work.seed);
  let last = await ledger.last();
  const under: Promise<void>[] = [];
  for (;;) {
    const next = last + 1 + Math.floor(random() * 20);
    under.push(ledger.append(last, records(last + 1, next, work.words)).then(() => void process.stdout.write(`${next}\n`)));
    last = next;
    if (under.length >= 4) await under.shift();
  }
}
