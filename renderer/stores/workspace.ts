/** Opening what the console works on: a workspace, its environment, the demo, a run that goes on already. */
import { z } from 'zod';
import { createStore } from 'zustand/vanilla';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { StartInformation } from '../transport/host.ts';
import { createDrafts } from './drafts.ts';
import { createEditingSession } from './editing-session.ts';
import { LatestWish } from './latest-wish.ts';
import { createLayout } from './layout.ts';
import { createRunSession } from './run-session.ts';
import { createSession, type Theme } from './session.ts';
import { createTrust } from './trust.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

interface OpeningState {
  /** What is being opened now, for the start screen; null: nothing. */
  readonly opening: {
    readonly what: string;
    /** ms since 1970 */
    readonly since: number;
    /** An environment comes up with it. */
    readonly startsEnvironment: boolean;
  } | null;
  /** Release of the demo that was started by this console; it is started again with a core that was restarted. */
  readonly demoRelease: string | null;
}

export function createOpening(stores: Stores) {
  const session = stores.get(createSession);
  const { notify, currentCore } = session;
  const { loadLayout, layoutSection, saveLayoutNow, setLayoutSection } = stores.get(createLayout);
  const { keepDraftsNow } = stores.get(createDrafts);
  const trustStore = stores.get(createTrust);
  const { enterFolder, isRestricted, leaveFolder } = trustStore;
  const runSession = stores.get(createRunSession);
  const { showRun, closeRun } = runSession;
  const { showWhenReady } = stores.get(createEditingSession);

  const openingStore = createStore<OpeningState>(() => ({ opening: null, demoRelease: null }));

  /** Runs one opening at a time; a failure is told as a notice. Returns whether it worked. */
  async function opening(what: string, open: () => Promise<void>, { startsEnvironment = false } = {}): Promise<boolean> {
    openingStore.setState({ opening: { what, since: Date.now(), startsEnvironment } });
    try {
      await open();
      return true;
    } catch (failure) {
      notify(problemOf(failure));
      return false;
    } finally {
      openingStore.setState({ opening: null });
    }
  }

  /** Opens a folder as the workspace, with its layout and the environment that was used last (or the first). */
  function openWorkspace(folder: string, environmentFile?: string | null): Promise<boolean> {
    return opening(`Opening ${folder}`, async () => {
      await openFolder(folder, environmentFile ?? null);
      openingStore.setState({ demoRelease: null });
    });
  }

  async function openFolder(folder: string, wanted: string | null, { withEnvironment = true } = {}): Promise<void> {
    const core = currentCore();
    if (!core) return;
    const workspace = await core.request('workspace.open', { folder });
    // What was typed just now belongs to the folder that is left.
    await keepDraftsNow();
    await loadLayout(workspace.folder);
    const theme = layoutSection('theme', z.enum(['dark', 'light']));
    const last = layoutSection('environment', z.string());
    const known = workspace.environments.map((each) => each.file);
    const environmentFile = wanted ?? known.find((file) => file === last) ?? known[0] ?? null;
    const chosen = enterFolder(workspace.folder, workspace.trusted, environmentFile);
    session.setState({ workspace, environmentFile: withEnvironment ? chosen : null, ...(theme ? { theme } : {}) });
    if (withEnvironment) await joinActiveRun(chosen);
  }

  /** A run that goes on in the core is shown at once: the window may have been closed and opened again. */
  async function joinActiveRun(environmentFile: string | null): Promise<void> {
    const core = currentCore();
    if (!core || runSession.getState().run !== null) return;
    const { runs } = await core.request('runs.active', {});
    const active = runs.find((run) => run.environmentFile === environmentFile);
    if (active) showRun(active.run, { scenarioFile: active.scenarioFile });
  }

  /** Starts the demo environment with a release (the first one unless told) and opens its workspace, which is as it was left. */
  async function startDemo(release?: string): Promise<boolean> {
    const chosen = release ?? session.getState().information?.demoReleases[0];
    return opening(
      `Starting the demo exchange${chosen ? `, release ${chosen}` : ''}`,
      async () => {
        const core = currentCore();
        if (!core) return;
        if (chosen === undefined)
          throw new ProblemError({ code: 'no-demo', message: 'This core has no demo.', tip: 'Open a workspace instead.' });
        // The scenarios can be read while the exchange comes up, and also when it does not.
        const early = await core.request('demo.start', { release: chosen, ready: false });
        for (const { tip, file, ...notice } of early.notices)
          notify({ ...notice, ...(tip !== undefined && { tip }), ...(file !== undefined && { file }) });
        await openFolder(early.folder, null, { withEnvironment: false });
        const demo = await core.request('demo.start', { release: chosen });
        session.setState({ environmentFile: demo.environmentFile });
        openingStore.setState({ demoRelease: demo.release });
        await joinActiveRun(demo.environmentFile);
      },
      { startsEnvironment: true },
    );
  }

  /** Stops the demo and starts it with another release, or with the same one; its workspace stays open. */
  const demoSwitch = new LatestWish<string>(async (release) => {
    await opening(`Stopping the demo exchange`, async () => {
      // Its workspace has what was typed lately before it is read anew.
      await saveLayoutNow();
      await currentCore()?.request('demo.stop', {});
      session.setState({ environmentFile: null });
    });
    await startDemo(release);
  });

  /** Brings the demo up with a release. While it is being brought up for an earlier wish, the last wish counts. */
  async function switchDemoRelease(release: string): Promise<void> {
    return demoSwitch.ask(release);
  }

  /** Chooses an environment; while the folder is restricted, it is asked about first. */
  function switchEnvironment(environmentFile: string): void {
    const { workspace } = session.getState();
    if (workspace && isRestricted()) trustStore.setState({ withheld: environmentFile, question: workspace.folder });
    else session.setState({ environmentFile });
    setLayoutSection('environment', environmentFile);
  }

  function setTheme(theme: Theme): void {
    session.setState({ theme });
    setLayoutSection('theme', theme);
  }

  /** Back to the start screen. */
  function closeWorkspace(): void {
    session.setState({ workspace: null, environmentFile: null, view: 'run' });
    leaveFolder();
    closeRun();
    openingStore.setState({ demoRelease: null });
  }

  /** One after the other, so that what was asked for last is what is shown. */
  let lastAsked: Promise<void> = Promise.resolve();

  /** Opens what the host, or the desktop through it, asks for. `showBundle` imports a `.testops-run` file and shows its run. */
  function openAsked(asked: StartInformation, showBundle: (file: string) => Promise<void>): Promise<void> {
    lastAsked = lastAsked.then(() => openNow(asked, showBundle)).catch((failure: unknown) => void notify(problemOf(failure)));
    return lastAsked;
  }

  async function openNow(asked: StartInformation, showBundle: (file: string) => Promise<void>): Promise<void> {
    const { workspace, environmentFile, demo, file, bundle } = asked;
    if (workspace) {
      if ((await openWorkspace(workspace, environmentFile)) && file) {
        showWhenReady(file);
        session.setState({ view: 'run' });
      }
    } else if (demo) await startDemo(typeof demo === 'string' ? demo : undefined);
    if (bundle) await showBundle(bundle);
  }

  /**
   * Follows the connection: what the core says of itself is asked at every connection; at the first, what the host wants is
   * opened; at later ones, a demo that ended with its core is started again.
   */
  function openFirst(start: () => Promise<void>): void {
    let first = true;
    session.subscribe((state, before) => {
      if (state.connection === before.connection || state.connection.kind !== 'connected') return;
      const isFirst = first;
      first = false;
      void greet(isFirst, start);
    });
  }

  async function greet(isFirst: boolean, start: () => Promise<void>): Promise<void> {
    try {
      const information = (await currentCore()?.request('core.information', {})) ?? null;
      session.setState({ information });
    } catch (failure) {
      notify(problemOf(failure));
    }
    const { demoRelease } = openingStore.getState();
    if (!isFirst) {
      if (demoRelease !== null) await startDemo(demoRelease);
      return;
    }
    await start();
  }

  return {
    ...openingStore,
    openWorkspace,
    joinActiveRun,
    startDemo,
    switchDemoRelease,
    switchEnvironment,
    setTheme,
    closeWorkspace,
    openAsked,
    openFirst,
  };
}

export const useOpening = storeHook(createOpening);
