/**
 * The panels of the Run view: where each stands and how it is loaded. Panels are loaded on their own, so that the window
 * is there before the editor is.
 */
import { lazy, type ComponentType } from 'react';
import { createOpening } from '../../stores/workspace.ts';
import type { Stores } from '../../stores/stores.ts';

export interface PanelDefinition {
  readonly id: string;
  readonly title: string;
  readonly keys: string;
  readonly component: ComponentType;
}

const load = {
  files: () => import('../run/files/index.tsx'),
  editor: () => import('../run/editor/index.tsx'),
  questions: () => import('../run/questions/index.ts'),
  charts: () => import('../run/charts/index.tsx'),
  log: () => import('../run/log/index.tsx'),
  controls: () => import('../run/controls/index.ts'),
  replay: () => import('../run/replay/index.tsx'),
};

const FilesPanel = lazy(async () => ({ default: (await load.files()).FilesPanel }));
const EditorPanel = lazy(async () => ({ default: (await load.editor()).EditorPanel }));
const QuestionsPanel = lazy(async () => ({ default: (await load.questions()).QuestionsPanel }));
const ChartsPanel = lazy(async () => ({ default: (await load.charts()).ChartsPanel }));
const LogPanel = lazy(async () => ({ default: (await load.log()).LogPanel }));

export const panels: readonly PanelDefinition[] = [
  { id: 'files', title: 'Files', keys: 'Alt+1', component: FilesPanel },
  { id: 'editor', title: 'Scenario', keys: 'Alt+2', component: EditorPanel },
  { id: 'questions', title: 'Questions', keys: 'Alt+3', component: QuestionsPanel },
  { id: 'charts', title: 'Charts', keys: 'Alt+4', component: ChartsPanel },
  { id: 'log', title: 'Log', keys: 'Alt+5', component: LogPanel },
];

/** The toolbar above the panels. */
export const RunControls = lazy(async () => ({ default: (await load.controls()).RunControls }));

/** Below it while a run of the past is shown. */
export const ReplayBar = lazy(async () => ({ default: (await load.replay()).ReplayBar }));
/** Beside the panels while a second run is compared with the replayed one. */
export const BesidePanel = lazy(async () => ({ default: (await load.replay()).BesidePanel }));

/** What is loaded ahead: everything but what only a run of the past needs. */
const ahead = [load.controls, load.files, load.editor, load.questions, load.charts, load.log];

/** Loads the panels while a workspace is being opened, which may take seconds; returns the end of looking for that. */
export function loadPanelsAhead(stores: Stores): () => void {
  const openingStore = stores.get(createOpening);
  const look = (): void => {
    if (openingStore.getState().opening === null) return;
    // What was loaded once is not loaded again; a panel that cannot be loaded says so where it is shown.
    for (const each of ahead) void each().catch(() => undefined);
  };
  look();
  return openingStore.subscribe(look);
}
