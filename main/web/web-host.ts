/**
 * The console in a browser: serves the built renderer and the contract on one loopback address, to whoever was given the
 * one-time link and to nobody else.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CoreDoor } from '#main/core-process/core-door.ts';
import type { Owned } from '#shared/disposable.ts';
import { Admission } from './admission.ts';
import type { ConsoleStart } from './console-start.ts';
import { contractSocketServer, joinSocket } from './contract-socket.ts';
import { closeServer, listen, refuseUpgrade } from './listening.ts';
import { longestRequest, refuseTransfer, RunRoutes } from './run-routes.ts';
import { LocalRunTransfer, type RunTransfer } from './run-transfer.ts';
import { RadiatorPage } from './radiator-page.ts';
import { RendererFiles } from './renderer-files.ts';
import { securityHeaders } from './security-headers.ts';
import { sendFile } from './send-file.ts';
import { markupText } from '#shared/markup-text.ts';

export interface WebHostOptions {
  readonly core: CoreDoor;
  /** Folder of the built renderer. */
  readonly renderer: string;
  /** What the console opens with; the renderer reads it from `/start.json`. */
  readonly start: ConsoleStart;
  /** How runs come and go as files; unless given, to a core on this machine. */
  readonly transfer?: RunTransfer;
  /** Recorded with what the consoles of this host do. */
  readonly operator?: string | null;
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Told when a link was used, so that another can be offered. */
  readonly onLinkUsed?: () => void;
}

export interface WebHost extends Owned {
  /** The link with a one-time token, valid once. */
  readonly url: string;
  readonly port: number;
  /** A further link, for another browser. */
  newLink(): string;
}

/** Most consoles that may be connected at a time. */
const maximumConsoles = 32;

export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const { core, start, operator = null, host = '127.0.0.1' } = options;
  const files = await RendererFiles.open(options.renderer);
  const server = createServer({ maxHeaderSize: 16_384, headersTimeout: 30_000, requestTimeout: longestRequest });
  const port = await listen(server, host, options.port ?? 0, '--port');
  const admission = new Admission([`127.0.0.1:${port}`, `localhost:${port}`, `${host}:${port}`], port);
  const partings = new Set<() => void>();
  const sockets = contractSocketServer();
  const runs = new RunRoutes(options.transfer ?? new LocalRunTransfer(core));
  const radiator = new RadiatorPage({ core, visitor: { operator: 'radiator' }, files: async () => files });

  server.on('request', (request, response) => {
    answer({ radiator, files, admission, start, runs, operator, onLinkUsed: options.onLinkUsed }, request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'This file cannot be read any more; build the renderer again and restart.');
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = upgradeRefusal(admission, request, partings.size);
    if (refusal) return refuseUpgrade(socket, ...refusal);
    sockets.handleUpgrade(request, socket, head, (upgraded) => {
      const part = joinSocket(upgraded, core.open({ operator }));
      partings.add(part);
      upgraded.on('close', () => partings.delete(part));
    });
  });

  const dispose = async (): Promise<void> => {
    await closeServer(server, sockets, partings);
    await runs.dispose();
    await radiator.dispose();
  };
  const newLink = (): string => `http://${host}:${port}/?token=${admission.newToken()}`;
  return { url: newLink(), port, newLink, dispose };
}

interface Answering {
  readonly radiator: RadiatorPage;
  readonly files: RendererFiles;
  readonly admission: Admission;
  readonly start: ConsoleStart;
  readonly runs: RunRoutes;
  readonly operator: string | null;
  readonly onLinkUsed: (() => void) | undefined;
}

async function answer(parts: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { radiator, files, admission, start } = parts;
  const host = admission.host(request);
  for (const [name, value] of Object.entries(securityHeaders(host === null ? '' : `ws://${host}`))) response.setHeader(name, value);
  if (host === null) return refuse(response, 421, 'This is the TestOps Console of another address; open it under the one it printed.');
  const target = targetOf(request.url);
  if (target && RunRoutes.isOne(target.pathname)) return answerRuns(parts, target, request, response);
  if (target && RadiatorPage.isItself(target.pathname)) return radiator.answer(target.pathname, request, response);
  if (target && !admission.knows(request) && (await radiator.needs(target.pathname)))
    return radiator.answer(target.pathname, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Only GET is answered here.');
  if (!target) return refuse(response, 400, 'This address is malformed.');
  const token = target.pathname === '/' ? target.searchParams.get('token') : null;
  if (token !== null) return takeToken(parts, token, request, response);
  if (!admission.knows(request)) return refuse(response, 403, notAdmitted);
  if (target.pathname === '/start.json') {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(start));
    return;
  }
  if (target.pathname === '/') await files.refresh();
  const file = await files.find(target.pathname, request.headers['accept-encoding']?.toString());
  if (!file) return refuse(response, 404, 'There is no such file here.');
  sendFile(file, request, response);
}

const notAdmitted =
  'This link was used already, or is not valid. Press Enter in the terminal where the console was started: it prints a new one.';

/** Runs as files: whatever changes something comes from a page of this origin; everything from a browser that was let in. */
function answerRuns(parts: Answering, target: URL, request: IncomingMessage, response: ServerResponse): Promise<void> | void {
  const { admission, runs, operator } = parts;
  const refuseWith = (code: string, message: string): void => refuseTransfer(request, response, { severity: 'error', code, message });
  if (request.method !== 'GET' && !admission.fromOwnPage(request))
    return refuseWith('foreign-page', 'This page may not send anything here.');
  if (!admission.knows(request)) return refuseWith('not-admitted', notAdmitted);
  return runs.answer(request, response, target, { operator });
}

function takeToken({ admission, onLinkUsed }: Answering, token: string, request: IncomingMessage, response: ServerResponse): void {
  const cookie = admission.exchange(token);
  // A browser that restores its tabs comes back with its old link and its cookie: it was let in before.
  if (cookie === null && !admission.knows(request)) return refuse(response, 403, notAdmitted);
  if (cookie !== null) {
    response.setHeader('Set-Cookie', cookie);
    onLinkUsed?.();
  }
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(303, { Location: '/' }).end();
}

function targetOf(url = '/'): URL | null {
  // A target such as `//evil.example/` or `http://evil.example/` would name another host.
  return url.startsWith('/') && !url.startsWith('//') ? URL.parse(url, 'http://console') : null;
}

/** A refusal as a page that a person can read. */
function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.statusCode = status;
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>TestOps Console</title><p>${markupText(sentence)}</p></html>\n`,
  );
}

/** Why a WebSocket is not let in: status and sentence; null when it is. */
function upgradeRefusal(admission: Admission, request: IncomingMessage, connected: number): readonly [number, string] | null {
  if (admission.host(request) === null) return [421, 'This is another host.'];
  if (targetOf(request.url)?.pathname !== '/contract') return [404, 'There is no such socket here.'];
  if (!admission.fromOwnPage(request)) return [403, 'This page may not connect here.'];
  if (!admission.knows(request)) return [403, notAdmitted];
  if (connected >= maximumConsoles) return [503, `${maximumConsoles} consoles are connected; close one first.`];
  return null;
}
