/** The rows in sight. A list of a million is as quick as a list of ten, since only what can be seen is there. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { createLog, useLog } from '../../../stores/log-rows-session.ts';
import { createReplay } from '../../../stores/replay/replay.ts';
import { createTimeAxis, useTimeAxis } from '../../../stores/time-axis.ts';
import { LogRow } from './log-row.tsx';
import { createLogView, isSelected, useLogView } from './log-view.ts';
import { rowWindow, scrollInto, scrollTopOf } from './row-window.ts';
import style from './log.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

/** px; the same as in the style sheet. */
const rowHeight = 20;

/** Height of the window onto the rows, and where it is scrolled to. */
function useScrolling() {
  const scroller = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState(0);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setViewport(element.clientHeight));
    sizes.observe(element);
    setViewport(element.clientHeight);
    return () => sizes.disconnect();
  }, []);
  return { scroller, viewport, top, setTop };
}

/** Steps from row to row by keys. */
const moves: Readonly<Record<string, (place: number, page: number, count: number) => number>> = {
  ArrowDown: (place) => place + 1,
  ArrowUp: (place) => place - 1,
  PageDown: (place, page) => place + page,
  PageUp: (place, page) => place - page,
  Home: () => 0,
  End: (_place, _page, count) => count - 1,
};

export function LogList({ origin }: { readonly origin: number | null }) {
  const stores = useStores();
  const { shownCount, placeOf, numberAt, firstRowAt, setFollowing, logRows } = stores.get(createLog);
  const timeAxis = stores.get(createTimeAxis);
  const { setCursor, selectExecution } = timeAxis;
  const logView = stores.get(createLogView);
  const { extendSelection } = logView;
  const { isReplaying, seekTo } = stores.get(createReplay);
  const version = useLog((state) => state.version);
  const following = useLog((state) => state.following);
  const filter = useLog((state) => state.filter);
  const { wrapped, anchor, focus } = useLogView();
  const execution = useTimeAxis((state) => state.execution);
  const cursor = useTimeAxis((state) => state.cursor);
  const { scroller, viewport, top, setTop } = useScrolling();
  const lastTop = useRef(0);
  const ownSelection = useRef<number | null>(null);

  const count = shownCount();
  const size = { count, rowHeight, viewport };
  const sight = rowWindow({ ...size, top });

  const scrollTo = useCallback(
    (to: number) => {
      const element = scroller.current;
      if (!element) return;
      element.scrollTop = to;
      lastTop.current = element.scrollTop;
      setTop(element.scrollTop);
    },
    [scroller, setTop],
  );
  const show = (place: number): void => {
    const to = scrollInto(place, { ...size, top });
    if (to !== null) scrollTo(to);
  };

  // The newest row stays in sight while it is followed.
  useLayoutEffect(() => {
    if (following && viewport > 0) scrollTo(sight.height);
  }, [following, version, viewport, sight.height, scrollTo, wrapped]);

  // A filter shows the same time as before, as far as it can.
  const inSight = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (!following && inSight.current !== null) scrollTo(scrollTopOf(placeOf(inSight.current), size));
  }, [filter]);
  useEffect(() => {
    inSight.current = following ? null : numberAt(sight.first);
  }, [top, following]);

  // What is selected in a chart or in the script is looked up here.
  useEffect(() => {
    if (execution === null || execution === ownSelection.current) return;
    const at = timeAxis.getState().cursor;
    const number = at === null ? firstRowOf(stores, execution) : firstRowAt(at);
    if (number === null) return;
    setFollowing(false);
    show(placeOf(number));
  }, [execution]);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const moved = element.scrollTop - lastTop.current;
    lastTop.current = element.scrollTop;
    const { atEnd } = rowWindow({ ...size, top: element.scrollTop });
    if (moved < 0 && !atEnd) setFollowing(false);
    if (moved > 0 && atEnd) setFollowing(true);
    setTop(element.scrollTop);
  };

  const goTo = (number: number): void => {
    const row = logRows.row(number);
    if (!row) return;
    ownSelection.current = row.execution;
    setCursor(row.time);
    selectExecution(row.execution);
  };
  const rowOf = (event: MouseEvent): number | null => {
    const line = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
    return line ? Number(line.dataset['row']) : null;
  };
  const onClick = (event: MouseEvent) => {
    const number = rowOf(event);
    if (number === null || getSelection()?.type === 'Range') return;
    setFollowing(false);
    extendSelection(number, event.shiftKey);
    goTo(number);
  };
  // In a replay a row's moment is gone to.
  const onDoubleClick = (event: MouseEvent) => {
    const number = rowOf(event);
    if (number !== null && isReplaying()) seekTo(logRows.sequenceOf(number));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = moves[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (move) {
      event.preventDefault();
      const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
      const from = focus === null ? (following ? count - 1 : sight.first) : placeOf(focus);
      const place = Math.max(0, Math.min(count - 1, move(from, page, count)));
      if (count === 0) return;
      setFollowing(event.key === 'End');
      extendSelection(numberAt(place), event.shiftKey);
      show(place);
    } else if (event.key === 'Enter' && focus !== null) goTo(focus);
    else if (event.key === ' ' && focus !== null) {
      event.preventDefault();
      logView.setState((state) => ({ details: !state.details }));
    }
  };

  const cursorRow = useMemo(() => (cursor === null ? null : firstRowAt(cursor)), [cursor, version]);
  const cursorPlace = cursorRow === null ? -1 : placeOf(cursorRow);
  const bottom = wrapped && sight.atEnd;
  const lines = [];
  for (let place = sight.first; place < sight.end; place++) {
    const number = numberAt(place);
    const row = logRows.row(number);
    if (!row) continue;
    lines.push(
      <LogRow
        key={number}
        number={number}
        place={place}
        row={row}
        origin={origin}
        wrapped={wrapped}
        selected={isSelected(anchor, focus, number)}
        ofStep={execution !== null && row.execution === execution}
        atCursor={place === cursorPlace}
      />,
    );
  }
  return (
    <div
      ref={scroller}
      className={style['scroller']}
      role="grid"
      aria-label="Log"
      aria-rowcount={count}
      aria-multiselectable
      aria-activedescendant={focus === null ? undefined : `log-row-${focus}`}
      tabIndex={0}
      data-panel-focus
      data-wrapped={wrapped || undefined}
      onScroll={onScroll}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: Math.max(sight.height, viewport) }}>
        <div role="rowgroup" className={style['window']} style={{ height: viewport, justifyContent: bottom ? 'flex-end' : 'flex-start' }}>
          <div role="presentation" className={style['lines']} style={bottom ? undefined : { transform: `translateY(${-sight.offset}px)` }}>
            {lines}
          </div>
        </div>
      </div>
    </div>
  );
}

/** The first row that belongs to an execution; null where there is none. */
function firstRowOf(stores: Stores, execution: number): number | null {
  const { logRows, shownEnd } = stores.get(createLog);
  for (let number = logRows.first; number < shownEnd(); number++) if (logRows.executionOf(number) === execution) return number;
  return null;
}
