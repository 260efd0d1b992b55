/** What the parts of a comparison share: the runs that are compared, and findings that do not have their rank yet. */
import type { AlignedStep } from './alignment.ts';
import type { Finding, FindingSubject } from './comparison.ts';
import type { ProfileStep, RunProfile } from './profile.ts';
import { counted } from '#shared/wording/counts.ts';
import { quoted } from '#shared/wording/names.ts';

/** What every part of a comparison looks at. */
export interface ComparisonContext {
  readonly candidate: RunProfile;
  /** Comparable runs of the baseline. */
  readonly runs: readonly RunProfile[];
  /** Whether there are enough of them for a verdict. */
  readonly enough: boolean;
  readonly aligned: readonly AlignedStep[];
  /** The scenario that the candidate ran was run by the baseline too, word for word. */
  readonly sameText: boolean;
  /** `rc1's 10 runs` */
  readonly runsName: string;
}

/** How telling a finding is, before its size is looked at: lower comes first. */
export const rank = {
  outcome: 0,
  decidesVerdict: 1,
  fault: 2,
  severe: 3,
  measured: 4,
  minor: 5,
  plain: 6,
} as const;

export interface RankedFinding {
  readonly finding: Finding;
  readonly rank: number;
  /** Larger comes first among findings of one rank. */
  readonly weight: number;
}

type FactParts = Pick<Finding, 'id' | 'subject' | 'step' | 'sentence'> &
  Partial<Pick<Finding, 'direction' | 'candidate' | 'baseline' | 'unit' | 'also'>> & {
    readonly confirmed: boolean;
    readonly rank: number;
    readonly weight?: number;
  };

/** A finding without statistics: something is so in the candidate, and was so in no run of the baseline. */
export function fact({ confirmed, rank: place, weight, ...told }: FactParts): RankedFinding {
  return {
    // What is not sure still comes first where it decides a verdict; the rest waits behind what is.
    rank: confirmed || place <= rank.fault ? place : rank.plain,
    weight: weight ?? 0,
    finding: {
      direction: 'other',
      unit: null,
      candidate: null,
      baseline: [],
      also: [],
      ...told,
      status: confirmed ? 'confirmed' : 'plain',
      expected: null,
      effect: null,
      p: null,
      q: null,
      smallestVisible: null,
    },
  };
}

/** `rc1's 10 runs`, `the 12 baseline runs` when they are of several releases. */
export function nameOfRuns(runs: readonly RunProfile[]): string {
  const releases = new Set(runs.map(({ release }) => release));
  const [release] = releases;
  const number = runs.length === 1 ? 'run' : counted(runs.length, 'run');
  if (release !== undefined && release !== '' && releases.size === 1) return `${release}'s ${number}`;
  return runs.length === 1 ? 'the baseline run' : `the ${counted(runs.length, 'baseline run')}`;
}

/** `8 passed, 2 failed`; `all passed`; the commonest first. */
export function tally(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sorted = [...counts].sort(([leftValue, left], [rightValue, right]) => right - left || (leftValue < rightValue ? -1 : 1));
  const [first] = sorted;
  if (first && sorted.length === 1) return values.length === 1 ? first[0] : values.length === 2 ? `both ${first[0]}` : `all ${first[0]}`;
  return sorted.map(([value, count]) => `${count} ${value}`).join(', ');
}

/** `step 14, “exec_smoke”` */
export function stepName(step: Pick<ProfileStep, 'number' | 'text' | 'occurrence'>): string {
  return `step ${step.number}, ${quoted(step.text)}${step.occurrence > 1 ? ` (time ${step.occurrence})` : ''}`;
}

/** The step of an aligned row, of the candidate or else of the first baseline run that has it. */
export function stepOfRow(context: ComparisonContext, row: AlignedStep): ProfileStep | undefined {
  if (row.candidate >= 0) return context.candidate.steps[row.candidate];
  const run = row.baseline.findIndex((index) => index >= 0);
  return run < 0 ? undefined : context.runs[run]?.steps[row.baseline[run] ?? -1];
}

/** The same for the same subject in every comparison. */
export function findingId(subject: FindingSubject, step: string | null, direction: Finding['direction']): string {
  const name = ((): string => {
    switch (subject.kind) {
      case 'metric':
        return `${subject.series}:${direction}`;
      case 'series presence':
        return `${subject.series}:${subject.change}`;
      case 'log':
        return `${subject.component}:${subject.severity}:${subject.change}:${direction}:${subject.template}`;
      case 'component':
        return `${subject.component}:${subject.what}:${direction}`;
      case 'check':
        return `${subject.form}:${subject.text}`;
      case 'fault':
        return `${step ?? subject.text}:${direction}`;
      case 'step duration':
        return `${step ?? 'run'}:${direction}`;
      case 'step presence':
        return `${subject.side}:${step ?? ''}`;
      case 'step verdict':
        return step ?? '';
      case 'outcome':
        return '';
    }
  })();
  const id = name === '' ? subject.kind : `${subject.kind}:${name}`;
  return id.length > 1_000 ? id.slice(0, 1_000) : id;
}
