/**
 * Under which conditions runs were made, and which of them can be compared at all. Another scenario, environment or mode is another
 * experiment: such a baseline run is left out, and so are runs under conditions that the baseline has shown to matter. Everything else that differs (release, texts, host of the core, variables, versions)
 * is shown as different and the run stays: much of it differs between releases by intention.
 */
import type { Comparison } from './comparison.ts';
import { runsUnderLikeConditions } from './learnt-conditions.ts';
import type { RunProfile } from './profile.ts';

/** Condition under which a run was made with nothing behind it (`dry`) or against an environment (`live`). */
const modeCondition = 'mode';
/** Conditions shown at most; profiles are read from files. */
const mostConditions = 500;

export interface Comparability {
  /** Under which learnt conditions the comparable runs were made: `load 4.43 to 4.6`; empty: none counts. */
  readonly under: string;
  /** Runs left out because of such conditions, and how the candidate differs: `load 8.3, they had 4.43 to 4.63`. */
  readonly apart: { readonly runs: number; readonly how: string };
  /** Baseline runs that can be compared, by their index. */
  readonly comparable: readonly number[];
  /** Why the others cannot, with how many. */
  readonly left: readonly { readonly reason: string; readonly runs: number }[];
}

/** Sorts out baseline runs that were another experiment than the candidate. */
export function comparability(candidate: RunProfile, baseline: readonly RunProfile[]): Comparability {
  const comparable: number[] = [];
  const left = new Map<string, number>();
  const seen = new Set<string>();
  for (const [index, run] of baseline.entries()) {
    const reason = seen.has(run.run) ? 'the same run twice' : obstacle(candidate, run);
    seen.add(run.run);
    if (reason === null) comparable.push(index);
    else left.set(reason, (left.get(reason) ?? 0) + 1);
  }
  const chosen = runsUnderLikeConditions(
    candidate,
    comparable.flatMap((index) => baseline[index] ?? []),
  );
  return {
    comparable: chosen.near.flatMap((index) => comparable[index] ?? []),
    left: [...left].map(([reason, runs]) => ({ reason, runs })),
    under: chosen.under,
    apart: { runs: comparable.length - chosen.near.length, how: chosen.apart },
  };
}

function obstacle(candidate: RunProfile, run: RunProfile): string | null {
  if (run.run === candidate.run) return 'the candidate itself';
  if (run.scenario !== candidate.scenario) return 'another scenario';
  if (run.environment !== candidate.environment) return 'another environment';
  if (run.conditions[modeCondition] !== candidate.conditions[modeCondition]) return 'another mode';
  if (run.outcome === 'interrupted') return 'interrupted';
  return null;
}

/** Every condition of any of the runs, different ones first. */
export function comparedConditions(candidate: RunProfile, baseline: readonly RunProfile[]): Comparison['conditions'] {
  const own = conditionsOf(candidate);
  const others = baseline.map(conditionsOf);
  const names = [...new Set([...own.keys(), ...others.flatMap((each) => [...each.keys()])])].slice(0, mostConditions);
  const rows = names.map((name) => {
    const value = own.get(name) ?? null;
    const counts = new Map<string | null, number>();
    for (const each of others) counts.set(each.get(name) ?? null, (counts.get(each.get(name) ?? null) ?? 0) + 1);
    const values = [...counts].map(([other, runs]) => ({ value: other, runs })).sort((left, right) => right.runs - left.runs);
    const condition = { name, candidate: value, baseline: values };
    return { ...condition, different: name !== comparedName && differs(condition) };
  });
  return [...rows.filter(({ different }) => different), ...rows.filter(({ different }) => !different)];
}

/** What is compared; that it differs is no condition that differs. */
const comparedName = 'release';

const differs = ({ candidate, baseline }: Pick<Comparison['conditions'][number], 'candidate' | 'baseline'>): boolean =>
  baseline.some(({ value }) => value !== candidate);

/** How a condition counts: the release itself is what is compared, everything else is alike or not. */
export function likenessOf(condition: Comparison['conditions'][number]): 'same' | 'different' | 'compared' {
  if (condition.different) return 'different';
  return condition.name === comparedName && differs(condition) ? 'compared' : 'same';
}

/** The conditions that count as different wherever they are counted: never the release itself. */
export function differingConditions({ conditions }: Pick<Comparison, 'conditions'>): Comparison['conditions'] {
  return conditions.filter((condition) => likenessOf(condition) === 'different');
}

function conditionsOf(run: RunProfile): ReadonlyMap<string, string> {
  const { scenario, environment, release, operator } = run;
  const own = Object.entries({ release, scenario, 'scenario text': run.scenarioHash, environment, operator });
  return new Map([...own, ...Object.entries(run.conditions)]);
}
