/**
 * The contract's messages as texts, as they travel between processes and over WebSockets. A host that only passes them
 * on (from a socket to the core's process) never has to look inside.
 */
import type { ContractPort, CoreEnd } from '#shared/contract/transport/port.ts';
import { Emitter } from '#shared/disposable.ts';

/** Most characters of one message from a console; a scenario of 4 million characters fits, escaped. */
export const maximumMessage = 16_000_000;

/** Characters that may wait for a side that reads too slowly. Credits keep streams far below; this bounds everything else. */
export const maximumWaiting = 64_000_000;

/** Texts in order and whole, or the channel closes. */
export interface TextChannel {
  /** Does nothing once the channel is closed. */
  send(text: string): void;
  /** Returns the unsubscribe. */
  onText(listener: (text: string) => void): () => void;
  /** Called once, whichever side closed. Returns the unsubscribe. */
  onClose(listener: (coreEnd: CoreEnd) => void): () => void;
  close(): void;
}

/** One end of a channel whose other end is fed by its maker: `deliver` what arrives, `closed` when the other side is gone. */
export class ChannelEnd implements TextChannel {
  private readonly texts = new Emitter<string>();
  private readonly closings = new Emitter<CoreEnd>();
  private readonly outgoing: (text: string) => void;
  private readonly leave: () => void;
  private open = true;

  constructor(outgoing: (text: string) => void, leave: () => void) {
    this.outgoing = outgoing;
    this.leave = leave;
  }

  send(text: string): void {
    if (this.open) this.outgoing(text);
  }

  onText(listener: (text: string) => void): () => void {
    return this.texts.subscribe(listener);
  }

  onClose(listener: (coreEnd: CoreEnd) => void): () => void {
    return this.closings.subscribe(listener);
  }

  close(): void {
    if (!this.open) return;
    this.leave();
    this.closed();
  }

  /** A text that came from the other side. */
  deliver(text: string): void {
    if (this.open) this.texts.emit(text);
  }

  /** The other side is gone; how the core ended, where that is why and it was seen. */
  closed(coreEnd: CoreEnd = null): void {
    if (!this.open) return;
    this.open = false;
    this.closings.emit(coreEnd);
  }
}

/** Both ends of a channel in this process. What is sent arrives later, in a turn of its own, so that a busy stream starves nobody. */
export function channelPair(): readonly [TextChannel, TextChannel] {
  const later = (deed: () => void): void => void setImmediate(deed);
  const first: ChannelEnd = new ChannelEnd(
    (text) => later(() => second.deliver(text)),
    () => later(() => second.closed()),
  );
  const second: ChannelEnd = new ChannelEnd(
    (text) => later(() => first.deliver(text)),
    () => later(() => first.closed()),
  );
  return [first, second];
}

/** The contract's port over a channel. A text that is no JSON arrives as `undefined`, which the contract refuses with a sentence. */
export function portOver(channel: TextChannel): ContractPort {
  return {
    post: (message) => channel.send(JSON.stringify(message)),
    onMessage: (listener) => channel.onText((text) => listener(parsed(text))),
    onClose: (listener) => channel.onClose(listener),
    close: () => channel.close(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
