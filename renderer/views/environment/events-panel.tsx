/** Events of all daemons as they come, newest last; follows the end until the operator scrolls up. */
import { SegmentedControl, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { LogSeverity } from '#shared/protocol/observations.ts';
import { isAtLeast } from '../../components/severity.ts';
import { Bar } from '../../components/toolbar.tsx';
import { useEnvironmentEvents, type EventRow } from './environment-events.ts';
import style from './environment.module.css';
import { countText } from '#shared/wording/counts.ts';
import { exactTimeOfDay } from '#shared/wording/times.ts';

const rowHeight = 20;
const severities = [
  { value: 'debug', label: 'All' },
  { value: 'info', label: 'Info' },
  { value: 'warning', label: 'Warnings' },
  { value: 'error', label: 'Errors' },
];

function Rows({ rows }: { readonly rows: readonly EventRow[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.number ?? index,
    overscan: 10,
  });
  useEffect(() => {
    if (follows.current && rows.length > 0) virtualizer.scrollToIndex(rows.length - 1);
  }, [rows, virtualizer]);
  const scrolled = () => {
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = frame.current ?? {};
    follows.current = scrollTop + clientHeight >= scrollHeight - 2 * rowHeight;
  };
  return (
    <div ref={frame} className={style['panelBody']} onScroll={scrolled} tabIndex={0} role="log" aria-live="off" aria-label="Events">
      {rows.length === 0 && <p className="muted">Nothing yet. State changes, errors, log lines and commands appear here.</p>}
      <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <div
              key={item.key}
              className={style['event']}
              data-severity={row.severity}
              style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
            >
              <span className="code">{exactTimeOfDay(row.time)}</span>
              <span className={style['severity']}>{row.severity}</span>
              <span className="clipped">{row.daemon}</span>
              <span className="clipped">{row.component ?? ''}</span>
              <span className={`clipped ${style['eventText'] ?? ''}`} title={row.text}>
                {row.text}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

export function EventsPanel() {
  const { rows, missed } = useEnvironmentEvents();
  const [least, setLeast] = useState<LogSeverity>('info');
  const [sought, setSought] = useState('');
  const shown = useMemo(() => {
    const words = sought.toLowerCase();
    const fits = (row: EventRow) =>
      isAtLeast(row.severity, least) && (words === '' || `${row.daemon} ${row.component ?? ''} ${row.text}`.toLowerCase().includes(words));
    return rows.filter(fits);
  }, [rows, least, sought]);
  return (
    <section className={style['eventsPanel']} aria-labelledby="events-heading">
      <Bar kind="head">
        <h2 id="events-heading">Events</h2>
        <span className="muted">
          {countText(shown.length)} of {countText(rows.length)}
        </span>
        {missed > 0 && <span className={style['warn']}>{countText(missed)} missed: this console was too slow</span>}
        <span className="rest" />
        <TextInput
          aria-label="Filter events"
          placeholder="Filter"
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
          w={180}
        />
        <SegmentedControl
          aria-label="Least severity"
          data={severities}
          value={least}
          onChange={(value) => setLeast(value as LogSeverity)}
        />
      </Bar>
      <Rows rows={shown} />
    </section>
  );
}
