/** `testops trend`: how a scenario went over release candidates and time. */
import { withCore } from '../core-access.ts';
import { formatTable, inert, type Colours, type Terminal } from '../terminal.ts';
import type { Trend, TrendLine } from '#shared/analysis/trend.ts';
import { ProblemError } from '#shared/problem.ts';
import { quantityText } from '#shared/wording/quantities.ts';

export interface TrendOptions {
  readonly archive: string | undefined;
  readonly series?: readonly string[];
  readonly limit: number;
  readonly json?: boolean;
}

/** Runs in the table; all count for drift. */
const shownRuns = 12;

export function trend(scenario: string, options: TrendOptions): Promise<void> {
  return withCore(options, async (core, terminal) => {
    const found = await core.request('scenario.trend', { scenario, series: [...(options.series ?? [])], limit: options.limit });
    if (options.json) return terminal.line(JSON.stringify(found));
    if (found.runs.length === 0) {
      throw new ProblemError({
        code: 'no-runs',
        message: `The archive holds no finished run of the scenario ${scenario}.`,
        tip: 'testops runs list shows the scenarios.',
      });
    }
    for (const line of trendWords(found, terminal.colours)) terminal.line(line);
    tellSeriesWithoutValues(found, options.series ?? [], terminal);
  });
}

function trendWords({ runs, lines, intermittent }: Trend, { bold, red, yellow, dim }: Colours): string[] {
  const shown = runs.slice(-shownRuns);
  const first = runs.length - shown.length;
  const cell = (line: TrendLine, index: number): string => {
    const value = line.values[index];
    return value === null || value === undefined ? '' : quantityText(value, line.unit);
  };
  const rows = [
    ['RUN', ...shown.map(({ release }) => inert(release))],
    ['verdict', ...shown.map(({ outcome }) => outcome)],
    ['decision', ...shown.map(({ decision }) => (decision === 'undecided' ? '' : decision))],
    ...lines.map((line) => [inert(line.title), ...shown.map((_, index) => cell(line, first + index))]),
  ];
  const drifts = lines.flatMap(({ drift }) => (drift ? [`${yellow('drift')}  ${inert(drift.sentence)}`] : []));
  const unsteady = intermittent.map(({ sentence }) => `${red('intermittent')}  ${inert(sentence)}`);
  const left = first > 0 ? [dim(`The newest ${shown.length} of ${runs.length} runs; drift is looked for in all.`)] : [];
  const [head = '', ...body] = formatTable(rows);
  return [bold(head), ...body, ...left, ...(drifts.length + unsteady.length > 0 ? ['', ...drifts, ...unsteady] : [])];
}

function tellSeriesWithoutValues({ lines }: Trend, wanted: readonly string[], terminal: Terminal): void {
  for (const name of wanted) {
    if (lines.some((line) => line.kind === 'metric' && line.id.endsWith(name) && line.values.some((value) => value !== null))) continue;
    terminal.problem({
      severity: 'warning',
      code: 'no-values',
      message: `None of these runs has values of ${name}.`,
      tip: 'A series is named Component.metric.',
    });
  }
}
