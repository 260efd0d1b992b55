/** Hands each published message to those who asked for its subject: every plain subscription, and one of each queue group. */
import { Body } from './outbox.ts';
import type { RouterStatistics } from './statistics.ts';
import { SubscriptionTree } from './subscription-tree.ts';
import type { TreeMember } from './subscription-tree.ts';

export interface Subscriber {
  /** Whether it wants to hear what it publishes itself. */
  readonly echo: boolean;
  /** Takes a message for one of its subscriptions; false: it cannot (it is closed, or may not hear this subject). */
  deliver(subscription: Subscription, message: Message): boolean;
  /** Writes what it took. */
  flush(): void;
  /** Much waits for it already. */
  readonly strained: boolean;
  /** Calls back once, when not much waits any more. */
  whenRelieved(listener: () => void): void;
  /** Asks it to send nothing for a moment, because this receiver cannot follow. */
  pauseFor(receiver: Subscriber): void;
}

export interface Subscription extends TreeMember {
  readonly subscriber: Subscriber;
  /** The client's own name for the subscription. */
  readonly id: string;
  readonly wildcard: boolean;
  delivered: number;
  /** Ends after this many messages; 0: never. */
  maximum: number;
  ended: boolean;
}

export class Message {
  readonly subject: string;
  /** Empty: none. */
  readonly reply: string;
  /** Length of the headers at the start of the body; 0: none. */
  readonly headerBytes: number;
  readonly body: Body;
  private bare: Body | undefined;

  constructor(subject: string, reply: string, headerBytes: number, body: Body) {
    this.subject = subject;
    this.reply = reply;
    this.headerBytes = headerBytes;
    this.body = body;
  }

  /** The body for a client that does not know headers. */
  withoutHeaders(): Body {
    if (this.headerBytes === 0) return this.body;
    this.bare ??= new Body(this.body.bytes.subarray(this.headerBytes), false);
    return this.bare;
  }
}

export class Exchange {
  private readonly tree = new SubscriptionTree<Subscription>();
  private readonly statistics: RouterStatistics;
  /** A number in [0, 1); decides which member of a queue group is asked first. */
  private readonly random: () => number;
  private readonly unwritten = new Set<Subscriber>();

  constructor(statistics: RouterStatistics, random: () => number) {
    this.statistics = statistics;
    this.random = random;
  }

  subscribe(subscription: Subscription): void {
    this.tree.add(subscription);
    this.statistics.subscriptions = this.tree.size;
  }

  unsubscribe(subscription: Subscription): void {
    subscription.ended = true;
    this.tree.remove(subscription);
    this.statistics.subscriptions = this.tree.size;
  }

  /** Whether anyone took the message. It is written at the next {@link flush}. */
  publish(from: Subscriber, message: Message): boolean {
    const { plain, groups } = this.tree.match(message.subject);
    let taken = false;
    for (const subscription of plain) taken = this.hand(subscription, from, message) || taken;
    for (const group of groups) taken = this.handToOne(group, from, message) || taken;
    return taken;
  }

  private handToOne(group: readonly Subscription[], from: Subscriber, message: Message): boolean {
    const first = Math.floor(this.random() * group.length);
    for (let step = 0; step < group.length; step++) {
      const member = group[(first + step) % group.length];
      if (member && this.hand(member, from, message)) return true;
    }
    return false;
  }

  private hand(subscription: Subscription, from: Subscriber, message: Message): boolean {
    const { subscriber } = subscription;
    if (subscription.ended || (subscriber === from && !from.echo)) return false;
    if (!subscriber.deliver(subscription, message)) return false;
    this.unwritten.add(subscriber);
    this.statistics.messagesOut++;
    this.statistics.bytesOut += message.body.bytes.length - 2;
    if (subscriber.strained) from.pauseFor(subscriber);
    return true;
  }

  /** Notes that a subscriber has something to be written. */
  touch(subscriber: Subscriber): void {
    this.unwritten.add(subscriber);
  }

  /** Writes to everyone for whom something was taken since the last time. */
  flush(): void {
    for (const subscriber of this.unwritten) subscriber.flush();
    this.unwritten.clear();
  }
}
