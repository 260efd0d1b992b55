/** The list of runs as the operator wants to see it: filtered, sorted. */
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

export const columnNames = [
  'verdict',
  'decision',
  'scenario',
  'release',
  'started',
  'duration',
  'steps',
  'checks',
  'size',
  'operator',
] as const;
export type ColumnName = (typeof columnNames)[number];

export interface ArchiveSort {
  readonly column: ColumnName;
  readonly descending: boolean;
}

export function verdictOf(run: Pick<RunSummary, 'outcome' | 'damage'>): Verdict {
  if (run.damage !== null) return 'damaged';
  return run.outcome ?? 'running';
}

/** What a column sorts by; null comes last, whichever way it is sorted. */
function keyOf(run: ArchivedRun, column: ColumnName): string | number | null {
  switch (column) {
    case 'verdict':
      return verdictOf(run);
    case 'decision':
      return run.decision;
    case 'scenario':
      return run.scenario;
    case 'release':
      return run.release;
    case 'started':
      return run.startedAt;
    case 'duration':
      return run.duration;
    case 'steps':
      return run.totals?.steps ?? null;
    case 'checks':
      // Those with most checks that were not met first, then by how many there were.
      return run.totals ? run.totals.checksNotMet * 1_000_000 + run.totals.checksMet : null;
    case 'size':
      return run.totals?.bytes ?? null;
    case 'operator':
      return run.operator;
  }
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compare(one: string | number, other: string | number): number {
  return typeof one === 'number' && typeof other === 'number' ? one - other : names.compare(String(one), String(other));
}

export function sortRuns(runs: readonly ArchivedRun[], { column, descending }: ArchiveSort): readonly ArchivedRun[] {
  return runs.toSorted((one, other) => {
    const [first, second] = [keyOf(one, column), keyOf(other, column)];
    if (first === null || second === null) return Number(first === null) - Number(second === null) || other.startedAt - one.startedAt;
    return (descending ? compare(second, first) : compare(first, second)) || other.startedAt - one.startedAt;
  });
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

/** Where the selection goes at a key, in a list of `count` rows of which `page` are seen; null: the key is not for the list. */
export function selectionAfter(key: string, current: number, count: number, page: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current < 0 ? count - 1 : current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, next));
}
