/** The runs as one long list: sorted by any column, moved through by keyboard, drawn only where it is seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import type { RunId } from '#shared/identifiers.ts';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import { inertText } from '../../components/inert-text.ts';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import { DecisionLabel } from '../decisions/index.tsx';
import { checksText, selectionAfter, verdictOf, type ColumnName } from './archive-rows.ts';
import { choose, extendTo, toggle } from './archive-selection.ts';
import { createArchive, useArchive } from './archive-store.ts';
import style from './archive.module.css';
import { useStores } from '../../stores/context.ts';
import { durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { countText } from '#shared/wording/counts.ts';
import { dateAndTime } from '#shared/wording/times.ts';
import { notKnown } from '#shared/wording/numbers.ts';

const rowHeight = 26;

const columns: readonly { readonly name: ColumnName; readonly title: string; readonly isNumber?: true }[] = [
  { name: 'verdict', title: 'Verdict' },
  { name: 'decision', title: 'Decision' },
  { name: 'scenario', title: 'Scenario' },
  { name: 'release', title: 'Release' },
  { name: 'started', title: 'Started' },
  { name: 'duration', title: 'Duration', isNumber: true },
  { name: 'steps', title: 'Steps', isNumber: true },
  { name: 'checks', title: 'Checks', isNumber: true },
  { name: 'size', title: 'Size', isNumber: true },
  { name: 'operator', title: 'Operator' },
];

function cellText(run: ArchivedRun, column: Exclude<ColumnName, 'verdict' | 'decision'>): string {
  switch (column) {
    case 'scenario':
      return inertText(run.scenario) + (run.mode === 'dry' ? ' (dry run)' : '');
    case 'release':
      return inertText(run.release);
    case 'started':
      return dateAndTime(run.startedAt);
    case 'duration':
      return durationText(run.duration, 'steady');
    case 'steps':
      return run.totals ? countText(run.totals.steps) : notKnown;
    case 'checks':
      return checksText(run) || notKnown;
    case 'size':
      return quantityText(run.totals?.bytes ?? null, 'bytes', 'steady');
    case 'operator':
      return inertText(run.operator);
  }
}

function Cell({ run, column }: { readonly run: ArchivedRun; readonly column: ColumnName }) {
  if (column === 'verdict') return <VerdictLabel verdict={verdictOf(run)} />;
  if (column === 'decision') return run.outcome === null ? notKnown : <DecisionLabel decision={run.decision} />;
  return cellText(run, column);
}

function Heading() {
  const archiveStore = useStores().get(createArchive);
  const sort = useArchive((state) => state.sort);
  const sortBy = (column: ColumnName) =>
    archiveStore.setState({ sort: { column, descending: sort.column === column ? !sort.descending : column === 'started' } });
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
  readonly run: ArchivedRun;
  readonly index: number;
  readonly start: number;
  /** Under the keyboard. */
  readonly current: boolean;
  readonly chosen: boolean;
  readonly onPick: (event: MouseEvent, run: RunId) => void;
}

function Row({ run, index, start, current, chosen, onPick }: RowProps) {
  const { openRun } = useStores().get(createArchive);
  return (
    <div
      id={`run-${run.run}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      data-current={current || undefined}
      className={style['row']}
      style={{ height: rowHeight, position: 'absolute', top: 0, transform: `translateY(${start}px)` }}
      onClick={(event) => onPick(event, run.run)}
      onDoubleClick={() => openRun(run)}
    >
      {columns.map(({ name, isNumber }) => (
        <div
          key={name}
          role="gridcell"
          className={isNumber ? 'number' : 'clipped'}
          title={name === 'verdict' ? (run.reason ?? undefined) : undefined}
        >
          <Cell run={run} column={name} />
        </div>
      ))}
    </div>
  );
}

export function ArchiveTable({ runs }: { readonly runs: readonly ArchivedRun[] }) {
  const stores = useStores();
  const archiveStore = stores.get(createArchive);
  const { openRun, chosenRuns, deleteRuns } = archiveStore;
  const frame = useRef<HTMLDivElement>(null);
  const selected = useArchive((state) => state.selected);
  const marked = useArchive((state) => state.marked);
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
  const order = useMemo(() => runs.map(({ run }) => run), [runs]);
  const pick = (event: MouseEvent, run: RunId) => {
    const archive = archiveStore.getState();
    if (event.ctrlKey || event.metaKey) archiveStore.setState(toggle(archive, run));
    else archiveStore.setState(event.shiftKey ? extendTo(archive, run, order) : choose(run));
  };
  const move = (event: KeyboardEvent): boolean => {
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeight) - 2);
    const next = order[selectionAfter(event.key, current, order.length, page) ?? -1];
    if (next === undefined) return false;
    archiveStore.setState(event.shiftKey ? extendTo(archiveStore.getState(), next, order) : choose(next));
    return true;
  };
  const pressed = (event: KeyboardEvent) => {
    const run = runs[current];
    // Keys in the heading's buttons are theirs.
    if (event.target !== frame.current) return;
    if (event.key === 'Enter' && run) openRun(run);
    else if (event.key === 'Delete' && run) {
      const chosen = chosenRuns();
      archiveStore.setState(choose(order.slice(current + 1).find((each) => !marked.has(each)) ?? order[current - 1] ?? null));
      deleteRuns(chosen);
    } else if (event.key === ' ' && run) archiveStore.setState(toggle(archiveStore.getState(), run.run));
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) archiveStore.setState({ marked: new Set(order) });
    else if (!move(event)) return;
    event.preventDefault();
  };
  return (
    <div
      ref={frame}
      className={style['table']}
      role="grid"
      aria-multiselectable
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
          if (!run) return null;
          const isCurrent = run.run === selected;
          const isChosen = marked.size > 0 ? marked.has(run.run) : isCurrent;
          return <Row key={item.key} run={run} index={item.index} start={item.start} current={isCurrent} chosen={isChosen} onPick={pick} />;
        })}
      </div>
    </div>
  );
}
