/** How a run ended, in word and colour. */
import style from './verdict-label.module.css';

/** An outcome of the contract, or what stands for a run without one. */
export type Verdict = 'passed' | 'failed' | 'error' | 'stopped' | 'interrupted' | 'running' | 'damaged';

export function VerdictLabel({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span className={style['label']} data-verdict={verdict}>
      {verdict}
    </span>
  );
}
