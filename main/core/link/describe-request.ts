/**
 * Asks a daemon for its catalogue. Everybody who listens under its name answers: the first answer is used at once, and
 * for a moment others are waited for, because more than one means more than one daemon.
 */
import type { DaemonName } from '#shared/identifiers.ts';
import { catalogueSchema, type Catalogue } from '#shared/protocol/observations.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { decodeMessage } from './record-decoding.ts';
import { isNobodyThere } from './reply-inbox.ts';
import type { SpoolAccess } from './spool-request.ts';

export interface DescribeListener {
  /** The first catalogue; null: none came in time. `nobody`: nobody listens under the name. */
  answered(catalogue: Catalogue | null, nobody: boolean): void;
  /** All that came up to now; told with each further one. */
  others(catalogues: readonly Catalogue[]): void;
  /** All that came, when none is waited for any more. */
  over(catalogues: readonly Catalogue[]): void;
}

/** Never throws. @param timeout ms in which all answers come; returns what ends the wait without a word */
export function requestDescription(access: SpoolAccess, daemon: DaemonName, timeout: number, listener: DescribeListener): () => void {
  const catalogues: Catalogue[] = [];
  let ended = false;
  const end = (): void => {
    ended = true;
    cancel();
    replies.close();
  };
  const finish = (nobody: boolean): void => {
    if (ended) return;
    end();
    if (catalogues.length === 0) listener.answered(null, nobody);
    listener.over(catalogues);
  };
  const replies = access.inbox.open((message) => {
    if (ended) return;
    if (isNobodyThere(message)) return finish(true);
    const decoded = decodeMessage(catalogueSchema, message.data, `the catalogue of ${daemon}`);
    if ('problem' in decoded) return access.report(decoded.problem);
    if (decoded.value.daemon !== daemon) return;
    catalogues.push(decoded.value);
    if (catalogues.length === 1) listener.answered(decoded.value, false);
    else listener.others(catalogues);
  });
  const cancel = access.clock.after(timeout, () => finish(false));
  try {
    access.connection.publish(subject(access.environment, 'describe', daemon), '', { reply: replies.subject });
  } catch {
    // The connection is being closed, or just lost: nobody answers.
    queueMicrotask(() => finish(false));
  }
  return end;
}
