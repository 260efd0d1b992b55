/** Moments of a replay in words. */
import type { StepSpan } from '#shared/run/timeline.ts';
import { inertText } from '../../../components/inert-text.ts';

const padded = (value: number, length: number) => String(value).padStart(length, '0');

/** Time since the start: `0:07.350`, `1:02:05.000`. */
export function offsetText(ms: number, withMilliseconds = true): string {
  const whole = Math.max(0, withMilliseconds ? Math.round(ms) : Math.floor(ms / 1_000) * 1_000);
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, Math.floor(whole / 1_000) % 60];
  const head = hours > 0 ? `${hours}:${padded(minutes, 2)}` : String(minutes);
  return `${head}:${padded(seconds, 2)}${withMilliseconds ? `.${padded(whole % 1_000, 3)}` : ''}`;
}

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
