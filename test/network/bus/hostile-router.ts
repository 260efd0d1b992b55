/** A router that was taken over, over TCP and WebSocket: it chooses what its clients are to sign, and keeps what they send. */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { WebSocketServer } from 'ws';

interface Caller {
  received: string;
  send(text: string): void;
  cut(): void;
}

export class HostileRouter {
  /** What the next connections are to sign, whatever JSON it is; undefined: nothing. */
  nonce: unknown;
  readonly callers: Caller[] = [];
  private readonly server: Server;
  private readonly webSockets: WebSocketServer;

  private constructor(server: Server, webSockets: WebSocketServer) {
    this.server = server;
    this.webSockets = webSockets;
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      const caller = this.greet(
        (text) => void socket.write(text),
        () => socket.destroy(),
      );
      socket.on('data', (chunk) => this.hear(caller, chunk.toString('latin1')));
    });
    webSockets.on('connection', (socket) => {
      const caller = this.greet(
        (text) => socket.send(text),
        () => socket.terminate(),
      );
      socket.on('message', (data: Buffer) => this.hear(caller, data.toString('latin1')));
    });
  }

  static async open(): Promise<HostileRouter> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webSockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise<void>((resolve) => webSockets.once('listening', resolve));
    return new HostileRouter(server, webSockets);
  }

  url(scheme: string): string {
    const address = scheme === 'ws' ? this.webSockets.address() : this.server.address();
    return `${scheme}://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** Every signature that any client gave, with what it was asked to sign. */
  get signatures(): readonly string[] {
    return this.callers.flatMap(({ received }) => [...received.matchAll(/"sig":"([^"]+)"/g)].map((found) => found[1] ?? ''));
  }

  /** INFO as a router sends it, at the start and whenever it likes. */
  information(nonce: unknown): string {
    const info = { server_id: 'X', version: '2.9.10', proto: 1, headers: true, max_payload: 1_048_576, auth_required: true, nonce };
    return `INFO ${JSON.stringify(info)}\r\n`;
  }

  async close(): Promise<void> {
    for (const caller of this.callers) caller.cut();
    await new Promise((resolve) => this.server.close(resolve));
    await new Promise((resolve) => this.webSockets.close(resolve));
  }

  private greet(send: (text: string) => void, cut: () => void): Caller {
    const caller = { received: '', send, cut };
    this.callers.push(caller);
    send(this.information(this.nonce));
    return caller;
  }

  private hear(caller: Caller, text: string): void {
    caller.received += text;
    // Whoever signed is let in, as a hostile router would.
    caller.send('PONG\r\n'.repeat(text.split('PING\r\n').length - 1));
  }
}
