/**
 * Remembers which orders were seen, so that none is executed twice. Each console session has a window of sequence
 * numbers (orders may overtake each other within it): that alone keeps a replayed order out, and a session is not
 * forgotten while any order of it could still be valid. Each order's id is remembered with what was answered, so that
 * a console whose answer was lost can ask again; of these the oldest are forgotten. All of it is bounded.
 */
import { createHash } from 'node:crypto';
import type { CommandReply } from '#shared/protocol/commands.ts';

/** Sequence numbers further back than this are taken as seen. */
const windowSize = 1_024;
/** Of one key, so that whoever holds one cannot keep the holders of others out. */
const maximumSessions = 4_096;
const maximumOrders = 20_000;
/** ms after which a session that sends nothing is forgotten; its orders expired long before. */
const sessionIdle = 3_600_000;
/** Ended orders whose answers are remembered; a result can have 64 KiB. */
const maximumAnswers = 256;

/** Stands for a text of any length. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

interface Session {
  highest: number;
  readonly seen: Set<number>;
  lastUse: number;
}

/** An order that was admitted, and where and what it was answered. */
export interface SeenOrder {
  readonly key: string;
  readonly session: string;
  /** Digest of the exact signed text. */
  readonly text: string;
  /** Digest of what it asks for, without sequence and times: equal for an order that was signed anew. */
  readonly meaning: string;
  readonly replySubject: string;
  readonly replies: CommandReply[];
  /** Who is told what comes, by reply subject. */
  readonly listeners: Map<string, (reply: CommandReply) => void>;
  ended: boolean;
}

export class ReplayMemory {
  private readonly monotonic: () => number;
  /** By key, and by name. */
  private readonly sessions = new Map<string, Map<string, Session>>();
  private readonly orders = new Map<string, SeenOrder>();
  private readonly answered: SeenOrder[] = [];

  constructor(monotonic: () => number) {
    this.monotonic = monotonic;
  }

  /** Orders remembered. */
  get size(): number {
    return this.orders.size;
  }

  order(id: string): SeenOrder | undefined {
    return this.orders.get(id);
  }

  /** Takes note of a sequence number; `seen` when it was used before (or may have been), `full` when no more can be remembered. */
  admit(key: string, name: string, sequence: number): 'new' | 'seen' | 'full' {
    const session = this.sessions.get(key)?.get(name) ?? this.newSession(key, name);
    if (!session) return 'full';
    if (sequence <= session.highest - windowSize || session.seen.has(sequence)) return 'seen';
    session.lastUse = this.monotonic();
    session.seen.add(sequence);
    if (sequence > session.highest) {
      session.highest = sequence;
      for (const each of session.seen) if (each <= sequence - windowSize) session.seen.delete(each);
    }
    return 'new';
  }

  /** Remembers an order; false when too many run at once. */
  remember(id: string, order: SeenOrder): boolean {
    if (this.orders.size >= maximumOrders && !this.forgetOldest()) return false;
    this.orders.set(id, order);
    return true;
  }

  /** Nothing more will be answered. */
  end(order: SeenOrder): void {
    order.ended = true;
    order.listeners.clear();
    this.answered.push(order);
    // Of long ago nothing is told again; the event stream has it.
    if (this.answered.length > maximumAnswers) this.answered.shift()?.replies.splice(0);
  }

  private forgetOldest(): boolean {
    for (const [id, order] of this.orders) {
      if (order.ended) return this.orders.delete(id);
    }
    return false;
  }

  private newSession(key: string, name: string): Session | undefined {
    const now = this.monotonic();
    const ofKey = this.sessions.get(key) ?? new Map<string, Session>();
    if (ofKey.size >= maximumSessions) {
      for (const [each, session] of ofKey) if (now - session.lastUse > sessionIdle) ofKey.delete(each);
      if (ofKey.size >= maximumSessions) return undefined;
    }
    const session: Session = { highest: 0, seen: new Set(), lastUse: now };
    this.sessions.set(key, ofKey.set(name, session));
    return session;
  }
}
