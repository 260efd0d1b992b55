/** The Run view: the run's toolbar, and the panels in a frame that the operator arranges; remembered per workspace. */
import { Skeleton } from '@mantine/core';
import {
  DockviewReact,
  themeDark,
  themeLight,
  type DockviewApi,
  type DockviewReadyEvent,
  type IDockviewPanelHeaderProps,
  type IDockviewPanelProps,
} from 'dockview-react';
import { Suspense, useEffect, useRef, type FunctionComponent } from 'react';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { Page } from '../../components/page.tsx';
import { createActions } from '../../stores/actions.ts';
import { createLayout, useLayout } from '../../stores/layout.ts';
import { useReplay } from '../../stores/replay/replay.ts';
import { createSession, useSession } from '../../stores/session.ts';
import { dockSchema, focusPanel, placeDefault, restore, toggleMaximized } from './dock-layout.ts';
import { BesidePanel, panels, ReplayBar, RunControls, type PanelDefinition } from './panels.tsx';
import style from './shell.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

function framed({ id, title, component: Panel }: PanelDefinition): FunctionComponent<IDockviewPanelProps> {
  return function FramedPanel() {
    return (
      // The dock has made a region of this name around it.
      <div className={style['panel']} data-panel={id} role="group" aria-label={title} tabIndex={-1}>
        <ErrorBoundary name={title}>
          <Suspense fallback={<Skeleton height="100%" radius={0} animate={false} />}>
            <Panel />
          </Suspense>
        </ErrorBoundary>
      </div>
    );
  };
}

/** A tab is its title: panels are not closed, since each answers something that must stay in sight. */
function PanelTab({ api }: IDockviewPanelHeaderProps) {
  return <span className={style['tab']}>{api.title}</span>;
}

const components = Object.fromEntries(panels.map((panel) => [panel.id, framed(panel)]));

/** Remembers every change of the arrangement, but not the one that bringing it back makes. */
function useRememberedLayout() {
  const { layoutSection, setLayoutSection } = useStores().get(createLayout);
  const dock = useRef<DockviewApi | null>(null);
  const restoring = useRef(false);
  const folder = useLayout((state) => state.folder);
  const frame = useRef<HTMLDivElement>(null);
  const bringBack = (api: DockviewApi) => {
    // Panels that are placed while the view is hidden would have no room to share; they are placed when it is seen.
    if (frame.current?.clientHeight === 0) {
      const seen = new ResizeObserver(() => {
        if (frame.current?.clientHeight === 0) return;
        seen.disconnect();
        requestAnimationFrame(() => bringBack(api));
      });
      return seen.observe(frame.current);
    }
    restoring.current = true;
    restore(api, layoutSection('dock', dockSchema));
    requestAnimationFrame(() => (restoring.current = false));
  };
  useEffect(() => {
    if (dock.current) bringBack(dock.current);
  }, [folder]);
  const ready = ({ api }: DockviewReadyEvent) => {
    dock.current = api;
    bringBack(api);
    api.onDidLayoutChange(() => {
      if (!restoring.current && api.totalPanels > 0) setLayoutSection('dock', api.toJSON());
    });
  };
  return { dock, frame, ready };
}

function showRunView(stores: Stores): void {
  stores.get(createSession).setState({ view: 'run' });
}

export function RunView() {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const replaying = useReplay((state) => state.run !== null);
  const theme = useSession((state) => state.theme);
  const { dock, frame, ready } = useRememberedLayout();
  useEffect(
    () =>
      registerActions([
        {
          id: 'view.reset-layout',
          title: 'Reset the layout of the panels',
          group: 'View',
          perform: () => {
            showRunView(stores);
            if (dock.current) placeDefault(dock.current);
          },
        },
        {
          id: 'view.maximize',
          title: 'Maximise or restore the panel',
          group: 'View',
          keys: ['Alt+M'],
          whileTyping: true,
          perform: () => {
            showRunView(stores);
            if (dock.current) toggleMaximized(dock.current);
          },
        },
        ...panels.map((panel) => ({
          id: `view.focus-${panel.id}`,
          title: `Go to ${panel.title.toLowerCase()}`,
          group: 'View',
          keys: [panel.keys],
          whileTyping: true,
          perform: () => {
            showRunView(stores);
            requestAnimationFrame(() => dock.current && focusPanel(dock.current, panel.id));
          },
        })),
      ]),
    [dock],
  );
  return (
    <Page>
      <div className={style['toolbar']}>
        <ErrorBoundary name="Controls">
          <Suspense fallback={null}>
            <RunControls />
          </Suspense>
        </ErrorBoundary>
      </div>
      {replaying && (
        <ErrorBoundary name="Replay">
          <Suspense fallback={<Skeleton height={74} radius={0} animate={false} />}>
            <ReplayBar />
          </Suspense>
        </ErrorBoundary>
      )}
      <div className={style['besideFrame']}>
        <div ref={frame} className={`dock-frame ${style['dock'] ?? ''}`}>
          <DockviewReact
            components={components}
            defaultTabComponent={PanelTab}
            onReady={ready}
            theme={theme === 'dark' ? themeDark : themeLight}
            disableFloatingGroups
          />
        </div>
        {replaying && (
          <ErrorBoundary name="Run beside">
            <Suspense fallback={null}>
              <BesidePanel />
            </Suspense>
          </ErrorBoundary>
        )}
      </div>
    </Page>
  );
}
