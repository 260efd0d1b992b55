/** A client that speaks the protocol byte by byte, well or badly, as no library would. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export class RawClient {
  readonly socket: Socket;
  /** Everything received, as Latin-1. */
  received = '';
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => (this.received += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.ended = true));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    await client.expect(/^INFO \{.*\} ?\r\n/);
    return client;
  }

  /** Starts a session; by default without headers and verbosity. */
  connect(options: Record<string, unknown> = {}): void {
    this.send(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, ...options })}\r\n`);
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Waits until what was received matches, and returns the match. */
  async expect(pattern: RegExp, within = 5_000): Promise<RegExpExecArray> {
    const end = Date.now() + within;
    for (;;) {
      const found = pattern.exec(this.received);
      if (found) return found;
      if (this.ended || Date.now() > end) throw new Error(`Did not receive ${pattern} but ${JSON.stringify(this.received.slice(-500))}`);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  /** Everything sent so far was handled once this resolves. */
  async settle(): Promise<void> {
    const before = this.received.split('PONG\r\n').length;
    this.send('PING\r\n');
    const end = Date.now() + 5_000;
    while (this.received.split('PONG\r\n').length <= before) {
      if (this.ended || Date.now() > end) throw new Error(`No PONG but ${JSON.stringify(this.received.slice(-500))}`);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  async closed(within = 5_000): Promise<void> {
    const end = Date.now() + within;
    while (!this.ended) {
      if (Date.now() > end) throw new Error(`Still open after ${within} ms: ${JSON.stringify(this.received.slice(-500))}`);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
