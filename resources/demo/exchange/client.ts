/** A client's connection to the gateway: requests with their answers. */
import { connectWithin, type LineSocket } from './line-socket.ts';
import type { ExchangeAnswer, ExchangeRequest, Order, Side } from './messages.ts';

type WithoutNumber<Request> = Request extends unknown ? Omit<Request, 'request'> : never;

export class ExchangeClient {
  private readonly waiting = new Map<number, (answer: ExchangeAnswer) => void>();
  private next = 1;
  private socket: LineSocket | undefined;
  /** Whether the gateway has closed the connection. */
  closed = false;

  /** Connects to the gateway; undefined when it cannot be reached within some ms. */
  static async connect(port: number, milliseconds: number): Promise<ExchangeClient | undefined> {
    const client = new ExchangeClient();
    client.socket = await connectWithin(milliseconds, port, {
      message: (message) => client.answered(message as ExchangeAnswer),
      closed: () => client.lost(),
    });
    return client.socket && client;
  }

  ask(request: WithoutNumber<ExchangeRequest>): Promise<ExchangeAnswer> {
    const number = this.next++;
    if (this.closed)
      return Promise.resolve({ kind: 'rejected', request: number, reason: 'unavailable: the gateway closed the connection' });
    return new Promise((resolve) => {
      this.waiting.set(number, resolve);
      this.socket?.send({ ...request, request: number });
    });
  }

  close(): void {
    this.socket?.close();
  }

  private answered(answer: ExchangeAnswer): void {
    this.waiting.get(answer.request)?.(answer);
    this.waiting.delete(answer.request);
  }

  private lost(): void {
    this.closed = true;
    for (const [request, resolve] of this.waiting) resolve({ kind: 'rejected', request, reason: 'unavailable: the gateway was lost' });
    this.waiting.clear();
  }
}

let orderNumber = 0;

/** An order whose id is unique to this process. */
export function newOrder(client: string, instrument: string, side: Side, price: number, quantity: number): Order {
  return { id: `${client}-${process.pid}-${++orderNumber}`, client, instrument, side, price, quantity };
}
