/** What a trend has to tell before one looks at charts: lines that drift, and runs that disagree with themselves. */
import { Button } from '@mantine/core';
import { IconTrendingDown, IconTrendingUp } from '@tabler/icons-react';
import type { RefObject } from 'react';
import type { Trend, TrendLine } from '#shared/analysis/trend.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import { inertText } from '../../components/inert-text.ts';
import { openAt } from '../compare/jump.ts';
import { rateText, releaseText } from './release-words.ts';
import style from './trends.module.css';
import { useStores } from '../../stores/context.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { countText } from '#shared/wording/counts.ts';

/** Runs that are linked to one by one. */
const mostLinks = 12;

interface TrendToldProps {
  readonly trend: Trend;
  readonly titles: ReadonlyMap<string, string>;
  /** Where the charts stand. */
  readonly frame: RefObject<HTMLElement | null>;
}

/** A chart is found by the identifier of its line. */
function showChart(frame: HTMLElement | null, line: string): void {
  const card = frame?.querySelector(`[data-line-id="${CSS.escape(line)}"]`);
  card?.scrollIntoView({ block: 'center' });
  card?.querySelector<HTMLElement>('[role=slider]')?.focus();
}

function Drifts({ lines, frame }: { readonly lines: readonly TrendLine[]; readonly frame: TrendToldProps['frame'] }) {
  return (
    <section className={style['told']} aria-label="Drift">
      <h2>Drift ({lines.length})</h2>
      <ul>
        {lines.map(({ id, drift }) => {
          if (!drift) return null;
          const Icon = drift.direction === 'up' ? IconTrendingUp : IconTrendingDown;
          return (
            <li key={id}>
              <Icon size={14} aria-hidden />
              <button type="button" className={style['link']} onClick={() => showChart(frame.current, id)}>
                {inertText(drift.sentence)}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Intermittent({ trend: { intermittent, runs } }: { readonly trend: Trend }) {
  const stores = useStores();
  return (
    <section className={style['told']} aria-label="Runs that disagree with themselves">
      <h2>The same revision did not always end alike ({intermittent.length})</h2>
      <ul>
        {intermittent.map(({ release, scenarioHash, sentence, rate, low, high, disagreeing }) => (
          <li key={`${release} ${scenarioHash} ${disagreeing[0] ?? ''}`}>
            <span
              className={style['rate']}
              title={`${releaseText(release)}: ${rateText({ rate, low, high })}`}
              role="img"
              aria-label={rateText({ rate, low, high })}
            >
              <span style={{ left: `${low * 100}%`, right: `${(1 - high) * 100}%` }} />
              <i style={{ left: `${rate * 100}%` }} />
            </span>
            <span>{inertText(sentence)}</span>
            {disagreeing.slice(0, mostLinks).map((each) => {
              const run = runIdSchema.safeParse(each).data;
              const known = runs.find((one) => one.run === each);
              if (!run) return null;
              return (
                <Button key={each} size="small" title={each} onClick={() => openAt(stores, run, null)}>
                  {known ? `${exactDateAndTime(known.startedAt)} ${known.outcome}` : each}
                </Button>
              );
            })}
            {disagreeing.length > mostLinks && <span className="muted">and {countText(disagreeing.length - mostLinks)} more</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function TrendTold({ trend, frame }: TrendToldProps) {
  const drifting = trend.lines.filter(({ drift }) => drift !== null);
  return (
    <>
      {trend.intermittent.length > 0 && <Intermittent trend={trend} />}
      {drifting.length > 0 && <Drifts lines={drifting} frame={frame} />}
    </>
  );
}
