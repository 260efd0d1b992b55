/** The smallest parts of configuration files: groups of keys, texts, names, numbers, durations, sizes. Each fault is a phrase and a tip. */
import { z } from 'zod';
import { nameFault, namePattern } from '#shared/identifiers.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { parseDuration, parseSize } from './amounts.ts';

/** `message` continues a sentence that starts with the place: "components.A.interval" + "is not a duration". */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly tip?: string;
}

class FaultSignal {
  readonly fault: Fault;
  constructor(fault: Fault) {
    this.fault = fault;
  }
}

/** Ends the decoding of a leaf with a fault. */
export function fault(code: string, message: string, tip?: string): FaultSignal {
  return new FaultSignal({ code, message, ...(tip === undefined ? {} : { tip }) });
}

/** A schema from a decoding function; what is absent is told as missing. */
export function leaf<T>(decode: (input: unknown) => T | FaultSignal) {
  return z.unknown().transform((input, context): T => {
    const value = input === undefined ? fault('missing-key', 'is missing') : decode(input);
    if (!(value instanceof FaultSignal)) return value;
    context.addIssue({ code: 'custom', message: value.fault.message, params: { code: value.fault.code, tip: value.fault.tip } });
    return z.NEVER;
  });
}

/** How a value is shown within a sentence. */
export function shown(input: unknown): string {
  if (input === null) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of keys';
  const text = typeof input === 'string' ? input : `${input as number | boolean}`;
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

/** A group of keys. The message of an unknown key carries the known ones, from which the tip is made. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });
}

/** ms, within bounds given as they would be written. */
export function duration(least: string, most: string) {
  const [minimum, maximum] = [parseDuration(least) ?? 0, parseDuration(most) ?? Number.MAX_SAFE_INTEGER];
  return leaf((input) => {
    const tip = 'Write a number with a unit: 500ms, 10s, 5m, 1h.';
    const value = typeof input === 'string' ? parseDuration(input) : undefined;
    if (value === undefined) return fault('bad-duration', `is not a duration: ${shown(input)}`, tip);
    if (value < minimum || value > maximum) return fault('out-of-range', `must lie between ${least} and ${most}, not ${shown(input)}`);
    return value;
  });
}

/** bytes */
export function size(least: string, most: string) {
  const [minimum, maximum] = [parseSize(least) ?? 0, parseSize(most) ?? Number.MAX_SAFE_INTEGER];
  return leaf((input) => {
    const value = typeof input === 'string' ? parseSize(input) : undefined;
    if (value === undefined) return fault('bad-size', `is not a size: ${shown(input)}`, 'Write a number with a unit: 500kB, 64MB, 2GB.');
    if (value < minimum || value > maximum) return fault('out-of-range', `must lie between ${least} and ${most}, not ${shown(input)}`);
    return value;
  });
}

/** Text with something in it, cut to nothing: longer is a fault. */
export function text(maximum: number) {
  return leaf((input) => {
    if (typeof input !== 'string') return fault('wrong-type', `must be a text, not ${shown(input)}`, 'Put it in quotes.');
    if (input.length === 0) return fault('empty-text', 'must not be empty');
    if (input.length > maximum) return fault('too-long', `has ${input.length} characters; ${maximum} are allowed`);
    if (input.includes('\0')) return fault('bad-text', 'holds a NUL character', 'Take it out.');
    return input;
  });
}

/** A name that may stand in scenarios, subjects and file names. */
export function name<T extends string>() {
  return leaf((input) => {
    if (typeof input === 'string' && namePattern.test(input)) return input as T;
    return fault(
      'bad-name',
      `is not a usable name: ${shown(input)}`,
      `A name starts with a letter and holds only letters, digits, _ and - (64 at most)${typeof input === 'string' ? `; this one ${nameFault(input)}` : ''}.`,
    );
  });
}
/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]) {
  return leaf((input) => {
    const known = words.find((each) => each === input);
    if (known !== undefined) return known;
    const close = typeof input === 'string' ? nearestName(input, words) : null;
    return fault(
      'unknown-word',
      `cannot be ${shown(input)}`,
      close ? `Did you mean "${close}"?` : `It may be ${words.map((word) => `"${word}"`).join(', ')}.`,
    );
  }).meta({ words: [...words] });
}

/** A whole number within bounds. */
export function integer(minimum: number, maximum: number) {
  return leaf((input) => {
    if (typeof input === 'number' && Number.isInteger(input) && input >= minimum && input <= maximum) return input;
    return fault('out-of-range', `must be a whole number from ${minimum} to ${maximum}, not ${shown(input)}`);
  });
}

export const finiteNumber = leaf((input) =>
  typeof input === 'number' && Number.isFinite(input) ? input : fault('wrong-type', `must be a number, not ${shown(input)}`),
);

/** URL of one of these schemes, with a host. */
export function url(schemes: readonly string[], example: string) {
  return leaf((input) => {
    const parsed = typeof input === 'string' ? URL.parse(input) : null;
    if (typeof input !== 'string' || parsed === null || !parsed.host)
      return fault('bad-url', `is not a URL: ${shown(input)}`, `Write it like ${example}.`);
    if (schemes.some((scheme) => parsed.protocol === `${scheme}:`)) return input;
    return fault(
      'bad-url',
      `cannot be a ${parsed.protocol.slice(0, -1)} URL`,
      `It may start with ${schemes.map((scheme) => `${scheme}://`).join(', ')}.`,
    );
  });
}
