/**
 * Who acts through a console that was given no name: the operator of the environment that it has open, as its header
 * says, or else the user of this machine.
 */
import type { EnvironmentDescription } from './access.ts';
import { userInfo } from 'node:os';
import type { Caller } from '../contract/method-tables.ts';

export class ConsoleOperators {
  /** Of each console the environments that it follows, the one opened last at the end. */
  private readonly open = new Map<string, EnvironmentDescription[]>();

  /** A console follows an environment; returns the end of that. */
  follows({ console }: Caller, environment: EnvironmentDescription): () => void {
    const followed = this.open.get(console) ?? [];
    this.open.set(console, [...followed, environment]);
    return () => {
      const others = (this.open.get(console) ?? []).filter((each) => each !== environment);
      if (others.length > 0) this.open.set(console, others);
      else this.open.delete(console);
    };
  }

  /** The name under which what a console does is recorded. */
  nameOf({ operator, console }: Caller): string {
    return operatorOf(operator, this.open.get(console)?.at(-1) ?? null);
  }
}

/** Whoever is named, or else the environment's operator, or else the user of this machine. */
export function operatorOf(given: string | null, described: EnvironmentDescription | null): string {
  if (given !== null) return given;
  if (described) return described.operator;
  try {
    return userInfo().username.slice(0, 64) || 'unknown';
  } catch {
    // A container may run as a user that nobody has named.
    return 'unknown';
  }
}
