/** Which runs would go by the rules of an archive, and why each of the others stays. */
import type { RetentionRules } from '#shared/contract/history.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { RunSummary } from '#shared/run/manifest.ts';
import type { Decision } from '#shared/run/run-words.ts';
import { counted } from '#shared/wording/counts.ts';

const day = 24 * 3_600_000;

/** A run with what else decides about it. */
export interface KeptRun {
  readonly summary: RunSummary;
  readonly decision: Decision;
  /** What somebody does with it at the moment, as the end of a sentence; null: nothing. */
  readonly use: string | null;
}

export interface Fate {
  readonly goes: boolean;
  /** One sentence without its full stop. */
  readonly reason: string;
}

/** Why a run must stay whatever the rules say; null: the rules may decide. Accepted runs are not among these. */
export function reasonToStay({ summary, use }: KeptRun): string | null {
  if (summary.damage !== null) return `damaged (${summary.damage.replace(/\.$/, '')}), so no rule removes it`;
  if (use !== null) return use;
  if (summary.totals !== null) return null;
  return summary.outcome === 'interrupted' ? 'interrupted and not recovered yet' : 'it still goes on';
}

/** What becomes of each run; `now` in ms since 1970. Every rule that is set must let a run go; where none is, all stay. */
export function fatesOf(runs: readonly KeptRun[], rules: RetentionRules, now: number): ReadonlyMap<RunId, Fate> {
  const newer = newerRuns(runs);
  return new Map(runs.map((run) => [run.summary.run, fateOf(run, newer.get(run.summary.run) ?? 0, rules, now)]));
}

function fateOf(run: KeptRun, newer: number, rules: RetentionRules, now: number): Fate {
  const { summary, decision } = run;
  const forced = reasonToStay(run);
  if (forced !== null) return stays(forced);
  if (decision === 'accepted') return stays('accepted, so it goes only when it is named');
  const { keepLast, maximumAge } = rules;
  if (keepLast === null && maximumAge === null) return stays('no rule is set');
  const which = `${summary.scenario} on ${summary.release || 'no release'}`;
  if (keepLast !== null && newer < keepLast) return stays(`one of the last ${keepLast} of ${which}`);
  const age = (now - summary.startedAt) / day;
  if (maximumAge !== null && !(age > maximumAge)) return stays(`not older than ${counted(maximumAge, 'day')}`);
  const reasons = [
    ...(maximumAge === null ? [] : [`older than ${counted(maximumAge, 'day')}`]),
    ...(keepLast === null ? [] : [newerInWords(newer, which)]),
  ];
  return { goes: true, reason: reasons.join(', and ') };
}

function newerInWords(newer: number, which: string): string {
  if (newer === 0) return `no run of ${which} is kept`;
  return `there ${newer === 1 ? 'is' : 'are'} ${counted(newer, 'newer run')} of ${which}`;
}

function stays(reason: string): Fate {
  return { goes: false, reason };
}

/**
 * For each run that rules decide about, how many newer ones there are of the same scenario and release. Dry runs are counted by
 * themselves: a dozen walks through a scenario must not push its real runs out.
 */
function newerRuns(runs: readonly KeptRun[]): ReadonlyMap<RunId, number> {
  const counts = new Map<string, number>();
  const newer = new Map<RunId, number>();
  const decided = runs.filter((run) => run.summary.damage === null && run.summary.totals !== null && run.decision !== 'accepted');
  for (const { summary } of decided.toSorted((one, other) => other.summary.startedAt - one.summary.startedAt)) {
    const group = JSON.stringify([summary.scenario, summary.release, summary.mode]);
    const before = counts.get(group) ?? 0;
    newer.set(summary.run, before);
    counts.set(group, before + 1);
  }
  return newer;
}
