/** One request to a daemon's spool: records that were missed, asked for again. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import { spoolEndSchema, spoolKindHeader, type SpoolEnd, type SpoolRequest } from '#shared/protocol/observations.ts';
import { subject } from '#shared/protocol/subjects.ts';
import type { Clock } from '#platform/clock.ts';
import { decodeEvents, decodeMessage, decodeSamples, type ObservedRecord } from './record-decoding.ts';
import { isNobodyThere, type ReplyInbox } from './reply-inbox.ts';

export type SpoolAnswer =
  | { readonly kind: 'end'; readonly end: SpoolEnd }
  /** The answer stopped or never began. */
  | { readonly kind: 'silent' }
  /** Nobody listens under the daemon's name. */
  | { readonly kind: 'nobody' };

export interface SpoolAccess {
  readonly connection: NatsConnection;
  readonly inbox: ReplyInbox;
  readonly environment: EnvironmentName;
  readonly clock: Clock;
  /** ms without any message after which the answer is given up. */
  readonly silence: number;
  report(problem: Problem): void;
}

/** Asks and hands on each record as it comes. Never rejects. `abandon` ends the wait. */
export function requestSpool(
  access: SpoolAccess,
  daemon: DaemonName,
  request: SpoolRequest,
  take: (record: ObservedRecord) => void,
): { readonly answered: Promise<SpoolAnswer>; abandon(): void } {
  const { promise, resolve } = Promise.withResolvers<SpoolAnswer>();
  let cancelTimer = (): void => undefined;
  const settle = (answer: SpoolAnswer): void => {
    cancelTimer();
    replies.close();
    resolve(answer);
  };
  const awaitMore = (): void => {
    cancelTimer();
    cancelTimer = access.clock.after(access.silence, () => settle({ kind: 'silent' }));
  };
  const replies = access.inbox.open((message) => {
    if (isNobodyThere(message)) return settle({ kind: 'nobody' });
    awaitMore();
    const kind = message.headers?.get(spoolKindHeader);
    if (kind === 'end') {
      const decoded = decodeMessage(spoolEndSchema, message.data, `the end of an answer from the spool of ${daemon}`);
      if ('problem' in decoded) access.report(decoded.problem);
      else settle({ kind: 'end', end: decoded.value });
      return;
    }
    const decoded = kind === 'events' ? decodeEvents(message.data) : decodeSamples(message.data);
    if ('problem' in decoded) access.report(decoded.problem);
    else if (decoded.value.epoch === request.epoch) take(decoded.value);
  });
  awaitMore();
  try {
    access.connection.publish(subject(access.environment, 'spool', daemon), JSON.stringify(request), { reply: replies.subject });
  } catch {
    settle({ kind: 'silent' });
  }
  return { answered: promise, abandon: () => settle({ kind: 'silent' }) };
}
