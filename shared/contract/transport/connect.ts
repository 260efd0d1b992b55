/** The console's side of a port: the same `Core` as if it were in this process. */
import { fromCoreSchema, type ToCore } from './messages.ts';
import type { ContractPort } from './port.ts';
import type { Core, Method, MethodResponse, Stream, StreamItem } from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';

/** Items that a stream may have under way; each is a batch already. */
const usualCredits = 8;

interface Awaited {
  resolve(response: unknown): void;
  reject(problem: Error): void;
}

/** One stream as its listener sees it: items one after the other, then the end. */
class Listening {
  readonly ended: Promise<void>;
  private readonly settle: PromiseWithResolvers<void> = Promise.withResolvers();
  private readonly items: unknown[] = [];
  private readonly listener: (item: unknown) => void | Promise<void>;
  private readonly consumed: () => void;
  private readonly abandon: () => void;
  private delivering = false;
  private over: { readonly failure: Error | null } | null = null;
  private closed = false;

  constructor(listener: (item: unknown) => void | Promise<void>, consumed: () => void, abandon: () => void) {
    this.listener = listener;
    this.consumed = consumed;
    this.abandon = abandon;
    this.ended = this.settle.promise;
    // Whoever wants to know of a failure awaits `ended`; nobody has to.
    this.ended.catch(() => undefined);
  }

  push(item: unknown): void {
    if (this.closed) return;
    this.items.push(item);
    if (!this.delivering) void this.deliver();
  }

  end(failure: Error | null): void {
    this.over ??= { failure };
    if (!this.delivering) this.conclude();
  }

  /** The listener wants no more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.items.length = 0;
    this.settle.resolve();
  }

  private async deliver(): Promise<void> {
    this.delivering = true;
    try {
      while (this.items.length > 0 && !this.closed) {
        await this.listener(this.items.shift());
        this.consumed();
      }
    } catch (thrown) {
      // A listener that fails listens no longer; its failure is told where the end is awaited.
      this.settle.reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      this.closed = true;
      this.abandon();
    } finally {
      this.delivering = false;
    }
    this.conclude();
  }

  private conclude(): void {
    if (!this.over || this.closed) return;
    this.closed = true;
    if (this.over.failure) this.settle.reject(this.over.failure);
    else this.settle.resolve();
  }
}

/** Connects to a core behind a port. When the port closes, everything open is rejected with the problem `core-gone`. */
export function connectContract(port: ContractPort): Core & Owned {
  const requests = new Map<number, Awaited>();
  const listenings = new Map<number, Listening>();
  let lastId = 0;
  let gone = false;
  const tell = (message: ToCore): void => port.post(message);

  const take = (raw: unknown): void => {
    const decoded = fromCoreSchema.safeParse(raw);
    if (!decoded.success) return;
    const message = decoded.data;
    if (message.kind === 'refused') return;
    const { id } = message;
    const request = requests.get(id);
    const listening = listenings.get(id);
    switch (message.kind) {
      case 'response':
        requests.delete(id);
        request?.resolve(message.response);
        break;
      case 'item':
        listening?.push(message.item);
        break;
      case 'end':
        listenings.delete(id);
        listening?.end(null);
        break;
      case 'failure': {
        const failure = new ProblemError(message.problem);
        requests.delete(id);
        listenings.delete(id);
        request?.reject(failure);
        listening?.end(failure);
        break;
      }
    }
  };

  const leave = (): void => {
    if (gone) return;
    gone = true;
    unsubscribe();
    unsubscribeClose();
    for (const request of requests.values()) request.reject(coreGone());
    for (const listening of listenings.values()) listening.end(coreGone());
    requests.clear();
    listenings.clear();
  };
  const unsubscribe = port.onMessage(take);
  const unsubscribeClose = port.onClose(leave);

  return {
    request: async <M extends Method>(method: M, request: unknown) => {
      if (gone) throw coreGone();
      const id = ++lastId;
      const { promise, ...awaited } = Promise.withResolvers<unknown>();
      requests.set(id, awaited);
      tell({ kind: 'request', id, method, request });
      return (await promise) as MethodResponse<M>;
    },
    listen: <S extends Stream>(stream: S, request: unknown, listener: (item: StreamItem<S>) => void | Promise<void>) => {
      const id = ++lastId;
      const abandon = (): void => {
        if (listenings.delete(id)) tell({ kind: 'close', id });
      };
      const consumed = (): void => {
        if (listenings.has(id)) tell({ kind: 'credit', id, items: 1 });
      };
      const listening = new Listening((item) => listener(item as StreamItem<S>), consumed, abandon);
      if (gone) {
        listening.end(coreGone());
      } else {
        listenings.set(id, listening);
        tell({ kind: 'listen', id, stream, request, credits: usualCredits });
      }
      return { ended: listening.ended, close: () => (listening.close(), abandon()) };
    },
    dispose: () => {
      leave();
      port.close();
    },
  };
}

function coreGone(): ProblemError {
  return new ProblemError({
    code: 'core-gone',
    message: 'The connection to the core is gone.',
    tip: 'A run goes on in the core; connect again to see it.',
  });
}
