/** A session at the demo exchange: one JSON object a line over TCP, each request answered under its number. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export class Session {
  #socket;
  #waiting = new Map();
  #next = 1;

  /** @param {string | number} port of the gateway, or of an engine */
  static async open(port) {
    const session = new Session();
    session.#socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
    await once(session.#socket, 'connect');
    createInterface({ input: session.#socket }).on('line', (line) => {
      const answer = JSON.parse(line);
      session.#waiting.get(answer.request)?.(answer);
      session.#waiting.delete(answer.request);
    });
    return session;
  }

  ask(request) {
    const number = this.#next++;
    this.#socket.write(`${JSON.stringify({ ...request, request: number })}\n`);
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
    });
  }

  close() {
    this.#socket.destroy();
  }
}

/** Begins names that no other attempt begins, so that tests share an exchange. */
export const unique = process.env.TESTOPS_UNIQUE ?? 'none';

/** Whether the tests are only asked which they are: then there is no exchange. */
export const listing = process.env.GATEWAY === undefined;

let orders = 0;

export function order(instrument, side, price, quantity) {
  return { id: `${unique}-${++orders}`, client: unique, instrument: `${unique}-${instrument}`, side, price, quantity };
}

/** A session at the engine that would take over. */
export async function standby() {
  for (const port of process.env.ENGINES.split(',')) {
    const session = await Session.open(port);
    if ((await session.ask({ kind: 'status' })).state === 'STANDBY') return session;
    session.close();
  }
  throw new Error('no engine is the standby');
}
