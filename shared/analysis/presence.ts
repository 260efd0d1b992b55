/** Series that came or went, and what components did: states they ended in, crashes and errors. */
import { minimumBaselineRuns } from './comparison.ts';
import { fact, findingId, rank, tally, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ComparedNumber, NumberKind } from './number-findings.ts';
import type { RunProfile } from './profile.ts';
import { counted } from '#shared/wording/counts.ts';
import { quoted } from '#shared/wording/names.ts';

/**
 * How often one run of the baseline has (or lacks) alone what all others lack (or have), per run. Where that happens, series come and
 * go by themselves, and one more is no news (Good 1953: what was seen once tells how much is still unseen).
 */
const restlessness = 0.05;

/** Series of one side only; those of one component together. */
export function seriesPresence(context: ComparisonContext): RankedFinding[] {
  const { candidate, runs } = context;
  if (runs.length === 0) return [];
  const own = seriesWithValues(candidate);
  const counts = new Map<string, number>();
  for (const run of runs) for (const name of seriesWithValues(run)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const missing = [...counts].filter(([name, count]) => count === runs.length && !own.has(name)).map(([name]) => name);
  const added = [...own].filter((name) => !counts.has(name));
  const alone = (wanted: number): number => [...counts.values()].filter((count) => count === wanted).length / runs.length;
  return [
    ...presenceFindings(context, 'missing', missing, alone(runs.length - 1)),
    ...presenceFindings(context, 'new', added, runs.length < 2 ? 0 : alone(1)),
  ];
}

function seriesWithValues({ metrics }: RunProfile): Set<string> {
  const seen = new Uint8Array(metrics.series.length);
  for (let row = 0; row < metrics.count.length; row += 1) if ((metrics.count[row] ?? 0) > 0) seen[metrics.seriesOf[row] ?? 0] = 1;
  return new Set(metrics.series.flatMap(({ name }, index) => (seen[index] === 1 ? [name] : [])));
}

function presenceFindings(context: ComparisonContext, change: 'missing' | 'new', names: readonly string[], alone: number): RankedFinding[] {
  const groups = Map.groupBy(names.toSorted(), (name) => name.split('.', 1)[0] ?? name);
  const has = change === 'missing' ? 'reported no value of' : 'reported';
  const before = change === 'missing' ? 'did' : 'did not';
  return [...groups].flatMap(([component, [series, ...others]]) => {
    if (series === undefined) return [];
    const what = others.length === 0 ? series : `${component} (${counted(others.length + 1, 'series', 'series')}, ${series} among them)`;
    const subject = { kind: 'series presence', series, change } as const;
    const also = others.slice(0, 100).map((name) => ({ step: null, what: change, effect: null, sentence: `${name}.` }));
    return [
      fact({
        id: findingId(subject, null, 'other'),
        subject,
        step: null,
        sentence: `The run ${has} ${what}; ${context.runsName} ${before}.`,
        also,
        confirmed: context.enough && alone <= restlessness,
        rank: change === 'missing' ? rank.severe : rank.minor,
        weight: others.length,
      }),
    ];
  });
}

type ProfileComponent = RunProfile['components'][number];

/** States that components ended in, and crashes or errors where there never were any. */
export function componentFacts(context: ComparisonContext): RankedFinding[] {
  return context.candidate.components.flatMap((own) => {
    const others = othersOf(context, own.component);
    if (others.length === 0) return [];
    return [
      ...stateFact(context, own, others),
      ...firstTrouble(context, own, others, 'crashes'),
      ...firstTrouble(context, own, others, 'errors'),
    ];
  });
}

function othersOf({ runs }: ComparisonContext, component: string): ProfileComponent[] {
  return runs.flatMap(({ components }) => components.find((each) => each.component === component) ?? []);
}

function stateFact(context: ComparisonContext, own: ProfileComponent, others: readonly ProfileComponent[]): RankedFinding[] {
  if (others.some(({ state }) => state === own.state)) return [];
  const subject = { kind: 'component', component: own.component, what: 'state' } as const;
  const sentence = `${own.component} ended in state ${quoted(own.state)}; in ${context.runsName}: ${tally(others.map(({ state }) => state))}.`;
  const confirmed = context.enough && others.length >= minimumBaselineRuns;
  return [fact({ id: findingId(subject, null, 'other'), subject, step: null, sentence, confirmed, rank: rank.severe })];
}

function firstTrouble(
  context: ComparisonContext,
  own: ProfileComponent,
  others: readonly ProfileComponent[],
  what: 'crashes' | 'errors',
): RankedFinding[] {
  if (own[what] === 0 || others.some((each) => each[what] > 0)) return [];
  const subject = { kind: 'component', component: own.component, what } as const;
  const number =
    what === 'crashes' ? (own.crashes === 1 ? 'crashed' : `crashed ${own.crashes} times`) : `reported ${counted(own.errors, 'error')}`;
  return [
    fact({
      id: findingId(subject, null, 'up'),
      subject,
      step: null,
      sentence: `${own.component} ${number}; in ${context.runsName}: none.`,
      direction: 'up',
      unit: 'count',
      candidate: own[what],
      confirmed: context.enough && others.length >= minimumBaselineRuns,
      rank: what === 'crashes' ? rank.decidesVerdict : rank.severe,
      weight: what === 'crashes' ? 0.5 : Math.log1p(own.errors),
    }),
  ];
}

/** Crashes and errors of components that had some before. */
export function componentNumbers(context: ComparisonContext): NumberKind {
  const numbers = context.candidate.components.flatMap((own) =>
    (['crashes', 'errors'] as const).flatMap((what): ComparedNumber[] => {
      const values = context.runs.map(({ components }) => components.find((each) => each.component === own.component)?.[what] ?? null);
      if (values.every((value) => value === null || value === 0)) return [];
      const noun = what === 'crashes' ? 'crash' : 'error';
      const sentence = (known: readonly number[]): string =>
        `${own.component} had ${own[what] === 1 ? `1 ${noun}` : `${own[what]} ${what}`}; ${context.runsName}: ${range(known)}.`;
      const subject = { kind: 'component', component: own.component, what } as const;
      return [{ subject, step: null, unit: 'count', value: own[what], values, rank: rank.severe, sentence }];
    }),
  );
  return { numbers, offset: 1, floor: () => 0.15 };
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? `${low}` : `${low} to ${high}`;
}
