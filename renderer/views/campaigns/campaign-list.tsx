/** The campaigns, newest first: moved through by keyboard, drawn only where the list is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import { redCount } from '#shared/campaign/result-counts.ts';
import { countText, counted } from '#shared/wording/counts.ts';
import { dateAndTime } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import { selectionAfter } from '../../components/row-keys.ts';
import { createCampaigns, freshest, shownCampaign, useCampaigns } from '../../stores/campaigns/campaigns.ts';
import { useLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { useStores } from '../../stores/context.ts';
import { lookOfCampaign, lookText, progressText, stateWord } from './campaign-words.ts';
import style from './campaigns.module.css';

/** px */
const rowHeight = 64;

function Entry({ summary: listed }: { readonly summary: CampaignSummary }) {
  const view = useLiveCampaign((state) => state.view);
  const summary = freshest(listed, view) ?? listed;
  const { name, revision, startedAt, outcome, results, tests } = summary;
  const look = lookOfCampaign(summary);
  const [red, notRun] = [redCount(results), results['not run']];
  return (
    <>
      <div className={style['entryHead']}>
        <strong className="clipped">{inertText(name)}</strong>
        <span className={style['toned']} data-tone={look.tone}>
          {look.sign} {stateWord(summary)}
        </span>
      </div>
      <div className={style['entryLine']}>
        <span className="clipped">{inertText(revision)}</span>
        <span>{dateAndTime(startedAt)}</span>
      </div>
      <div className={style['entryLine']}>
        <span className="clipped">{outcome === null ? progressText(summary) : counted(tests, 'test')}</span>
        <span>
          {red > 0 && (
            <span className={style['toned']} data-tone="fail">
              {countText(red)} red
            </span>
          )}{' '}
          {notRun > 0 && <span>{countText(notRun)} not run</span>}{' '}
          {red > 0 && summary.lookedAt ? (
            <span title={lookText(summary.lookedAt)}>· {inertText(summary.lookedAt.operator)} looked</span>
          ) : (
            results.passed > 0 && `${countText(results.passed)} passed`
          )}
        </span>
      </div>
    </>
  );
}

export function CampaignList({ campaigns }: { readonly campaigns: readonly CampaignSummary[] }) {
  const { showCampaign } = useStores().get(createCampaigns);
  const frame = useRef<HTMLDivElement>(null);
  const shown = useCampaigns((state) => shownCampaign(state)?.campaign ?? null);
  const current = campaigns.findIndex(({ campaign }) => campaign === shown);
  const virtualizer = useVirtualizer({
    count: campaigns.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => campaigns[index]?.campaign ?? index,
    overscan: 6,
  });
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current);
  }, [shown, virtualizer]);
  const pressed = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 1);
    const next = campaigns[selectionAfter(event.key, current, campaigns.length, page) ?? -1];
    if (!next) return;
    showCampaign(next.campaign);
    event.preventDefault();
  };
  const idOf = (index: number) => `campaign-${index}`;
  return (
    <div
      ref={frame}
      className={style['list']}
      role="listbox"
      aria-label="Campaigns"
      aria-activedescendant={current >= 0 ? idOf(current) : undefined}
      tabIndex={0}
      data-panel-focus
      onKeyDown={pressed}
    >
      <div role="none" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map(({ key, index, start }) => {
          const summary = campaigns[index];
          if (!summary) return null;
          return (
            <div
              key={key}
              id={idOf(index)}
              role="option"
              aria-selected={index === current}
              aria-posinset={index + 1}
              aria-setsize={campaigns.length}
              className={style['entry']}
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              onClick={() => showCampaign(summary.campaign)}
            >
              <Entry summary={summary} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
