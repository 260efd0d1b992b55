/** How the core's parts say what they answer and what they stream: tables of functions by the names of the contract. */
import type { z } from 'zod';
import type { Method, MethodResponse, methods, Stream, StreamItem, streams } from '#shared/contract/contract.ts';

/** Who asks. */
export interface Caller {
  /** Name that is recorded; null: whoever the run or the environment says. */
  readonly operator: string | null;
  /** Whether it is on another machine, and so reaches only what this core serves. */
  readonly remote?: boolean;
  /** The connection through which it is asked, unique in this core; requests of the core's own host have one too. */
  readonly console: string;
  /** Aborts when the connection is gone; absent where the host of the core itself asks. */
  readonly gone?: AbortSignal;
}

export type Decoded<M extends Method> = z.output<(typeof methods)[M]['request']>;
export type DecodedStream<S extends Stream> = z.output<(typeof streams)[S]['request']>;

/** A stream that somebody listens to. */
export interface Listening {
  readonly ended: Promise<void>;
  close(): void;
}

export type Listener<Item> = (item: Item) => void | Promise<void>;

export type MethodTable<M extends Method> = {
  readonly [Name in M]: (request: Decoded<Name>, caller: Caller) => Promise<MethodResponse<Name>>;
};

export type StreamTable<S extends Stream> = {
  readonly [Name in S]: (request: DecodedStream<Name>, listener: Listener<StreamItem<Name>>, caller: Caller) => Listening;
};
