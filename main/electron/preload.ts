/** Runs between shell and page: gives the page a port to the core, what to open first, native dialogs and the menu's actions. No more. */
import { contextBridge, ipcRenderer } from 'electron';
import { channels } from './channels.ts';

/** A page's MessagePort, as far as it is used; this file is checked without the types of a page. */
interface PagePort {
  start(): void;
  postMessage(message: unknown): void;
  addEventListener(kind: 'message' | 'close', listener: (event: { readonly data?: unknown }) => void): void;
  removeEventListener(kind: 'message' | 'close', listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

const awaited = new Map<number, (port: PagePort) => void>();
let lastRequest = 0;

ipcRenderer.on(channels.port, (event, request: number) => {
  const [port] = event.ports as unknown as readonly PagePort[];
  if (port) awaited.get(request)?.(port);
  awaited.delete(request);
});

async function openPort(): Promise<object> {
  const request = ++lastRequest;
  const arrived = new Promise<PagePort>((resolve) => awaited.set(request, resolve));
  if ((await ipcRenderer.invoke(channels.openPort, request)) !== true) {
    awaited.delete(request);
    throw new Error('the core is being started');
  }
  const port = await arrived;
  port.start();
  return {
    post: (message: unknown) => port.postMessage(message),
    onMessage: (listener: (message: unknown) => void) => {
      const take = (event: { readonly data?: unknown }): void => listener(event.data);
      port.addEventListener('message', take);
      return () => port.removeEventListener('message', take);
    },
    onClose: (listener: () => void) => {
      const closed = (): void => listener();
      port.addEventListener('close', closed);
      return () => port.removeEventListener('close', closed);
    },
    close: () => port.close(),
  };
}

/** Asks the shell; what it refuses is told in its own words, without Electron's around them. */
function ask(channel: string, ...words: unknown[]): Promise<unknown> {
  return ipcRenderer.invoke(channel, ...words).catch((failure: unknown) => {
    throw new Error(
      String(failure instanceof Error ? failure.message : failure).replace(/^Error invoking remote method '[^']*': (?:Error: )*/, ''),
    );
  });
}

contextBridge.exposeInMainWorld('testopsHost', {
  openPort,
  startInformation: () => ipcRenderer.invoke(channels.start),
  chooseFolder: () => ipcRenderer.invoke(channels.chooseFolder),
  chooseBundle: () => ipcRenderer.invoke(channels.chooseBundle),
  chooseExportFile: (suggestion: string) => ipcRenderer.invoke(channels.chooseExportFile, suggestion),
  saveText: (name: string, text: string) => ask(channels.saveText, name, text),
  onAction: (listener: (id: string) => void) => {
    const take = (_: unknown, id: string): void => listener(id);
    ipcRenderer.on(channels.action, take);
    return () => ipcRenderer.off(channels.action, take);
  },
});
