/**
 * The window's connection to the core: over a WebSocket in a browser, over a MessagePort in Electron. When it is lost it
 * is made again; the app is told when the core answers (a host takes texts before its core is up), and listens anew.
 */
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Emitter, type Owned } from '#shared/disposable.ts';
import { coreEndedCode, type ContractPort, type CoreEnd } from '#shared/contract/transport/port.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly core: Core; /** Counts connections, so that views listen anew. */ readonly generation: number }
  | {
      readonly kind: 'lost';
      /** How the core's process ended, where its keeper saw that; null: it is out of reach, and may well live. */
      readonly coreEnd: CoreEnd;
      /** ms since 1970 */
      readonly since: number;
    };

/** Opens a port once; resolves when it is usable, rejects when it cannot be opened. */
export type OpenPort = () => Promise<ContractPort>;

/** ms between attempts: short at first, since a restarted core is back at once. */
const waits = [100, 250, 500, 1_000, 2_000];

export class CoreConnection implements Owned {
  private current: ConnectionState = { kind: 'connecting' };
  private readonly changes = new Emitter<ConnectionState>();
  private readonly openPort: OpenPort;
  private attempts = 0;
  private generation = 0;
  private disposed = false;
  private client: (Core & Owned) | undefined;

  constructor(openPort: OpenPort) {
    this.openPort = openPort;
    void this.connect();
  }

  get state(): ConnectionState {
    return this.current;
  }

  subscribe(listener: (state: ConnectionState) => void): () => void {
    return this.changes.subscribe(listener);
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.client?.dispose();
  }

  private become(state: ConnectionState): void {
    this.current = state;
    this.changes.emit(state);
  }

  private async connect(): Promise<void> {
    const fail = once((coreEnd: CoreEnd) => this.lost(coreEnd));
    try {
      const port = await this.openPort();
      if (this.disposed) return port.close();
      let open = true;
      port.onClose((coreEnd) => {
        open = false;
        fail(coreEnd);
      });
      const client = connectContract(port);
      this.client = client;
      // Nothing that is asked may wait for a core that is still to come, and be carried out by it unexpectedly.
      await client.request('core.information', {}).catch(() => undefined);
      if (!open || this.disposed) return;
      this.attempts = 0;
      this.become({ kind: 'connected', core: client, generation: ++this.generation });
    } catch {
      fail(null);
    }
  }

  private lost(coreEnd: CoreEnd): void {
    if (this.disposed) return;
    const { current } = this;
    if (current.kind !== 'lost') this.become({ kind: 'lost', coreEnd, since: Date.now() });
    // What is learnt later is told, too.
    else if (current.coreEnd === null && coreEnd !== null) this.become({ ...current, coreEnd });
    const wait = waits[Math.min(this.attempts++, waits.length - 1)] ?? 2_000;
    setTimeout(() => void this.connect(), wait);
  }
}

/** A connection is lost once, in whatever ways it shows. */
function once(perform: (coreEnd: CoreEnd) => void): (coreEnd: CoreEnd) => void {
  let done = false;
  return (coreEnd) => {
    if (done) return;
    done = true;
    perform(coreEnd);
  };
}

/** A port over a WebSocket of the page's own host. Messages are JSON texts; sizes are bounded by the host. */
export function openWebSocketPort(url: string): Promise<ContractPort> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('error', () => reject(new Error('the core does not answer')), { once: true });
    socket.addEventListener(
      'open',
      () =>
        resolve({
          post: (message) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
          },
          onMessage: (listener) => {
            const take = (event: MessageEvent<unknown>) => {
              if (typeof event.data === 'string') listener(JSON.parse(event.data));
            };
            socket.addEventListener('message', take);
            return () => socket.removeEventListener('message', take);
          },
          onClose: (listener) => {
            const close = ({ code, reason }: CloseEvent): void => listener(code === coreEndedCode ? reason : null);
            socket.addEventListener('close', close);
            return () => socket.removeEventListener('close', close);
          },
          close: () => socket.close(),
        }),
      { once: true },
    );
  });
}

/** A port over a MessagePort, whose other end takes and gives texts. To be made when it arrives, so that its end is not missed. */
export function contractOverPort(port: MessagePort): ContractPort {
  const closings = new Emitter<CoreEnd>();
  let closed = false;
  let coreEnd: CoreEnd = null;
  // The last that comes, where the shell saw the core end; a port that closes says nothing itself.
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => (coreEnd = coreEndIn(data) ?? coreEnd));
  port.addEventListener('close', () => {
    closed = true;
    closings.emit(coreEnd);
  });
  port.start();
  return {
    post: (message) => port.postMessage(JSON.stringify(message)),
    onMessage: (listener) => {
      const take = ({ data }: MessageEvent<unknown>) => {
        if (typeof data === 'string') listener(JSON.parse(data));
      };
      port.addEventListener('message', take);
      return () => port.removeEventListener('message', take);
    },
    onClose: (listener) => {
      if (closed) queueMicrotask(() => listener(coreEnd));
      return closings.subscribe(listener);
    },
    close: () => port.close(),
  };
}

function coreEndIn(data: unknown): CoreEnd {
  const told = typeof data === 'object' && data !== null && 'coreEnd' in data ? data.coreEnd : null;
  return typeof told === 'string' ? told : null;
}
