/** The list of runs as the operator wants to see it: which of them, and what is told of each. */
import type { RunSummary } from '#shared/run/manifest.ts';
import type { Decision } from '#shared/run/run-words.ts';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import type { Verdict } from '../../components/verdict-label.tsx';

export interface ArchiveFilter {
  /** Words that must all stand somewhere in the run's texts. */
  readonly text: string;
  readonly verdict: Verdict | null;
  readonly release: string | null;
  readonly decision: Decision | null;
}

export const everyRun: ArchiveFilter = { text: '', verdict: null, release: null, decision: null };

export function verdictOf(run: Pick<RunSummary, 'outcome' | 'damage'>): Verdict {
  if (run.damage !== null) return 'damaged';
  return run.outcome ?? 'running';
}

export function filterRuns(runs: readonly ArchivedRun[], { text, verdict, release, decision }: ArchiveFilter): readonly ArchivedRun[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter((run) => {
    if (verdict !== null && verdictOf(run) !== verdict) return false;
    if (release !== null && run.release !== release) return false;
    if (decision !== null && run.decision !== decision) return false;
    const texts = [
      run.run,
      run.scenario,
      run.release,
      run.operator,
      run.environment,
      run.reason ?? '',
      verdictOf(run),
      run.decision,
      run.mode,
    ];
    const all = texts.join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** What is told of a deletion. A run that others are compared with never goes silently. */
export function deletedSentence(runs: readonly Pick<ArchivedRun, 'run' | 'decision'>[]): string {
  const [first, ...others] = runs;
  const accepted = runs.filter(({ decision }) => decision === 'accepted').length;
  if (first && others.length === 0) return `Run ${first.run}${accepted > 0 ? ', which was accepted as baseline,' : ''} is deleted.`;
  return `${runs.length} runs are deleted${accepted > 0 ? `, ${accepted} of them accepted` : ''}.`;
}

/** `7 of 8`; nothing where nothing was checked. */
export function checksText(run: Pick<RunSummary, 'totals'>): string {
  if (!run.totals) return '';
  const { checksMet, checksNotMet } = run.totals;
  return checksMet + checksNotMet === 0 ? 'none' : `${checksMet} of ${checksMet + checksNotMet}`;
}
