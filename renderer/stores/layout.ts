/**
 * How the console is arranged for a workspace: one opaque text in the core, made of sections that views own
 * (`dock`, `theme`, `charts` …). A section that does not read as its view expects is as if it were not there.
 */
import { createStore } from 'zustand/vanilla';
import type { z } from 'zod';
import type { Core } from '#shared/contract/contract.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

interface LayoutState {
  /** Folder whose layout this is; null while none was loaded. */
  readonly folder: string | null;
  readonly sections: Readonly<Record<string, unknown>>;
}

/** ms without a change after which the layout is saved. */
const saveDelay = 500;

export function createLayout(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);

  const layoutStore = createStore<LayoutState>(() => ({ folder: null, sections: {} }));

  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What is on its way to the core: a layout that is read before it is there would undo it. */
  let saving: Promise<void> = Promise.resolve();

  /** Loads the layout of a workspace; views that subscribed to their section see it then. */
  async function loadLayout(folder: string): Promise<void> {
    await saveLayoutNow();
    const core = currentCore();
    let text: string | null = null;
    try {
      text = core ? (await core.request('layout.load', { folder })).layout : null;
    } catch (failure) {
      notifyUnlessLost(failure);
    }
    layoutStore.setState({ folder, sections: sectionsOf(text) });
  }

  /** A view's section, or null where it is missing or broken. */
  function layoutSection<T>(name: string, schema: z.ZodType<T>): T | null {
    const parsed = schema.safeParse(layoutStore.getState().sections[name]);
    return parsed.success ? parsed.data : null;
  }

  /**
   * Hands over a view's section now and with each other workspace; returns the end of that. `isFirst`: what a view was told before it
   * was there stands, where nothing is remembered.
   */
  function followLayoutSection<T>(name: string, schema: z.ZodType<T>, take: (remembered: T | null, isFirst: boolean) => void): () => void {
    let folder: string | null | undefined;
    const look = (): void => {
      const layout = layoutStore.getState();
      if (layout.folder === folder) return;
      const isFirst = folder === undefined;
      folder = layout.folder;
      take(layoutSection(name, schema), isFirst);
    };
    look();
    return layoutStore.subscribe(look);
  }

  /** Remembers a view's section (plain data; undefined: forgets it). Saved a moment later, with all others. */
  function setLayoutSection(name: string, value: unknown): void {
    layoutStore.setState((state) => ({ sections: { ...state.sections, [name]: value } }));
    clearTimeout(timer);
    timer = setTimeout(() => void saveLayoutNow(), saveDelay);
  }

  /** Saves what was changed and not saved yet; done when that and all that was being saved before is with the core. */
  function saveLayoutNow(): Promise<void> {
    if (timer === undefined) return saving;
    clearTimeout(timer);
    timer = undefined;
    const { folder, sections } = layoutStore.getState();
    const core = currentCore();
    if (folder !== null && core) saving = Promise.all([saving, save(core, folder, JSON.stringify(sections))]).then(() => undefined);
    return saving;
  }

  async function save(core: Core, folder: string, layout: string): Promise<void> {
    try {
      await core.request('layout.save', { folder, layout });
    } catch (failure) {
      notifyUnlessLost(failure);
    }
  }

  stores.own(() => clearTimeout(timer));

  return { ...layoutStore, loadLayout, layoutSection, followLayoutSection, setLayoutSection, saveLayoutNow };
}

export const useLayout = storeHook(createLayout);

/** The sections of a stored layout; none of a text that is no layout. */
export function sectionsOf(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
