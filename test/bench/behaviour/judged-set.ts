/** What the comparison says of a labelled set: how often runs that are as they should be are flagged, and what is found of the others. */
import type { Comparison, Finding } from '#shared/analysis/comparison.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { median, qn } from '#shared/analysis/robust.ts';
import { Chance, compared } from '../../shared/analysis/simulated-runs.ts';
import type { Figure } from '../figures.ts';
import type { LabelledSet } from './labelled-runs.ts';

/** Runs of a baseline at the most. */
const mostRuns = 50;

export function judgedSet(set: LabelledSet): Figure[] {
  const { name, normals, faulty, regimes } = set;
  return [
    ...normalFigures(name, normals),
    ...faultFigures(set),
    ...(faulty.length > 0 ? doubledFigures(normals) : []),
    ...(regimes ? [abstention(regimes)] : []),
  ];
}

const percent = (part: number, whole: number): number => (100 * part) / Math.max(1, whole);
const confirmedOf = ({ findings }: Comparison): Finding[] => findings.filter(({ status }) => status === 'confirmed');
const isJudged = ({ verdict }: Comparison): boolean => verdict !== 'no comparable history';

/** As many as a comparison reads at the most, evenly out of all. */
function sampleOf(runs: readonly RunProfile[], most = mostRuns): RunProfile[] {
  if (runs.length <= most) return [...runs];
  return Array.from({ length: most }, (_, index) => runs[Math.floor((index * runs.length) / most)]).filter((run) => run !== undefined);
}

function normalFigures(name: string, normals: readonly RunProfile[]): Figure[] {
  const comparisons = normals.map((run) => compared(run, sampleOf(normals.filter((other) => other !== run))));
  const judged = comparisons.filter(isJudged);
  const series = judged.reduce((sum, comparison) => sum + seriesOf(confirmedOf(comparison)).length, 0);
  const all = (normals[0]?.metrics.series.length ?? 0) * judged.length;
  return [
    {
      figure: `${name}, ${normals.length} normal runs, each against ${Math.min(mostRuns, normals.length - 1)} others: flagged`,
      ours: percent(judged.filter(({ verdict }) => verdict === 'changed').length, judged.length),
      unit: '%',
      target: '<= 8',
    },
    { figure: '— their series flagged', ours: percent(series, all), unit: '%', target: '<= 0.5' },
    {
      figure: '— without comparable history',
      ours: percent(comparisons.length - judged.length, comparisons.length),
      unit: '%',
      target: '',
    },
  ];
}

function seriesOf(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ subject }) => (subject.kind === 'metric' || subject.kind === 'series presence' ? [subject.series] : []));
}

const foundTargets: readonly (readonly [set: RegExp, found: string, firstThree: string])[] = [
  [/^sock-shop/, '>= 98', '>= 97'],
  [/^PetShop/, '>= 90', '>= 50'],
  [/^database/, '>= 85', ''],
  [/^Nezha/, '>= 75', '>= 60'],
];

function faultFigures({ name, normals, faulty }: LabelledSet): Figure[] {
  const [, found = '', firstThree = ''] = foundTargets.find(([set]) => set.test(name)) ?? [];
  const baseline = sampleOf(normals);
  const judged = faulty
    .map(({ profile, causes }) => ({ comparison: compared(profile, baseline), causes }))
    .filter(({ comparison }) => isJudged(comparison));
  const changed = judged.filter(({ comparison }) => comparison.verdict === 'changed');
  const named = (most: number): number =>
    changed.filter(({ comparison, causes }) =>
      componentsOf(confirmedOf(comparison))
        .slice(0, most)
        .some((component) => causes.includes(component)),
    ).length;
  const abstained: Figure = { figure: `— ${faulty.length} faults: without comparable history`, ours: percent(faulty.length - judged.length, faulty.length), unit: '%', target: '' }; // prettier-ignore
  if (judged.length === 0) return [abstained];
  const known = faulty.some(({ causes }) => causes.length > 0);
  return [
    abstained,
    { figure: `— ${judged.length} faults that were judged: found`, ours: percent(changed.length, judged.length), unit: '%', target: found },
    ...(known
      ? [
          { figure: '— cause among the first three rows', ours: percent(named(3), judged.length), unit: '%', target: firstThree },
          { figure: '— cause among all rows', ours: percent(named(Infinity), judged.length), unit: '%', target: '' },
        ]
      : []),
  ];
}

function componentsOf(findings: readonly Finding[]): string[] {
  return seriesOf(findings).map((series) => series.split('.', 1)[0] ?? series);
}

/** A series of a normal run is doubled whose spread between runs is below 15 % of its level. */
function doubledFigures(normals: readonly RunProfile[]): Figure[] {
  return [10, 20].flatMap((count): Figure[] => {
    const chance = new Chance(20_261_201 + count);
    const outcomes = normals.flatMap((run, index) => {
      const baseline = Array.from({ length: count }, (_, step) => normals[(index + 1 + step) % normals.length]).filter(
        (other) => other !== undefined,
      );
      const steady = steadySeries(run, baseline);
      const series = steady[Math.floor(chance.uniform() * steady.length)];
      if (series === undefined || normals.length <= count) return [];
      const found = compared(doubled(run, series), baseline);
      const rows = found.findings.filter(({ subject }) => subject.kind === 'metric' && subject.series === run.metrics.series[series]?.name);
      return isJudged(found) ? [{ listed: rows.length > 0, confirmed: rows.some(({ status }) => status === 'confirmed') }] : [];
    });
    if (outcomes.length === 0) return [];
    const share = (held: (outcome: (typeof outcomes)[number]) => boolean): number => percent(outcomes.filter(held).length, outcomes.length);
    return [
      {
        figure: `— one steady series doubled, ${count} accepted runs: confirmed`,
        ours: share(({ confirmed }) => confirmed),
        unit: '%',
        target: count === 10 ? '>= 80' : '>= 95',
      },
      { figure: '— listed at least', ours: share(({ listed }) => listed), unit: '%', target: '>= 100' },
    ];
  });
}

function steadySeries(run: RunProfile, baseline: readonly RunProfile[]): number[] {
  return run.metrics.series.flatMap(({ name }, place) => {
    const values = baseline.flatMap(({ metrics }) => metrics.level[metrics.series.findIndex((each) => each.name === name)] ?? []);
    const middle = Math.abs(median(values));
    return values.length >= 8 && middle > 0 && qn(values) < 0.15 * middle ? [place] : [];
  });
}

function doubled(run: RunProfile, series: number): RunProfile {
  const twice = (column: Float64Array): Float64Array => column.map((value, row) => (row === series ? 2 * value : value));
  const { level, spread, trend, minimum, maximum } = run.metrics;
  const changed = { level: twice(level), spread: twice(spread), trend: twice(trend), minimum: twice(minimum), maximum: twice(maximum) };
  return { ...run, metrics: { ...run.metrics, ...changed } };
}

/** Runs of one regime, held against runs of the other alone. */
function abstention(regimes: readonly (readonly RunProfile[])[]): Figure {
  const comparisons = regimes.flatMap((regime, place) => {
    const other = sampleOf(regimes[(place + 1) % regimes.length] ?? []);
    return sampleOf(regime).map((run) => compared(run, other));
  });
  const abstained = comparisons.filter((comparison) => !isJudged(comparison)).length;
  return {
    figure: '— against runs of another load alone: no comparable history',
    ours: percent(abstained, comparisons.length),
    unit: '%',
    target: '>= 100',
  };
}
