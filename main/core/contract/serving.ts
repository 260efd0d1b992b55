/** The core's side of a port: answers requests and feeds streams as far as the console's credits reach. */
import { toCoreSchema, maximumCredits, maximumOpen, type FromCore, type ToCore } from '#shared/contract/transport/messages.ts';
import type { ContractPort } from '#shared/contract/transport/port.ts';
import {
  methods,
  streams,
  type Core,
  type Method,
  type MethodRequest,
  type Stream,
  type StreamRequest,
} from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf, type Problem } from '#shared/problem.ts';

/** Items that may still be sent, and whoever waits to send one. */
class Credits {
  private items: number;
  private waiting: (() => void) | null = null;

  constructor(items: number) {
    this.items = items;
  }

  add(items: number): void {
    this.items = Math.min(maximumCredits, this.items + items);
    this.waiting?.();
    this.waiting = null;
  }

  async take(): Promise<void> {
    while (this.items <= 0) await new Promise<void>((resolve) => (this.waiting = resolve));
    this.items--;
  }
}

interface OpenStream {
  readonly credits: Credits;
  close(): void;
}

function refused(message: string): Problem {
  return { severity: 'error', code: 'bad-message', message };
}

/** A core as a host serves it: one that tells its consoles apart has `forConsole`. */
export type ServedCore = Core & { readonly forConsole?: (gone: AbortSignal) => Core };

/** Serves a core to one console until the port closes or this is disposed. Whatever arrives, the core is not harmed. */
export function serveContract(served: ServedCore, port: ContractPort): Owned {
  const gone = new AbortController();
  const core = served.forConsole?.(gone.signal) ?? served;
  const requests = new Set<number>();
  const open = new Map<number, OpenStream>();
  const tell = (message: FromCore): void => port.post(message);
  const fail = (id: number, thrown: unknown): void => tell({ kind: 'failure', id, problem: problemOf(thrown) });

  const answer = async ({ id, method, request }: Extract<ToCore, { kind: 'request' }>): Promise<void> => {
    requests.add(id);
    try {
      if (!isMethod(method)) throw new Error(`There is no method '${method}' in the contract.`);
      // The core decodes the request itself; here it is passed on as it came.
      const response = await core.request(method, request as MethodRequest<Method>);
      tell({ kind: 'response', id, response });
    } catch (thrown) {
      fail(id, thrown);
    } finally {
      requests.delete(id);
    }
  };

  const feed = async ({ id, stream, request, credits: given }: Extract<ToCore, { kind: 'listen' }>): Promise<void> => {
    const credits = new Credits(given);
    let closed = false;
    try {
      if (!isStream(stream)) throw new Error(`There is no stream '${stream}' in the contract.`);
      const listening = core.listen(stream, request as StreamRequest<Stream>, async (item) => {
        await credits.take();
        if (!closed) tell({ kind: 'item', id, item });
      });
      open.set(id, {
        credits,
        close: () => {
          closed = true;
          listening.close();
          credits.add(1);
        },
      });
      await listening.ended;
      if (!closed) tell({ kind: 'end', id });
    } catch (thrown) {
      if (!closed) fail(id, thrown);
    } finally {
      open.delete(id);
    }
  };

  const take = (raw: unknown): void => {
    const decoded = toCoreSchema.safeParse(raw);
    if (!decoded.success)
      return tell({ kind: 'refused', problem: refused('A message was refused: it is none of the contract’s messages.') });
    const message = decoded.data;
    switch (message.kind) {
      case 'request':
      case 'listen':
        if (requests.has(message.id) || open.has(message.id)) {
          return tell({ kind: 'refused', problem: refused(`A message was refused: its id ${message.id} is in use.`) });
        }
        if (requests.size + open.size >= maximumOpen) {
          return fail(message.id, new Error(`A console may have ${maximumOpen} requests and streams open at a time, not more.`));
        }
        void (message.kind === 'request' ? answer(message) : feed(message));
        break;
      case 'credit':
        open.get(message.id)?.credits.add(message.items);
        break;
      case 'close':
        open.get(message.id)?.close();
        break;
    }
  };

  const stop = (): void => {
    gone.abort();
    for (const stream of open.values()) stream.close();
    unsubscribe();
    unsubscribeClose();
  };
  const unsubscribe = port.onMessage(take);
  const unsubscribeClose = port.onClose(stop);
  return { dispose: () => (stop(), port.close()) };
}

function isMethod(name: string): name is Method {
  return Object.hasOwn(methods, name);
}
function isStream(name: string): name is Stream {
  return Object.hasOwn(streams, name);
}
