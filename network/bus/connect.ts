/**
 * Connects a program of ours to the router (the embedded one or a nats-server), over TCP, TLS or WebSocket. The
 * connection comes back by itself for ever; what cannot mend itself (a refused key, an untrusted certificate, a router
 * that wants something else signed than a nonce) is told as one sentence with a tip.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { NatsConnectionImpl, setTransportFactory } from '@nats-io/nats-core/internal';
import type { ConnectionOptions, TransportFactory } from '@nats-io/nats-core/internal';
import { ProblemError } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { inboxPrefix } from '#shared/protocol/subjects.ts';
import { ClosedEarlyError, connectionProblem } from './connection-problem.ts';
import { loginAuthenticator } from './login.ts';
import { parseRouterUrl } from './router-url.ts';
import type { RouterUrl } from './router-url.ts';
import type { TlsMaterial } from '#platform/tls-files.ts';
import { resolveHost, RouterTransport } from './transport.ts';
import type { TransportOptions } from './transport.ts';

export type { NatsConnection } from '@nats-io/nats-core';

export interface RouterConnectionOptions {
  /** `nats://host:4222`, `tls://host:4222`, `ws://host:8080` or `wss://host:8443`. */
  readonly url: string;
  /** How the router lists this connection. */
  readonly name: string;
  /** Seed of the user's key (`SU…`); without one the router must accept strangers. */
  readonly seed?: string | undefined;
  /** Name of the router's user; replies then arrive under this user's own inbox, the only one that it may listen to. */
  readonly user?: string | undefined;
  readonly tls?: TlsMaterial | undefined;
  /** Keeps trying while no router listens yet, instead of failing at once. A refused key still fails at once. */
  readonly waitOnFirstConnect?: boolean | undefined;
  /** Told once per kind of trouble while the first connection is being waited for. */
  readonly onWaiting?: ((problem: Problem) => void) | undefined;
  /** Gives up waiting for the first connection. */
  readonly signal?: AbortSignal | undefined;
  /** ms that one attempt may take; 5,000 unless told. */
  readonly timeout?: number | undefined;
  /** ms between attempts; 250 unless told. */
  readonly reconnectWait?: number | undefined;
  /** Whether to come back after the connection is lost; true unless told. */
  readonly reconnect?: boolean | undefined;
}

/** Troubles that may pass by themselves: nothing listens yet, the name is not known yet, no answer in time. */
const passing = new Set(['router-unreachable', 'router-name-unknown', 'router-silent', 'router-closed']);

/** Whether the router is only out of reach; anything else is mended where the connection is made. */
export function isOutOfReach({ code }: Pick<Problem, 'code'>): boolean {
  return passing.has(code);
}

/**
 * Connects to a router. Rejects with a {@link ProblemError}; once connected, a lost connection is restored for ever,
 * together with its subscriptions. A router that is not trusted then is told as an `error` of the connection's status.
 */
export async function connectToRouter(options: RouterConnectionOptions): Promise<NatsConnection> {
  const url = parseRouterUrl(options.url);
  const between = options.reconnectWait ?? 250;
  let told = '';
  for (;;) {
    try {
      return await connectOnce(url, options);
    } catch (failure) {
      const problem = connectionProblem(failure, url);
      if (!options.waitOnFirstConnect || !isOutOfReach(problem)) throw new ProblemError(problem);
      if (problem.code !== told) options.onWaiting?.(problem);
      told = problem.code;
    }
    await wait(between, undefined, options.signal ? { signal: options.signal } : {}).catch(() => {
      throw new ProblemError({ code: 'router-wait-ended', message: `Waiting for the router at ${options.url} was ended.` });
    });
  }
}

async function connectOnce(url: RouterUrl, options: RouterConnectionOptions): Promise<NatsConnection> {
  useOurTransport();
  const connecting = new AbortController();
  // The library waits for its timeout when a connection breaks after the TLS handshake, as it does for a missing certificate.
  const brokenOff = Promise.withResolvers<never>();
  const onClosed = (failure: Error | undefined): void => {
    if (failure) brokenOff.reject(failure);
    else void wait(closingGrace, undefined, { signal: connecting.signal }).then(() => brokenOff.reject(new ClosedEarlyError()), ignore);
  };
  let connection: NatsConnection | undefined;
  const onDistrust = (failure: ProblemError): void => {
    if (connection instanceof NatsConnectionImpl) connection.protocol.dispatchStatus({ type: 'error', error: failure });
  };
  try {
    const established = NatsConnectionImpl.connect(clientOptions(url, options, { onClosed, onDistrust }));
    established.catch(ignore);
    brokenOff.promise.catch(ignore);
    connection = await Promise.race([established, brokenOff.promise]);
    return connection;
  } finally {
    connecting.abort();
  }
}

/** ms in which the library can still tell why a connection ended, from what came before its end. */
const closingGrace = 250;
const ignore = (): void => undefined;

/** The library keeps one transport for the whole process; ours serves every kind of URL, so connections of both kinds can live side by side. */
function useOurTransport(): void {
  const factory: TransportFactory = { factory: () => new RouterTransport(), dnsResolveFn: resolveHost };
  setTransportFactory(factory);
}

function clientOptions(
  url: RouterUrl,
  options: RouterConnectionOptions,
  told: Pick<TransportOptions, 'onClosed' | 'onDistrust'>,
): ConnectionOptions {
  const between = options.reconnectWait ?? 250;
  const client: ConnectionOptions & TransportOptions = {
    servers: [`${url.bracketedHost}:${url.port}`],
    name: options.name,
    timeout: options.timeout ?? 5_000,
    reconnect: options.reconnect ?? true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: between,
    reconnectJitter: between / 4,
    reconnectJitterTLS: between / 4,
    // A router that refuses the key now may know it again after its configuration was mended.
    ignoreAuthErrorAbort: true,
    // Only the URL that the user named, not what a cluster advertises: its names may mean nothing here.
    ignoreClusterUpdates: true,
    pingInterval: 10_000,
    noAsyncTraces: true,
    routerUrl: url,
    tlsMaterial: options.tls,
    provesKey: options.seed !== undefined,
    distrusted: false,
    ...told,
  };
  if (options.user !== undefined) client.inboxPrefix = inboxPrefix(options.user);
  if (options.seed !== undefined) client.authenticator = loginAuthenticator(options.seed, url.text);
  if (url.encrypted && !url.webSocket) client.tls = { ...tlsTexts(options.tls) };
  return client;
}

function tlsTexts(tls: TlsMaterial | undefined): { ca?: string; cert?: string; key?: string } {
  return {
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.key !== undefined && { key: tls.key }),
  };
}
