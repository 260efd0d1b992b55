/** What changed, most telling first: a tree of findings and of the other places where each differs, moved through by keyboard. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconTag } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { Finding } from '#shared/analysis/comparison.ts';
import type { RunId } from '#shared/identifiers.ts';
import { inertText } from '../../components/inert-text.ts';
import { createActions } from '../../stores/actions.ts';
import { createComparison, useComparison } from '../../stores/comparison.ts';
import { selectionAfter } from '../../components/row-keys.ts';
import { causeText, type CauseRemark } from '../decisions/decision-words.ts';
import { createDecisions } from '../decisions/index.tsx';
import { effectText } from './comparison-words.ts';
import { DistributionStrip } from './distribution-strip.tsx';
import { alsoText, kindOf, placeText, rowKey, type FindingRow, type RankedFinding, type StepsByKey } from './finding-rows.ts';
import style from './findings.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

/** px */
const findingHeight = 56;
const placeHeight = 24;

interface RowProps {
  readonly id: string;
  readonly index: number;
  readonly start: number;
  readonly selected: boolean;
  readonly steps: StepsByKey;
}

/** How a row lies in the list. */
function rowStyle(start: number, height: number) {
  return { height, position: 'absolute', top: 0, transform: `translateY(${start}px)` } as const;
}

interface FindingRowProps extends RowProps {
  readonly ranked: RankedFinding;
  readonly candidate: RunId;
  readonly cause: CauseRemark | undefined;
  readonly expanded: boolean;
}

function FindingRowView({ id, index, start, selected, steps, ranked, candidate, cause, expanded }: FindingRowProps) {
  const stores = useStores();
  const { selectFinding } = stores.get(createComparison);
  const { askCause } = stores.get(createDecisions);
  const { finding, rank } = ranked;
  const { sentence, status, also, effect } = finding;
  return (
    <div
      id={id}
      role="row"
      aria-level={1}
      aria-rowindex={index + 1}
      aria-selected={selected}
      {...(also.length > 0 && { 'aria-expanded': expanded })}
      className={style['finding']}
      data-explained={cause !== undefined || undefined}
      style={rowStyle(start, findingHeight)}
      onClick={() => selectFinding(finding.id)}
    >
      <span role="gridcell" className="number">
        {rank}
      </span>
      <div role="gridcell" className={style['told']}>
        <div className={style['sentence']} title={inertText(sentence)}>
          {inertText(sentence)}
        </div>
        <div className={style['where']}>
          <span className={style['status']} data-status={status}>
            {status === 'confirmed' ? 'confirmed' : 'not confirmed'}
          </span>
          <span>{kindOf(finding.subject)}</span>
          {cause && <CauseChip cause={cause} />}
          <span className="clipped" title={inertText(placeText(finding.step, steps))}>
            {inertText(placeText(finding.step, steps))}
          </span>
          {also.length > 0 && <Toggle finding={finding} expanded={expanded} />}
        </div>
      </div>
      <div role="gridcell">
        <DistributionStrip finding={finding} />
      </div>
      <span
        role="gridcell"
        className="number"
        title={effect === null ? undefined : 'Distance from the median in units of the usual spread between runs'}
      >
        {effectText(effect)}
      </span>
      <span role="gridcell">
        <Tooltip label="Tell the cause (T)">
          <ActionIcon
            aria-label={`Tell the cause of finding ${rank}`}
            onClick={(event) => {
              event.stopPropagation();
              askCause([candidate], finding);
            }}
          >
            <IconTag size={14} />
          </ActionIcon>
        </Tooltip>
      </span>
    </div>
  );
}

export function CauseChip({ cause }: { readonly cause: CauseRemark }) {
  return (
    <span className={style['cause']} data-cause={cause.cause} title={inertText(`${cause.author}: ${cause.text || causeText(cause)}`)}>
      {inertText(causeText(cause))}
    </span>
  );
}

function Toggle({ finding, expanded }: { readonly finding: Finding; readonly expanded: boolean }) {
  const { setExpanded } = useStores().get(createComparison);
  const Icon = expanded ? IconChevronDown : IconChevronRight;
  return (
    <button
      type="button"
      className={style['toggle']}
      onClick={(event) => {
        event.stopPropagation();
        setExpanded(finding.id, !expanded);
      }}
    >
      <Icon size={12} aria-hidden />
      {alsoText(finding)}
    </button>
  );
}

