/** A comparison in a few sentences, for those who read nothing else: the verdict, what is behind it, what changed most, what is explained. */
import { html, type Markup } from './html/markup.ts';
import type { Comparison, Finding } from '#shared/analysis/comparison.ts';
import type { Remark } from '#shared/run/remarks.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';

export type CauseRemark = Extract<Remark, { kind: 'cause' }>;

/** Findings that the summary tells. */
const told = 3;

/** `expected change (CR-17)` */
export function causeText({ cause, reference }: Pick<CauseRemark, 'cause' | 'reference'>): string {
  return reference === null || reference === '' ? cause : `${cause} (${reference})`;
}

/** What explains a finding: the latest cause given for it, or else for the whole run; an unknown cause explains nothing. */
export function causeOf(finding: string, causes: readonly CauseRemark[]): CauseRemark | null {
  const own = causes.findLast((each) => each.finding === finding);
  return own ?? causes.findLast((each) => each.finding === null) ?? null;
}

/** Sentences, the most important first. @param causes those that stand */
export function comparisonSummary(comparison: Comparison, causes: readonly CauseRemark[]): readonly string[] {
  const confirmed = comparison.findings.filter(({ status }) => status === 'confirmed');
  return [verdictSentence(comparison, confirmed.length), ...topSentences(confirmed), ...explainedSentence(confirmed, causes)];
}

function verdictSentence({ candidate, baseline, verdict, reason }: Comparison, confirmed: number): string {
  const run = `This run of ${candidate.scenario} on ${candidate.release}`;
  const releases = new Set(baseline.map(({ release }) => release));
  const [release] = releases;
  const runs =
    counted(baseline.length, releases.size === 1 && release !== candidate.release ? 'run' : 'other run') +
    (releases.size === 1 ? ` of ${release}` : '');
  switch (verdict) {
    case 'changed':
      return `${run} differs from ${runs}: ${counted(confirmed, 'difference')} ${confirmed === 1 ? 'is' : 'are'} confirmed.`;
    case 'no change':
      return `${run} shows no confirmed difference from ${runs}.`;
    case 'no comparable history':
      return `${run} cannot be judged: ${reason}`;
  }
}

function topSentences(confirmed: readonly Finding[]): string[] {
  const rest = confirmed.length - told;
  return [...confirmed.slice(0, told).map(({ sentence }) => sentence), ...(rest > 0 ? [`And ${rest} more.`] : [])];
}

function explainedSentence(confirmed: readonly Finding[], causes: readonly CauseRemark[]): string[] {
  if (confirmed.length === 0) return [];
  const explaining = confirmed.flatMap(({ id }) => {
    const cause = causeOf(id, causes);
    return cause === null || cause.cause === 'unknown' ? [] : [causeText(cause)];
  });
  const count = explaining.length;
  if (count === 0)
    return [
      confirmed.length === 1 ? 'The difference is not explained yet.' : `None of the ${confirmed.length} differences is explained yet.`,
    ];
  const causesNamed = listed([...new Set(explaining)]);
  if (count === confirmed.length)
    return [`${count === 1 ? 'The difference is' : `All ${count} differences are`} explained: ${causesNamed}.`];
  return [
    `${count} of ${confirmed.length} differences ${count === 1 ? 'is' : 'are'} explained (${causesNamed}); ${confirmed.length - count} not yet.`,
  ];
}

/** The sentences as the beginning of a page. */
export function summaryParagraph(comparison: Comparison, causes: readonly CauseRemark[]): Markup {
  return html`<p class="reason summary">
    ${comparisonSummary(comparison, causes).map((sentence) => html`<span class="sentence">${sentence}</span> `)}
  </p>`;
}
