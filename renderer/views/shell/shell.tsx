/** The frame around all views: rail, header, banner, the view, notices, palette, list of keys. */
import { lazy, Suspense, useEffect } from 'react';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { createActions } from '../../stores/actions.ts';
import { useRadiator } from '../../stores/campaigns/radiator.ts';
import { useRunSession } from '../../stores/run-session.ts';
import { createSession, useSession } from '../../stores/session.ts';
import { DropTarget, TransferStatus } from './drop-target.tsx';
import { DecisionDialogs } from '../decisions/index.tsx';
import { DemoResetDialog } from './demo-reset-dialog.tsx';
import { decisionActions } from './decision-actions.ts';
import { keepFocusHome } from './focus-home.ts';
import { Header } from './header.tsx';
import { handleKeys } from './key-handling.ts';
import { KeysList } from './keys-list.tsx';
import { nativeMenus, performMenuAction } from './native-menu.ts';
import { Notices } from './notices.tsx';
import { useNotLive } from './not-live.ts';
import { Palette } from './palette.tsx';
import { loadPanelsAhead } from './panels.tsx';
import { Rail } from './rail.tsx';
import { RestrictedBanner } from './restricted-banner.tsx';
import { shellActions } from './shell-actions.ts';
import style from './shell.module.css';
import { StartScreen } from './start-screen.tsx';
import { TrustDialog } from './trust-dialog.tsx';
import { isUsable, views, type ViewDefinition } from './views.tsx';
import { useStores } from '../../stores/context.ts';

const Radiator = lazy(async () => ({ default: (await import('../radiator/index.tsx')).Radiator }));

/** The native menu of the host, with what was opened lately, and the actions that are chosen in it. */
function useHostActions(): void {
  const stores = useStores();
  const { currentCore } = stores.get(createSession);
  useEffect(() => window.testopsHost?.onAction?.((action) => performMenuAction(stores, action)), [stores]);
  const opened = useSession((state) => state.workspace?.folder);
  const connected = useSession((state) => state.connection.kind === 'connected');
  useEffect(() => {
    const host = window.testopsHost;
    if (!host?.showMenu) return;
    const recent = currentCore()?.request('workspace.recent', {});
    const folders = recent ? recent.then((answer) => answer.folders) : Promise.resolve([]);
    // A menu without what was opened lately is no reason for a notice.
    void folders.catch(() => []).then((known) => host.showMenu?.(nativeMenus(known)));
  }, [opened, connected]);
}

/** What needs no workspace, such as the archive and a run from it, can be looked at without one. */
function useStartScreen(): boolean {
  const view = useSession((state) => state.view);
  const opened = useSession((state) => state.workspace !== null);
  const runShown = useRunSession((state) => state.run !== null);
  return !views.some((each) => each.name === view && isUsable(each, opened, runShown));
}

function View({ view: { title, component: Content }, hidden }: { readonly view: ViewDefinition; readonly hidden: boolean }) {
  return (
    <div className={style['view']} hidden={hidden}>
      <ErrorBoundary name={title}>
        <Suspense fallback={null}>
          <Content />
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}

function Views() {
  const shown = useSession((state) => state.view);
  return views
    .filter(({ name, stays }) => name === shown || stays === true)
    .map((view) => <View key={view.name} view={view} hidden={view.name !== shown} />);
}

export function Shell() {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const atStart = useStartScreen();
  const notLive = useNotLive();
  const onWall = useRadiator((state) => state.shown);
  useEffect(() => handleKeys(stores), [stores]);
  useEffect(keepFocusHome, []);
  useEffect(() => registerActions([...shellActions(stores), ...decisionActions(stores)]), [stores]);
  useEffect(() => loadPanelsAhead(stores), [stores]);
  useHostActions();
  return (
    <div className={style['shell']} data-not-live={notLive.some(({ aside }) => !aside) || undefined}>
      <Header />
      <RestrictedBanner />
      <Rail />
      <main className={style['main']}>{atStart ? <StartScreen /> : <Views />}</main>
      <Notices />
      <DecisionDialogs />
      <DemoResetDialog />
      <TrustDialog />
      <TransferStatus />
      <DropTarget />
      <Palette />
      <KeysList />
      {onWall && (
        <Suspense fallback={null}>
          <Radiator />
        </Suspense>
      )}
    </div>
  );
}
