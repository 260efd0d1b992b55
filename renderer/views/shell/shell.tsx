/** The frame around all views: rail, header, banner, the view, notices, palette, list of keys. */
import { Suspense, useEffect } from 'react';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { performAction, registerActions } from '../../stores/actions.ts';
import { useRunSession } from '../../stores/run-session.ts';
import { useSession } from '../../stores/session.ts';
import { ArchiveView } from '../archive/index.tsx';
import { EnvironmentView } from '../environment/index.tsx';
import { Header } from './header.tsx';
import { handleKeys } from './key-handling.ts';
import { KeysList } from './keys-list.tsx';
import { Notices } from './notices.tsx';
import { useNotLive } from './not-live.ts';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { RunView } from './run-view.tsx';
import { shellActions } from './shell-actions.ts';
import style from './shell.module.css';
import { StartScreen } from './start-screen.tsx';

/** Actions that native menus of the host ask for. */
function useHostActions(): void {
  useEffect(() => window.testopsHost?.onAction?.(performAction), []);
}

/** The archive, and a run from it, can be looked at without a workspace. */
function useStartScreen(): boolean {
  const view = useSession((state) => state.view);
  const opened = useSession((state) => state.workspace !== null);
  const runShown = useRunSession((state) => state.run !== null);
  return !opened && view !== 'archive' && !(view === 'run' && runShown);
}

function Views() {
  const view = useSession((state) => state.view);
  return (
    <>
      {/* Stays where it is while another view is shown: editors keep their place, charts their zoom. */}
      <div className={style['view']} hidden={view !== 'run'}>
        <RunView />
      </div>
      {view === 'environment' && (
        <div className={style['view']}>
          <ErrorBoundary name="Environment">
            <EnvironmentView />
          </ErrorBoundary>
        </div>
      )}
      {view === 'archive' && (
        <div className={style['view']}>
          <ErrorBoundary name="Archive">
            <ArchiveView />
          </ErrorBoundary>
        </div>
      )}
    </>
  );
}

export function Shell() {
  const atStart = useStartScreen();
  const notLive = useNotLive();
  useEffect(handleKeys, []);
  useEffect(() => registerActions(shellActions()), []);
  useHostActions();
  return (
    <div className={style['shell']} data-not-live={notLive.length > 0 || undefined}>
      <Header />
      <Rail />
      <main className={style['main']}>
        <Suspense fallback={null}>{atStart ? <StartScreen /> : <Views />}</Suspense>
      </main>
      <Notices />
      <Palette />
      <KeysList />
    </div>
  );
}
