/**
 * What the comparison's statistics keep of what they promise, by simulation with known truth, and how long the pure part takes.
 * Every simulated run has its own random numbers; seeds are pinned. Alone: `node test/bench/analysis.ts`.
 */
import type { Figure } from './figures.ts';
import { TemplateTable } from '#shared/analysis/log-templates.ts';
import type { Finding } from '#shared/analysis/comparison.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { Chance, compared, simulatedRun, type Change, type Shape } from '../shared/analysis/simulated-runs.ts';

interface Experiment {
  readonly shape: Shape;
  readonly baseline: number;
  readonly series: number;
  readonly rounds: number;
}

const main: Experiment = { shape: 'normal', baseline: 50, series: 5_000, rounds: 40 };
const shapes: readonly Shape[] = ['normal', 't3', 'lognormal', 'common factor', 'autocorrelated', 'quantised', 'constant', 'mixed'];

/** Measures the share of false alarms, the power and the false discoveries in simulated histories, and the speed. */
export async function benchAnalysis(): Promise<readonly Figure[]> {
  const others = shapes.flatMap((shape) => [8, 20].map((baseline): Experiment => ({ shape, baseline, series: 1_000, rounds: 40 })));
  const wide: Experiment = { ...main, shape: 'mixed', rounds: 20 };
  return [...[main, wide, ...others].flatMap(measure), ...speed(), templates()];
}

function measure(experiment: Experiment): Figure[] {
  const { shape, baseline, series, rounds } = experiment;
  const chance = new Chance(20_261_121);
  let alarms = 0;
  let shifted = 0;
  let detected = 0;
  let falseShare = 0;
  for (let round = 0; round < rounds; round += 1) {
    const runs = history(experiment, chance);
    const more = runs.previous ? { previous: runs.previous } : {};
    const candidate = (changes?: ReadonlyMap<number, Change>): RunProfile =>
      simulatedRun({ index: baseline, series, shape, chance, ...(changes ? { changes } : {}), ...more });
    if (confirmed(candidate(), runs.profiles).length > 0) alarms += 1;
    // Large changes first: their findings say which difference would just have been seen. Twice that is then put to the test.
    const large = new Map(
      Array.from({ length: series / 50 }, (_, index): [number, Change] => [
        index * 50 + (round % 50),
        { feature: featureOf(index), by: 60 },
      ]),
    );
    const visible = visibleChanges(confirmed(candidate(large), runs.profiles), large);
    const found = confirmed(candidate(visible), runs.profiles);
    const hits = found.filter((each) => visible.has(seriesNumber(each))).length;
    shifted += visible.size;
    detected += hits;
    if (found.length > 0) falseShare += found.filter((each) => !large.has(seriesNumber(each))).length / found.length;
  }
  const name = `simulated ${shape === 'autocorrelated' ? 'autocorrelated (0.7)' : shape}, ${series} series × ${baseline} runs`;
  return [
    { figure: `${name}: runs like the others with any flag`, ours: (100 * alarms) / rounds, unit: '%', target: '<= 10' },
    {
      figure: '— shifts of twice the smallest visible difference found',
      ours: (100 * detected) / Math.max(1, shifted),
      unit: '%',
      target: '>= 95',
    },
    { figure: '— false findings among all', ours: (100 * falseShare) / rounds, unit: '%', target: '<= 7' },
  ];
}

function history(
  { shape, baseline, series }: Experiment,
  chance: Chance,
): { readonly profiles: RunProfile[]; readonly previous: Float64Array | null } {
  const previous = shape === 'autocorrelated' ? new Float64Array(series).map(() => chance.normal()) : null;
  const more = previous ? { previous } : {};
  return { previous, profiles: Array.from({ length: baseline }, (_, index) => simulatedRun({ index, series, shape, chance, ...more })) };
}

const confirmed = (candidate: RunProfile, baseline: readonly RunProfile[]): Finding[] =>
  compared(candidate, baseline).findings.filter(({ status }) => status === 'confirmed');

function featureOf(index: number): Change['feature'] {
  return (['level', 'spread', 'trend'] as const)[index % 3] ?? 'level';
}

function seriesNumber({ subject }: Finding): number {
  return subject.kind === 'metric' ? Number(subject.series.replace(/^.*metric/, '')) : -1;
}

/** The simulation's units: see `simulatedMetrics`. */
const unitOf: Readonly<Record<Change['feature'], number>> = { level: 3, spread: 0.5, trend: 0.02 };

function visibleChanges(findings: readonly Finding[], changes: ReadonlyMap<number, Change>): Map<number, Change> {
  const twice = new Map<number, Change>();
  for (const finding of findings) {
    const number = seriesNumber(finding);
    const change = changes.get(number);
    // A shift of the level shows in the extremes too, and may be told there; it is measured where it was made.
    if (!change || finding.subject.kind !== 'metric' || finding.subject.feature !== change.feature || finding.smallestVisible === null)
      continue;
    twice.set(number, { feature: change.feature, by: (2 * finding.smallestVisible) / unitOf[change.feature] });
  }
  return twice;
}

function speed(): Figure[] {
  const chance = new Chance(1);
  const runs = Array.from({ length: 51 }, (_, index) => simulatedRun({ index, series: 5_000, steps: 10, shape: 'mixed', chance }));
  const candidate = runs[50];
  if (!candidate) return [];
  const time = (count: number): number => {
    const times = Array.from({ length: 7 }, () => {
      const began = performance.now();
      compared(candidate, runs.slice(0, count));
      return performance.now() - began;
    });
    return times.toSorted((left, right) => left - right)[3] ?? Number.NaN;
  };
  return [
    { figure: 'comparing, pure part: two runs of 5,000 series × 10 steps', ours: time(1), unit: 'ms', target: '<= 60' },
    { figure: '— one such run and 50 baseline runs', ours: time(50), unit: 'ms', target: '<= 1200' },
  ];
}

function templates(): Figure {
  const lines = 300_000;
  const table = new TemplateTable();
  const began = performance.now();
  for (let index = 0; index < lines; index += 1) {
    const text = `2026-11-21T01:40:32.${index}Z INFO order ${index} of acc-${index % 77} took ${index % 13}.5ms from 10.0.0.1:8080 (“${index}”)`;
    table.add({ component: `Part${index % 9}`, severity: 'info', text, time: index, step: null });
  }
  return {
    figure: 'log lines put into templates',
    ours: lines / ((performance.now() - began) / 1_000),
    unit: 'lines/s',
    target: '>= 100000',
  };
}

if (import.meta.main) console.table(await benchAnalysis());
