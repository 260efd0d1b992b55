/** What is asked of the operator about runs: whether they are accepted, why they differ, and what was said before. */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import type { RemarkBody } from '#shared/run/remarks.ts';
import type { Decision } from '#shared/run/run-words.ts';
import { createSpoken, type Said } from '../../stores/remarks.ts';
import { createSession } from '../../stores/session.ts';
import { saidSentence, type ToldCause } from './decision-words.ts';
import { storeHook } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

/** What a cause is told about, when it is not the whole run. */
export interface ToldFinding {
  readonly id: string;
  readonly sentence: string;
}

export type DecisionDialog =
  | { readonly kind: 'decision'; readonly runs: readonly RunId[]; readonly decision: Decision }
  | { readonly kind: 'cause'; readonly runs: readonly RunId[]; readonly finding: ToldFinding | null }
  | { readonly kind: 'history'; readonly run: RunId };

export function createDecisions(stores: Stores) {
  const { sayAbout, takeBack } = stores.get(createSpoken);
  const { notify } = stores.get(createSession);

  const decisions = createStore<{ readonly dialog: DecisionDialog | null }>(() => ({ dialog: null }));

  function askDecision(runs: readonly RunId[], decision: Decision): void {
    if (runs.length > 0) decisions.setState({ dialog: { kind: 'decision', runs, decision } });
  }

  /** Asks why runs differ, as a whole or in one finding. */
  function askCause(runs: readonly RunId[], finding: ToldFinding | null = null): void {
    if (runs.length > 0) decisions.setState({ dialog: { kind: 'cause', runs, finding } });
  }

  function showDecisionHistory(run: RunId): void {
    decisions.setState({ dialog: { kind: 'history', run } });
  }

  function closeDecisionDialog(): void {
    decisions.setState({ dialog: null });
  }

  function decide(runs: readonly RunId[], decision: Decision, text: string): Promise<void> {
    return say(runs, [{ kind: 'decision', decision, text: text.trim() }]);
  }

  /** Tells the cause of runs as a whole, or of findings of them, with a remark about each. */
  async function explain(runs: readonly RunId[], findings: readonly ToldFinding[], told: ToldCause): Promise<void> {
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

  return { ...decisions, askDecision, askCause, showDecisionHistory, closeDecisionDialog, decide, explain };
}

export const useDecisions = storeHook(createDecisions);
