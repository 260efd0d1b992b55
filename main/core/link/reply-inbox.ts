/**
 * Replies to the link's requests. One subscription under the user's own inbox serves them all, so a request costs no
 * subscription of its own and replies find their way again after the router was restarted.
 */
import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import type { Owned } from '#shared/disposable.ts';
import { inboxPrefix } from '#shared/protocol/subjects.ts';

export interface Replies {
  /** The subject that replies are to be sent to. */
  readonly subject: string;
  close(): void;
}

export class ReplyInbox implements Owned {
  private readonly root: string;
  private readonly handlers = new Map<string, (message: Msg) => void>();
  private readonly subscription: Subscription;
  private count = 0;

  constructor(connection: NatsConnection, user: string, guard: (work: () => void) => void) {
    this.root = createInbox(inboxPrefix(user));
    this.subscription = connection.subscribe(`${this.root}.*`, {
      callback: (failure, message) => {
        if (failure === null) guard(() => this.handlers.get(message.subject)?.(message));
      },
    });
  }

  open(handler: (message: Msg) => void): Replies {
    const subject = `${this.root}.${++this.count}`;
    this.handlers.set(subject, handler);
    return { subject, close: () => void this.handlers.delete(subject) };
  }

  dispose(): void {
    this.handlers.clear();
    this.subscription.unsubscribe();
  }
}

/** Whether this is the router's answer that nobody listens to the subject of the request. */
export function isNobodyThere(message: Msg): boolean {
  return message.headers?.code === 503 && message.data.length === 0;
}
