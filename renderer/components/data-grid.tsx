/**
 * A table of many rows: sorted by its headings, with columns that are resized and chosen, moved through by keyboard, drawn only where it
 * is seen. How it is arranged is remembered with the workspace; what is chosen in it is its view's.
 */
import type { RowData } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState, type CSSProperties, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import type { GridColumn, ShownGrid } from './data-grid-columns.ts';
import { Headings } from './data-grid-heading.tsx';
import { ColumnsMenu } from './data-grid-menu.tsx';
import { selectionAfter } from './row-keys.ts';
import style from './data-grid.module.css';

/** What comes of a click or a key. What is not given, the grid leaves alone. */
export interface GridDeeds<Row> {
  /** A row is gone to, and is the only one that is chosen. */
  readonly onChoose: (row: Row) => void;
  /** Shift: all rows from where the choice began to this one are chosen. Makes it a grid of which several are. */
  readonly onExtend?: (row: Row) => void;
  /** Space or Ctrl: a row is chosen beside the others, or not any more. */
  readonly onToggle?: (row: Row) => void;
  readonly onChooseAll?: () => void;
  /** Escape, or a click on the row that is chosen: none is any more. */
  readonly onLetGo?: () => void;
  /** Enter or a double click. */
  readonly onOpen?: (row: Row) => void;
  readonly onDelete?: (row: Row) => void;
}

interface DataGridProps<Row extends RowData> extends GridDeeds<Row> {
  readonly grid: ShownGrid<Row>;
  readonly label: string;
  /** Key of the row under the keyboard. */
  readonly current: string | null;
  /** Keys of several chosen rows; without any the current one is chosen. */
  readonly chosen?: ReadonlySet<string>;
  /** px */
  readonly rowHeight: number;
  readonly className?: string | undefined;
  /** What is told of a row to its style sheet. */
  readonly dataOf?: (row: Row) => Readonly<Record<`data-${string}`, string | boolean | undefined>>;
  /** Whether its view begins with the keyboard here. */
  readonly takesFocus?: boolean;
}

interface RowLineProps<Row> {
  readonly id: string;
  readonly row: Row;
  readonly columns: readonly GridColumn<Row>[];
  readonly index: number;
  /** px from the first row. */
  readonly start: number;
  readonly isCurrent: boolean;
  readonly isChosen: boolean;
  readonly data: Readonly<Record<`data-${string}`, string | boolean | undefined>> | undefined;
  readonly onClick: (event: MouseEvent) => void;
  readonly onDoubleClick: () => void;
}

function RowLine<Row>({ id, row, columns, index, start, isCurrent, isChosen, data, onClick, onDoubleClick }: RowLineProps<Row>) {
  return (
    <div
      {...data}
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      data-current={isCurrent || undefined}
      className={style['row']}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
    >
      {columns.map(({ name, cell, tip, isNumber }) => (
        <div key={name} role="gridcell" className="clipped" data-number={isNumber} title={tip?.(row)}>
          {cell(row)}
        </div>
      ))}
    </div>
  );
}

/** What a click on a row is about. */
function clicked<Row>(event: MouseEvent, row: Row, isCurrent: boolean, deeds: GridDeeds<Row>): void {
  const { onChoose, onExtend, onToggle, onLetGo } = deeds;
  if ((event.ctrlKey || event.metaKey) && onToggle) onToggle(row);
  else if (event.shiftKey && onExtend) onExtend(row);
  // The second click of a double click opens what the first has chosen.
  else if (isCurrent && onLetGo && event.detail < 2) onLetGo();
  else onChoose(row);
}

/** What a key does with the row under the keyboard; undefined: it is not about that. */
function deedOf<Row>(event: KeyboardEvent, row: Row | undefined, deeds: GridDeeds<Row>): (() => void) | undefined {
  const { onToggle, onChooseAll, onLetGo, onOpen, onDelete } = deeds;
  if (event.key === 'a' && (event.ctrlKey || event.metaKey)) return onChooseAll;
  if (row === undefined) return undefined;
  switch (event.key) {
    case 'Enter':
      return onOpen && (() => onOpen(row));
    case 'Delete':
      return onDelete && (() => onDelete(row));
    case ' ':
      return onToggle && (() => onToggle(row));
    case 'Escape':
      return onLetGo;
    default:
      return undefined;
  }
}

/** px of the line below the headings. */
const headingLine = 1;

