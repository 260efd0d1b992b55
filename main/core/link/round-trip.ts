/** Whether the router answers now: a connection may stand although nothing comes through it any more. */
import { afterAwake } from '#platform/awake-time.ts';
import type { LinkContext } from './link-context.ts';

/** @param patience ms that the answer may take */
export async function roundTrip({ connection, clock }: Pick<LinkContext, 'connection' | 'clock'>, patience: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = afterAwake(clock, patience, () => resolve(false));
  connection.flush().then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(stop);
}
