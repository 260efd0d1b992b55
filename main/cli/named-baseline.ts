/** What the command line names to compare a run with. */
import { findRun } from './named-run.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Baseline } from '#shared/contract/history.ts';
import { ProblemError } from '#shared/problem.ts';

export interface NamedBaseline {
  /** A release whose accepted runs are meant. */
  readonly baseline?: string;
  /** How many of them at the most. */
  readonly last: number;
}

/** What the command line says to compare with; the usual accepted runs, unless it says something. */
export async function baselineOf(core: Core, against: readonly string[], { baseline, last }: NamedBaseline): Promise<Baseline> {
  if (against.length > 0 && baseline !== undefined) {
    throw new ProblemError({
      code: 'two-baselines',
      message: 'Both runs and a release are named to compare with.',
      tip: 'Name one or more runs, or --baseline and a release.',
    });
  }
  const [first, ...more] = await Promise.all(against.map((named) => findRun(core, named)));
  if (first === undefined) return { kind: 'accepted', release: baseline ?? null, last };
  return more.length === 0 ? { kind: 'run', run: first } : { kind: 'runs', runs: [first, ...more] };
}
