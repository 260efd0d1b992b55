/**
 * Whether the folder that is open is trusted. Until it is, the core starts nothing of it and connects to nothing that it names; so no
 * environment is chosen then, and the one that would be is kept for the moment when it is.
 */
import { z } from 'zod';
import { create } from 'zustand';
import { layoutSection, setLayoutSection, useLayout } from './layout.ts';

export interface TrustState {
  /** Of the open workspace; null: none is open. */
  readonly standing: 'trusted' | 'restricted' | null;
  /** The environment file that is chosen as soon as the folder is trusted. */
  readonly withheld: string | null;
  /** The folder that is asked about now; null: nothing is being asked. */
  readonly question: string | null;
}

const nothing: TrustState = { standing: null, withheld: null, question: null };

export const useTrust = create<TrustState>(() => nothing);

/** The code of the problem with which what needs trust is refused; its `file` is the folder that is not trusted. */
export const untrusted = 'workspace-untrusted';

const section = 'trust-asked';

/** Whether something of the open folder may be started. */
export function isRestricted(): boolean {
  return useTrust.getState().standing === 'restricted';
}

/** Notes how an opened folder stands, and asks about one that nobody was asked about yet. Returns the environment file to choose now. */
export function enterFolder(folder: string, trusted: boolean, environmentFile: string | null): string | null {
  const question = trusted || layoutSection(section, z.boolean()) === true ? null : folder;
  useTrust.setState({ standing: trusted ? 'trusted' : 'restricted', withheld: trusted ? null : environmentFile, question });
  return trusted ? environmentFile : null;
}

/** No folder is open any more. */
export function leaveFolder(): void {
  useTrust.setState(nothing);
}

/** Whoever was asked about a folder once is reminded by the banner from then on. */
export function closeQuestion(): void {
  const { question } = useTrust.getState();
  useTrust.setState({ question: null });
  if (question === useLayout.getState().folder) setLayoutSection(section, true);
}
