/**
 * What a page finds: the preload script's `require('electron')`, with messages to this process over a debugging binding.
 * The preload script runs in the page's own world; that Electron would isolate it is not shown here.
 */

/** Name of the binding over which a page speaks to this process. */
export const binding = '__standInSend';

/** The script that runs before everything else in a page. */
export function pageScript(preload: string): string {
  return `(() => {
  if (window.__standIn) return;
  const send = window.${binding};
  const answers = new Map();
  const listeners = new Map();
  const ports = new Map();
  let lastId = 0;
  // Electron tells a page that the other end of its port was closed, after all that came through it; Chromium does not. The
  // preload script passes ports on by a message to the window; what arrives is another object, and is found here.
  const farewell = '__standInClosed';
  addEventListener('message', ({ ports: those }) => {
    for (const port of those) port.addEventListener('message', (event) => {
      if (event.data !== farewell) return;
      event.stopImmediatePropagation();
      port.dispatchEvent(new Event('close'));
    });
  }, true);
  const emit = (channel, event, values) => { for (const listener of [...(listeners.get(channel) ?? [])]) listener(event, ...values); };
  Object.defineProperty(window, '__standIn', { value: {
    take(text) {
      const message = JSON.parse(text);
      if (message.kind === 'answer') {
        const { resolve, reject } = answers.get(message.id);
        answers.delete(message.id);
        if (message.error === undefined) resolve(message.value); else reject(new Error(message.error));
      } else if (message.kind === 'event') emit(message.channel, { ports: [] }, message.values);
      else if (message.kind === 'new-port') {
        const { port1, port2 } = new MessageChannel();
        port2.onmessage = ({ data }) => send(JSON.stringify({ kind: 'port', port: message.port, data }));
        ports.set(message.port, port2);
        emit(message.channel, { ports: [port1] }, [message.value]);
      } else if (message.kind === 'port') ports.get(message.port)?.postMessage(message.data);
      else if (message.kind === 'close-port') ports.get(message.port)?.postMessage(farewell);
    },
  } });
  const ipcRenderer = {
    invoke: (channel, ...values) => new Promise((resolve, reject) => {
      answers.set(++lastId, { resolve, reject });
      send(JSON.stringify({ kind: 'invoke', id: lastId, channel, values }));
    }),
    on: (channel, listener) => { listeners.set(channel, [...(listeners.get(channel) ?? []), listener]); return ipcRenderer; },
    off: (channel, listener) => { listeners.set(channel, (listeners.get(channel) ?? []).filter((each) => each !== listener)); return ipcRenderer; },
  };
  const contextBridge = { exposeInMainWorld: (name, value) => Object.defineProperty(window, name, { value: Object.freeze(value) }) };
  // Where a file stands, Chromium keeps to itself; a test says it of the files that it drops.
  const webUtils = { getPathForFile: (file) => window.standInPaths?.[file.name] ?? '' };
  const require = (name) => {
    if (name === 'electron') return { contextBridge, ipcRenderer, webUtils };
    throw new Error('module not found: ' + name + ' (a sandboxed preload script has only electron)');
  };
  const module = { exports: {} };
  (function (require, module, exports, process) { ${preload}
  })(require, module, module.exports, { platform: 'linux', sandboxed: true, contextIsolated: false, versions: {} });
})();`;
}
