/** One line of a trend: its chart over the runs, the value at the cursor, and its drift in a sentence. */
import { useIntersection } from '@mantine/hooks';
import { IconTrendingDown, IconTrendingUp } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { TrendLine } from '#shared/analysis/trend.ts';
import { inertText } from '../../components/inert-text.ts';
import { RunSlider, useRunPlace } from './run-slider.tsx';
import { plotPlace, type Band } from './trend-lines.ts';
import style from './trends.module.css';
import { quantityText } from '#shared/wording/quantities.ts';

const TrendPicture = lazy(async () => ({ default: (await import('./trend-picture.tsx')).TrendPicture }));

interface TrendCardProps {
  readonly line: TrendLine;
  readonly title: string;
  readonly runs: readonly ComparedRun[];
  readonly bands: readonly Band[];
}

function Value({ line, runs }: Pick<TrendCardProps, 'line' | 'runs'>) {
  const place = useRunPlace(runs);
  const latest = line.values.findLast((value) => value !== null) ?? null;
  const value = place === null ? latest : (line.values[place] ?? null);
  return (
    <span className={style['value']} title={place === null ? 'Latest value' : 'Value at the cursor'}>
      {quantityText(value, line.unit)}
    </span>
  );
}

export function TrendCard({ line, title, runs, bands }: TrendCardProps) {
  // A chart is drawn when it is first seen: there may be hundreds.
  const { ref, entry } = useIntersection<HTMLElement>({ rootMargin: '300px' });
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (entry?.isIntersecting) setSeen(true);
  }, [entry]);
  const { drift, values, unit } = line;
  const valueAt = (place: number): string => {
    const value = values[place] ?? null;
    return value === null ? 'no value' : quantityText(value, unit);
  };
  const isEmpty = values.every((value) => value === null);
  const Icon = drift?.direction === 'down' ? IconTrendingDown : IconTrendingUp;
  return (
    <article ref={ref} className={style['card']} data-line-id={line.id} data-drift={drift?.direction}>
      <header>
        {drift && <Icon size={14} role="img" aria-label="drifts" />}
        <h3 className="clipped" title={title}>
          {title}
        </h3>
        <Value line={line} runs={runs} />
      </header>
      <RunSlider id={line.id} label={`${title}, run by run`} runs={runs} bands={bands} {...plotPlace} valueAt={valueAt}>
        <div className={style['plot']}>
          {isEmpty && <p className="muted">None of these runs has a value.</p>}
          <Suspense fallback={null}>{seen && !isEmpty && <TrendPicture line={line} runs={runs} bands={bands} />}</Suspense>
        </div>
      </RunSlider>
      {drift && <p className={style['drift']}>{inertText(drift.sentence)}</p>}
    </article>
  );
}
