/**
 * `GET /metrics` for monitoring systems, on an address of its own that is off unless it is asked for. On this machine nobody needs a
 * token, and whoever names another host (a page whose name was bound to this address) is refused; elsewhere a token is wanted.
 */
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { CoreDoor } from '#main/core-process/core-door.ts';
import { portOver } from '#main/core-process/text-channel.ts';
import { connectContract } from '#shared/contract/transport/connect.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { Owned } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { listen } from './listening.ts';
import { isLoopback } from './remote-host.ts';
import { operatorOfToken, type OperatorToken } from './token-file.ts';

export interface MetricsHostOptions {
  readonly core: CoreDoor;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Who may scrape; wanted unless the address is loopback, and asked for wherever they are given. */
  readonly tokens?: readonly OperatorToken[];
  /** PEM texts: scrapes come by TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Environments that are kept open for as long as somebody scrapes. */
  readonly environmentFiles?: readonly string[];
}

export interface MetricsHost extends Owned {
  /** Address to scrape. */
  readonly url: string;
  readonly port: number;
}

const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
/** ms that the core has for an answer. */
const patience = 10_000;

export async function startMetricsHost(options: MetricsHostOptions): Promise<MetricsHost> {
  const { core, host, tokens, tls, environmentFiles = [] } = options;
  if (!tokens && !isLoopback(host)) {
    throw new ProblemError({
      code: 'token-wanted',
      message: `Whoever reaches ${host} could read the metrics.`,
      tip: 'Name a file with a token with --metrics-token-file, or listen on 127.0.0.1.',
    });
  }
  const bounds = { maxHeaderSize: 16_384, requestTimeout: 30_000 };
  const server = tls
    ? createTlsServer({ ...bounds, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' })
    : createPlainServer(bounds);
  const port = await listen(server, host, options.port, '--metrics');
  const name = host.includes(':') ? `[${host}]` : host;
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `${name}:${port}`]);
  const source = new MetricsSource(core, environmentFiles);
  const admit = (request: IncomingMessage): readonly [number, string] | null => {
    // A browser that was led here by a foreign name tells that name.
    if (isLoopback(host) && !hosts.has(request.headers.host?.toLowerCase() ?? '')) return [421, 'This is the address of another host.'];
    if (tokens && operatorOfToken(tokens, bearerOf(request)) === null) return [401, 'A token is wanted here.'];
    if (request.url?.split('?')[0] !== '/metrics') return [404, 'Only /metrics is here.'];
    if (request.method !== 'GET' && request.method !== 'HEAD') return [405, 'Only GET is answered here.'];
    return null;
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    response.setHeader('Cache-Control', 'no-store');
    const refusal = admit(request);
    if (refusal) return refuse(response, ...refusal);
    source.text().then(
      (text) => {
        response.setHeader('Content-Type', contentType);
        response.setHeader('Content-Length', Buffer.byteLength(text));
        response.end(request.method === 'HEAD' ? undefined : text);
      },
      () => refuse(response, 503, 'The core does not answer.'),
    );
  });
  return {
    url: `${tls ? 'https' : 'http'}://${name}:${port}/metrics`,
    port,
    dispose: async () => {
      await closed(server);
      await source.dispose();
    },
  };
}

function bearerOf(request: IncomingMessage): string {
  return /^Bearer ([\w-]{1,256})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await ended;
}

/** The core's answer. Scrapes at the same time share one; a core that died is found again by the next scrape. */
class MetricsSource implements Owned {
  private readonly door: CoreDoor;
  private readonly environmentFiles: readonly string[];
  private core: (Core & Owned) | null = null;
  private asking: Promise<string> | null = null;

  constructor(door: CoreDoor, environmentFiles: readonly string[]) {
    this.door = door;
    this.environmentFiles = environmentFiles;
  }

  text(): Promise<string> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  async dispose(): Promise<void> {
    await this.core?.dispose();
  }

  private async ask(): Promise<string> {
    const { core } = this;
    const connected = core ?? this.connect();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('late')), patience);
    });
    try {
      const answer = await Promise.race([connected.request('core.metrics', { environmentFiles: [...this.environmentFiles] }), late]);
      return answer.text;
    } catch (failure) {
      this.core = null;
      await connected.dispose();
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  private connect(): Core & Owned {
    const connected = connectContract(portOver(this.door.open({ operator: 'metrics' })));
    this.core = connected;
    return connected;
  }
}
