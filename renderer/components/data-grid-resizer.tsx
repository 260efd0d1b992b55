/** The edge of a data grid's column: drawn to a width by pointer, moved by arrow keys, fitted by a double click or Enter. */
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import type { RowData } from '@tanstack/react-table';
import { greatestWidth, leastWidth } from '../stores/grids.ts';
import type { GridColumn, ShownGrid } from './data-grid-columns.ts';
import style from './data-grid.module.css';

/** px by which an arrow key moves the edge; with Shift. */
const step = 8;
const largeStep = 40;

/** px of a cell beside its text. */
const cellPadding = 10;

/** Width that an arrow key or a key for the ends wants; null: the key is not for the edge. */
function widthAfter({ key, shiftKey }: KeyboardEvent, width: number): number | null {
  const by = shiftKey ? largeStep : step;
  const widths: Readonly<Record<string, number>> = { ArrowLeft: width - by, ArrowRight: width + by, Home: leastWidth, End: greatestWidth };
  return widths[key] ?? null;
}

/** The width that the longest text of a column needs, as far as its rows are drawn. */
function contentWidth(heading: Element): number {
  const place = [...(heading.parentElement?.children ?? [])].indexOf(heading);
  const rows = heading.closest('[role=grid]')?.querySelectorAll('[role=row]') ?? [];
  const widths = [...rows].map((row) => {
    const cell = row.children[place];
    if (!cell) return 0;
    const text = document.createRange();
    text.selectNodeContents(cell.querySelector('button') ?? cell);
    return text.getBoundingClientRect().width;
  });
  return Math.ceil(Math.max(0, ...widths)) + cellPadding;
}

interface ResizerProps<Row extends RowData> {
  readonly grid: ShownGrid<Row>;
  readonly column: GridColumn<Row>;
  /** Whether the keyboard gets here from the heading. */
  readonly reachable: boolean;
}

export function Resizer<Row extends RowData>({ grid: { table }, column, reachable }: ResizerProps<Row>) {
  const { name, title } = column;
  const drag = useRef<{ readonly from: number; readonly width: number } | null>(null);
  const edge = useRef<HTMLDivElement>(null);
  const known = table.getColumn(name)?.getSize() ?? leastWidth;
  const isGiven = Object.hasOwn(table.state.columnSizing, name);

  /** A column that grew into free room is wider than it was said to be. */
  const drawnWidth = (): number => Math.round(edge.current?.parentElement?.getBoundingClientRect().width ?? 0) || known;
  const resize = (width: number): void => {
    const within = Math.min(greatestWidth, Math.max(leastWidth, Math.round(width)));
    table.setColumnSizing((widths) => ({ ...widths, [name]: within }));
  };
  /** As wide as its texts need; again: as it was at first. */
  const fit = (): void => {
    if (isGiven) table.getColumn(name)?.resetSize();
    else if (edge.current?.parentElement) resize(contentWidth(edge.current.parentElement));
  };

  const grasp = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { from: event.clientX, width: drawnWidth() };
  };
  const pull = (event: PointerEvent): void => {
    if (drag.current && event.clientX !== drag.current.from) resize(drag.current.width + event.clientX - drag.current.from);
  };
  const release = (): void => {
    drag.current = null;
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const width = widthAfter(event, drawnWidth());
    if (width !== null) resize(width);
    else if (event.key === 'Enter') fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuenow={known}
      aria-valuemin={leastWidth}
      aria-valuemax={greatestWidth}
      aria-valuetext={isGiven ? `${known} pixels` : `${known} pixels, as at first`}
      title="Drag to resize, double-click to fit"
      tabIndex={reachable ? 0 : -1}
      className={style['edge']}
      onPointerDown={grasp}
      onPointerMove={pull}
      onPointerUp={release}
      onPointerCancel={release}
      onDoubleClick={fit}
      onKeyDown={pressed}
    />
  );
}
