/** A door to a core in the same process, so that even the command line speaks to it through the contract's messages. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { ContractPort } from '#shared/contract/transport/port.ts';
import { serveContract, type ServedCore } from './serving.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';

/** A Node MessagePort as a door. */
export function messagePort(port: MessagePort): ContractPort {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', listener);
      return () => port.off('message', listener);
    },
    onClose: (listener) => {
      const close = (): void => listener(null);
      port.on('close', close);
      return () => port.off('close', close);
    },
    close: () => port.close(),
  };
}

/** Both ends of a new door. */
export function portPair(): readonly [ContractPort, ContractPort] {
  const { port1, port2 } = new MessageChannel();
  return [messagePort(port1), messagePort(port2)];
}

/** A core as a console sees it, over a door in this process. Disposing closes the door, not the core. */
export function connectInProcess(core: ServedCore): Core & Owned {
  const [console, server] = portPair();
  const serving = serveContract(core, server);
  const connected = connectContract(console);
  return {
    ...connected,
    dispose: async () => {
      await connected.dispose();
      await serving.dispose();
    },
  };
}
