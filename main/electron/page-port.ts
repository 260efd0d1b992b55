/** A page's MessagePort joined to a channel to the core. Texts pass through unread. */
import type { MessageEvent, MessagePortMain } from 'electron';
import type { TextChannel } from '#main/core-process/text-channel.ts';

/** Joins both until either closes. */
export function joinPort(port: MessagePortMain, channel: TextChannel): void {
  port.on('message', ({ data }: MessageEvent) => {
    if (typeof data === 'string') channel.send(data);
    else port.close();
  });
  port.once('close', () => channel.close());
  channel.onText((text) => port.postMessage(text));
  channel.onClose((coreEnd) => {
    // A port that closes says nothing itself.
    if (coreEnd !== null) port.postMessage({ coreEnd });
    port.close();
  });
  port.start();
}
