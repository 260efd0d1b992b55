/**
 * Who may do what on this host: the trust list of `daemon.yaml` and nothing else. What is not listed is refused.
 */
import type { TrustedOperator } from '../configuration/types.ts';
import { globMatcher } from '../name-glob.ts';

/** The trust list, asked by key: names can be claimed, keys cannot. */
export class Policy {
  private readonly byKey: ReadonlyMap<string, readonly TrustedOperator[]>;

  constructor(trust: readonly TrustedOperator[]) {
    this.byKey = Map.groupBy(trust, (each) => each.key);
  }

  /** Whether any operator is known by this key. */
  knows(key: string): boolean {
    return this.byKey.has(key);
  }

  /** Whether this key is that operator's. */
  isKeyOf(key: string, operator: string): boolean {
    return this.byKey.get(key)?.some((each) => each.operator === operator) ?? false;
  }

  /** Whether the operator may run an action, or a component command on a component (`component:Name` allows all of them on it). */
  allows(key: string, operator: string, action: string, component: string | undefined): boolean {
    const wanted = component === undefined ? [action] : [action, `component:${component}`];
    const entries = this.byKey.get(key)?.filter((each) => each.operator === operator) ?? [];
    return entries.some((entry) => wanted.some(globMatcher(entry.allow)));
  }

  /** Whether who has this key may give this daemon tests to execute that one of these adapters executes. */
  allowsWork(key: string, adapters: readonly string[]): boolean {
    const wanted = ['work', ...adapters.map((adapter) => `work:${adapter}`)];
    return this.byKey.get(key)?.some((entry) => wanted.some(globMatcher(entry.allow))) ?? false;
  }
}
