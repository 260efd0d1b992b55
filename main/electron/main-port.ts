/** Electron's MessagePort of a main or utility process as the contract's port. */
import type { MessageEvent, MessagePortMain } from 'electron';
import type { ContractPort } from '#shared/contract/port.ts';

export function portOfMain(port: MessagePortMain): ContractPort {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      const take = ({ data }: MessageEvent): void => listener(data);
      port.on('message', take);
      port.start();
      return () => port.off('message', take);
    },
    onClose: (listener) => {
      port.once('close', listener);
      return () => port.off('close', listener);
    },
    close: () => port.close(),
  };
}
