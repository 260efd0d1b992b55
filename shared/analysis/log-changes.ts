/** Log templates that are new, gone, or come more or less often than before. */
import { quoted } from './amounts.ts';
import { fact, findingId, rank, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ComparedNumber, NumberKind } from './number-findings.ts';
import type { LogTemplate } from './profile.ts';

/** Counts that differ by less than about a sixth matter to nobody. */
const countFloor = (): number => 0.15;
/** Per run: templates that one run of the baseline has alone. Above it, new templates are no news. */
const restlessness = 0.25;

const severe = (severity: LogTemplate['severity']): boolean => severity === 'error' || severity === 'fatal';
const keyOf = ({ component, severity, template }: LogTemplate): string => `${component}\n${severity}\n${template}`;

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
  const alone = known.filter((row) => had(row) === 1).length / Math.max(1, context.runs.length);
  const quiet = alone <= restlessness;
  const facts = fresh.flatMap((row) => newTemplate(context, row, quiet));
  // Which templates one run has and the next has not is chance; those of every run, or of this one, can be counted.
  const numbers = known.map((row) => countOf(context, row));
  return { facts, numbers: { numbers, offset: 1, floor: countFloor } };
}

/** A severe line that no run had is a fact; others are told where the baseline's runs all say the same things. */
function newTemplate(context: ComparisonContext, { template }: TemplateRow, quiet: boolean): RankedFinding[] {
  const { component, severity, example, count, step } = template;
  const important = severe(severity);
  if (!important && !quiet) return [];
  const subject = { kind: 'log', component, severity, template: template.template, change: 'new' } as const;
  const times = count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`;
  const sentence = `${component} logged ${article(severity)} that is new, ${times}: ${quoted(example)}.`;
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
    weight: (severity === 'fatal' ? 2 : 1) + Math.log1p(count) / 20,
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
    const before = low === high ? `${low}` : `${low} to ${high}`;
    return `${component} logged ${quoted(template.template)} ${timesOf(value)}; ${runsName}: ${before} times.`;
  };
  return { subject, step: own?.step ?? template.step, unit: 'count', value, values: counts, rank: place, sentence };
}

function timesOf(count: number): string {
  return count === 0 ? 'never' : count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`;
}
