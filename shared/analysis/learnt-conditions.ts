/**
 * Which conditions of the accepted runs decide what may be compared with what. Nobody declares it: a condition counts where runs that
 * share it foretell each other better than all runs do, and better than the same condition dealt out by chance. Conditions that go with
 * the release never count, since the release is what is compared. How many users or requests a run was given counts in any case.
 */
import type { MetricTable, RunProfile } from './profile.ts';
import { numberText } from '#shared/wording/numbers.ts';

/** Runs that are looked at, and numbers of each. */
const bounds = { runs: 80, numbers: 150, conditions: 3, tried: 12 } as const;
/** By how much ln of the error must fall for a condition to count. */
const leastGain = 0.05;
/** Dealings by chance, all of which a condition must beat (Phipson and Smyth 2010: p = 1/20). */
const shuffles = 19;
/** Relative distances at which numeric conditions count as alike, tried in turn; runs that the smaller ones must leave. */
const tolerances = [0.05, 0.1, 0.2] as const;
const plenty = 20;
/** What is asked of a system is a cause of what it does, whether or not the accepted runs happen to differ in it. */
const offered = /(?:^|[ _-])(?:load|rate|clients|users)$/i;
/** Conditions of a run that a comparison may be bound to; versions and configurations differ between releases by intention. */
const bindable = /^(?:variable |host)|(?:^|[ _-])load$/i;

export interface LearntCondition {
  readonly name: string;
  /** Alike within a relative distance, or only where the same. */
  readonly numeric: boolean;
}

export interface NearRuns {
  /** Of the runs given, by index. */
  readonly near: readonly number[];
  /** `load 4.43 to 4.6` of those that are near; empty: no condition counts. */
  readonly under: string;
  /** What keeps the others apart: `load 8.3, they had 4.43 to 4.63`; empty: none is apart. */
  readonly apart: string;
}

/** Of the runs those that were made under conditions like the candidate's, as far as these matter. */
export function runsUnderLikeConditions(candidate: RunProfile, runs: readonly RunProfile[]): NearRuns {
  const learnt = learntConditions(runs).filter(({ name }) => candidate.conditions[name] !== undefined);
  if (learnt.length === 0) return { near: [...runs.keys()], under: '', apart: '' };
  const within = (tolerance: number): number[] =>
    [...runs.keys()].filter((index) => learnt.every((condition) => alike(condition, candidate, runs[index], tolerance)));
  const chosen = tolerances.map(within);
  const near = chosen.find(({ length }) => length >= plenty) ?? chosen.at(-1) ?? [];
  const nearRuns = near.flatMap((index) => runs[index] ?? []);
  const others = runs.filter((run) => !nearRuns.includes(run));
  const dividing = learnt.filter((condition) => others.some((run) => !alike(condition, candidate, run, tolerances[2])));
  return {
    near,
    under: nearRuns.length === 0 ? '' : learnt.map(({ name }) => `${shortName(name)} ${rangeOf(name, nearRuns)}`).join(', '),
    apart: dividing
      .map(({ name }) => `${shortName(name)} ${valueText(candidate.conditions[name] ?? '')}, they had ${rangeOf(name, others)}`)
      .join('; '),
  };
}

const shortName = (name: string): string => name.replace(/^variable /, '');
const valueText = (value: string): string => (isNumeric(value) ? numberText(Number(value)) : value);

function rangeOf(name: string, runs: readonly RunProfile[]): string {
  const values = [...new Set(runs.map(({ conditions }) => conditions[name] ?? 'none'))];
  if (!values.every(isNumeric)) return values.slice(0, 3).join(' or ') + (values.length > 3 ? ' …' : '');
  const numbers = values.map(Number);
  const [low, high] = [numberText(Math.min(...numbers)), numberText(Math.max(...numbers))];
  return low === high ? low : `${low} to ${high}`;
}

const isNumeric = (value: string | undefined): boolean =>
  value !== undefined && value.trim() !== '' && Number(value) > 0 && Number(value) < Infinity;

function alike({ name, numeric }: LearntCondition, one: RunProfile, other: RunProfile | undefined, tolerance: number): boolean {
  const [left, right] = [one.conditions[name], other?.conditions[name]];
  if (!numeric || !isNumeric(left) || !isNumeric(right)) return left === right;
  return Math.abs(Math.log(Number(left) / Number(right))) <= Math.log1p(tolerance) + 1e-12;
}

/** Conditions that count, the most telling first; those of what is asked of the system always do. */
export function learntConditions(runs: readonly RunProfile[]): LearntCondition[] {
  const latest = runs.slice(0, bounds.runs);
  const known = conditionsOf(runs);
  const chosen = known.filter(({ name, numeric }) => numeric && offered.test(name));
  const open = known
    .filter((each) => !chosen.includes(each) && varies(each, latest) && !goesWithRelease(each, latest))
    .slice(0, bounds.tried);
  if (open.length === 0 || latest.length < 8) return chosen;
  const numbers = comparedNumbers(latest);
  let reached = gainOf(latest, numbers, chosen);
  while (open.length > 0 && chosen.length < bounds.conditions) {
    const tried = open.map((condition) => ({ condition, gain: gainOf(latest, numbers, [...chosen, condition]) }));
    const best = tried.reduce((one, other) => (other.gain > one.gain ? other : one));
    if (best.gain < reached + leastGain || !beatsChance(latest, numbers, chosen, best)) break;
    chosen.push(best.condition);
    open.splice(open.indexOf(best.condition), 1);
    reached = best.gain;
  }
  return chosen;
}

