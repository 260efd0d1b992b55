/** Runs between shell and page: ports to the core, what to open, native dialogs, paths of dropped files, the menu. No more. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels } from './channels.ts';

// Ports cannot cross the bridge; the page's own window passes them on. It waits for the number that it asked with.
ipcRenderer.on(channels.port, ({ ports }, request: number) => globalThis.postMessage({ testopsPort: request }, '*', ports));

/** Asks the shell; what it refuses is told in its own words, without Electron's around them. */
function ask(channel: string, ...words: unknown[]): Promise<unknown> {
  return ipcRenderer.invoke(channel, ...words).catch((failure: unknown) => {
    const told = failure instanceof Error ? failure.message : String(failure);
    throw new Error(told.replace(/^Error invoking remote method '[^']*': (?:Error: )*/, ''));
  });
}

/** Hands what the shell says on a channel to the page; returns the unsubscribe. */
function heard(channel: string): (listener: (said: unknown) => void) => () => void {
  return (listener) => {
    const take = (_: unknown, said: unknown): void => listener(said);
    ipcRenderer.on(channel, take);
    return () => ipcRenderer.off(channel, take);
  };
}

contextBridge.exposeInMainWorld('testopsHost', {
  askPort: (request: number) => ask(channels.openPort, request),
  startInformation: () => ask(channels.start),
  chooseFolder: () => ask(channels.chooseFolder),
  chooseBundle: () => ask(channels.chooseBundle),
  chooseExportFile: (suggestion: string) => ask(channels.chooseExportFile, suggestion),
  saveText: (name: string, text: string) => ask(channels.saveText, name, text),
  pathOfFile: (file: File) => webUtils.getPathForFile(file),
  showMenu: (menus: unknown) => ask(channels.menu, menus),
  onAction: heard(channels.action),
  onOpened: heard(channels.opened),
});
