/**
 * Who acts through a console that was given no name: the operator of the environment that it has open, as its header
 * says, or else the user of this machine.
 */
import type { EnvironmentDescription } from './access.ts';
import type { Caller } from '../contract/method-tables.ts';
import { operatorOf } from '../runs/start.ts';

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
