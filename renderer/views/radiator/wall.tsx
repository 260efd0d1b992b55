/** The bands of a wall: each campaign, what is red first; how it stands, its last green, since when it is red, and who has looked. */
import { useMemo, type Ref } from 'react';
import { doneCount, redCount } from '#shared/campaign/result-counts.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { WallCampaign } from '#shared/contract/radiator.ts';
import { countText } from '#shared/wording/counts.ts';
import { exactDateAndTime, timeOfDay } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import { radiatorLines, type RadiatorLine } from '../../stores/campaigns/radiator.ts';
import { bandOf, inUrgency } from './radiator-words.ts';
import style from './radiator.module.css';

/** Bands that fit on a wall and are still read. */
const mostBands = 6;

function Progress({ summary }: { readonly summary: WallCampaign }) {
  const { done, red } = bandShares(summary);
  return (
    <div className={style['progress']} aria-hidden>
      <span data-tone="fail" style={{ flexGrow: red }} />
      <span data-tone="ok" style={{ flexGrow: done - red }} />
      <i style={{ flexGrow: Math.max(0, 1 - done) }} />
    </div>
  );
}

function bandShares({ results, tests }: WallCampaign): { readonly done: number; readonly red: number } {
  const [all, red] = [doneCount(results), redCount(results)];
  const whole = Math.max(1, tests);
  return { done: all / whole, red: red / whole };
}

interface BandProps {
  readonly line: RadiatorLine;
  readonly forecast: CampaignView['forecast'];
  readonly now: number;
}

function Band({ line, forecast, now }: BandProps) {
  const summary = line.latest;
  const { tone, sign, words, details } = bandOf(line, summary, forecast, now);
  return (
    <li className={style['band']} data-tone={tone}>
      <span className={style['sign']} aria-hidden>
        {sign}
      </span>
      <div className={style['who']}>
        <strong>{inertText(line.name)}</strong>
        <span>
          {inertText(summary.revision)} · {inertText(line.environment)}
        </span>
      </div>
      <div className={style['state']}>
        <strong>{words}</strong>
        {summary.outcome === null && summary.asOf === null && <Progress summary={summary} />}
      </div>
      <div className={style['history']}>
        {details.map((each) => (
          <span key={each}>{each}</span>
        ))}
      </div>
    </li>
  );
}

export interface WallProps {
  /** Newest first, as they are now; null: not read yet. */
  readonly campaigns: readonly WallCampaign[] | null;
  /** Of those that go on. */
  readonly forecasts: ReadonlyMap<CampaignId, CampaignView['forecast']>;
  readonly now: number;
  /** Why what is shown is not live; null: it is. */
  readonly lost: string | null;
  readonly frame?: Ref<HTMLDivElement>;
  /** Whether it stands over a console. */
  readonly isDialog: boolean;
}

export function Wall({ campaigns, forecasts, now, lost, frame, isDialog }: WallProps) {
  const lines = useMemo(() => inUrgency(radiatorLines(campaigns ?? [])), [campaigns]);
  const more = lines.length - mostBands;
  const role = isDialog ? ({ role: 'dialog', 'aria-modal': true } as const) : ({ role: 'main' } as const);
  return (
    <div ref={frame} className={style['wall']} data-always-dark {...role} aria-label="Radiator" tabIndex={-1}>
      {lost !== null && (
        <p className={style['lost']} role="alert">
          {lost}
        </p>
      )}
      {lines.length === 0 ? (
        <p className={style['nothing']}>{campaigns === null ? 'Reading the campaigns …' : 'No campaign was started yet'}</p>
      ) : (
        <ul className={style['bands']}>
          {lines.slice(0, mostBands).map((line) => (
            <Band key={`${line.environment} ${line.name}`} line={line} forecast={forecasts.get(line.latest.campaign) ?? null} now={now} />
          ))}
        </ul>
      )}
      <p className={style['foot']}>
        <span>{more > 0 ? `and ${countText(more)} more` : ''}</span>
        <time dateTime={exactDateAndTime(now)}>{timeOfDay(now)}</time>
      </p>
    </div>
  );
}
