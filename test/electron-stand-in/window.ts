/** BrowserWindow and its WebContents over a Chromium target. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Browser, ProtocolEvent } from './browser.ts';
import { binding, pageScript } from './page-runtime.ts';
import type { MessagePortMain } from './ports.ts';

/** What pages of a custom scheme are fetched from: the debugging protocol cannot register schemes. */
const hostOf = (scheme: string): string => `${scheme}.localhost`;

export type SchemeHandler = (request: Request) => Promise<Response> | Response;
export interface Surroundings {
  readonly browser: Browser;
  readonly schemes: Map<string, SchemeHandler>;
  readonly handlers: Map<string, (event: unknown, ...values: unknown[]) => unknown>;
  readonly windows: Set<BrowserWindow>;
  readonly allClosed: () => void;
}
let surroundings: Surroundings;
/** Called once, before the shell is loaded. */
export function surroundWindows(given: Surroundings): void {
  surroundings = given;
}

interface PageMessage {
  readonly kind: 'invoke' | 'port';
  readonly id: number;
  readonly channel: string;
  readonly values: unknown[];
  readonly port: number;
  readonly data: unknown;
}

export class WebContents extends EventEmitter {
  readonly window: BrowserWindow;
  readonly mainFrame = { url: 'about:blank' };
  targetId = '';
  session = '';
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  private readonly ports = new Map<number, MessagePortMain>();
  private lastPort = 0;

  constructor(window: BrowserWindow) {
    super();
    this.window = window;
  }

  send(channel: string, ...values: unknown[]): void {
    this.tell({ kind: 'event', channel, values });
  }

  postMessage(channel: string, value: unknown, [port]: readonly MessagePortMain[]): void {
    if (!port) return this.send(channel, value);
    const number = ++this.lastPort;
    this.ports.set(number, port);
    port.on('message', ({ data }: { data: unknown }) => this.tell({ kind: 'port', port: number, data }));
    port.on('close', () => this.tell({ kind: 'close-port', port: number }));
    this.tell({ kind: 'new-port', channel, value, port: number });
    port.start();
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  reload(): void {
    void surroundings.browser.send('Page.reload', {}, this.session);
  }

  /** The page went away: its ports go with it. */
  leavePage(): void {
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
  }

  async take(message: PageMessage): Promise<void> {
    if (message.kind === 'port') return this.ports.get(message.port)?.postMessage(message.data);
    const { id, channel, values } = message;
    try {
      const handler = surroundings.handlers.get(channel);
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      this.tell({ kind: 'answer', id, value: (await handler({ sender: this, senderFrame: this.mainFrame }, ...values)) ?? null });
    } catch (failure) {
      this.tell({ kind: 'answer', id, error: `Error invoking remote method '${channel}': ${String(failure)}` });
    }
  }

  private tell(message: unknown): void {
    const expression = `window.__standIn?.take(${JSON.stringify(JSON.stringify(message))})`;
    surroundings.browser.send('Runtime.evaluate', { expression }, this.session).catch(() => undefined);
  }
}

export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  readonly options: { readonly width?: number; readonly height?: number; readonly webPreferences?: Record<string, unknown> };
  private readonly opened: Promise<void>;
  private gone = false;

  constructor(options: BrowserWindow['options'] = {}) {
    super();
    this.options = options;
    this.webContents = new WebContents(this);
    surroundings.windows.add(this);
    this.opened = this.open();
  }

  static getAllWindows(): BrowserWindow[] {
    return [...surroundings.windows];
  }
  static getFocusedWindow(): BrowserWindow | null {
    return null;
  }
  static fromWebContents(contents: WebContents): BrowserWindow {
    return contents.window;
  }

  async loadURL(text: string): Promise<void> {
    await this.opened;
    const url = new URL(text);
    const scheme = url.protocol.slice(0, -1);
    const address = surroundings.schemes.has(scheme) ? `http://${hostOf(scheme)}${url.pathname}${url.search}` : text;
    await surroundings.browser.send('Page.navigate', { url: address }, this.webContents.session);
  }

  close(): void {
    if (this.gone) return;
    this.emit('close');
    this.gone = true;
    void surroundings.browser.send('Target.closeTarget', { targetId: this.webContents.targetId }).catch(() => undefined);
    this.webContents.leavePage();
    surroundings.windows.delete(this);
    this.emit('closed');
    if (surroundings.windows.size === 0) surroundings.allClosed();
  }

  getNormalBounds() {
    return { x: 0, y: 0, width: this.options.width ?? 1_440, height: this.options.height ?? 900 };
  }
  isMaximized = (): boolean => false;
  isMinimized = (): boolean => false;
  isDestroyed = (): boolean => this.gone;
  maximize = (): void => undefined;
  restore = (): void => undefined;
  focus = (): void => undefined;

  private async open(): Promise<void> {
    const { browser, schemes } = surroundings;
    const contents = this.webContents;
    const { width = 1_440, height = 900, webPreferences = {} } = this.options;
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank', width, height, newWindow: true });
    contents.targetId = String(targetId);
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    contents.session = String(sessionId);
    browser.onSession(contents.session, (event) => void this.take(event));
    const tell = (method: string, params = {}): Promise<unknown> => browser.send(method, params, contents.session);
    await tell('Page.enable');
    await tell('Runtime.enable');
    await tell('Runtime.addBinding', { name: binding });
    const preload = webPreferences['preload'];
    if (typeof preload === 'string') {
      await tell('Page.addScriptToEvaluateOnNewDocument', { source: pageScript(readFileSync(preload, 'utf8')) });
    }
    await tell('Fetch.enable', { patterns: [...schemes.keys()].map((scheme) => ({ urlPattern: `http://${hostOf(scheme)}/*` })) });
  }

  private async take({ method, params }: ProtocolEvent): Promise<void> {
    switch (method) {
      case 'Runtime.bindingCalled':
        if (params['name'] === binding) await this.webContents.take(JSON.parse(String(params['payload'])) as PageMessage);
        break;
      case 'Page.frameNavigated': {
        const frame = params['frame'] as { readonly url: string; readonly parentId?: string };
        if (frame.parentId !== undefined) break;
        this.webContents.leavePage();
        this.webContents.mainFrame.url = schemeAddress(frame.url);
        break;
      }
      case 'Fetch.requestPaused':
        await this.serve(params as { requestId: string; request: { url: string; method: string } });
        break;
    }
  }

  private async serve({ requestId, request }: { requestId: string; request: { url: string; method: string } }): Promise<void> {
    const address = schemeAddress(request.url);
    const handler = surroundings.schemes.get(address.slice(0, address.indexOf(':')));
    const response = (await handler?.(new Request(address, { method: request.method }))) ?? new Response('', { status: 404 });
    await surroundings.browser.send(
      'Fetch.fulfillRequest',
      {
        requestId,
        responseCode: response.status,
        responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
        body: Buffer.from(await response.arrayBuffer()).toString('base64'),
      },
      this.webContents.session,
    );
  }
}

/** `http://app.localhost/x` is what stands for `app://console/x`. */
function schemeAddress(text: string): string {
  const url = new URL(text);
  const scheme = [...surroundings.schemes.keys()].find((each) => url.host === hostOf(each));
  return scheme === undefined ? text : `${scheme}://console${url.pathname}${url.search}`;
}
