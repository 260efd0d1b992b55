/** A core that consoles on other machines connect to: the contract over WebSocket, each console with its operator's token. */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CoreDoor } from '#main/core-process/core-door.ts';
import { ProblemError } from '#shared/problem.ts';
import type { Owned } from '#shared/disposable.ts';
import { contractSocketServer, joinSocket } from './contract-socket.ts';
import { closeServer, listen, refuseUpgrade } from './listening.ts';
import { longestRequest, refuseTransfer, RunRoutes } from './run-routes.ts';
import { LocalRunTransfer, type RunTransfer } from './run-transfer.ts';
import { RadiatorPage } from './radiator-page.ts';
import type { RendererFiles } from './renderer-files.ts';
import { operatorOfToken, type OperatorToken } from './token-file.ts';
import { RecentMap } from '#shared/recent-map.ts';

export interface RemoteHostOptions {
  readonly core: CoreDoor;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tokens: readonly OperatorToken[];
  /** PEM texts; wanted wherever the address is not loopback. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** How runs come and go as files; unless given, to a core on this machine. */
  readonly transfer?: RunTransfer;
  /** The built renderer, for the radiator's page; absent: there is no such page. */
  readonly renderer?: () => Promise<RendererFiles>;
  /** Told who came and who went. */
  readonly onConsole?: (operator: string, connected: boolean) => void;
}

export interface RemoteHost extends Owned {
  readonly url: string;
}

/** Marks the token among the subprotocols that a console offers where it cannot set headers. */
export const tokenProtocol = 'testops.token.';
/** The subprotocol of the contract itself; the only one that is ever chosen, so that no token is sent back. */
export const contractProtocol = 'testops.contract';

const maximumConsoles = 64;
/** Refused attempts from one address within a minute before it has to wait. */
const maximumRefusals = 10;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export async function startRemoteHost(options: RemoteHostOptions): Promise<RemoteHost> {
  const { core, host, tokens, tls, onConsole = () => undefined } = options;
  if (!tls && !isLoopback(host)) {
    throw new ProblemError({
      code: 'tls-wanted',
      message: `Tokens and all that a run tells would cross the network unencrypted: ${host} is not this machine alone.`,
      tip: 'Give --tls with a certificate and its key, or listen on 127.0.0.1.',
    });
  }
  const server = openServer(tls);
  const port = await listen(server, host, options.port, '--listen');
  const partings = new Set<() => void>();
  const refusals = new Refusals();
  const sockets = contractSocketServer((offered) => (offered.has(contractProtocol) ? contractProtocol : false));
  const runs = new RunRoutes(options.transfer ?? new LocalRunTransfer(core));
  const addressOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? '';
  const radiator = new RadiatorPage({
    core,
    visitor: { operator: 'radiator', remote: true },
    files: options.renderer ?? (() => Promise.reject(new Error('no renderer'))),
    refused: (request) => refusals.add(addressOf(request)),
    mustWait: (request) => refusals.tooMany(addressOf(request)),
  });
  const answerOthers = async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (options.renderer && (RadiatorPage.isItself(path) || (await radiator.needs(path)))) return radiator.answer(path, request, response);
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
    response.end('A TestOps core is served here. Connect with: testops console --connect\n');
  };
  server.on('request', (request, response) => {
    const target = URL.parse(request.url ?? '', 'http://core');
    if (target && RunRoutes.isOne(target.pathname)) return answerRuns(target, request, response);
    answerOthers(target?.pathname ?? '', request, response).catch(() => response.destroy());
  });
  const answerRuns = (target: URL, request: IncomingMessage, response: ServerResponse): void => {
    const address = addressOf(request);
    const refuse = (code: string, message: string): void => refuseTransfer(request, response, { severity: 'error', code, message });
    if (refusals.tooMany(address)) return refuse('too-many-refusals', 'Too many wrong tokens; wait a minute.');
    const operator = operatorOfToken(tokens, tokenOf(request));
    if (operator !== null) return void runs.answer(request, response, target, { operator });
    refusals.add(address);
    refuse('not-admitted', 'This token is nobody’s here.');
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const address = request.socket.remoteAddress ?? '';
    if (refusals.tooMany(address)) return refuseUpgrade(socket, 429, 'Too many wrong tokens; wait a minute.');
    if (request.url !== '/contract') return refuseUpgrade(socket, 404, 'There is no such socket here.');
    const operator = operatorOfToken(tokens, tokenOf(request));
    if (operator === null) {
      refusals.add(address);
      return refuseUpgrade(socket, 401, 'This token is nobody’s here.');
    }
    if (partings.size >= maximumConsoles) return refuseUpgrade(socket, 503, `${maximumConsoles} consoles are connected.`);
    sockets.handleUpgrade(request, socket, head, (upgraded) => {
      const part = joinSocket(upgraded, core.open({ operator, remote: true }));
      partings.add(part);
      onConsole(operator, true);
      upgraded.on('close', () => {
        partings.delete(part);
        onConsole(operator, false);
      });
    });
  });
  const dispose = async (): Promise<void> => {
    await closeServer(server, sockets, partings);
    await runs.dispose();
    await radiator.dispose();
  };
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `${tls ? 'wss' : 'ws'}://${name}:${port}/contract`, dispose };
}

function openServer(tls: RemoteHostOptions['tls']): Server {
  const bounds = { maxHeaderSize: 16_384, headersTimeout: 30_000, requestTimeout: longestRequest };
  if (!tls) return createPlainServer(bounds);
  try {
    return createTlsServer({ ...bounds, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' });
  } catch (failure) {
    throw new ProblemError({
      code: 'bad-certificate',
      message: `The certificate and its key cannot be used: ${failure instanceof Error ? failure.message : String(failure)}.`,
      tip: 'Give PEM files that belong together: --tls certificate.pem key.pem.',
    });
  }
}

function tokenOf(request: IncomingMessage): string {
  const header = /^Bearer ([\w-]{1,256})$/.exec(request.headers.authorization ?? '')?.[1];
  if (header !== undefined) return header;
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim());
  return offered.find((part) => part.startsWith(tokenProtocol))?.slice(tokenProtocol.length) ?? '';
}

/** Counts wrong tokens by address; a table that is full forgets the oldest. */
class Refusals {
  private readonly counts = new RecentMap<string, { count: number; until: number }>(1_000);

  tooMany(address: string): boolean {
    const entry = this.counts.get(address);
    return entry !== undefined && entry.until > performance.now() && entry.count >= maximumRefusals;
  }

  add(address: string): void {
    const now = performance.now();
    const known = this.counts.get(address);
    this.counts.set(address, { count: known && known.until > now ? known.count + 1 : 1, until: now + 60_000 });
  }
}
