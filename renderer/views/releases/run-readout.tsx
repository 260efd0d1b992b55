/** The run under the cursor, told in one line that is always there; and what the dots mean. */
import { Button } from '@mantine/core';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import { Bar } from '../../components/toolbar.tsx';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import { openAt } from '../compare/jump.ts';
import { DecisionLabel } from '../decisions/index.tsx';
import { releaseText } from './release-words.ts';
import { useRunPlace } from './run-slider.tsx';
import { bandsOf } from './trend-lines.ts';
import style from './trends.module.css';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';
import { counted } from '#shared/wording/counts.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';

export function RunReadout({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const stores = useStores();
  const place = useRunPlace(runs);
  const run = place === null ? undefined : runs[place];
  const releases = new Set(bandsOf(runs).map(({ release }) => release)).size;
  return (
    <Bar kind="line">
      {run ? (
        <>
          <strong>{releaseText(run.release)}</strong>
          <span>{exactDateAndTime(run.startedAt)}</span>
          <VerdictLabel verdict={run.outcome} />
          <DecisionLabel decision={run.decision} />
          <span>{durationText(run.duration)}</span>
          <Button size="small" onClick={() => openAt(stores, run.run, null)}>
            Open
          </Button>
        </>
      ) : (
        <span className="muted">
          {counted(runs.length, 'run')} of {counted(releases, 'release')}, oldest first. Point at a run, or press Tab and the arrow keys;
          Enter or a click opens it.
        </span>
      )}
      <span className="rest" />
      <span className={style['legend']}>
        <span data-dot="accepted">accepted</span>
        <span data-dot="undecided">undecided</span>
        <span data-dot="rejected">rejected</span>
        <span data-line="median">median of the release</span>
      </span>
    </Bar>
  );
}
