/** The release candidates, newest first: moved through by keyboard, drawn only where the list is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { createReleases, selectedRelease, useReleases, type Release } from '../../stores/releases.ts';
import { dateAndTime } from '#shared/wording/times.ts';
import { selectionAfter } from '../../components/row-keys.ts';
import { releaseText } from './release-words.ts';
import style from './releases.module.css';
import { useStores } from '../../stores/context.ts';
import { counted } from '#shared/wording/counts.ts';

/** px */
const rowHeight = 58;

function Counts({ release }: { readonly release: Release }) {
  const { passed, failed, accepted, rejected } = release;
  return (
    <>
      <span data-tone={passed > 0 ? 'ok' : undefined}>{passed} passed</span>
      <span data-tone={failed > 0 ? 'fail' : undefined}>{failed} failed</span>
      <span data-tone={accepted > 0 ? 'ok' : undefined}>{accepted} accepted</span>
      <span data-tone={rejected > 0 ? 'fail' : undefined}>{rejected} rejected</span>
    </>
  );
}

export function ReleaseList({ releases }: { readonly releases: readonly Release[] }) {
  const { selectRelease } = useStores().get(createReleases);
  const frame = useRef<HTMLDivElement>(null);
  const selected = useReleases((state) => selectedRelease(state)?.release ?? null);
  const current = releases.findIndex(({ release }) => release === selected);
  const virtualizer = useVirtualizer({
    count: releases.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => releases[index]?.release ?? index,
    overscan: 6,
  });
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current);
  }, [current, virtualizer]);
  const pressed = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 1);
    const next = releases[selectionAfter(event.key, current, releases.length, page) ?? -1];
    if (!next) return;
    selectRelease(next.release);
    event.preventDefault();
  };
  const idOf = (index: number) => `release-${index}`;
  return (
    <div
      ref={frame}
      className={style['list']}
      role="listbox"
      aria-label="Release candidates"
      aria-activedescendant={current >= 0 ? idOf(current) : undefined}
      tabIndex={0}
      data-panel-focus
      onKeyDown={pressed}
    >
      <div role="none" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map((item) => {
          const release = releases[item.index];
          if (!release) return null;
          return (
            <div
              key={item.key}
              id={idOf(item.index)}
              role="option"
              aria-selected={item.index === current}
              aria-posinset={item.index + 1}
              aria-setsize={releases.length}
              className={style['release']}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
              onClick={() => selectRelease(release.release)}
            >
              <div className={style['releaseHead']}>
                <strong className="clipped">{releaseText(release.release)}</strong>
                <span className="muted">
                  {counted(release.runs, 'run')}, last {dateAndTime(release.lastRun)}
                </span>
              </div>
              <div className={style['counts']}>
                <Counts release={release} />
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
