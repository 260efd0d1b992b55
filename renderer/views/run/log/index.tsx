/** The log of the Run view: everything textual of the shown run, or of the environment while no run is shown. */
import { ActionIcon, Button } from '@mantine/core';
import { IconCopy, IconListDetails, IconX } from '@tabler/icons-react';
import { useEffect, useRef, type RefObject } from 'react';
import { EmptyState } from '../../../components/empty-state.tsx';
import { createActions } from '../../../stores/actions.ts';
import { noFilter } from '../../../stores/log-rows-filter.ts';
import { createLog, useLog } from '../../../stores/log-rows-session.ts';
import { useReplay } from '../../../stores/replay/replay.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useSession } from '../../../stores/session.ts';
import { LogList } from './log-list.tsx';
import { LogToolbar } from './log-toolbar.tsx';
import { createLogView, useLogView } from './log-view.ts';
import style from './log.module.css';
import { useStores } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

function toggleErrors(stores: Stores): void {
  const log = stores.get(createLog);
  const { setFilter } = log;
  setFilter({ minimumSeverity: log.getState().filter.minimumSeverity === 'error' ? 'debug' : 'error' });
}

function useLogActions(input: RefObject<HTMLInputElement | null>, panel: RefObject<HTMLDivElement | null>): void {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const log = stores.get(createLog);
  const { setFollowing, setFilter } = log;
  const logView = stores.get(createLogView);
  const { copySelection } = logView;
  useEffect(
    () =>
      registerActions([
        {
          id: 'log.follow',
          title: 'Follow the newest row',
          group: 'Log',
          keys: ['Alt+F'],
          whileTyping: true,
          perform: () => setFollowing(!log.getState().following),
        },
        {
          id: 'log.filter',
          title: 'Filter the log',
          group: 'Log',
          keys: ['Alt+/'],
          whileTyping: true,
          perform: () => input.current?.focus(),
        },
        {
          id: 'log.errors',
          title: 'Show errors only',
          group: 'Log',
          keys: ['Alt+E'],
          whileTyping: true,
          perform: () => toggleErrors(stores),
        },
        { id: 'log.clear-filter', title: 'Show all rows', group: 'Log', keys: ['Alt+Shift+/'], perform: () => setFilter(noFilter) },
        {
          id: 'log.wrap',
          title: 'Wrap long rows',
          group: 'Log',
          keys: ['Alt+Z'],
          whileTyping: true,
          perform: () => logView.setState(({ wrapped }) => ({ wrapped: !wrapped })),
        },
        {
          id: 'log.time',
          title: 'Times since the start of the run',
          group: 'Log',
          keys: ['Alt+T'],
          perform: () => logView.setState(({ relative }) => ({ relative: !relative })),
        },
        {
          id: 'log.details',
          title: 'Show the whole text of the selected row',
          group: 'Log',
          perform: () => logView.setState(({ details }) => ({ details: !details })),
        },
        {
          id: 'log.copy',
          title: 'Copy the selected rows',
          group: 'Log',
          keys: ['Mod+C'],
          // The key is the log's only while the log has the keyboard, and no text is marked.
          enabled: () =>
            panel.current?.contains(document.activeElement) === true &&
            getSelection()?.type !== 'Range' &&
            logView.getState().focus !== null,
          perform: () => void copySelection(),
        },
      ]),
    [input, panel],
  );
}

function NoRows() {
  const { logRows, setFilter } = useStores().get(createLog);
  const filter = useLog((state) => state.filter);
  const connected = useSession((state) => state.environment?.connected ?? false);
  const replaying = useReplay((state) => state.run !== null);
  if (logRows.count > 0 && filter !== noFilter)
    return (
      <EmptyState title="No row matches the filter">
        <Button size="compact-xs" onClick={() => setFilter(noFilter)}>
          Show all rows
        </Button>
      </EmptyState>
    );
  return (
    <EmptyState icon={<IconListDetails size={28} />} title="Nothing was told yet">
      <p className={style['hint']}>
        {replaying
          ? 'Up to this moment the run tells nothing. Go on with the replay bar above.'
          : connected
            ? 'Log lines, states and crashes of the components appear here as they happen; with a run, its steps and output too.'
            : 'When an environment is connected, what its components tell appears here.'}
      </p>
    </EmptyState>
  );
}

/** The whole text of the row with the focus. */
function Details() {
  const stores = useStores();
  const { logRows } = stores.get(createLog);
  const logView = stores.get(createLogView);
  const { copySelection } = logView;
  const { details, focus } = useLogView();
  const row = details && focus !== null ? logRows.row(focus) : null;
  if (!row) return null;
  return (
    <section className={style['details']} aria-label="Selected row">
      <header className={style['detailsHead']}>
        <span>
          {new Date(row.time).toISOString()} · {row.severity} · {row.kind}
          {row.component !== '' && ` · ${row.component}`}
        </span>
        <ActionIcon size={20} aria-label="Copy the selected rows" onClick={() => void copySelection()}>
          <IconCopy size={13} />
        </ActionIcon>
        <ActionIcon size={20} aria-label="Close the whole text" onClick={() => logView.setState({ details: false })}>
          <IconX size={13} />
        </ActionIcon>
      </header>
      <pre className={style['whole']} tabIndex={0}>
        {row.text}
      </pre>
    </section>
  );
}

export function LogPanel() {
  const { shownCount, logRows } = useStores().get(createLog);
  const input = useRef<HTMLInputElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const relative = useLogView((state) => state.relative);
  const started = useRunSession((state) => state.state.started?.time ?? null);
  const empty = useLog(() => shownCount() === 0);
  useLogActions(input, panel);
  const origin = relative ? (started ?? logRows.timeOf(logRows.first)) : null;
  return (
    <div className={style['panel']} ref={panel}>
      <LogToolbar input={input} />
      <div className={style['body']}>
        <LogList origin={origin} />
        {empty && (
          <div className={style['empty']}>
            <NoRows />
          </div>
        )}
      </div>
      <Details />
    </div>
  );
}
