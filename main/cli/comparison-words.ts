/** A comparison as lines for a terminal: the verdict, what differs in the conditions, and what changed, most telling first. */
import type { Comparison, ComparedRun, Finding } from '#shared/analysis/comparison.ts';
import { differingConditions } from '#shared/analysis/conditions.ts';
import { formatTable, inert, type Colours } from './terminal.ts';
import { countText, counted } from '#shared/wording/counts.ts';

/** Findings shown unless all are wanted. */
const shownFindings = 15;
const shownElsewhere = 3;

export function comparisonWords(comparison: Comparison, colours: Colours, all: boolean): string[] {
  const { candidate, baseline, baselineName, findings } = comparison;
  const shown = all ? findings : findings.slice(0, shownFindings);
  const lines = [
    `${candidate.run}  ${inert(describe(candidate))}`,
    colours.dim(`against ${inert(baselineName)}${baseline.length > 0 ? ` (${baseline.map(({ run }) => run).join(', ')})` : ''}`),
    ...(comparison.baselineReason === undefined ? [] : [colours.dim(`baseline: ${inert(comparison.baselineReason)}`)]),
    verdictLine(comparison, colours),
    ...conditionLines(comparison, colours),
    ...(findings.length > 0 ? ['', ...shown.flatMap((finding, index) => findingLines(finding, index + 1, colours))] : []),
  ];
  if (shown.length < findings.length) lines.push(colours.dim(`… and ${countText(findings.length - shown.length)} more; --all shows them.`));
  lines.push(...stepLines(comparison, colours));
  return lines;
}

function describe({ release, scenario, environment, outcome }: ComparedRun): string {
  return `${scenario}, ${release}, ${environment}: ${outcome}`;
}

function verdictLine({ verdict, reason }: Comparison, { bold, red, green, yellow }: Colours): string {
  const colour = verdict === 'changed' ? red : verdict === 'no change' ? green : yellow;
  return `${bold(colour(verdict))}  ${inert(reason)}`;
}

function conditionLines(comparison: Comparison, { yellow }: Colours): string[] {
  return differingConditions(comparison).map(({ name, candidate, baseline }) => {
    const before = baseline.map(({ value, runs }) => `${value ?? 'nothing'} (${runs})`).join(', ');
    return `${yellow('different condition')}  ${inert(`${name}: ${candidate ?? 'nothing'}; baseline: ${before}`)}`;
  });
}

function findingLines(finding: Finding, rank: number, { bold, dim }: Colours): string[] {
  const { sentence, status, also } = finding;
  const place = String(rank).padStart(3);
  const lines = [
    `${place}  ${status === 'confirmed' ? bold(inert(sentence)) : inert(sentence)}${status === 'plain' ? dim('  (not confirmed)') : ''}`,
  ];
  for (const other of also.slice(0, shownElsewhere)) lines.push(dim(`     ${inert(other.sentence)}`));
  if (also.length > shownElsewhere) lines.push(dim(`     and in ${counted(also.length - shownElsewhere, 'more place')}`));
  return lines;
}

/** Steps that only one side executed. */
function stepLines({ steps }: Comparison, { yellow }: Colours): string[] {
  const onesided = steps.filter(({ side }) => side !== 'both');
  if (onesided.length === 0) return [];
  const rows = onesided.map(({ side, number, text, depth }) => [
    side === 'candidate' ? 'only here' : 'only in the baseline',
    `${'  '.repeat(Math.min(depth, 20))}${number} ${inert(text)}`,
  ]);
  return ['', yellow('Steps of one side only'), ...formatTable(rows)];
}
