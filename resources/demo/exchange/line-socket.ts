/** A TCP connection on which each line is one JSON object, both ways. */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Longest line that is read, in bytes; a peer that sends a longer one is cut off. */
const maximumLine = 4 * 1024 * 1024;

export interface LineSocket {
  send(message: unknown): void;
  close(): void;
}

export interface LineListeners {
  message(message: unknown, socket: LineSocket): void;
  closed(socket: LineSocket): void;
}

function overSocket(socket: Socket, listeners: LineListeners): LineSocket {
  let rest = '';
  const lines: LineSocket = {
    send: (message) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
    },
    close: () => socket.destroy(),
  };
  socket.setNoDelay(true);
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > maximumLine) socket.destroy();
    for (const part of parts) {
      let message: unknown;
      try {
        message = JSON.parse(part);
      } catch {
        socket.destroy();
        return;
      }
      listeners.message(message, lines);
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => listeners.closed(lines));
  return lines;
}

/** Listens on a port of 127.0.0.1. */
export function listenForLines(port: number, listeners: LineListeners & { opened?(socket: LineSocket): void }): Promise<Server> {
  const server = createServer((socket) => {
    const lines = overSocket(socket, listeners);
    listeners.opened?.(lines);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Connects to a port of 127.0.0.1; resolves to undefined when nothing listens there. */
export function connectForLines(port: number, listeners: LineListeners): Promise<LineSocket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => resolve(overSocket(socket, listeners)));
  });
}

/** Connects again and again until something listens or the time is over (ms). */
export async function connectWithin(milliseconds: number, port: number, listeners: LineListeners): Promise<LineSocket | undefined> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const socket = await connectForLines(port, listeners);
    if (socket || performance.now() > end) return socket;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
