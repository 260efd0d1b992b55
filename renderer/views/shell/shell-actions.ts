/** What can be done in every view: switch views, open things, change the theme, find and list actions. */
import type { Action } from '../../stores/actions.ts';
import { createRadiator } from '../../stores/campaigns/radiator.ts';
import { createDemoWorkspace } from '../../stores/demo-workspace.ts';
import { createPalette } from '../../stores/palette.ts';
import { loadSampleHistory } from '../../stores/sample-history.ts';
import { createRunSession } from '../../stores/run-session.ts';
import { createSession } from '../../stores/session.ts';
import { createTrust } from '../../stores/trust.ts';
import { askForTrust, takeTrustBack } from '../../stores/workspace-trust.ts';
import { createOpening } from '../../stores/workspace.ts';
import { createShell } from './shell-store.ts';
import { isUsable, views } from './views.tsx';
import type { Stores } from '../../stores/stores.ts';

function isOpen(stores: Stores): boolean {
  return stores.get(createSession).getState().workspace !== null;
}

function trustActions(stores: Stores) {
  const { currentFolder } = stores.get(createSession);
  const { isRestricted } = stores.get(createTrust);
  return [
    {
      id: 'workspace.trust',
      title: 'Trust this folder…',
      group: 'Workspace',
      enabled: () => currentFolder() !== null && isRestricted(),
      perform: () => askForTrust(stores),
    },
    {
      id: 'workspace.distrust',
      title: 'Take back the trust in this folder',
      group: 'Workspace',
      enabled: () => currentFolder() !== null && !isRestricted(),
      perform: () => takeTrustBack(stores),
    },
  ] as const;
}

function chooseEnvironment(stores: Stores): void {
  const environments = stores.get(createSession).getState().workspace?.environments ?? [];
  stores.get(createPalette).openPalette({
    title: 'Switch to which environment?',
    empty: 'This workspace has no environment file. Put an environment.yaml in it.',
    choices: environments.map(({ file, name }) => ({
      id: file,
      title: name,
      description: file,
      perform: () => stores.get(createOpening).switchEnvironment(file),
    })),
  });
}

function chooseRelease(stores: Stores): void {
  const openingStore = stores.get(createOpening);
  const { startDemo, switchDemoRelease } = openingStore;
  const releases = stores.get(createSession).getState().information?.demoReleases ?? [];
  const { demoRelease, opening } = openingStore.getState();
  // A demo that is coming up is brought up anew, as one that runs is.
  const isNew = demoRelease === null && opening?.startsEnvironment !== true;
  stores.get(createPalette).openPalette({
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

async function chooseWorkspace(stores: Stores): Promise<void> {
  const { openWorkspace, closeWorkspace } = stores.get(createOpening);
  const { currentCore, currentFolder } = stores.get(createSession);
  const folder = await window.testopsHost?.chooseFolder?.();
  if (folder) return void openWorkspace(folder);
  const recent = (await currentCore()?.request('workspace.recent', {}))?.folders ?? [];
  stores.get(createPalette).openPalette({
    title: 'Open which workspace?',
    empty: 'No workspace was opened before.',
    choices: [
      ...recent.map((each) => ({ id: each, title: each, perform: () => void openWorkspace(each) })),
      ...trustActions(stores)
        .filter(({ enabled }) => enabled())
        .map(({ id, title, perform }) => ({ id, title, description: currentFolder() ?? '', perform })),
      { id: 'start-screen', title: 'Another folder…', description: 'Go to the start screen', perform: closeWorkspace },
    ],
  });
}

export function shellActions(stores: Stores): readonly Action[] {
  const session = stores.get(createSession);
  const { dismissNotices } = session;
  const { setTheme, closeWorkspace } = stores.get(createOpening);
  return [
    ...views.map((view) => ({
      id: `view.${view.name}`,
      title: `Show ${view.title}`,
      group: 'View',
      keys: [view.keys],
      whileTyping: true,
      enabled: () => isUsable(view, isOpen(stores), stores.get(createRunSession).getState().run !== null),
      perform: () => session.setState({ view: view.name }),
    })),
    {
      id: 'view.radiator',
      title: 'Show the radiator: campaigns for a wall (Esc: back)',
      group: 'View',
      keys: ['Alt+R'],
      perform: () => stores.get(createRadiator).show(),
    },
    {
      id: 'palette.open',
      title: 'Find an action',
      group: 'View',
      keys: ['Mod+P', 'F1'],
      whileTyping: true,
      perform: () => stores.get(createPalette).openPalette(),
    },
    {
      id: 'notices.dismiss',
      title: 'Dismiss all notices (Esc)',
      group: 'View',
      enabled: () => session.getState().notices.length > 0,
      perform: dismissNotices,
    },
    {
      id: 'keys.list',
      title: 'List all keys',
      group: 'View',
      keys: ['?'],
      perform: () => stores.get(createShell).setState({ keysListed: true }),
    },
    {
      id: 'theme.toggle',
      title: 'Switch between dark and light',
      group: 'View',
      keys: ['Mod+Alt+T'],
      whileTyping: true,
      perform: () => setTheme(session.getState().theme === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'workspace.open',
      title: 'Open a workspace…',
      group: 'Workspace',
      keys: ['Mod+O'],
      whileTyping: true,
      perform: () => chooseWorkspace(stores),
    },
    ...trustActions(stores),
    { id: 'workspace.close', title: 'Close the workspace', group: 'Workspace', enabled: () => isOpen(stores), perform: closeWorkspace },
    {
      id: 'environment.switch',
      title: 'Switch the environment…',
      group: 'Environment',
      keys: ['Mod+Alt+E'],
      whileTyping: true,
      enabled: () => isOpen(stores),
      perform: () => chooseEnvironment(stores),
    },
    {
      id: 'demo.switch-release',
      title: 'Start the demo with a release…',
      group: 'Environment',
      keys: ['Mod+Alt+R'],
      whileTyping: true,
      enabled: () => session.getState().connection.kind === 'connected',
      perform: () => chooseRelease(stores),
    },
    {
      id: 'demo.reset-workspace',
      title: 'Reset the demo workspace…',
      group: 'Environment',
      enabled: () => (session.getState().information?.demoReleases.length ?? 0) > 0 && session.getState().connection.kind === 'connected',
      perform: stores.get(createDemoWorkspace).askForReset,
    },
    {
      id: 'archive.samples',
      title: 'Load the sample history',
      group: 'Archive',
      enabled: () => session.getState().connection.kind === 'connected',
      perform: () => loadSampleHistory(stores),
    },
  ];
}
