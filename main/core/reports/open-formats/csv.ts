/**
 * CSV (RFC 4180) of a run, a comparison and a release. Texts that a spreadsheet would take for a formula begin with an apostrophe,
 * which it takes for "this is text".
 */
import type { SummaryRow } from '../../archive/queries.ts';
import type { RunFacts } from '../run-facts.ts';
import type { Comparison, Finding } from '#shared/analysis/comparison.ts';
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { inertLines } from '#shared/inert-text.ts';

export type Cell = string | number | null;

/** Rows as CSV, each line ended by CR LF. */
export function csvText(rows: Iterable<readonly Cell[]>): string {
  return Array.from(rows, (row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? numberText(cell) : '';
  const text = inertLines(cell);
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** At most six significant digits beyond the point: what arithmetic adds behind them nobody measured. */
function numberText(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1e15) return String(value);
  return String(size < 1 ? Number(value.toPrecision(6)) : Number(value.toFixed(6)));
}

/** A series whose level in every step is told: its name with the unit, and the medians by execution. */
export interface StepLevels {
  readonly title: string;
  readonly levels: ReadonlyMap<number, number | null>;
}

/** Series that are told of in the columns of a run's steps. */
const mostSeries = 40;

/** Levels of the chosen series in each step. @param names `Component.metric` of those that are worth a column */
export function stepLevels(summary: readonly SummaryRow[], names: readonly string[]): readonly StepLevels[] {
  const wanted = new Set(names.slice(0, mostSeries));
  const found = new Map<string, { title: string; levels: Map<number, number | null> }>();
  for (const { execution, component, metric, unit, p50 } of summary) {
    const name = `${component}.${metric}`;
    if (!wanted.has(name)) continue;
    const entry = found.get(name) ?? { title: unit === 'none' ? name : `${name} [${unit}]`, levels: new Map() };
    // Where several daemons report one series, the first one's is told.
    if (!entry.levels.has(execution)) entry.levels.set(execution, p50);
    found.set(name, entry);
  }
  return names.flatMap((name) => found.get(name) ?? []);
}

/** One row for each executed step, and one for the whole run. */
export function runCsv({ manifest, steps }: RunFacts, levels: readonly StepLevels[]): string {
  const head = ['execution', 'number', 'scenario', 'line', 'depth', 'phase', 'statement', 'state', 'started', 'duration [ms]', 'message'];
  const levelsOf = (execution: number): Cell[] => levels.map((each) => each.levels.get(execution) ?? null);
  const whole = [
    0,
    null,
    manifest.scenario.name,
    null,
    null,
    'run',
    null,
    manifest.outcome,
    isoTime(manifest.startedAt),
    manifest.duration,
    manifest.reason,
  ];
  return csvText([
    [...head, ...levels.map(({ title }) => title)],
    [...whole, ...levelsOf(0)],
    ...steps.map(({ step, state, startedAt, duration, message }) => [
      step.execution,
      step.number,
      step.scenario,
      step.line + 1,
      step.depth,
      step.phase,
      step.text,
      state,
      isoTime(startedAt),
      duration,
      message,
      ...levelsOf(step.execution),
    ]),
  ]);
}

function isoTime(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : '';
}

/** What a finding is about, as one text. */
export function subjectText({ subject }: Pick<Finding, 'subject'>): string {
  switch (subject.kind) {
    case 'outcome':
    case 'step verdict':
    case 'step duration':
      return subject.kind;
    case 'check':
      return `${subject.form} ${subject.text}`;
    case 'step presence':
      return `step only in the ${subject.side}`;
    case 'fault':
      return subject.text;
    case 'metric':
      return `${subject.series} ${subject.feature}`;
    case 'series presence':
      return `${subject.series} ${subject.change}`;
    case 'log':
      return `${subject.component} ${subject.severity} ${subject.change}: ${subject.template}`;
    case 'component':
      return `${subject.component} ${subject.what}`;
  }
}

/** One row for each finding, most telling first. */
export function comparisonCsv({ findings }: Comparison): string {
  const head = [
    'rank',
    'status',
    'direction',
    'kind',
    'subject',
    'step',
    'sentence',
    'unit',
    'candidate',
    'baseline median',
    'expected from',
  ];
  const further = ['expected to', 'baseline runs', 'effect', 'p', 'q', 'smallest visible difference', 'also in'];
  return csvText([
    [...head, ...further],
    ...findings.map((finding, index) => [
      index + 1,
      finding.status,
      finding.direction,
      finding.subject.kind,
      subjectText(finding),
      finding.step,
      finding.sentence,
      finding.unit,
      finding.candidate,
      finding.expected?.median ?? null,
      finding.expected?.low ?? null,
      finding.expected?.high ?? null,
      finding.baseline.length,
      finding.effect,
      finding.p,
      finding.q,
      finding.smallestVisible,
      finding.also.length,
    ]),
  ]);
}

/** One row for each run of a release. */
export function releaseCsv({ scenarios }: ReleaseSheet): string {
  return csvText([
    ['scenario', 'run', 'started', 'outcome', 'decision', 'duration [ms]', 'comparison', 'confirmed changes'],
    ...scenarios.flatMap(({ scenario, runs, comparison }) =>
      runs.map(({ run, startedAt, outcome, decision, duration }) => [
        scenario,
        run,
        isoTime(startedAt),
        outcome,
        decision,
        duration,
        comparison?.candidate === run ? comparison.verdict : null,
        comparison?.candidate === run ? comparison.confirmed : null,
      ]),
    ),
  ]);
}
