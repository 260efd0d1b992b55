/** Long sequences of orders, the same each time: each trade of the exchange is that of a book kept here by the plainest rules. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { listing, order, Session, unique } from './exchange.mjs';

/** The rules of the exchange as they are written: the best price first, at one price the oldest. */
class PlainBook {
  resting = [];

  enter(incoming) {
    const buys = incoming.side === 'buy';
    const fits = ({ side, price }) => side !== incoming.side && (buys ? price <= incoming.price : price >= incoming.price);
    const trades = [];
    let open = incoming.quantity;
    while (open > 0) {
      const against = this.resting.filter(fits).sort((left, right) => (buys ? 1 : -1) * (left.price - right.price))[0];
      if (!against) break;
      const quantity = Math.min(open, against.open);
      trades.push([against.price, quantity, against.id]);
      open -= quantity;
      against.open -= quantity;
      this.resting = this.resting.filter((each) => each.open > 0);
    }
    if (open > 0) this.resting.push({ ...incoming, open });
    return trades;
  }
}

/** Whole numbers below a limit, the same for the same beginning. */
function sequence(beginning) {
  let state = beginning * 2_654_435_761;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

for (let number = 1; number <= 40; number++) {
  await test(`sixty orders, sequence ${String(number).padStart(2, '0')}`, { skip: listing }, async () => {
    const next = sequence(number);
    const book = new PlainBook();
    const session = await Session.open(process.env.GATEWAY);
    for (let count = 0; count < 60; count++) {
      const sent = order(`sequence-${number}`, next(2) === 0 ? 'buy' : 'sell', 95 + next(11), 1 + next(9));
      const answer = await session.ask({ kind: 'new', order: sent });
      assert.equal(answer.kind, 'accepted', answer.reason);
      const traded = answer.trades.map((trade) => [trade.price, trade.quantity, sent.side === 'buy' ? trade.sellOrder : trade.buyOrder]);
      assert.deepEqual(traded, book.enter(sent), `order ${count + 1} of ${unique}`);
    }
    session.close();
  });
}
