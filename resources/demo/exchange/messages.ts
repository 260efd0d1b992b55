/**
 * What the processes of the demo exchange say to one another: one JSON object per line over TCP on loopback.
 * This is the system under test, a small but real one; nothing of the console is used in it.
 */

export type Side = 'buy' | 'sell';

export interface Order {
  readonly id: string;
  readonly client: string;
  readonly instrument: string;
  readonly side: Side;
  /** In ticks, a positive whole number. */
  readonly price: number;
  readonly quantity: number;
}

export interface Trade {
  readonly instrument: string;
  readonly price: number;
  readonly quantity: number;
  readonly buyOrder: string;
  readonly sellOrder: string;
}

/** Everything that changes a book; applied in the same order it gives the same book on every engine. */
export type BookCommand = { readonly kind: 'new'; readonly order: Order } | { readonly kind: 'cancel'; readonly id: string };

/** One numbered command, as replicated from the active engine to the standby. */
export interface JournalEntry {
  readonly number: number;
  readonly command: BookCommand;
}

/** Requests of the gateway to an engine, and of clients to the gateway. `request` ties the answer to it. */
export type ExchangeRequest =
  | { readonly kind: 'new'; readonly request: number; readonly order: Order }
  | { readonly kind: 'cancel'; readonly request: number; readonly id: string }
  /** Which of these orders does the engine know? */
  | { readonly kind: 'known'; readonly request: number; readonly ids: readonly string[] }
  /** Whether this engine is active. */
  | { readonly kind: 'status'; readonly request: number }
  /** Gateway only: ids of the orders that were acknowledged to clients lately. */
  | { readonly kind: 'acknowledged'; readonly request: number };

export type ExchangeAnswer =
  | { readonly kind: 'accepted'; readonly request: number; readonly trades: readonly Trade[]; readonly resting: number }
  | { readonly kind: 'rejected'; readonly request: number; readonly reason: string }
  | { readonly kind: 'unknown'; readonly request: number; readonly ids: readonly string[] }
  | { readonly kind: 'status'; readonly request: number; readonly active: boolean; readonly state: string }
  | { readonly kind: 'acknowledged'; readonly request: number; readonly ids: readonly string[] };

/** From the active engine to its standby. */
export type ReplicationMessage =
  { readonly kind: 'entries'; readonly entries: readonly JournalEntry[] } | { readonly kind: 'heartbeat'; readonly last: number };

/** From the standby to the active engine: everything up to this entry is applied. */
export interface ReplicationReply {
  readonly kind: 'applied';
  readonly number: number;
}
