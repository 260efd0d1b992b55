/**
 * What the window's host offers: a port to the core, what to open first, and files in and out. In a browser the port is a
 * WebSocket of the page's own origin and files are downloads; under Electron there are native dialogs.
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
  /** Where a file that was dropped on the page stands; an empty text for one that stands nowhere. */
  pathOfFile?(file: File): string;
  /** The workspaces that were opened lately, for the native menu. */
  showRecent?(folders: readonly string[]): Promise<unknown>;
  /** Something was opened from the desktop while the page is there. Returns the unsubscribe. */
  onOpened?(listener: (opened: unknown) => void): () => void;
  /** Asks where a text is to be written, and writes it there; null when the operator thought better of it. */
  saveText?(name: string, text: string): Promise<string | null>;
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
  /** A file of that workspace to show, as its path within it. */
  file: z.string().nullish(),
  /** A `.testops-run` file of the core's computer to import and show. */
  bundle: z.string().nullish(),
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

/** Calls back when something is opened from the desktop. Returns the unsubscribe. */
export function onOpenedFromDesktop(listener: (opened: StartInformation) => void): () => void {
  const take = (opened: unknown): void => listener(startInformationSchema.parse(opened));
  return window.testopsHost?.onOpened?.(take) ?? (() => {});
}

async function fetchStart(): Promise<unknown> {
  const answer = await fetch('/start.json');
  return answer.ok ? answer.json() : {};
}

export { importFile, importPath, saveRun, saveText, type ImportedRun, type Sending, type TextFile } from './host-files.ts';
