/**
 * What the window's host offers: a port to the core, what to open first, and files in and out. In a browser the port is a
 * WebSocket of the page's own origin and files are downloads; under Electron there are native dialogs.
 */
import { z } from 'zod';
import type { ContractPort } from '#shared/contract/transport/port.ts';
import { contractOverPort, openWebSocketPort, type OpenPort } from './core-connection.ts';

/** An entry that performs an action, one that holds further ones, or (null) a line. */
export type NativeMenuEntry =
  | ({ readonly label: string } & (
      { readonly action: string; readonly accelerator?: string } | { readonly entries: readonly NativeMenuEntry[] }
    ))
  | null;

export interface NativeMenu {
  readonly label: string;
  readonly entries: readonly NativeMenuEntry[];
}

/** Given to the page by Electron's preload script; a browser has none. */
export interface TestopsHost {
  /** A port to the core is sent to the window, in a message `{ testopsPort: request }`; false: there is none now. */
  askPort(request: number): Promise<unknown>;
  /** What to open first; null: show the start screen. */
  startInformation?(): Promise<unknown>;
  /** Native dialogs; the chosen path, or null when the operator thought better of it. */
  chooseFolder?(): Promise<string | null>;
  chooseBundle?(): Promise<string | null>;
  chooseExportFile?(suggestion: string): Promise<string | null>;
  /** Where a file that was dropped on the page stands; an empty text for one that stands nowhere. */
  pathOfFile?(file: File): string;
  /** What the native menu offers; an entry that is chosen comes back as an action. */
  showMenu?(menus: readonly NativeMenu[]): Promise<unknown>;
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

/** Opens ports to the core, as the host of this window gives them. */
export function hostPorts(): OpenPort {
  const host = window.testopsHost;
  return host ? shellPorts(host) : openPagePort;
}

function openPagePort(): Promise<ContractPort> {
  const url = new URL('/contract', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.search = '';
  url.hash = '';
  return openWebSocketPort(url.href);
}

/** Ports of the shell that this page runs in. */
function shellPorts(host: TestopsHost): OpenPort {
  let lastRequest = 0;
  return () => openShellPort(host, ++lastRequest);
}

async function openShellPort(host: TestopsHost, request: number): Promise<ContractPort> {
  const { promise, resolve } = Promise.withResolvers<ContractPort>();
  const take = ({ source, data, ports: [port] }: MessageEvent<unknown>): void => {
    if (source !== window || !isPortOf(data, request) || !port) return;
    removeEventListener('message', take);
    resolve(contractOverPort(port));
  };
  addEventListener('message', take);
  if ((await host.askPort(request)) !== true) {
    removeEventListener('message', take);
    throw new Error('the core is being started');
  }
  return promise;
}

function isPortOf(data: unknown, request: number): boolean {
  return typeof data === 'object' && data !== null && 'testopsPort' in data && data.testopsPort === request;
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
