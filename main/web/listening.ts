/** What the hosts' servers have in common: to listen or say why not, to refuse a socket with a sentence, to close. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { ProblemError } from '#shared/problem.ts';

/** ms that consoles have to answer a close before they are cut. */
const partingPatience = 500;

/** Listens; returns the port. `option` is what a user would change when the address cannot be had. */
export async function listen(server: Server, host: string, port: number, option: string): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (failure) {
    const code = (failure as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ProblemError({
      code: 'cannot-listen',
      message: `Nothing can listen on ${host}:${port} (${code}).`,
      tip: code === 'EADDRINUSE' ? `Another program uses this port; name another with ${option}.` : `Name another address with ${option}.`,
    });
  }
  return (server.address() as AddressInfo).port;
}

/** Refuses an upgrade with a status and a sentence. */
export function refuseUpgrade(socket: Duplex, status: number, sentence: string): void {
  socket.on('error', () => undefined);
  const head = [`HTTP/1.1 ${status} Refused`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8'];
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`);
}

/** Parts from every console and closes; resolves when the address is free. */
export async function closeServer(server: Server, sockets: WebSocketServer, partings: ReadonlySet<() => void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const part of partings) part();
  const cut = setTimeout(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
  }, partingPatience);
  server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}
