/** How a run ended, in word and colour. */
import style from './verdict-label.module.css';
import type { RunOutcome } from '#shared/scenario/machine-words.ts';

/** An outcome of the contract, or what stands for a run without one. */
export type Verdict = RunOutcome | 'running' | 'damaged';

export function VerdictLabel({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span className={style['label']} data-verdict={verdict}>
      {verdict}
    </span>
  );
}
