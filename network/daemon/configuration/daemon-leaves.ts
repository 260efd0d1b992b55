/** The smallest parts that only a daemon's configuration has: components, paths, expressions, signals, users, keys of operators. */
import { fromPublic } from '@nats-io/nkeys';
import type { ComponentName } from '#shared/identifiers.ts';
import { fault, leaf, name, shown, text } from '#platform/configuration/leaves.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { patternFault } from './pattern.ts';
import { signalNames, type SignalName } from './types.ts';

export const componentName = name<ComponentName>();
export const path = text(4_096);

/** A linear-time regular expression. */
export const pattern = leaf((input) => {
  if (typeof input !== 'string' || input.length === 0)
    return fault('bad-pattern', `must be a regular expression, not ${shown(input)}`, 'Put it in single quotes.');
  if (input.length > 4_096) return fault('too-long', `has ${input.length} characters; 4096 are allowed`, 'Split it into several rules.');
  const wrong = patternFault(input);
  return wrong ? fault('bad-pattern', `${wrong.message}: ${shown(input)}`, wrong.tip) : input;
});

/** `KILL`, also as `SIGKILL` and in small letters. */
export const signal = leaf((input) => {
  const wanted = typeof input === 'string' ? input.toUpperCase().replace(/^SIG/, '') : undefined;
  const known = signalNames.find((each): each is SignalName => each === wanted);
  const close = nearestName(wanted ?? '', signalNames);
  return (
    known ??
    fault('unknown-signal', `is no signal: ${shown(input)}`, close ? `Did you mean ${close}?` : `Signals are ${signalNames.join(', ')}.`)
  );
});

/** The name or number of a user of the host; null: the one that the daemon runs as. */
export const user = leaf((input) => {
  if (input === null) return null;
  if (typeof input === 'number' && Number.isInteger(input) && input >= 0 && input < 2 ** 32) return input;
  if (typeof input === 'string' && /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(input)) return input;
  return fault(
    'bad-user',
    `is neither the name nor the number of a user: ${shown(input)}`,
    'Write a name such as exchange, or null for the user that the daemon runs as.',
  );
});

/** Public nkey of an operator. */
export const operatorKey = leaf((input) => {
  const tip = 'It starts with U and has 56 characters; "testops keys new" prints it beside the seed.';
  if (typeof input !== 'string' || !/^[A-Z2-7]{56}$/.test(input))
    return fault('bad-key', `is not the public key of an operator: ${shown(input)}`, tip);
  if (!input.startsWith('U')) {
    const seed = input.startsWith('S');
    return fault('bad-key', seed ? 'is a secret seed, which must never stand here' : 'is not the key of an operator', tip);
  }
  try {
    fromPublic(input);
    return input;
  } catch {
    return fault('bad-key', `is mistyped: its check sum is wrong in ${shown(input)}`, tip);
  }
});
