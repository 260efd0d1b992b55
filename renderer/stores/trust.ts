/**
 * Whether the folder that is open is trusted. Until it is, the core starts nothing of it and connects to nothing that it names; so no
 * environment is chosen then, and the one that would be is kept for the moment when it is.
 */
import { z } from 'zod';
import { createStore } from 'zustand/vanilla';
import { createLayout } from './layout.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface TrustState {
  /** Of the open workspace; null: none is open. */
  readonly standing: 'trusted' | 'restricted' | null;
  /** The environment file that is chosen as soon as the folder is trusted. */
  readonly withheld: string | null;
  /** The folder that is asked about now; null: nothing is being asked. */
  readonly question: string | null;
}

const nothing: TrustState = { standing: null, withheld: null, question: null };

/** The code of the problem with which what needs trust is refused; its `file` is the folder that is not trusted. */
export const untrusted = 'workspace-untrusted';

const section = 'trust-asked';

export function createTrust(stores: Stores) {
  const layoutStore = stores.get(createLayout);
  const { layoutSection, setLayoutSection } = layoutStore;

  const trustStore = createStore<TrustState>(() => nothing);

  /** Whether something of the open folder may be started. */
  function isRestricted(): boolean {
    return trustStore.getState().standing === 'restricted';
  }

  /** Notes how an opened folder stands, and asks about one that nobody was asked about yet. Returns the environment file to choose now. */
  function enterFolder(folder: string, trusted: boolean, environmentFile: string | null): string | null {
    const question = trusted || layoutSection(section, z.boolean()) === true ? null : folder;
    trustStore.setState({ standing: trusted ? 'trusted' : 'restricted', withheld: trusted ? null : environmentFile, question });
    return trusted ? environmentFile : null;
  }

  /** No folder is open any more. */
  function leaveFolder(): void {
    trustStore.setState(nothing);
  }

  /** Whoever was asked about a folder once is reminded by the banner from then on. */
  function closeQuestion(): void {
    const { question } = trustStore.getState();
    trustStore.setState({ question: null });
    if (question === layoutStore.getState().folder) setLayoutSection(section, true);
  }

  return { ...trustStore, isRestricted, enterFolder, leaveFolder, closeQuestion };
}

export const useTrust = storeHook(createTrust);
