/** A finished run as the three questions need it, made from its log and its summary. */
import type { SummaryRow } from '../archive/queries.ts';
import type { PastRun } from '#shared/contract/history.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { faultsOf } from '#shared/run/questions/faults.ts';
import { entriesOf, itemsOf, type RunState } from '#shared/run/run-state.ts';
import { unitSchema } from '#shared/telemetry/series.ts';

/** Steps, conditions and series that are told of one run: what people compare, not what a loop did a million times. */
const bounds = { steps: 2_000, conditions: 500, metrics: 200 } as const;

/** What is told of every component that a scenario names. */
const usualMetrics = new Set(['rss', 'cpu']);

/** @param summary statistics of the whole run (execution 0), by series */
export function pastRunOf(manifest: RunManifest, state: RunState, summary: readonly SummaryRow[]): PastRun {
  return {
    run: manifest.run,
    release: manifest.release,
    outcome: manifest.outcome ?? 'interrupted',
    startedAt: manifest.startedAt,
    duration: manifest.duration,
    steps: stepsOf(state),
    conditions: entriesOf(state.conditions)
      .slice(0, bounds.conditions)
      .map(([condition, { form, text, state: decided }]) => ({ condition, form, text, state: decided })),
    metrics: metricsOf(manifest, summary),
    faults: faultsOf(state).map(({ text, recovered }) => ({ text, recovered })),
  };
}

function stepsOf(state: RunState): PastRun['steps'] {
  const occurrences = new Map<string, number>();
  const steps = itemsOf(state.steps).filter(({ step, duration }) => step.phase === 'main' && duration !== null);
  return steps.slice(0, bounds.steps).map(({ step: { line, number, text }, state: ended, duration }) => {
    const occurrence = occurrences.get(text) ?? 0;
    occurrences.set(text, occurrence + 1);
    return { line, number, text, occurrence, state: ended, duration: duration ?? 0 };
  });
}

/** Series that the scenario's texts name, and memory and processor of the components that they name. */
function metricsOf({ scenario }: RunManifest, summary: readonly SummaryRow[]): PastRun['metrics'] {
  const words = new Set(
    Object.values(scenario.texts).flatMap((text) => text.match(/[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_:]*)*/g) ?? []),
  );
  const components = new Set([...words].map((word) => word.split('.')[0]));
  return summary
    .filter(({ component, metric }) => {
      const bare = metric.split('{')[0] ?? metric;
      return words.has(`${component}.${bare}`) || (components.has(component) && usualMetrics.has(metric));
    })
    .slice(0, bounds.metrics)
    .map(({ component, metric, unit, mean, max }) => ({
      name: `${component}.${metric}`,
      unit: unitSchema.catch('none').parse(unit),
      mean: finite(mean),
      maximum: finite(max),
    }));
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
