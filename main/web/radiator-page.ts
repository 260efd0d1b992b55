/**
 * The radiator for a wall: a page without login rights. Its address carries the token of a link behind `#`, where no server, proxy or log sees it; the page
 * sends it with each request for what it shows. The token opens nothing else: this is the only place that takes one, and it asks the core one question.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CoreDoor, Visitor } from '#main/core-process/core-door.ts';
import { portOver } from '#main/core-process/text-channel.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import type { RendererFiles } from './renderer-files.ts';
import { radiatorHeaders } from './security-headers.ts';
import { sendFile } from './send-file.ts';

/** Where the page is, and what it asks for. */
export const radiatorPath = '/radiator';
export const radiatorDataPath = '/radiator/data';
/** The file of the built renderer that is the page. */
const pageName = 'radiator.html';

export interface RadiatorPageOptions {
  readonly core: CoreDoor;
  readonly visitor: Visitor;
  /** The built renderer, opened when the page is first asked for. */
  readonly files: () => Promise<RendererFiles>;
  /** Told of a token that is none; `true`: this address has to wait. */
  readonly refused?: (request: IncomingMessage) => void;
  readonly mustWait?: (request: IncomingMessage) => boolean;
}

export class RadiatorPage implements Owned {
  private readonly options: RadiatorPageOptions;
  private core: (Core & Owned) | null = null;
  private opening: Promise<RendererFiles> | null = null;

  constructor(options: RadiatorPageOptions) {
    this.options = options;
  }

  /** Whether a path is that of the page, or of its data. */
  static isItself(path: string): boolean {
    return path === radiatorPath || path === radiatorDataPath;
  }

  /** Whether the page needs the file of a path. No other is given to whoever was not let in. */
  async needs(path: string): Promise<boolean> {
    if (!path.startsWith('/assets/')) return false;
    const files = await this.files().catch(() => null);
    return (await files?.neededBy(pageName))?.has(path.slice(1)) ?? false;
  }

  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(radiatorHeaders())) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') return tell(response, 405, { message: 'Only GET is answered here.' });
    if (path === radiatorDataPath) return this.answerData(request, response);
    const files = await this.files().catch(() => null);
    if (path === radiatorPath) await files?.refresh();
    const name = path === radiatorPath ? `/${pageName}` : path;
    const file = await files?.find(name, request.headers['accept-encoding']?.toString());
    if (!file) return tell(response, 503, { message: 'The screens of the console are not built here.' });
    sendFile(file, request, response);
  }

  async dispose(): Promise<void> {
    await this.core?.dispose();
  }

  private async answerData(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    if (this.options.mustWait?.(request)) return tell(response, 429, { message: 'Too many wrong tokens; wait a minute.' });
    const token = /^Bearer ([\w-]{1,256})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    try {
      const shown = await this.asked().request('radiator.show', { token });
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.end(request.method === 'HEAD' ? undefined : JSON.stringify(shown));
    } catch (failure) {
      const { code, message } = problemOf(failure);
      if (code === 'not-admitted') {
        this.options.refused?.(request);
        return tell(response, 401, { message });
      }
      // A core that died is found again by the next request.
      await this.leave();
      tell(response, 503, { message: 'The core does not answer.' });
    }
  }

  private asked(): Core {
    this.core ??= connectContract(portOver(this.options.core.open(this.options.visitor)));
    return this.core;
  }

  private async leave(): Promise<void> {
    const { core } = this;
    this.core = null;
    await core?.dispose();
  }

  private files(): Promise<RendererFiles> {
    this.opening ??= this.options.files().catch((failure: unknown) => {
      this.opening = null;
      throw failure;
    });
    return this.opening;
  }
}

function tell(response: ServerResponse, status: number, body: { readonly message: string }): void {
  response.setHeader('Cache-Control', 'no-store');
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
