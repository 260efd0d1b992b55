/**
 * Ports of 127.0.0.1 for programs that are yet to be started. Between the choice and the start anything may take a port that the
 * system gives to outgoing connections and to listeners which ask for any; so these are chosen where systems give none by themselves.
 */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Above what well-known services use, below where Linux (32768), macOS and Windows (49152) begin to give ports by themselves. */
const lowest = 15_000;
const highest = 32_767;
/** Ports that are looked at in vain before it is said that there is none. */
const attempts = 200;

/** What listens on a port of 127.0.0.1 (0: any); null where something else does, or it may not be used. */
export async function listenOn(port: number): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (failure: NodeJS.ErrnoException) => {
      if (failure.code === 'EADDRINUSE' || failure.code === 'EACCES') resolve(null);
      else reject(failure);
    });
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** The number of the port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The server listens on no port.');
  return address.port;
}

/** Holds a port on which nothing listened, until the server is closed. @param choose a whole number from the first on, below the second */
export async function holdFreePort(choose: (from: number, below: number) => number = randomInt): Promise<Server> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const server = await listenOn(choose(lowest, highest + 1));
    if (server) return server;
  }
  throw new Error(`None of ${attempts} ports between ${lowest} and ${highest} was free.`);
}

/** Lets a held port go. */
export async function release(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

/** A port of 127.0.0.1 on which nothing listens now, and which nothing takes that does not want this very one. */
export async function freePort(choose?: (from: number, below: number) => number): Promise<number> {
  const server = await holdFreePort(choose);
  const port = portOf(server);
  await release(server);
  return port;
}
