/** Moments of a replay in words. */
import type { StepSpan } from '#shared/run/timeline.ts';
import { inertText } from '../../../components/inert-text.ts';

const longestLabel = 80;

/** A label from a run, in one line that does no harm. */
export function shortText(text: string): string {
  const line = inertText(text.slice(0, 4 * longestLabel));
  return line.length <= longestLabel ? line : `${line.slice(0, longestLabel - 1)}…`;
}

/** `step 3 kill -9 X`, or that none has begun. */
export function stepText(span: StepSpan | null): string {
  return span === null ? 'before the first step' : `step ${span.step.number} ${shortText(span.step.text)}`;
}
