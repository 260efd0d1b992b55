/** What can be done in every view: switch views, open things, change the theme, find and list actions. */
import type { Action } from '../../stores/actions.ts';
import { askForReset } from '../../stores/demo-workspace.ts';
import { openPalette } from '../../stores/palette.ts';
import { loadSampleHistory } from '../../stores/sample-history.ts';
import { useRunSession } from '../../stores/run-session.ts';
import { dismissNotices, currentCore, currentFolder, useSession } from '../../stores/session.ts';
import { isRestricted } from '../../stores/trust.ts';
import { askForTrust, takeTrustBack } from '../../stores/workspace-trust.ts';
import {
  closeWorkspace,
  openWorkspace,
  setTheme,
  startDemo,
  switchDemoRelease,
  switchEnvironment,
  useOpening,
} from '../../stores/workspace.ts';
import { useShell } from './shell-store.ts';
import { isUsable, views } from './views.tsx';

function isOpen(): boolean {
  return useSession.getState().workspace !== null;
}

function trustActions() {
  return [
    {
      id: 'workspace.trust',
      title: 'Trust this folder…',
      group: 'Workspace',
      enabled: () => currentFolder() !== null && isRestricted(),
      perform: () => askForTrust(),
    },
    {
      id: 'workspace.distrust',
      title: 'Take back the trust in this folder',
      group: 'Workspace',
      enabled: () => currentFolder() !== null && !isRestricted(),
      perform: takeTrustBack,
    },
  ] as const;
}

function chooseEnvironment(): void {
  const environments = useSession.getState().workspace?.environments ?? [];
  openPalette({
    title: 'Switch to which environment?',
    empty: 'This workspace has no environment file. Put an environment.yaml in it.',
    choices: environments.map(({ file, name }) => ({ id: file, title: name, description: file, perform: () => switchEnvironment(file) })),
  });
}

function chooseRelease(): void {
  const releases = useSession.getState().information?.demoReleases ?? [];
  const { demoRelease, opening } = useOpening.getState();
  // A demo that is coming up is brought up anew, as one that runs is.
  const isNew = demoRelease === null && opening?.startsEnvironment !== true;
  openPalette({
    title: 'Which release of the demo exchange?',
    empty: 'This core has no demo.',
    choices: releases.map((release) => ({
      id: release,
      title: release,
      ...(release === demoRelease ? { description: 'installed now' } : {}),
      perform: () => void (isNew ? startDemo(release) : switchDemoRelease(release)),
    })),
  });
}

async function chooseWorkspace(): Promise<void> {
  const folder = await window.testopsHost?.chooseFolder?.();
  if (folder) return void openWorkspace(folder);
  const recent = (await currentCore()?.request('workspace.recent', {}))?.folders ?? [];
  openPalette({
    title: 'Open which workspace?',
    empty: 'No workspace was opened before.',
    choices: [
      ...recent.map((each) => ({ id: each, title: each, perform: () => void openWorkspace(each) })),
      ...trustActions()
        .filter(({ enabled }) => enabled())
        .map(({ id, title, perform }) => ({ id, title, description: currentFolder() ?? '', perform })),
      { id: 'start-screen', title: 'Another folder…', description: 'Go to the start screen', perform: closeWorkspace },
    ],
  });
}

export function shellActions(): readonly Action[] {
  return [
    ...views.map((view) => ({
      id: `view.${view.name}`,
      title: `Show ${view.title}`,
      group: 'View',
      keys: [view.keys],
      whileTyping: true,
      enabled: () => isUsable(view, isOpen(), useRunSession.getState().run !== null),
      perform: () => useSession.setState({ view: view.name }),
    })),
    { id: 'palette.open', title: 'Find an action', group: 'View', keys: ['Mod+P', 'F1'], whileTyping: true, perform: () => openPalette() },
    {
      id: 'notices.dismiss',
      title: 'Dismiss all notices (Esc)',
      group: 'View',
      enabled: () => useSession.getState().notices.length > 0,
      perform: dismissNotices,
    },
    { id: 'keys.list', title: 'List all keys', group: 'View', keys: ['?'], perform: () => useShell.setState({ keysListed: true }) },
    {
      id: 'theme.toggle',
      title: 'Switch between dark and light',
      group: 'View',
      keys: ['Mod+Alt+T'],
      whileTyping: true,
      perform: () => setTheme(useSession.getState().theme === 'dark' ? 'light' : 'dark'),
    },
    { id: 'workspace.open', title: 'Open a workspace…', group: 'Workspace', keys: ['Mod+O'], whileTyping: true, perform: chooseWorkspace },
    ...trustActions(),
    { id: 'workspace.close', title: 'Close the workspace', group: 'Workspace', enabled: isOpen, perform: closeWorkspace },
    {
      id: 'environment.switch',
      title: 'Switch the environment…',
      group: 'Environment',
      keys: ['Mod+Alt+E'],
      whileTyping: true,
      enabled: isOpen,
      perform: chooseEnvironment,
    },
    {
      id: 'demo.switch-release',
      title: 'Start the demo with a release…',
      group: 'Environment',
      keys: ['Mod+Alt+R'],
      whileTyping: true,
      enabled: () => useSession.getState().connection.kind === 'connected',
      perform: chooseRelease,
    },
    {
      id: 'demo.reset-workspace',
      title: 'Reset the demo workspace…',
      group: 'Environment',
      enabled: () =>
        (useSession.getState().information?.demoReleases.length ?? 0) > 0 && useSession.getState().connection.kind === 'connected',
      perform: askForReset,
    },
    {
      id: 'archive.samples',
      title: 'Load the sample history',
      group: 'Archive',
      enabled: () => useSession.getState().connection.kind === 'connected',
      perform: loadSampleHistory,
    },
  ];
}