function conditionsOf(runs: readonly RunProfile[]): LearntCondition[] {
  const names = new Set(runs.flatMap(({ conditions }) => Object.keys(conditions)).filter((name) => bindable.test(name)));
  return [...names].map((name) => ({ name, numeric: runs.every(({ conditions }) => isNumeric(conditions[name])) }));
}

function varies({ name }: LearntCondition, runs: readonly RunProfile[]): boolean {
  return new Set(runs.map(({ conditions }) => conditions[name])).size > 1;
}

/** Each release has its own value: then nobody can tell the one from the other. */
function goesWithRelease({ name }: LearntCondition, runs: readonly RunProfile[]): boolean {
  const byRelease = [...Map.groupBy(runs, ({ release }) => release).values()];
  return byRelease.length > 1 && byRelease.every((group) => new Set(group.map(({ conditions }) => conditions[name])).size === 1);
}

/**
 * How much better runs that are alike foretell each other than all do: the mean of ln of the ratio of both errors, of each number
 * between -1 and 2, each run left out in turn.
 */
function gainOf(runs: readonly RunProfile[], numbers: readonly Float64Array[], conditions: readonly LearntCondition[]): number {
  if (conditions.length === 0) return 0;
  const neighbours = runs.map((run, index) =>
    [...runs.keys()].filter(
      (other) => other !== index && conditions.every((condition) => alike(condition, run, runs[other], tolerances[1])),
    ),
  );
  return gainOfNeighbours(numbers, neighbours);
}

/** Errors below it are told apart from nothing (of values as `comparedNumbers` makes them: about 1 %). */
const leastError = 0.01;

function gainOfNeighbours(numbers: readonly Float64Array[], neighbours: readonly (readonly number[])[]): number {
  let gains = 0;
  for (const values of numbers) {
    const sum = values.reduce((total, value) => total + value, 0);
    let gain = 0;
    for (const [index, near] of neighbours.entries()) {
      if (near.length === 0) continue;
      const value = values[index] ?? 0;
      const byAll = Math.abs(value - (sum - value) / (values.length - 1));
      const byNear = Math.abs(value - near.reduce((total, other) => total + (values[other] ?? 0), 0) / near.length);
      gain += Math.log((byAll + leastError) / (byNear + leastError));
    }
    gains += Math.min(2, Math.max(-1, gain / neighbours.length));
  }
  return gains / Math.max(1, numbers.length);
}

function beatsChance(
  runs: readonly RunProfile[],
  numbers: readonly Float64Array[],
  chosen: readonly LearntCondition[],
  { condition, gain }: { readonly condition: LearntCondition; readonly gain: number },
): boolean {
  for (let turn = 1; turn <= shuffles; turn += 1) {
    const dealt = dealing(runs.length, turn);
    const shuffled = runs.map((run, index): RunProfile => {
      const value = runs[dealt[index] ?? index]?.conditions[condition.name];
      return { ...run, conditions: { ...run.conditions, ...(value === undefined ? {} : { [condition.name]: value }) } };
    });
    if (gainOf(shuffled, numbers, [...chosen, condition]) >= gain) return false;
  }
  return true;
}

/** An order of so many, the same each time: Fisher and Yates with a multiplicative generator. */
function dealing(count: number, turn: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  let state = (turn * 0x9e3779b1) >>> 0;
  for (let index = count - 1; index > 0; index -= 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (index + 1));
    [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
  }
  return order;
}

/** Levels over the whole run (of counters growths) that all runs have, as asinh(x / (median / 4)): like logarithms, but known at 0. */
function comparedNumbers(runs: readonly RunProfile[]): Float64Array[] {
  const columns = runs.map(({ metrics }) => wholeRunNumbers(metrics));
  const names = [...(columns[0]?.keys() ?? [])].filter((name) => columns.every((column) => column.has(name)));
  const stride = Math.max(1, Math.ceil(names.length / bounds.numbers));
  return names
    .filter((_, index) => index % stride === 0)
    .flatMap((name) => {
      const values = Float64Array.from(columns, (column) => column.get(name) ?? 0);
      const middle = Math.abs(values.toSorted()[values.length >> 1] ?? 0);
      const scaled = values.map((value) => Math.asinh(middle > 0 ? (4 * value) / middle : value));
      return scaled.some((value) => value !== scaled[0]) ? [scaled] : [];
    });
}

function wholeRunNumbers({ series, seriesOf, step, level, trend }: MetricTable): Map<string, number> {
  const numbers = new Map<string, number>();
  for (let row = 0; row < step.length; row += 1) {
    const each = series[seriesOf[row] ?? 0];
    if (step[row] !== -1 || !each) continue;
    const value = (each.kind === 'counter' ? trend[row] : level[row]) ?? Number.NaN;
    if (Number.isFinite(value)) numbers.set(each.name, value);
  }
  return numbers;
}
