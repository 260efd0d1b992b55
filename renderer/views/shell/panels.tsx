/**
 * The panels of the Run view: where each stands and how it is loaded. Panels are loaded on their own, so that the window
 * is there before the editor is. A panel that this build does not have is not placed.
 */
import { lazy, type ComponentType } from 'react';
import { useOpening } from '../../stores/workspace.ts';

export interface PanelDefinition {
  readonly id: string;
  readonly title: string;
  readonly keys: string;
  readonly component: ComponentType;
}

type Loader = () => Promise<Record<string, unknown>>;
const modules = import.meta.glob<Record<string, unknown>>('../run/*/index.{ts,tsx}');

/** The loader of a panel's folder, where this build has it. */
function loaderOf(folder: string): Loader | undefined {
  return modules[`../run/${folder}/index.tsx`] ?? modules[`../run/${folder}/index.ts`];
}

function panelOf(folder: string, exported: string): ComponentType | null {
  const load = loaderOf(folder);
  if (!load) return null;
  return lazy(async () => {
    const component = (await load())[exported];
    if (typeof component !== 'function') throw new Error(`The panel ${exported} is missing from this build.`);
    return { default: component as ComponentType };
  });
}

const wanted = [
  { id: 'files', title: 'Files', keys: 'Alt+1', folder: 'files', exported: 'FilesPanel' },
  { id: 'editor', title: 'Scenario', keys: 'Alt+2', folder: 'editor', exported: 'EditorPanel' },
  { id: 'questions', title: 'Questions', keys: 'Alt+3', folder: 'questions', exported: 'QuestionsPanel' },
  { id: 'charts', title: 'Charts', keys: 'Alt+4', folder: 'charts', exported: 'ChartsPanel' },
  { id: 'log', title: 'Log', keys: 'Alt+5', folder: 'log', exported: 'LogPanel' },
] as const;

export const panels: readonly PanelDefinition[] = wanted.flatMap(({ id, title, keys, folder, exported }) => {
  const component = panelOf(folder, exported);
  return component ? [{ id, title, keys, component }] : [];
});

let ahead = false;

/** Loads the panels while a workspace is being opened, which may take seconds; returns the end of looking for that. */
export function loadPanelsAhead(): () => void {
  const load = (): void => {
    if (ahead || useOpening.getState().opening === null) return;
    ahead = true;
    // A panel that cannot be loaded says so where it is shown.
    for (const folder of ['controls', ...wanted.map((each) => each.folder)]) void loaderOf(folder)?.().catch(() => undefined);
  };
  load();
  return useOpening.subscribe(load);
}

/** The toolbar above the panels. */
export const RunControls = panelOf('controls', 'RunControls');

/** Below it while a run of the past is shown. */
export const ReplayBar = panelOf('replay', 'ReplayBar');
/** Beside the panels while a second run is compared with the replayed one. */
export const BesidePanel = panelOf('replay', 'BesidePanel');