/** Draws the rows that are seen, and keeps the one under the keyboard among them. */
function useRows<Row extends RowData>(
  { rows, definition, onSeen }: ShownGrid<Row>,
  rowHeight: number,
  current: number,
  currentKey: string | null,
  frame: RefObject<Element | null>,
) {
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => {
      const row = rows.at(index);
      return row === undefined ? index : definition.keyOf(row);
    },
    scrollPaddingStart: rowHeight,
    // The headings stand above the rows, and take what the last one would need.
    scrollPaddingEnd: rowHeight + headingLine,
    overscan: 12,
  });
  // Where rows come and go by themselves, the one under the keyboard is gone after only when it is another one.
  const place = onSeen ? currentKey : current;
  const isHere = current >= 0;
  useEffect(() => {
    if (isHere) virtualizer.scrollToIndex(current);
  }, [place, isHere, virtualizer]);
  const seen = virtualizer.getVirtualItems();
  const [first, last] = [seen[0]?.index ?? 0, seen.at(-1)?.index ?? 0];
  useEffect(() => onSeen?.(first, last), [first, last, onSeen]);
  return virtualizer;
}

function rowAt<Row extends RowData>({ rows }: ShownGrid<Row>, place: number | null | undefined): Row | undefined {
  return place === null || place === undefined || place < 0 ? undefined : rows.at(place);
}

/** Goes to a row that is not here yet: it is shown, and chosen as soon as it has come. */
function useAwaitedRow<Row extends RowData>(
  grid: ShownGrid<Row>,
  show: (place: number) => void,
  onChoose: (row: Row) => void,
): (place: number) => void {
  const [awaited, setAwaited] = useState<number | null>(null);
  const come = rowAt(grid, awaited);
  useEffect(() => {
    if (come === undefined) return;
    setAwaited(null);
    onChoose(come);
  }, [come]);
  return (place) => {
    setAwaited(place);
    show(place);
  };
}

export function DataGrid<Row extends RowData>(props: DataGridProps<Row>) {
  const { grid, label, chosen, rowHeight, className, dataOf, takesFocus, ...deeds } = props;
  const { rows, columns, table, tracks, definition } = grid;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const current = rows.findIndex((row) => definition.keyOf(row) === props.current);
  const virtualizer = useRows(grid, rowHeight, current, props.current, frame);
  const goTo = useAwaitedRow(grid, virtualizer.scrollToIndex, deeds.onChoose);
  const idOf = (index: number): string => `${id}-${index}`;
  const pressed = (event: KeyboardEvent): void => {
    // Keys in the headings, and in what stands in a row, are theirs.
    if (event.target !== frame.current || event.altKey) return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 2);
    const deed = deedOf(event, rowAt(grid, current), deeds);
    const place = selectionAfter(event.key, current, rows.length, page);
    const next = rowAt(grid, place);
    if (deed) deed();
    else if (place === undefined || place === null || rows.length === 0) return;
    else if (next === undefined) goTo(place);
    else if (event.shiftKey && deeds.onExtend) deeds.onExtend(next);
    else deeds.onChoose(next);
    event.preventDefault();
  };
  const sizes = { '--grid-tracks': tracks, '--grid-width': `${table.getTotalSize()}px`, '--grid-row-height': `${rowHeight}px` };
  return (
    <div className={`${style['place']} ${className ?? ''}`} style={sizes as CSSProperties}>
      <div
        ref={frame}
        className={style['frame']}
        role="grid"
        aria-multiselectable={deeds.onExtend !== undefined}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={current >= 0 ? idOf(current) : undefined}
        tabIndex={0}
        data-panel-focus={takesFocus}
        onKeyDown={pressed}
      >
        <Headings grid={grid} />
        <div role="rowgroup" className={style['body']} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ key, index, start }) => {
            const row = rows.at(index);
            if (row === undefined) return null;
            const isCurrent = index === current;
            return (
              <RowLine
                key={key}
                id={idOf(index)}
                row={row}
                columns={columns}
                index={index}
                start={start}
                isCurrent={isCurrent}
                isChosen={chosen && chosen.size > 0 ? chosen.has(definition.keyOf(row)) : isCurrent}
                data={dataOf?.(row)}
                onClick={(event) => clicked(event, row, isCurrent, deeds)}
                onDoubleClick={() => deeds.onOpen?.(row)}
              />
            );
          })}
        </div>
      </div>
      <ColumnsMenu grid={grid} />
    </div>
  );
}
