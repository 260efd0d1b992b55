/**
 * The smoke test of the demo exchange. Waits until orders are taken, then checks matching and that every order that was
 * acknowledged lately is known to the engine. The last line printed is PASS or FAIL.
 *
 *     node smoke.ts --gateway-port P --patience MS
 */
import { ExchangeClient, newOrder } from './client.ts';
import type { ExchangeAnswer, Order, Side } from './messages.ts';
import { options, portOf } from './process-files.ts';

const option = options(['gateway-port', 'patience']);
const instrument = `SMOKE${process.pid}`;
let failures = 0;

function check(what: string, holds: boolean, detail = ''): void {
  process.stdout.write(`${holds ? 'ok  ' : 'FAIL'} ${what}${detail && ` (${detail})`}\n`);
  if (!holds) failures++;
}

function traded(answer: ExchangeAnswer): number[][] {
  return answer.kind === 'accepted' ? answer.trades.map((trade) => [trade.price, trade.quantity]) : [];
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Places an order again and again until an engine takes it; resolves to how long that took (ms), or undefined. */
async function firstAccepted(client: ExchangeClient, patience: number): Promise<number | undefined> {
  const started = performance.now();
  while (performance.now() - started < patience) {
    const answer = await client.ask({ kind: 'new', order: newOrder('smoke', `${instrument}-FIRST`, 'buy', 1, 1) });
    if (answer.kind === 'accepted') return performance.now() - started;
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
  return undefined;
}

async function checkMatching(client: ExchangeClient): Promise<void> {
  const place = async (side: Side, price: number, quantity: number): Promise<{ order: Order; answer: ExchangeAnswer }> => {
    const order = newOrder('smoke', instrument, side, price, quantity);
    return { order, answer: await client.ask({ kind: 'new', order }) };
  };
  const first = await place('sell', 101, 5);
  await place('sell', 100, 5);
  const third = await place('sell', 101, 5);
  check('sell orders rest without trading', same(traded(first.answer), []) && same(traded(third.answer), []));
  const sweep = await place('buy', 101, 8);
  check('the best price trades first, then the next', same(traded(sweep.answer), [[100, 5], [101, 3]])); // prettier-ignore
  const older = sweep.answer.kind === 'accepted' && sweep.answer.trades[1]?.sellOrder === first.order.id;
  check('at one price the oldest order trades first', older);
  const partial = await place('buy', 101, 10);
  check('the rest of the book trades and the remainder rests', same(traded(partial.answer), [[101, 2], [101, 5]])); // prettier-ignore
  const cancelled = await client.ask({ kind: 'cancel', id: partial.order.id });
  check('a resting order is cancelled', cancelled.kind === 'accepted');
  const afterwards = await place('sell', 101, 1);
  check('a cancelled order does not trade', same(traded(afterwards.answer), []));
}

async function checkAcknowledged(client: ExchangeClient): Promise<void> {
  const acknowledged = await client.ask({ kind: 'acknowledged' });
  const ids = acknowledged.kind === 'acknowledged' ? acknowledged.ids : [];
  const answer = await client.ask({ kind: 'known', ids });
  const lost = answer.kind === 'unknown' ? answer.ids : ids;
  check('every acknowledged order is known to the engine', lost.length === 0, `${lost.length} of ${ids.length} lost`);
}

const client = await ExchangeClient.connect(portOf(option['gateway-port']), Number(option.patience));
const waited = client && (await firstAccepted(client, Number(option.patience)));
check(
  'orders are accepted',
  waited !== undefined,
  waited === undefined ? `not within ${option.patience} ms` : `after ${Math.round(waited)} ms`,
);
if (client && waited !== undefined) {
  await checkMatching(client);
  await checkAcknowledged(client);
}
client?.close();
process.stdout.write(failures === 0 ? 'PASS\n' : 'FAIL\n');
process.exitCode = failures === 0 ? 0 : 1;
