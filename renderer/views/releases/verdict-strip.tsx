/** The verdict of every run, oldest first, in bands of their releases; a bar beneath tells the decision. */
import type { CSSProperties } from 'react';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import { releaseText, verdictLetter } from './release-words.ts';
import { RunSlider } from './run-slider.tsx';
import type { Band } from './trend-lines.ts';
import style from './trends.module.css';
import { counted } from '#shared/wording/counts.ts';

function bandText(runs: readonly ComparedRun[], { release, from, to }: Band): string {
  const own = runs.slice(from, to + 1);
  const passed = own.filter(({ outcome }) => outcome === 'passed').length;
  return `${releaseText(release)}: ${passed} of ${counted(own.length, 'run')} passed`;
}

export function VerdictStrip({ runs, bands }: { readonly runs: readonly ComparedRun[]; readonly bands: readonly Band[] }) {
  return (
    <section className={style['section']} aria-label="Verdicts">
      <h2>Verdicts</h2>
      <div className={style['strip']} style={{ '--runs': runs.length } as CSSProperties}>
        <RunSlider id="verdicts" label="Verdicts of the runs" runs={runs} bands={bands} valueAt={null}>
          <div className={style['bands']}>
            {bands.map((band) => (
              <div key={band.from} style={{ flex: band.to - band.from + 1 }} title={bandText(runs, band)}>
                {releaseText(band.release)}
              </div>
            ))}
          </div>
          <div className={style['cells']} data-dense={runs.length > 120 || undefined}>
            {runs.map(({ run, outcome, decision }) => (
              <div key={run} className={style['cell']} data-verdict={outcome} data-decision={decision}>
                <span className={style['word']}>{outcome}</span>
                <span className={style['letter']}>{verdictLetter(outcome)}</span>
              </div>
            ))}
          </div>
        </RunSlider>
      </div>
    </section>
  );
}
