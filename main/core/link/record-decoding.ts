/** Decodes what daemons publish. Whatever is not understood is a problem, never an exception. */
import type { Epoch } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { daemonEventSchema, eventBatchSchema, type DaemonEvent } from '#shared/protocol/observations.ts';
import { decodeSampleFrame, type SampleFrame } from '#shared/protocol/sample-frame.ts';
import type { z } from 'zod';

/** One numbered record of a daemon. */
export type ObservedRecord =
  | { readonly kind: 'samples'; readonly epoch: Epoch; readonly sequence: number; readonly bytes: number; readonly frame: SampleFrame }
  | {
      readonly kind: 'events';
      readonly epoch: Epoch;
      readonly sequence: number;
      readonly bytes: number;
      readonly events: readonly DaemonEvent[];
      /** Events of kinds that are not known here, or damaged ones. */
      readonly skipped: number;
    };

export type Decoded<T> = { readonly value: T } | { readonly problem: Problem };

/** A frame of samples as a numbered record, or why it is none. */
export function decodeSamples(data: Uint8Array): Decoded<ObservedRecord> {
  try {
    const frame = decodeSampleFrame(data);
    return { value: { kind: 'samples', epoch: frame.epoch, sequence: frame.sequence, bytes: data.length, frame } };
  } catch (failure) {
    return { problem: problemOf(failure) };
  }
}

const envelopeSchema = eventBatchSchema.pick({ epoch: true, sequence: true });

/** A batch of events as a numbered record, or why it is none; events of unknown kinds are skipped and counted. */
export function decodeEvents(data: Uint8Array): Decoded<ObservedRecord> {
  const json = parseJson(data);
  if (json === undefined) return { problem: malformed('an event record is not JSON') };
  const whole = eventBatchSchema.safeParse(json);
  if (whole.success) return { value: { kind: 'events', ...whole.data, bytes: data.length, skipped: 0 } };
  // A newer daemon may tell of things that this console does not know; the rest of the record is still worth having.
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return { problem: malformed('an event record has no epoch and sequence') };
  const listed: unknown = typeof json === 'object' && json !== null && 'events' in json ? json.events : undefined;
  const candidates: unknown[] = Array.isArray(listed) ? listed.slice(0, 10_000) : [];
  const events = candidates.flatMap((each) => daemonEventSchema.safeParse(each).data ?? []);
  const skipped = Math.max(1, candidates.length - events.length);
  return { value: { kind: 'events', ...envelope.data, bytes: data.length, events, skipped } };
}

/** Decodes a JSON message by its schema; `what` names it in the problem: `a presence`. */
export function decodeMessage<S extends z.ZodType>(schema: S, data: Uint8Array, what: string): Decoded<z.output<S>> {
  const json = parseJson(data);
  if (json === undefined) return { problem: malformed(`${what} is not JSON`) };
  const result = schema.safeParse(json);
  if (result.success) return { value: result.data };
  const issue = result.error.issues[0];
  const place = issue && issue.path.length > 0 ? ` at ${issue.path.map(String).join('.')}` : '';
  return { problem: malformed(`${what} does not follow its schema${place}`) };
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
}

function malformed(what: string): Problem {
  return {
    severity: 'warning',
    code: 'malformed-message',
    message: `${what.charAt(0).toUpperCase()}${what.slice(1)}; it was left out.`,
    tip: 'Check that daemon and console are of matching versions.',
  };
}
