/** Price-time priority matching: the best price trades first, at one price the oldest order does. */
import type { BookCommand, Order, Side, Trade } from './messages.ts';

interface RestingOrder {
  readonly order: Order;
  open: number;
}

/** One side of one instrument's book: resting orders by price, each price in order of arrival. */
class BookSide {
  readonly levels = new Map<number, RestingOrder[]>();
  readonly side: Side;

  constructor(side: Side) {
    this.side = side;
  }

  best(): number | undefined {
    let best: number | undefined;
    for (const price of this.levels.keys()) {
      if (best === undefined || (this.side === 'buy' ? price > best : price < best)) best = price;
    }
    return best;
  }

  add(resting: RestingOrder): void {
    const level = this.levels.get(resting.order.price);
    if (level) level.push(resting);
    else this.levels.set(resting.order.price, [resting]);
  }

  remove(resting: RestingOrder): void {
    const level = this.levels.get(resting.order.price);
    const left = level?.filter((each) => each !== resting) ?? [];
    if (left.length > 0) this.levels.set(resting.order.price, left);
    else this.levels.delete(resting.order.price);
  }
}

export type BookResult =
  | { readonly kind: 'accepted'; readonly trades: readonly Trade[]; readonly resting: number }
  | { readonly kind: 'rejected'; readonly reason: string };

/** All instruments of the exchange. Deterministic: the same commands in the same order give the same trades. */
export class OrderBook {
  private readonly instruments = new Map<string, Record<Side, BookSide>>();
  private readonly resting = new Map<string, RestingOrder>();
  private readonly seen = new Set<string>();

  apply(command: BookCommand): BookResult {
    return command.kind === 'new' ? this.enter(command.order) : this.cancel(command.id);
  }

  /** Whether an order with this id was ever entered. */
  knows(id: string): boolean {
    return this.seen.has(id);
  }

  /** Number of orders that rest in the book. */
  get depth(): number {
    return this.resting.size;
  }

  private enter(order: Order): BookResult {
    if (this.seen.has(order.id)) return { kind: 'rejected', reason: `order ${order.id} was entered before` };
    if (!(Number.isInteger(order.price) && order.price > 0))
      return { kind: 'rejected', reason: 'the price is not a positive whole number of ticks' };
    if (!(Number.isInteger(order.quantity) && order.quantity > 0))
      return { kind: 'rejected', reason: 'the quantity is not a positive whole number' };
    this.seen.add(order.id);
    const book = this.bookOf(order.instrument);
    const incoming: RestingOrder = { order, open: order.quantity };
    const trades = this.match(incoming, book[order.side === 'buy' ? 'sell' : 'buy']);
    if (incoming.open > 0) {
      book[order.side].add(incoming);
      this.resting.set(order.id, incoming);
    }
    return { kind: 'accepted', trades, resting: incoming.open };
  }

  private match(incoming: RestingOrder, opposite: BookSide): Trade[] {
    const trades: Trade[] = [];
    const { order } = incoming;
    while (incoming.open > 0) {
      const price = opposite.best();
      if (price === undefined || (order.side === 'buy' ? price > order.price : price < order.price)) break;
      const oldest = opposite.levels.get(price)?.[0];
      if (!oldest) break;
      const quantity = Math.min(incoming.open, oldest.open);
      incoming.open -= quantity;
      oldest.open -= quantity;
      const [buy, sell] = order.side === 'buy' ? [order, oldest.order] : [oldest.order, order];
      trades.push({ instrument: order.instrument, price, quantity, buyOrder: buy.id, sellOrder: sell.id });
      if (oldest.open === 0) this.forget(oldest, opposite);
    }
    return trades;
  }

  private cancel(id: string): BookResult {
    const resting = this.resting.get(id);
    if (!resting) return { kind: 'rejected', reason: `order ${id} does not rest in the book` };
    this.forget(resting, this.bookOf(resting.order.instrument)[resting.order.side]);
    return { kind: 'accepted', trades: [], resting: 0 };
  }

  private forget(resting: RestingOrder, side: BookSide): void {
    side.remove(resting);
    this.resting.delete(resting.order.id);
  }

  private bookOf(instrument: string): Record<Side, BookSide> {
    let book = this.instruments.get(instrument);
    if (!book) {
      book = { buy: new BookSide('buy'), sell: new BookSide('sell') };
      this.instruments.set(instrument, book);
    }
    return book;
  }
}
