/** The environment as it stands now: its network, daemons and components, what drifted, what happens; and acting on it by hand. */
import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconServerOff, IconShieldLock, IconTerminal2 } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { Bar } from '../../components/toolbar.tsx';
import { createActions } from '../../stores/actions.ts';
import { useReplay } from '../../stores/replay/replay.ts';
import { useSession } from '../../stores/session.ts';
import { useTrust } from '../../stores/trust.ts';
import { CommandDialog } from './command-dialog.tsx';
import { createManualCommand } from './command-store.ts';
import { ComponentsTable } from './components-table.tsx';
import { createPinned, DriftPanel } from './drift-panel.tsx';
import { createEnvironmentEvents } from './environment-events.ts';
import { rowsOf, totalsOf, type DaemonRow } from './environment-rows.ts';
import { EventsPanel } from './events-panel.tsx';
import { ReplayedEnvironment } from './replayed-environment.tsx';
import style from './environment.module.css';
import { useStores } from '../../stores/context.ts';
import { countText } from '#shared/wording/counts.ts';

/** The status that was known last: while the connection is lost, old values are shown as old rather than not at all. */
function useLastStatus(): EnvironmentStatus | null {
  const status = useSession((state) => state.environment);
  const file = useSession((state) => state.environmentFile);
  const last = useRef<{ readonly file: string | null; readonly status: EnvironmentStatus } | null>(null);
  if (status) last.current = { file, status };
  return status ?? (last.current?.file === file ? last.current.status : null);
}

function useEvents(): void {
  const { followEvents } = useStores().get(createEnvironmentEvents);
  const file = useSession((state) => state.environmentFile);
  const generation = useSession((state) => (state.connection.kind === 'connected' ? state.connection.generation : null));
  useEffect(() => {
    if (file === null || generation === null) return;
    return followEvents(file);
  }, [file, generation]);
}

function useEnvironmentActions(): void {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const { openActionForm } = stores.get(createManualCommand);
  const { pinNow } = stores.get(createPinned);
  useEffect(
    () =>
      registerActions([
        {
          id: 'environment.run-action',
          title: 'Run an action by hand…',
          group: 'Environment',
          keys: ['Mod+Enter'],
          perform: openActionForm,
        },
        { id: 'environment.pin', title: 'Pin what is installed now', group: 'Environment', keys: ['Mod+Alt+P'], perform: pinNow },
      ]),
    [],
  );
}

function Network({ status, rows }: { readonly status: EnvironmentStatus; readonly rows: readonly DaemonRow[] }) {
  const { performAction } = useStores().get(createActions);
  const totals = totalsOf(rows);
  const figures: readonly { readonly name: string; readonly value: string; readonly kind?: 'warn' | 'fail' | false }[] = [
    { name: 'Router', value: status.router },
    { name: 'Daemons', value: `${totals.present} of ${totals.daemons} present`, kind: totals.present < totals.daemons && 'warn' },
    { name: 'Records', value: countText(totals.records) },
    { name: 'Samples', value: countText(totals.samples) },
    { name: 'Gaps filled', value: countText(totals.gapsFilled) },
    { name: 'Records lost', value: countText(totals.recordsLost), kind: totals.recordsLost > 0 && 'fail' },
  ];
  return (
    <Bar kind="facts">
      <span className={style['link']} data-connected={status.connected}>
        {status.connected ? 'connected' : 'not connected'}
      </span>
      {figures.map(({ name, value, kind }) => (
        <span key={name} className={style['fact']} data-tone={kind || undefined}>
          <span className={style['factName']}>{name}</span> {value}
        </span>
      ))}
      <span className="rest" />
      <Button leftSection={<IconTerminal2 size={14} />} onClick={() => performAction('environment.run-action')}>
        Run an action…
      </Button>
    </Bar>
  );
}

/** What keeps the environment, or a daemon of it, from being used. */
function Problems({ problems }: { readonly problems: NonNullable<EnvironmentStatus['problems']> }) {
  if (problems.length === 0) return null;
  return (
    <div role="alert" aria-label="Problems of the environment">
      <ul className={style['problems']}>
        {problems.map(({ severity, code, message, tip }) => (
          <li key={`${code} ${message}`} data-severity={severity}>
            <IconAlertTriangle size={14} aria-hidden />
            <span>
              <strong>{inertText(message)}</strong> {tip}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Waiting({ chosen }: { readonly chosen: boolean }) {
  const { performAction } = useStores().get(createActions);
  const restricted = useTrust((state) => state.standing === 'restricted');
  if (restricted) {
    return (
      <EmptyState icon={<IconShieldLock />} title="This folder is not trusted">
        <p>So the console connects to no environment that it describes. Trust it if you know who made it.</p>
        <Button onClick={() => performAction('workspace.trust')}>Trust this folder…</Button>
      </EmptyState>
    );
  }
  if (chosen) {
    return (
      <EmptyState icon={<Loader size={28} />} title="Waiting for the environment">
        <p>The core connects to the router that the environment file names; daemons announce themselves every second.</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={<IconServerOff />} title="No environment is chosen">
      <p>An environment.yaml in the workspace names the router, your key and the release under test. Choose one, or start the demo.</p>
      <Button onClick={() => performAction('environment.switch')}>Choose an environment</Button>
      <Button onClick={() => performAction('demo.switch-release')}>Start the demo</Button>
    </EmptyState>
  );
}

/** While a run of the past is replayed, it is its environment that is shown. */
export function EnvironmentView() {
  const replaying = useReplay((state) => state.run !== null);
  return replaying ? <ReplayedEnvironment /> : <LiveEnvironment />;
}

function LiveEnvironment() {
  const status = useLastStatus();
  const chosen = useSession((state) => state.environmentFile !== null);
  const coreConnected = useSession((state) => state.connection.kind === 'connected' && state.environment !== null);
  const rows = useMemo(() => (status ? rowsOf(status, coreConnected) : []), [status, coreConnected]);
  useEvents();
  useEnvironmentActions();
  if (!status) return <Waiting chosen={chosen} />;
  return (
    <div className={style['page']}>
      <div>
        <Network status={status} rows={rows} />
        <Problems problems={status.problems ?? []} />
      </div>
      <div className={style['tableFrame']} tabIndex={0} role="region" aria-label="Daemons and components">
        {rows.length > 0 ? (
          <ComponentsTable rows={rows} />
        ) : (
          <EmptyState icon={<IconServerOff />} title="No daemon has been heard of">
            <p>Start daemons that name this router and this environment in their daemon.yaml. They appear here by themselves.</p>
          </EmptyState>
        )}
      </div>
      <div className={style['lower']}>
        <DriftPanel drift={status.drift} />
        <EventsPanel />
      </div>
      <CommandDialog />
    </div>
  );
}
