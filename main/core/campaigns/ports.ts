/**
 * The seams of campaigns: where their records are kept and who may write them. Two engines stand behind each, the house journal beside the
 * embedded router and JetStream of a nats-server; one set of tests is passed by both.
 */
import type { Owned } from '#shared/disposable.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';

/**
 * The records of one campaign. Only who knows the last one can append, so of two coordinators that both believe to lead one is refused:
 * speed comes from the seat, safety from here.
 */
export interface Ledger extends Owned {
  readonly campaign: CampaignId;
  /**
   * Appends records that are numbered from `expected` + 1 on, all or none of them, and resolves when they are durable. Rejects with a
   * ProblemError: `deposed` when the last record is not `expected`, since somebody else has appended; `ledger-closed`; anything else when it
   * could not be written and is not known to be. A disk that is full is waited for, see {@link onStandstill}.
   */
  append(expected: number, records: readonly CampaignRecord[]): Promise<void>;
  /** Sequence of its last durable record; 0: none. */
  last(): Promise<number>;
  /** Durable records from a sequence on, in batches, as far as there are any now. */
  read(from: number): AsyncIterable<readonly CampaignRecord[]>;
  /** Tells every durable record from a sequence on, each once and in order, whoever appends it; returns the unsubscribe. */
  follow(from: number, listener: (records: readonly CampaignRecord[]) => void): () => void;
  /** Writing stands still (true) or goes on (false), with the reason as a sentence. */
  onStandstill(listener: (still: boolean, reason: string) => void): () => void;
}

/** All ledgers of one environment. */
export interface Ledgers extends Owned {
  list(): Promise<readonly CampaignId[]>;
  /** Makes the ledger of a new campaign; rejects when there is one of this id. It is listed and can be opened from its first record on. */
  create(campaign: CampaignId): Promise<Ledger>;
  open(campaign: CampaignId): Promise<Ledger>;
  remove(campaign: CampaignId): Promise<void>;
}

/** The seat of the one coordinator of an environment: capacities hold over all of its campaigns, so one decides over all of them. */
export interface Seat extends Owned {
  /**
   * Tries to take it now; true: it is taken until {@link onLost} is told or it is given back. Somebody who dies in it loses it within 2 s.
   * `holder` names this core to others.
   */
  take(holder: string): Promise<boolean>;
  /** Who sits there, as far as is known; null: nobody. */
  holder(): Promise<string | null>;
  /** Told when it is not ours any more, although it was not given back. */
  onLost(listener: () => void): () => void;
  giveBack(): Promise<void>;
}

/** Where ledgers and seat of an environment are. */
export interface CampaignStore extends Owned {
  readonly ledgers: Ledgers;
  readonly seat: Seat;
  /** Names the engine to people: `the journal in /home/…`, `JetStream of nats://…`. */
  readonly place: string;
  /** Whether the ledgers are on this machine, so that they are read where no router can be reached. */
  readonly isHere: boolean;
}
