/** The headings of a data grid: each sorts by its column, and has the column's edge beside it. One of them is a stop of the Tab key. */
import { useState, type KeyboardEvent } from 'react';
import type { RowData } from '@tanstack/react-table';
import type { GridColumn, ShownGrid } from './data-grid-columns.ts';
import { Resizer } from './data-grid-resizer.tsx';
import style from './data-grid.module.css';

const sortWords = { asc: 'ascending', desc: 'descending' } as const;
const sortSigns = { asc: ' ↑', desc: ' ↓' } as const;

interface HeadingProps<Row extends RowData> {
  readonly grid: ShownGrid<Row>;
  readonly column: GridColumn<Row>;
  readonly reachable: boolean;
  readonly onFocus: () => void;
}

function Heading<Row extends RowData>({ grid, column, reachable, onFocus }: HeadingProps<Row>) {
  const { name, title, isNumber } = column;
  const isOrdered = grid.definition.isOrdered === true;
  const sorted = grid.table.getColumn(name)?.getIsSorted() || null;
  return (
    <div
      role="columnheader"
      aria-label={title}
      aria-sort={isOrdered ? undefined : sorted ? sortWords[sorted] : 'none'}
      className={style['headingCell']}
      data-number={isNumber}
      onFocus={onFocus}
    >
      <button
        type="button"
        title={title}
        tabIndex={reachable ? 0 : -1}
        aria-disabled={isOrdered || undefined}
        onClick={() => !isOrdered && grid.table.getColumn(name)?.toggleSorting()}
      >
        {title}
        <span aria-hidden>{sorted && sortSigns[sorted]}</span>
      </button>
      <Resizer grid={grid} column={column} reachable={reachable} />
    </div>
  );
}

/** Moves the keyboard from heading to heading. */
function move(event: KeyboardEvent<HTMLElement>): void {
  const headings = [...event.currentTarget.querySelectorAll('button')];
  const at = headings.findIndex((each) => each === event.target);
  if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
  const places: Readonly<Record<string, number>> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: headings.length - 1 };
  const next = headings[places[event.key] ?? -1];
  if (!next) return;
  next.focus();
  event.preventDefault();
}

export function Headings<Row extends RowData>({ grid }: { readonly grid: ShownGrid<Row> }) {
  const [last, setLast] = useState<string | null>(null);
  const stop = grid.columns.find(({ name }) => name === last) ?? grid.columns[0];
  return (
    <div role="rowgroup" className={style['heading']}>
      <div role="row" aria-rowindex={1} className={style['row']} onKeyDown={move}>
        {grid.columns.map((column) => (
          <Heading key={column.name} grid={grid} column={column} reachable={column === stop} onFocus={() => setLast(column.name)} />
        ))}
      </div>
    </div>
  );
}
