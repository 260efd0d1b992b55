/** Decisions and causes in words; and the list of what was said, with what was taken back. */
import { standingRemarks, type Remark, type RemarkBody } from '#shared/run/remarks.ts';
import type { Cause, Decision } from '#shared/run/run-words.ts';
import { counted } from '#shared/wording/counts.ts';

/** What the button says, and what the question is. */
export const decisionTitles: Readonly<Record<Decision, string>> = { accepted: 'Accept', rejected: 'Reject', undecided: 'Undecide' };

/** What follows from each decision. */
export const decisionMeanings: Readonly<Record<Decision, string>> = {
  accepted: 'It becomes part of the baseline that later release candidates are compared with.',
  rejected: 'It is kept, but nothing is compared with it.',
  undecided: 'It is as if nothing had been decided; what was said before stays in the history.',
};

/** What each cause means, for those who must choose one. */
export const causeMeanings: Readonly<Record<Cause, string>> = {
  'expected change': 'It was meant to change.',
  environment: 'Machines, network or other users made the difference.',
  'product defect': 'The release candidate is wrong.',
  'test defect': 'The scenario or its environment file is wrong.',
  unknown: 'Somebody has looked and does not know.',
};

export interface ToldCause {
  readonly cause: Cause;
  readonly reference: string | null;
  readonly text: string;
}

/** What a filled-in form tells; null while it lacks the cause, or both reference and reason: then nobody could follow it later. */
export function toldCause(cause: Cause | null, reference: string, text: string): ToldCause | null {
  const [referenced, reason] = [reference.trim(), text.trim()];
  if (cause === null || (referenced === '' && reason === '')) return null;
  return { cause, reference: referenced === '' ? null : referenced, text: reason };
}

/** What was just said, for a notice; `runs`: about so many, or about so many findings. */
export function saidSentence(remark: RemarkBody, runs: number): string {
  switch (remark.kind) {
    case 'decision':
      return `${counted(runs, 'run')} ${remark.decision}.`;
    case 'cause':
      return remark.finding === null
        ? `${counted(runs, 'run')} annotated: ${remark.cause}.`
        : `${runs === 1 ? 'Tagged' : `${counted(runs, 'finding')} tagged`} as ${remark.cause}.`;
    case 'note':
    case 'bookmark':
      return 'Noted.';
    case 'withdrawal':
      return 'Taken back.';
  }
}

export interface SpokenRemark {
  readonly remark: Remark;
  readonly words: string;
  /** Who took it back and when (ms since 1970); null: it stands. */
  readonly takenBack: { readonly author: string; readonly at: number } | null;
}

/** Decisions and causes of a run, newest first; bookmarks and notes belong to replay. */
export function historyOf(remarks: readonly Remark[]): readonly SpokenRemark[] {
  const standing = new Set(standingRemarks(remarks));
  const withdrawals = new Map(remarks.flatMap((remark) => (remark.kind === 'withdrawal' ? [[remark.remark, remark] as const] : [])));
  return remarks
    .filter(({ kind }) => kind === 'decision' || kind === 'cause')
    .map((remark) => {
      const withdrawal = standing.has(remark) ? undefined : withdrawals.get(remark.number);
      return { remark, words: wordsOf(remark), takenBack: withdrawal ? { author: withdrawal.author, at: withdrawal.saidAt } : null };
    })
    .toReversed();
}

function wordsOf(remark: Remark): string {
  switch (remark.kind) {
    case 'decision':
      return remark.decision;
    case 'cause':
      return causeText(remark);
    case 'note':
    case 'bookmark':
      return remark.text;
    case 'withdrawal':
      return `taken back: ${remark.remark}`;
  }
}

/** `product defect, EX-1742`. */
export function causeText({ cause, reference }: { readonly cause: Cause; readonly reference: string | null }): string {
  return reference === null ? cause : `${cause}, ${reference}`;
}

export type CauseRemark = Extract<Remark, { readonly kind: 'cause' }>;

function isCause(remark: Remark): remark is CauseRemark {
  return remark.kind === 'cause';
}

/** The cause that was told last about each finding. */
export function explainedFindings(remarks: readonly Remark[]): ReadonlyMap<string, CauseRemark> {
  const causesTold = standingRemarks(remarks).filter(isCause);
  return new Map(causesTold.flatMap((remark) => (remark.finding === null ? [] : [[remark.finding, remark] as const])));
}

/** Findings that nobody explained yet besides one of them; none where that one is not among the findings. */
export function unexplainedBeside<Each extends { readonly id: string }>(
  findings: readonly Each[],
  finding: string,
  remarks: readonly Remark[],
): readonly Each[] {
  if (!findings.some(({ id }) => id === finding)) return [];
  const explained = explainedFindings(remarks);
  return findings.filter(({ id }) => id !== finding && !explained.has(id));
}

/** The causes that stand about the run as a whole. */
export function causesOfRun(remarks: readonly Remark[]): readonly CauseRemark[] {
  return standingRemarks(remarks)
    .filter(isCause)
    .filter(({ finding }) => finding === null);
}
