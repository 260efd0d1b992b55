/**
 * What the window's host offers: a port to the core, what to open first, and (under Electron) native dialogs.
 * In a browser the port is a WebSocket of the page's own origin.
 */
import { z } from 'zod';
import type { ContractPort } from '#shared/contract/port.ts';
import { openWebSocketPort } from './core-connection.ts';

/** Given to the page by Electron's preload script; a browser has none. */
export interface TestopsHost {
  openPort(): Promise<ContractPort>;
  /** What to open first; null: show the start screen. */
  startInformation?(): Promise<unknown>;
  /** Native dialogs; the chosen path, or null when the operator thought better of it. */
  chooseFolder?(): Promise<string | null>;
  chooseBundle?(): Promise<string | null>;
  chooseExportFile?(suggestion: string): Promise<string | null>;
  /** Actions chosen in the native menu, by their ids. Returns the unsubscribe. */
  onAction?(listener: (id: string) => void): () => void;
}

declare global {
  interface Window {
    readonly testopsHost?: TestopsHost;
  }
}

const startInformationSchema = z.object({
  /** Folder of the workspace to open. */
  workspace: z.string().nullish(),
  environmentFile: z.string().nullish(),
  /** Whether (or with which release) the demo is to be started. */
  demo: z.union([z.boolean(), z.string()]).nullish(),
});
export type StartInformation = z.infer<typeof startInformationSchema>;

export function openHostPort(): Promise<ContractPort> {
  if (window.testopsHost) return window.testopsHost.openPort();
  const url = new URL('/contract', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return openWebSocketPort(url.href);
}

/** What the host wants to be opened first. A host that does not say (or says it wrongly) is one that wants nothing. */
export async function readStartInformation(): Promise<StartInformation> {
  try {
    const answer: unknown = window.testopsHost ? await window.testopsHost.startInformation?.() : await fetchStart();
    return startInformationSchema.parse(answer);
  } catch {
    return {};
  }
}

async function fetchStart(): Promise<unknown> {
  const answer = await fetch('/start.json');
  return answer.ok ? answer.json() : {};
}
