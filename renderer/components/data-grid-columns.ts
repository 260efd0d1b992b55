/** The columns of a data grid: what each one tells, and the table of them as the operator sorted, measured and chose them. */
import {
  columnSizingFeature,
  columnVisibilityFeature,
  createSortedRowModel,
  functionalUpdate,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type AccessorFnColumnDef,
  type ReactTable,
  type Row as TableRow,
  type RowData,
} from '@tanstack/react-table';
import { useMemo, type ReactNode } from 'react';
import { useStores } from '../stores/context.ts';
import { createGrids, greatestWidth, leastWidth, useArrangement, type GridArrangement, type GridSort } from '../stores/grids.ts';

export interface GridColumn<Row> {
  readonly name: string;
  readonly title: string;
  /** px, with the space around the text. */
  readonly width: number;
  /** px up to which it takes room that is left, until somebody gives it a width. */
  readonly growsTo?: number;
  /** How much of that room it takes beside others that grow; 1 unless told. */
  readonly weight?: number;
  /** Its texts end where the column ends. */
  readonly isNumber?: true;
  /** What it is sorted by; null stands last, whichever way. */
  readonly value: (row: Row) => string | number | null;
  /** Sorted the other way first: the newest, the most. */
  readonly descendingFirst?: true;
  readonly cell: (row: Row) => ReactNode;
  /** What is told under the pointer. */
  readonly tip?: (row: Row) => string | undefined;
}

/** What a grid is, apart from its rows. It stays the same object as long as the page is there. */
export interface GridDefinition<Row> {
  /** Under which its arrangement is remembered. */
  readonly name: string;
  readonly columns: readonly GridColumn<Row>[];
  /** What tells a row from all others, whatever changes about it. */
  readonly keyOf: (row: Row) => string;
  /** Until somebody sorts otherwise. Without it the rows stand as they come, and can do so again. */
  readonly sort?: GridSort;
  /** Its rows come in their order, and are never sorted otherwise. */
  readonly isOrdered?: true;
}

const features = tableFeatures({
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
});
type Features = typeof features;

/** What a grid shows: all rows, or as many as are known of those that there are. */
export interface GridRows<Row> {
  /** How many there are, here or not. */
  readonly length: number;
  at(place: number): Row | undefined;
  /** Among those that are here; none: -1. */
  findIndex(isMeant: (row: Row) => boolean): number;
}

/** A grid as it is shown, whether all of its rows are here or only those that are seen. */
export interface ShownGrid<Row extends RowData> extends Omit<Grid<Row>, 'rows'> {
  readonly rows: GridRows<Row>;
  /** Told which rows are seen, so that they can be brought. */
  readonly onSeen?: (first: number, last: number) => void;
}

export interface Grid<Row extends RowData> {
  readonly definition: GridDefinition<Row>;
  readonly table: ReactTable<Features, Row>;
  /** Those that are shown. */
  readonly columns: readonly GridColumn<Row>[];
  /** In the order in which they are shown. */
  readonly rows: readonly Row[];
  /** Sizes of the shown columns, as CSS has them. */
  readonly tracks: string;
  /** Brings everything back to how it was at first. */
  readonly reset: () => void;
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compareRows<Row extends RowData>(one: TableRow<Features, Row>, other: TableRow<Features, Row>, column: string): number {
  const [first, second] = [one.getValue(column), other.getValue(column)];
  return typeof first === 'number' && typeof second === 'number' ? first - second : names.compare(String(first), String(second));
}

function columnDefinition<Row extends RowData>(column: GridColumn<Row>): AccessorFnColumnDef<Features, Row> {
  return {
    id: column.name,
    header: column.title,
    accessorFn: (row) => column.value(row) ?? undefined,
    sortFn: compareRows,
    sortUndefined: 'last',
    sortDescFirst: column.descendingFirst ?? false,
    size: column.width,
    minSize: leastWidth,
    maxSize: greatestWidth,
  };
}

/** The arrangement as the table wants it, without what it says of columns that are not there any more. */
function tableState<Row>({ columns, sort: usual }: GridDefinition<Row>, { widths, hidden, sort }: GridArrangement) {
  const isKnown = (name: string): boolean => columns.some((column) => column.name === name);
  const shown = columns.filter(({ name }) => !hidden.includes(name));
  const sorted = sort === null ? null : sort && isKnown(sort.column) ? sort : usual;
  return {
    columnSizing: widths,
    // A grid without columns could not be brought back.
    columnVisibility: shown.length === 0 ? {} : Object.fromEntries(hidden.filter(isKnown).map((name) => [name, false])),
    sorting: sorted ? [{ id: sorted.column, desc: sorted.descending }] : [],
  };
}

/** A column that was given a width has it; another one that grows shares what room is left. */
function trackOf({ growsTo, weight = 1 }: GridColumn<never>, size: number, isGiven: boolean): string {
  if (growsTo === undefined || isGiven) return `${size}px`;
  return `minmax(${size}px, ${growsTo === Infinity ? `${weight}fr` : `${growsTo}px`})`;
}

/** The table of these rows, arranged as is remembered. `rows` is the same list for as long as nothing about it changes. */
export function useDataGrid<Row extends RowData>(definition: GridDefinition<Row>, rows: readonly Row[]): Grid<Row> {
  const { name, keyOf } = definition;
  const { arrange } = useStores().get(createGrids);
  const arrangement = useArrangement(name);
  const columns = useMemo(() => definition.columns.map(columnDefinition), [definition]);
  const state = useMemo(() => tableState(definition, arrangement), [definition, arrangement]);
  const table = useTable<Features, Row>({
    features,
    columns,
    data: rows,
    getRowId: keyOf,
    state,
    enableSortingRemoval: definition.sort === undefined,
    enableMultiSort: false,
    enableSorting: definition.isOrdered !== true,
    onColumnSizingChange: (change) => arrange(name, { widths: functionalUpdate(change, state.columnSizing) }),
    onColumnVisibilityChange: (change) => {
      const visibility = functionalUpdate(change, state.columnVisibility);
      arrange(name, { hidden: Object.keys(visibility).filter((each) => visibility[each] === false) });
    },
    onSortingChange: (change) => {
      const [first] = functionalUpdate(change, state.sorting);
      arrange(name, { sort: first ? { column: first.id, descending: first.desc } : null });
    },
  });
  const { rows: ordered } = table.getRowModel();
  const shown = definition.columns.filter((column) => table.getColumn(column.name)?.getIsVisible());
  const sizeOf = (column: string): number => table.getColumn(column)?.getSize() ?? leastWidth;
  return {
    definition,
    table,
    columns: shown,
    rows: useMemo(() => ordered.map(({ original }) => original), [ordered]),
    tracks: shown.map((column) => trackOf(column, sizeOf(column.name), Object.hasOwn(state.columnSizing, column.name))).join(' '),
    reset: () => arrange(name, null),
  };
}

const none: readonly never[] = [];

/** A grid of which only the rows that are seen are here; they stand in the order in which they come, and are not sorted. */
export function useWindowedGrid<Row extends RowData>(
  definition: GridDefinition<Row>,
  rows: GridRows<Row>,
  onSeen: (first: number, last: number) => void,
): ShownGrid<Row> {
  return { ...useDataGrid<Row>(definition, none), rows, onSeen };
}
