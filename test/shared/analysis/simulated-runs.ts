/** Runs of which the truth is known: profiles whose numbers are drawn from stated distributions with a pinned seed. */
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { MetricTable, ProfileSeries, ProfileStep, RunProfile } from '#shared/analysis/profile.ts';
import { stepKeys } from '#shared/analysis/alignment.ts';
import { compareProfiles } from '#shared/analysis/compare.ts';
import type { Comparison } from '#shared/analysis/comparison.ts';
import { runIdSchema } from '#shared/identifiers.ts';

/** Random numbers that are the same in every run of a test (PCG's output function over a linear congruential generator). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    this.uniform();
  }

  /** 0 to 1, both exclusive. */
  uniform(): number {
    this.#state = (Math.imul(this.#state, 747_796_405) + 2_891_336_453) >>> 0;
    const word = Math.imul(((this.#state >>> ((this.#state >>> 28) + 4)) ^ this.#state) >>> 0, 277_803_737) >>> 0;
    return (((word >>> 22) ^ word) >>> 0) / 4_294_967_296 + 2 ** -33;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Student's t with 3 degrees of freedom, scaled to a variance of 1. */
  heavy(): number {
    const chi = this.normal() ** 2 + this.normal() ** 2 + this.normal() ** 2;
    return this.normal() / Math.sqrt(chi / 3) / Math.sqrt(3);
  }

  /** Lognormal with a shape of 0.8, centred on its median and scaled to about 1. */
  skewed(): number {
    return (Math.exp(0.8 * this.normal()) - 1) / 1.2;
  }
}

/** How a metric varies from run to run. */
export type Shape = 'normal' | 't3' | 'lognormal' | 'common factor' | 'quantised' | 'constant' | 'autocorrelated' | 'mixed';

/** What a run draws for all its metrics together. */
export interface RunChance {
  readonly chance: Chance;
  /** How this run is off as a whole (a busy machine). */
  readonly factor: number;
}

/** Deviation of a metric in one run, in units of its between-run spread. */
export function drawn(shape: Shape, metric: number, { chance, factor }: RunChance): number {
  switch (shape) {
    case 'normal':
    case 'autocorrelated':
      return chance.normal();
    case 't3':
      return chance.heavy();
    case 'lognormal':
      return chance.skewed();
    case 'common factor':
      return 0.6 * factor + 0.8 * chance.normal();
    case 'quantised':
      return Math.round(chance.normal() * (1 + (metric % 3)));
    case 'constant':
      return 0;
    case 'mixed':
      return drawn(mixture[metric % mixture.length] ?? 'normal', metric, { chance, factor });
  }
}

const mixture: readonly Shape[] = ['normal', 't3', 'lognormal', 'common factor', 'quantised', 'constant'];

/** What is changed in a candidate. */
export interface Change {
  readonly feature: 'level' | 'spread' | 'trend';
  /** In units of the metric's between-run spread. */
  readonly by: number;
}

export interface SimulatedRun {
  readonly index: number;
  readonly release?: string;
  readonly series: number;
  readonly steps?: number;
  readonly shape: Shape;
  readonly chance: Chance;
  /** By series. */
  readonly changes?: ReadonlyMap<number, Change>;
  /** Autocorrelation from run to run is the caller's: the deviations of the run before. */
  readonly previous?: Float64Array;
}

const startOfTime = Date.UTC(2026, 0, 1);

export function runId(index: number): RunProfile['run'] {
  return runIdSchema.parse(`20260101T000000Z-simulated-${(index + 4_096).toString(16)}`);
}

/** Steps with keys, 10 s each, one after the other. */
export function stepsOf(texts: readonly string[], states: readonly ProfileStep['state'][] = []): ProfileStep[] {
  const plain = texts.map((text, index) => ({ text, depth: 0, phase: 'main' as const, scenario: 'simulated', index }));
  const keys = stepKeys(plain);
  return plain.map(({ text, depth, phase, scenario, index }) => ({
    text,
    depth,
    phase,
    scenario,
    key: keys[index]?.key ?? '',
    occurrence: keys[index]?.occurrence ?? 1,
    execution: index + 1,
    line: index,
    number: index + 1,
    state: states[index] ?? 'passed',
    startedAt: startOfTime + index * 10_000,
    duration: 10_000,
  }));
}

const seriesLists = new Map<number, readonly ProfileSeries[]>();

function seriesOf(count: number): readonly ProfileSeries[] {
  const known = seriesLists.get(count);
  if (known) return known;
  const list = Array.from({ length: count }, (_, index): ProfileSeries => ({
    name: `Part${index % 50}.metric${index}`,
    unit: 'none',
    kind: 'gauge',
    daemon: 'one',
  }));
  seriesLists.set(count, list);
  return list;
}

/** Levels of 100 ± 3, spreads of 10 ± 0.5, trends of 0 ± 0.02 per second, independent of each other; extremes follow from them. */
export function simulatedMetrics({ series, steps = 0, shape, chance, changes, previous }: SimulatedRun): MetricTable {
  const places = steps + 1;
  const rows = series * places;
  const column = (): Float64Array => new Float64Array(rows);
  const table: MetricTable = {
    series: seriesOf(series),
    step: new Int32Array(rows),
    seriesOf: new Uint32Array(rows),
    count: column().fill(100),
    missing: column(),
    level: column(),
    spread: column(),
    trend: column(),
    minimum: column(),
    maximum: column(),
  };
  const run: RunChance = { chance, factor: chance.normal() };
  for (let row = 0; row < rows; row += 1) {
    const number = row % series;
    const change = changes?.get(number);
    const off = (feature: Change['feature']): number => {
      const fresh = drawn(shape, number, run);
      const value = previous && feature === 'level' ? 0.7 * (previous[row] ?? 0) + Math.sqrt(1 - 0.49) * fresh : fresh;
      if (previous && feature === 'level') previous[row] = value;
      return value + (change?.feature === feature ? change.by : 0);
    };
    table.step[row] = Math.floor(row / series) - 1;
    table.seriesOf[row] = number;
    const level = 100 + 3 * off('level');
    const spread = Math.max(0, 10 + 0.5 * off('spread'));
    table.level[row] = level;
    table.spread[row] = spread;
    table.trend[row] = 0.02 * off('trend');
    table.minimum[row] = level - spread * (0.6 + (shape === 'constant' ? 0 : 0.05 * chance.uniform()));
    table.maximum[row] = level + spread * (0.6 + (shape === 'constant' ? 0 : 0.05 * chance.uniform()));
  }
  return table;
}

/** A run that passed, with nothing but steps and metrics. */
export function profileOf(run: Partial<RunProfile> & { readonly index: number; readonly metrics: MetricTable }): RunProfile {
  const { index, ...given } = run;
  const steps = given.steps ?? [];
  return {
    run: runId(index),
    scenario: 'simulated',
    scenarioHash: 'a'.repeat(64),
    environment: 'exchange',
    release: 'rc1',
    operator: 'tester',
    startedAt: startOfTime + index * 60_000,
    duration: 10_000 * Math.max(1, steps.length),
    outcome: 'passed',
    reason: null,
    conditions: {},
    steps,
    templates: [],
    faults: [],
    checks: [],
    components: [],
    ...given,
  };
}

const someSteps = (count: number): string[] => Array.from({ length: count }, (_, index) => `exec_part ${index}`);

export function simulatedRun(simulated: SimulatedRun): RunProfile {
  const steps = stepsOf(someSteps(simulated.steps ?? 0)).map((step) => ({
    ...step,
    duration: 10_000 * Math.exp(0.05 * simulated.chance.normal()),
  }));
  return profileOf({ index: simulated.index, release: simulated.release ?? 'rc1', steps, metrics: simulatedMetrics(simulated) });
}

export const noMetrics: MetricTable = simulatedMetrics({ index: 0, series: 0, shape: 'normal', chance: new Chance(1) });

export function comparedRun(profile: RunProfile): ComparedRun {
  const { run, scenario, release, environment, startedAt, duration, outcome } = profile;
  return { run, scenario, release, environment, startedAt, duration, outcome, decision: 'accepted' };
}

/** compareProfiles with what it needs besides profiles. */
export function compared(candidate: RunProfile, baseline: readonly RunProfile[], falseDiscoveryRate?: number): Comparison {
  const rate = falseDiscoveryRate === undefined ? {} : { falseDiscoveryRate };
  return compareProfiles(candidate, baseline, {
    candidateRun: comparedRun(candidate),
    baselineRuns: baseline.map(comparedRun),
    baselineName: 'rc1, accepted runs',
    ...rate,
  });
}
