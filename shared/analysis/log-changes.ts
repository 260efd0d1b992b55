/** Lines of logs, and of what the run's commands printed, that are new, gone, or come more or less often than before. */
import { fact, findingId, rank, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ComparedNumber, NumberKind } from './number-findings.ts';
import type { LogTemplate } from './profile.ts';
import { quoted } from '#shared/wording/names.ts';
import { countText, timesText } from '#shared/wording/counts.ts';

/** Counts that differ by less than about a sixth matter to nobody. */
const countFloor = (): number => 0.15;
/** Per run: templates that one run of the baseline has alone. Above it, new templates are no news. */
const restlessness = 0.25;

const severe = (severity: LogTemplate['severity']): boolean => severity === 'error' || severity === 'fatal';
const keyOf = ({ component, severity, template, printed }: LogTemplate): string =>
  `${component}\n${severity}\n${template}\n${printed ?? ''}`;
/** A verdict without a word on what it is about: `FAIL`. */
const bareVerdict = /^\W*\w+\W*$/;

interface TemplateRow {
  readonly template: LogTemplate;
  readonly own: LogTemplate | null;
  /** By baseline run. */
  readonly counts: number[];
}

function templateRows({ candidate, runs }: ComparisonContext): TemplateRow[] {
  const rows = new Map<string, TemplateRow>();
  const none = (): number[] => runs.map(() => 0);
  for (const own of candidate.templates) rows.set(keyOf(own), { template: own, own, counts: none() });
  for (const [run, { templates }] of runs.entries()) {
    for (const template of templates) {
      const key = keyOf(template);
      const row = rows.get(key) ?? { template, own: null, counts: none() };
      rows.set(key, row);
      row.counts[run] = template.count;
    }
  }
  return [...rows.values()];
}

/** Everything about logs: facts at once, counts to be tested. */
export function logChanges(context: ComparisonContext): { readonly facts: readonly RankedFinding[]; readonly numbers: NumberKind } {
  if (context.runs.length === 0) return { facts: [], numbers: { numbers: [], offset: 1, floor: countFloor } };
  const rows = templateRows(context);
  const had = (row: TemplateRow): number => row.counts.filter((count) => count > 0).length;
  const fresh = rows.filter((row) => row.own && had(row) === 0);
  const known = rows.filter((row) => had(row) > 0);
  // What commands print says nothing about how restless the logs are, nor the other way round.
  const alone = (printed: boolean): number => known.filter((row) => isPrinted(row) === printed && had(row) === 1).length;
  const quiet = (printed: boolean): boolean => alone(printed) / Math.max(1, context.runs.length) <= restlessness;
  const [logs, outputs] = [quiet(false), quiet(true)];
  const facts = fresh.flatMap((row) => newTemplate(context, row, isPrinted(row) ? outputs : logs));
  // Which templates one run has and the next has not is chance; those of every run, or of this one, can be counted.
  const numbers = known.map((row) => countOf(context, row));
  return { facts, numbers: { numbers, offset: 1, floor: countFloor } };
}

function isPrinted({ template }: TemplateRow): boolean {
  return template.printed === true;
}

/** A severe line that no run had is a fact; others are told where the baseline's runs all say the same things. */
function newTemplate(context: ComparisonContext, { template }: TemplateRow, quiet: boolean): RankedFinding[] {
  const { component, severity, example, count, step, printed } = template;
  const important = severe(severity);
  if (!important && !quiet) return [];
  const subject = { kind: 'log', component, severity, template: template.template, change: 'new' } as const;
  const said = printed ? 'printed a line' : `logged ${article(severity)}`;
  const sentence = `${component} ${said} that is new, ${timesText(count)}: ${quoted(example)}.`;
  const telling = printed && bareVerdict.test(example) ? 0 : 0.5;
  const found = fact({
    id: findingId(subject, null, 'up'),
    subject,
    step,
    sentence,
    direction: 'up',
    unit: 'count',
    candidate: count,
    baseline: context.runs.map(({ run }) => ({ run, value: 0 })),
    confirmed: context.enough && important,
    rank: rank.severe,
    weight: (severity === 'fatal' ? 2 : 1) + telling + Math.log1p(count) / 20,
  });
  return [found];
}

function article(severity: LogTemplate['severity']): string {
  switch (severity) {
    case 'error':
      return 'an error';
    case 'info':
      return 'an information';
    case 'debug':
      return 'a debugging line';
    case 'fatal':
      return 'a fatal error';
    case 'warning':
      return 'a warning';
  }
}

function countOf({ runsName }: ComparisonContext, { template, own, counts }: TemplateRow): ComparedNumber {
  const { component, severity } = template;
  const value = own?.count ?? 0;
  const change = value === 0 ? 'gone' : 'count';
  const subject = { kind: 'log', component, severity, template: template.template, change } as const;
  const place = severe(severity) ? rank.severe : severity === 'warning' ? rank.measured : rank.minor;
  const sentence = (values: readonly number[]): string => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const before = low === high ? timesText(low) : `${countText(low)} to ${countText(high)} times`;
    return `${component} ${template.printed ? 'printed' : 'logged'} ${quoted(template.template)} ${timesText(value)}; ${runsName}: ${before}.`;
  };
  return { subject, step: own?.step ?? template.step, unit: 'count', value, values: counts, rank: place, sentence };
}
