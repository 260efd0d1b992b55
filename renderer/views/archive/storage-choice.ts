/** Which runs of a preview the operator wants removed: those that may go by the rules, and accepted ones that were named one by one. */
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';

export type Preview = MethodResponse<'retention.preview'>;
export type PreviewedRun = Preview['runs'][number];

/** Where the operator's wish differs from what the rules say. */
export interface StorageChoice {
  /** May go by the rules, and stay this time. */
  readonly spared: ReadonlySet<RunId>;
  /** Accepted, and go although. */
  readonly named: ReadonlySet<RunId>;
}

export const byTheRules: StorageChoice = { spared: new Set(), named: new Set() };

/** Whether a run can be chosen or spared at all; whatever else stays is out of the rules' reach. */
export function isOpen(run: PreviewedRun): boolean {
  return run.goes || isAcceptedOnly(run);
}

/** Accepted, and nothing else keeps it. */
function isAcceptedOnly({ decision, goes, removable }: PreviewedRun): boolean {
  return !goes && decision === 'accepted' && removable;
}

export function isChosen(run: PreviewedRun, { spared, named }: StorageChoice): boolean {
  return run.goes ? !spared.has(run.run) : isAcceptedOnly(run) && named.has(run.run);
}

/** The choice after the box of a run was ticked or cleared. */
export function choiceAfter(choice: StorageChoice, { run, goes }: PreviewedRun): StorageChoice {
  const toggled = (set: ReadonlySet<RunId>): ReadonlySet<RunId> => {
    const next = new Set(set);
    if (!next.delete(run)) next.add(run);
    return next;
  };
  return goes ? { ...choice, spared: toggled(choice.spared) } : { ...choice, named: toggled(choice.named) };
}

/** What would be asked of the core, and the bytes of it. */
export function removalOf(runs: readonly PreviewedRun[], choice: StorageChoice) {
  const chosen = runs.filter((run) => isChosen(run, choice));
  const accepted = chosen.filter(({ decision }) => decision === 'accepted').map(({ run }) => run);
  return { runs: chosen.map(({ run }) => run), accepted, bytes: chosen.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Those that go by the rules before those that can be named, and these before all others. */
export function rankOf(run: PreviewedRun): number {
  return run.goes ? 0 : isOpen(run) ? 1 : 2;
}

/** Those that go first, then those that can be named, each from the largest on. */
export function inOrder(runs: readonly PreviewedRun[]): readonly PreviewedRun[] {
  return runs.toSorted((one, other) => rankOf(one) - rankOf(other) || other.bytes - one.bytes || (one.run < other.run ? 1 : -1));
}
