/** Choosing series for a chart: a tree of components that is searched by typing; Enter or a click adds, or one drags. */
import { ActionIcon, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { createCharts, useCharts } from '../../../stores/charts.ts';
import { useSession } from '../../../stores/session.ts';
import { useTelemetry } from '../../../stores/telemetry.ts';
import { seriesDragType } from './chart-card.tsx';
import { seriesTree, type TreeRow } from './series-tree.ts';
import style from './charts.module.css';
import { useStores } from '../../../stores/context.ts';
import { countText } from '#shared/wording/counts.ts';

interface SeriesChooserProps {
  /** Chart that receives; null: a new one with each choice. */
  readonly target: string | null;
  readonly onClose: () => void;
}

export function SeriesChooser({ target, onClose }: SeriesChooserProps) {
  const { componentsWithStates, addSeries } = useStores().get(createCharts);
  const known = useTelemetry((state) => state.known);
  const catalogue = useSession((state) => state.catalogue);
  const chart = useCharts((state) => state.layout.charts.find(({ id }) => id === target));
  const [search, setSearch] = useState('');
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  const states = useMemo(componentsWithStates, [catalogue]);
  const tree = useMemo(() => seriesTree(known, states, search, expanded), [known, states, search, expanded]);
  const list = useRef<HTMLUListElement>(null);
  const shown = new Set(chart?.series ?? []);
  const at = Math.min(active, tree.rows.length - 1);

  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [at, tree]);

  const toggle = (component: string) =>
    setExpanded((before) => new Set(before.has(component) ? [...before].filter((each) => each !== component) : [...before, component]));
  const choose = (row: TreeRow | undefined) => {
    if (row?.kind === 'component') toggle(row.component);
    if (row?.kind === 'series') addSeries(chart?.id ?? null, [row.name]);
  };
  const keyDown = (event: KeyboardEvent) => {
    const row = tree.rows[at];
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const move = moves[event.key];
    if (move !== undefined) setActive(Math.max(0, Math.min(tree.rows.length - 1, at + move)));
    else if (event.key === 'Enter') choose(row);
    else if (event.key === 'Escape') onClose();
    else if (event.key === 'ArrowRight' && row?.kind === 'component' && !row.expanded) toggle(row.component);
    else if (event.key === 'ArrowLeft' && row?.kind === 'component' && row.expanded) toggle(row.component);
    else return;
    event.preventDefault();
  };
  return (
    <aside className={style['chooser']} aria-label="Choose series">
      <div className={style['chooserHead']}>
        <strong className="clipped">{chart ? `Add to ${chart.title}` : 'Add charts'}</strong>
        <ActionIcon size={20} aria-label="Close the list of series" onClick={onClose}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      <TextInput
        autoFocus
        data-panel-focus
        leftSection={<IconSearch size={13} aria-hidden />}
        placeholder="Component or metric"
        aria-label="Search series"
        role="combobox"
        aria-expanded
        aria-controls="series-tree"
        aria-activedescendant={at >= 0 ? `series-${at}` : undefined}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setActive(event.currentTarget.value === '' ? 0 : 1);
        }}
        onKeyDown={keyDown}
      />
      {tree.rows.length === 0 && (
        <p className={style['hint']}>
          {known.length === 0
            ? 'No series are known yet: the daemons tell them when they are connected.'
            : 'No series matches. Type less of its name.'}
        </p>
      )}
      <ul ref={list} id="series-tree" role="tree" aria-label="Series" className={style['tree']}>
        {tree.rows.map((row, index) => (
          <TreeEntry
            key={row.kind === 'component' ? row.component : row.name}
            row={row}
            id={`series-${index}`}
            active={index === at}
            added={row.kind === 'series' && shown.has(row.name)}
            onChoose={() => {
              setActive(index);
              choose(row);
            }}
          />
        ))}
      </ul>
      {tree.omitted > 0 && <p className={style['hint']}>{countText(tree.omitted)} more: type to narrow the list.</p>}
      <p className={style['hint']}>Enter or click adds, or drag onto a chart.</p>
    </aside>
  );
}

interface TreeEntryProps {
  readonly row: TreeRow;
  readonly id: string;
  readonly active: boolean;
  readonly added: boolean;
  readonly onChoose: () => void;
}

function TreeEntry({ row, id, active, added, onChoose }: TreeEntryProps) {
  const common = { id, role: 'treeitem', 'data-active': active || undefined, 'aria-selected': active, onClick: onChoose } as const;
  if (row.kind === 'component')
    return (
      <li {...common} className={style['component']} aria-expanded={row.expanded} aria-level={1}>
        {row.expanded ? <IconChevronDown size={12} aria-hidden /> : <IconChevronRight size={12} aria-hidden />}
        <span className="clipped">{row.component}</span>
        <span className={style['count']}>{row.count}</span>
      </li>
    );
  return (
    <li
      {...common}
      className={style['series']}
      aria-level={2}
      title={row.help === '' ? row.name : `${row.name}: ${row.help}`}
      data-added={added || undefined}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(seriesDragType, row.name);
        event.dataTransfer.effectAllowed = 'copy';
      }}
    >
      <span className="clipped">{row.metric}</span>
      <span className={style['count']}>{added ? 'shown' : row.unit}</span>
    </li>
  );
}
