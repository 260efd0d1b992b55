/** The page for a wall: each campaign in a band, what is red first; how it stands, its last green, since when it is red. */
import { useEffect, useMemo, useRef } from 'react';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import { countText } from '#shared/wording/counts.ts';
import { secondsText } from '#shared/wording/durations.ts';
import { exactDateAndTime, timeOfDay } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import { useNow } from '../../components/use-now.ts';
import { createCampaigns, useCampaigns } from '../../stores/campaigns/campaigns.ts';
import { createRadiator, radiatorLines, useRadiator, type RadiatorLine } from '../../stores/campaigns/radiator.ts';
import { useStores } from '../../stores/context.ts';
import { useConnectionGeneration } from '../../stores/remarks.ts';
import { useSession } from '../../stores/session.ts';
import { bandOf, inUrgency } from './radiator-words.ts';
import style from './radiator.module.css';

/** Bands that fit on a wall and are still read. */
const mostBands = 6;

function Progress({ summary }: { readonly summary: CampaignSummary }) {
  const { done, red } = bandShares(summary);
  return (
    <div className={style['progress']} aria-hidden>
      <span data-tone="fail" style={{ flexGrow: red }} />
      <span data-tone="ok" style={{ flexGrow: done - red }} />
      <i style={{ flexGrow: Math.max(0, 1 - done) }} />
    </div>
  );
}

function bandShares({ results, tests }: CampaignSummary): { readonly done: number; readonly red: number } {
  const all = Object.values(results).reduce((sum, count) => sum + count, 0);
  const red = results.failed + results.broken + results.missing + results.infrastructure;
  const whole = Math.max(1, tests);
  return { done: all / whole, red: red / whole };
}

function Band({ line, now }: { readonly line: RadiatorLine; readonly now: number }) {
  const view = useRadiator(({ views }) => views.get(line.latest.campaign));
  const summary = line.latest.outcome === null && view ? view : line.latest;
  const { tone, sign, words, details } = bandOf(line, summary, view?.forecast ?? null, now);
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
        {summary.outcome === null && <Progress summary={summary} />}
      </div>
      <div className={style['history']}>
        {details.map((each) => (
          <span key={each}>{each}</span>
        ))}
      </div>
    </li>
  );
}

/** Whatever is not live says so, on a wall above all. */
function Lost({ now }: { readonly now: number }) {
  const connection = useSession((state) => state.connection);
  if (connection.kind === 'connected') return null;
  const since = connection.kind === 'lost' ? ` for ${secondsText(now - connection.since)}` : '';
  return (
    <p className={style['lost']} role="alert">
      Not live: the core is out of reach{since}
    </p>
  );
}

/** Escape leaves; no other key does anything here. */
function useWayBack(): void {
  const { hide } = useStores().get(createRadiator);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') hide();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, []);
}

export function Radiator() {
  const stores = useStores();
  const { followList } = stores.get(createCampaigns);
  const { followActive } = stores.get(createRadiator);
  const generation = useConnectionGeneration();
  const campaigns = useCampaigns((state) => state.campaigns);
  const frame = useRef<HTMLDivElement>(null);
  const now = useNow(1_000);
  const lines = useMemo(() => inUrgency(radiatorLines(campaigns ?? [])), [campaigns]);
  const active = lines.filter(({ latest }) => latest.outcome === null).map(({ latest }) => latest.campaign);
  useEffect(() => (generation === null ? undefined : followList()), [generation]);
  useEffect(() => followActive(active), [generation, active.join(' ')]);
  useEffect(() => frame.current?.focus(), []);
  useWayBack();
  const more = lines.length - mostBands;
  return (
    <div ref={frame} className={style['wall']} data-always-dark role="dialog" aria-modal="true" aria-label="Radiator" tabIndex={-1}>
      <Lost now={now} />
      {lines.length === 0 ? (
        <p className={style['nothing']}>{campaigns === null ? 'Reading the campaigns …' : 'No campaign was started yet'}</p>
      ) : (
        <ul className={style['bands']}>
          {lines.slice(0, mostBands).map((line) => (
            <Band key={`${line.environment} ${line.name}`} line={line} now={now} />
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
