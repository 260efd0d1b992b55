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

/** A text that the operator wants as a file, such as a report. */
export interface TextFile {
  /** Suggested name, without a folder: `report.html`. */
  readonly name: string;
  /** Media type: `text/html`. */
  readonly type: string;
  readonly text: string;
}

/**
 * Gives the operator a text as a file. Resolves with where it was written (under Electron a path, in a browser the name of
 * the download), or with null when the operator thought better of it; rejects when it cannot be written.
 */
export async function saveText(file: TextFile): Promise<string | null> {
  const name = safeFileName(file.name);
  if (window.testopsHost?.saveText) return window.testopsHost.saveText(name, file.text);
  const address = URL.createObjectURL(new Blob([file.text], { type: `${file.type};charset=utf-8` }));
  download(address, name);
  // The browser reads it in its own time.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

/** A name that every file system takes and that shows nothing but itself. */
export function safeFileName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\/:*?"<>|]+/gu, '-').replace(/^[.\s]+|[.\s]+$/g, '');
  return plain.slice(-200) || 'testops';
}

function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
