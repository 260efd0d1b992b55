import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BookCommand, Order } from '../../../resources/demo/exchange/messages.ts';
import { OrderBook } from '../../../resources/demo/exchange/order-book.ts';

const seed = 4_242;
let next = 0;
const order = (side: Order['side'], price: number, quantity: number): Order => ({
  id: `order-${next++}`,
  client: 'test',
  instrument: 'ALPHA',
  side,
  price,
  quantity,
});

describe('the demo exchange matches', () => {
  test('best price first, then oldest', () => {
    const book = new OrderBook();
    const late = order('sell', 100, 5);
    const old = order('sell', 101, 5);
    for (const each of [old, late, order('sell', 101, 5)]) book.apply({ kind: 'new', order: each });
    const result = book.apply({ kind: 'new', order: order('buy', 101, 7) });
    expect(result).toMatchObject({ kind: 'accepted', resting: 0 });
    expect(result.kind === 'accepted' && result.trades.map((trade) => [trade.sellOrder, trade.price, trade.quantity])).toEqual([
      [late.id, 100, 5],
      [old.id, 101, 2],
    ]);
  });

  test('an order that was entered before, and senseless ones, are rejected', () => {
    const book = new OrderBook();
    const one = order('buy', 10, 1);
    expect(book.apply({ kind: 'new', order: one }).kind).toBe('accepted');
    expect(book.apply({ kind: 'new', order: one })).toMatchObject({ kind: 'rejected' });
    for (const wrong of [order('buy', 0, 1), order('buy', 1.5, 1), order('sell', 1, -1)]) {
      expect(book.apply({ kind: 'new', order: wrong }).kind).toBe('rejected');
    }
    expect(book.apply({ kind: 'cancel', id: 'nobody' }).kind).toBe('rejected');
  });

  test('two engines that apply the same commands trade the same, the book never crosses, and no quantity is made or lost', () => {
    const orders = fc.array(
      fc.record({
        side: fc.constantFrom('buy' as const, 'sell' as const),
        price: fc.integer({ min: 95, max: 105 }),
        quantity: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(orders, (list) => {
        const commands: BookCommand[] = list.map((each, index) => ({
          kind: 'new',
          order: { id: `o${index}`, client: 'test', instrument: 'ALPHA', ...each },
        }));
        const [active, standby] = [new OrderBook(), new OrderBook()];
        let entered = 0;
        let traded = 0;
        for (const command of commands) {
          const result = active.apply(command);
          expect(standby.apply(command)).toEqual(result);
          if (command.kind !== 'new' || result.kind !== 'accepted') continue;
          entered += command.order.quantity;
          traded += result.trades.reduce((sum, trade) => sum + trade.quantity, 0);
          const filled = result.trades.reduce((sum, trade) => sum + trade.quantity, 0);
          expect(filled + result.resting).toBe(command.order.quantity);
          for (const trade of result.trades) {
            if (command.order.side === 'buy') expect(trade.price).toBeLessThanOrEqual(command.order.price);
            else expect(trade.price).toBeGreaterThanOrEqual(command.order.price);
          }
        }
        expect(2 * traded).toBeLessThanOrEqual(entered);
        expect(active.depth).toBe(standby.depth);
      }),
      { seed, numRuns: 200 },
    );
  });
});
