/** How many there are of something, in words that agree. */
import { numberText, notKnown } from './numbers.ts';

/** `12,345`. */
export function countText(count: number | null): string {
  return count === null ? notKnown : numberText(Math.round(count));
}

/** `1 run`, `2 runs`, `1,200 runs`; `many` where an `s` does not make the plural. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `never`, `once`, `twice`, `12 times`. */
export function timesText(count: number): string {
  return ['never', 'once', 'twice'][count] ?? `${countText(count)} times`;
}

/** A share of 1 in whole per cent: `12 %`; all of it only where it is all. */
export function shareText(share: number): string {
  return Number.isFinite(share) ? `${share < 1 ? Math.min(99, Math.round(share * 100)) : Math.round(share * 100)} %` : notKnown;
}
