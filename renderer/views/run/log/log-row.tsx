/** One row of the log. */
import { memo } from 'react';
import type { LogRow as Row } from '../../../stores/log-rows.ts';
import { rowTime, shownCharacters } from './row-text.ts';
import style from './log.module.css';
import { countText } from '#shared/wording/counts.ts';

interface LogRowProps {
  readonly number: number;
  /** Place among the shown rows, from 0. */
  readonly place: number;
  readonly row: Row;
  readonly origin: number | null;
  readonly wrapped: boolean;
  readonly selected: boolean;
  /** Of the step that is selected, here or elsewhere. */
  readonly ofStep: boolean;
  /** The crosshair stands right before this row. */
  readonly atCursor: boolean;
}

export const LogRow = memo(function LogRow({ number, place, row, origin, wrapped, selected, ofStep, atCursor }: LogRowProps) {
  const limit = wrapped ? shownCharacters.wrapped : shownCharacters.oneLine;
  const cut = row.text.length > limit;
  return (
    <div
      role="row"
      id={`log-row-${number}`}
      aria-rowindex={place + 1}
      aria-selected={selected}
      className={style['line']}
      data-row={number}
      data-severity={row.severity}
      data-kind={row.kind}
      data-of-step={ofStep || undefined}
      data-at-cursor={atCursor || undefined}
    >
      <span role="gridcell" className={style['time']}>
        {rowTime(row.time, origin)}
      </span>
      <span role="gridcell" className={style['kind']} title={`${row.severity} · ${row.kind}`}>
        {row.kind}
      </span>
      <span role="gridcell" className={style['component']} title={row.component}>
        {row.component}
      </span>
      <span role="gridcell" className={style['text']}>
        {cut ? row.text.slice(0, limit) : row.text}
        {cut && <span className={style['cut']}>… {countText(row.text.length - limit)} more characters: Space shows them</span>}
      </span>
    </div>
  );
});
