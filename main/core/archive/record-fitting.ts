/**
 * What is written must be readable: a record that the schema of the log would refuse later is made to fit now. Texts that are too
 * long are cut and marked; whatever else does not fit is refused before it has a place in the log.
 */
import { ProblemError } from '#shared/problem.ts';
import { recordBodySchema, type RecordBody } from '#shared/run/records.ts';

const mark = '… (cut)';

/** The record itself where it fits, else a copy that does. Throws a {@link ProblemError} for what cannot be made to fit. */
export function fitRecord(body: RecordBody): RecordBody {
  if (recordBodySchema.safeParse(body).success) return body;
  // As a reader will see it: numbers that JSON does not know have become null.
  const copy = JSON.parse(JSON.stringify(body)) as RecordBody;
  let parsed = recordBodySchema.safeParse(copy);
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code === 'too_big' && issue.origin === 'string') cutText(copy, issue.path, Number(issue.maximum));
  }
  parsed = recordBodySchema.safeParse(copy);
  if (parsed.success) return copy;
  const issue = parsed.error.issues[0];
  throw new ProblemError({
    code: 'record-refused',
    message: `A record of kind ${body.kind} does not fit into the log: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'}.`,
  });
}

function cutText(target: unknown, path: readonly PropertyKey[], maximum: number): void {
  let holder = target as Record<PropertyKey, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<PropertyKey, unknown>;
  const key = path.at(-1) ?? '';
  const text = holder[key];
  if (typeof text !== 'string') return;
  const kept = text.slice(0, Math.max(0, maximum - mark.length));
  // Not in the middle of a character of two code units.
  holder[key] = `${kept.replace(/[\uD800-\uDBFF]$/, '')}${mark}`.slice(0, maximum);
}
