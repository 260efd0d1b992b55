/** What is asked of the operator about runs: whether they are accepted, why they differ, and what was said before. */
import { create } from 'zustand';
import type { RunId } from '#shared/identifiers.ts';
import type { RemarkBody } from '#shared/run/remarks.ts';
import type { Decision } from '#shared/run/run-words.ts';
import { sayAbout, takeBack, type Said } from '../../stores/remarks.ts';
import { notify } from '../../stores/session.ts';
import { saidSentence, type ToldCause } from './decision-words.ts';

/** What a cause is told about, when it is not the whole run. */
export interface ToldFinding {
  readonly id: string;
  readonly sentence: string;
}

export type DecisionDialog =
  | { readonly kind: 'decision'; readonly runs: readonly RunId[]; readonly decision: Decision }
  | { readonly kind: 'cause'; readonly runs: readonly RunId[]; readonly finding: ToldFinding | null }
  | { readonly kind: 'history'; readonly run: RunId };

export const useDecisions = create<{ readonly dialog: DecisionDialog | null }>(() => ({ dialog: null }));

export function askDecision(runs: readonly RunId[], decision: Decision): void {
  if (runs.length > 0) useDecisions.setState({ dialog: { kind: 'decision', runs, decision } });
}

/** Asks why runs differ, as a whole or in one finding. */
export function askCause(runs: readonly RunId[], finding: ToldFinding | null = null): void {
  if (runs.length > 0) useDecisions.setState({ dialog: { kind: 'cause', runs, finding } });
}

export function showDecisionHistory(run: RunId): void {
  useDecisions.setState({ dialog: { kind: 'history', run } });
}

export function closeDecisionDialog(): void {
  useDecisions.setState({ dialog: null });
}

export function decide(runs: readonly RunId[], decision: Decision, text: string): Promise<void> {
  return say(runs, [{ kind: 'decision', decision, text: text.trim() }]);
}

/** Tells the cause of runs as a whole, or of findings of them, with a remark about each. */
export async function explain(runs: readonly RunId[], findings: readonly ToldFinding[], told: ToldCause): Promise<void> {
  const remarks: readonly RemarkBody[] =
    findings.length === 0
      ? [{ kind: 'cause', ...told, finding: null }]
      : findings.map(({ id }) => ({ kind: 'cause', ...told, finding: id }));
  await say(runs, remarks);
}

/** Says it, tells what was said, and offers to take it back. */
async function say(runs: readonly RunId[], remarks: readonly RemarkBody[]): Promise<void> {
  closeDecisionDialog();
  const said: Said[] = [];
  for (const remark of remarks) {
    const more = await sayAbout(runs, remark);
    said.push(...more);
    // The refusal was told; the rest would be refused as well.
    if (more.length < runs.length) break;
  }
  const [first] = remarks;
  if (first && said.length > 0) tell(said, first);
}

function tell(said: readonly Said[], remark: RemarkBody): void {
  notify(
    { severity: 'information', code: 'said', message: saidSentence(remark, said.length) },
    { lifetime: 8_000, action: { title: 'Undo', perform: () => void takeBack(said) } },
  );
}
