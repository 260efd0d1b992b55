/** A way to a router that can freeze: connections are accepted and stay, and nothing comes through. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FreezingWay {
  readonly url: string;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export async function openFreezingWay(port: number): Promise<FreezingWay> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const carry = (from: Socket, to: Socket): void => {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
    sockets.add(from);
    if (frozen) from.unpipe(to).pause();
  };
  const ends = new Map<Socket, Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    ends.set(near, far).set(far, near);
    carry(near, far);
    carry(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.pipe(ends.get(socket)!);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