function PlaceRow({ id, index, start, selected, steps, finding, place }: RowProps & { readonly finding: Finding; readonly place: number }) {
  const { selectFinding } = useStores().get(createComparison);
  const other = finding.also[place];
  if (!other) return null;
  return (
    <div
      id={id}
      role="row"
      aria-level={2}
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={style['place']}
      style={rowStyle(start, placeHeight)}
      onClick={() => selectFinding(finding.id, place)}
    >
      <span role="gridcell" className="clipped" title={inertText(other.sentence)}>
        {inertText(other.sentence)}
      </span>
      <span role="gridcell" className="clipped">
        {inertText(placeText(other.step, steps))}
      </span>
      <span role="gridcell" className="number">
        {effectText(other.effect)}
      </span>
    </div>
  );
}

interface FindingsListProps {
  readonly rows: readonly FindingRow[];
  readonly steps: StepsByKey;
  readonly candidate: RunId;
  readonly explained: ReadonlyMap<string, CauseRemark>;
}

function select(stores: Stores, row: FindingRow | undefined): void {
  if (row)
    stores
      .get(createComparison)
      .selectFinding(row.kind === 'finding' ? row.ranked.finding.id : row.finding.id, row.kind === 'finding' ? null : row.place);
}

/** What a key does to the row under the keyboard; false: it is not for rows. */
function pressedOn(stores: Stores, row: FindingRow, key: string): boolean {
  const { setExpanded, selectFinding } = stores.get(createComparison);
  const finding = row.kind === 'finding' ? row.ranked.finding : row.finding;
  switch (key) {
    case 'ArrowRight':
      setExpanded(finding.id, finding.also.length > 0);
      return true;
    case 'ArrowLeft':
      setExpanded(finding.id, false);
      selectFinding(finding.id);
      return true;
    case 'Enter':
      stores.get(createActions).performAction('compare.evidence');
      return true;
    default:
      return false;
  }
}

export function FindingsList({ rows, steps, candidate, explained }: FindingsListProps) {
  const stores = useStores();
  const frame = useRef<HTMLDivElement>(null);
  const finding = useComparison((state) => state.finding);
  const place = useComparison((state) => state.place);
  const expanded = useComparison((state) => state.expanded);
  const selected = rowKey(finding, place);
  const current = rows.findIndex(({ key }) => key === selected);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: (index) => (rows[index]?.kind === 'place' ? placeHeight : findingHeight),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 8,
  });
  useEffect(() => {
    if (current >= 0) virtualizer.scrollToIndex(current);
  }, [current, virtualizer]);
  // Rows of two heights stand in one list: which is where changes with what is expanded.
  useEffect(() => virtualizer.measure(), [rows, virtualizer]);
  const pressed = (event: KeyboardEvent) => {
    // Keys in a row's buttons are theirs.
    if (event.target !== frame.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[current];
    if (row && pressedOn(stores, row, event.key)) return event.preventDefault();
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / findingHeight) - 1);
    const next = selectionAfter(event.key, current, rows.length, page);
    if (next === null) return;
    select(stores, rows[next]);
    event.preventDefault();
  };
  const idOf = (index: number) => `finding-row-${index}`;
  return (
    <div
      ref={frame}
      className={style['list']}
      role="treegrid"
      aria-label="Findings"
      aria-rowcount={rows.length}
      aria-activedescendant={current >= 0 ? idOf(current) : undefined}
      tabIndex={0}
      data-panel-focus
      onKeyDown={pressed}
    >
      <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const place = { id: idOf(item.index), index: item.index, start: item.start, selected: row.key === selected, steps };
          if (row.kind === 'place') return <PlaceRow key={item.key} {...place} finding={row.finding} place={row.place} />;
          const { id } = row.ranked.finding;
          return (
            <FindingRowView
              key={item.key}
              {...place}
              ranked={row.ranked}
              candidate={candidate}
              cause={explained.get(id)}
              expanded={expanded.has(id)}
            />
          );
        })}
      </div>
    </div>
  );
}
