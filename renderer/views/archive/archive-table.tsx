/** The runs as one long list: sorted by any column, moved through by keyboard, drawn only where it is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { RunSummary } from '#shared/run/manifest.ts';
import { formatBytes, formatCount, formatDate, formatDuration, nothing } from '../../components/format.ts';
import { inertText } from '../../components/inert-text.ts';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import { checksText, selectionAfter, verdictOf, type ColumnName } from './archive-rows.ts';
import { deleteRun, openRun, useArchive } from './archive-store.ts';
import style from './archive.module.css';

const rowHeight = 26;

const columns: readonly { readonly name: ColumnName; readonly title: string; readonly isNumber?: true }[] = [
  { name: 'verdict', title: 'Verdict' },
  { name: 'scenario', title: 'Scenario' },
  { name: 'release', title: 'Release' },
  { name: 'started', title: 'Started' },
  { name: 'duration', title: 'Duration', isNumber: true },
  { name: 'steps', title: 'Steps', isNumber: true },
  { name: 'checks', title: 'Checks', isNumber: true },
  { name: 'size', title: 'Size', isNumber: true },
  { name: 'operator', title: 'Operator' },
];

function cellText(run: RunSummary, column: Exclude<ColumnName, 'verdict'>): string {
  switch (column) {
    case 'scenario':
      return inertText(run.scenario) + (run.mode === 'dry' ? ' (dry run)' : '');
    case 'release':
      return inertText(run.release);
    case 'started':
      return formatDate(run.startedAt);
    case 'duration':
      return formatDuration(run.duration);
    case 'steps':
      return run.totals ? formatCount(run.totals.steps) : nothing;
    case 'checks':
      return checksText(run) || nothing;
    case 'size':
      return formatBytes(run.totals?.bytes ?? null);
    case 'operator':
      return inertText(run.operator);
  }
}

function Heading() {
  const sort = useArchive((state) => state.sort);
  const sortBy = (column: ColumnName) =>
    useArchive.setState({ sort: { column, descending: sort.column === column ? !sort.descending : column === 'started' } });
  return (
    <div role="rowgroup" className={style['heading']}>
      <div role="row" className={style['row']}>
        {columns.map(({ name, title, isNumber }) => {
          const sorted = sort.column === name;
          return (
            <div
              key={name}
              role="columnheader"
              aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
              className={isNumber ? 'number' : undefined}
            >
              <button type="button" onClick={() => sortBy(name)}>
                {title}
                <span aria-hidden>{sorted ? (sort.descending ? ' ↓' : ' ↑') : ''}</span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly run: RunSummary;
  readonly index: number;
  readonly start: number;
  readonly selected: boolean;
}

function Row({ run, index, start, selected }: RowProps) {
  return (
    <div
      id={`run-${run.run}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={style['row']}
      style={{ height: rowHeight, position: 'absolute', top: 0, transform: `translateY(${start}px)` }}
      onClick={() => useArchive.setState({ selected: run.run })}
      onDoubleClick={() => openRun(run)}
    >
      {columns.map(({ name, isNumber }) => (
        <div
          key={name}
          role="gridcell"
          className={isNumber ? 'number' : 'clipped'}
          title={name === 'verdict' ? (run.reason ?? undefined) : undefined}
        >
          {name === 'verdict' ? <VerdictLabel verdict={verdictOf(run)} /> : cellText(run, name)}
        </div>
      ))}
    </div>
  );
}

export function ArchiveTable({ runs }: { readonly runs: readonly RunSummary[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const selected = useArchive((state) => state.selected);
  const current = runs.findIndex((run) => run.run === selected);
  const virtualizer = useVirtualizer({
    count: runs.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => runs[index]?.run ?? index,
    scrollPaddingStart: rowHeight,
    overscan: 12,
  });
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current);
  }, [current, virtualizer]);
  const pressed = (event: KeyboardEvent) => {
    const run = runs[current];
    // Keys in the heading's buttons are theirs.
    if (event.target !== frame.current) return;
    if (event.key === 'Enter' && run) openRun(run);
    else if (event.key === 'Delete' && run) {
      useArchive.setState({ selected: (runs[current + 1] ?? runs[current - 1])?.run ?? null });
      deleteRun(run.run);
    } else {
      const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 2);
      const next = selectionAfter(event.key, current, runs.length, page);
      if (next === null) return;
      useArchive.setState({ selected: runs[next]?.run ?? null });
    }
    event.preventDefault();
  };
  return (
    <div
      ref={frame}
      className={style['table']}
      role="grid"
      aria-label="Runs"
      aria-rowcount={runs.length + 1}
      aria-activedescendant={current >= 0 ? `run-${runs[current]?.run ?? ''}` : undefined}
      tabIndex={0}
      data-panel-focus
      onKeyDown={pressed}
    >
      <Heading />
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map((item) => {
          const run = runs[item.index];
          return run && <Row key={item.key} run={run} index={item.index} start={item.start} selected={run.run === selected} />;
        })}
      </div>
    </div>
  );
}
