/**
 * How bytes travel to the router: the library's own TCP and TLS transport, taught to run over a WebSocket too. The
 * library's separate WebSocket transport cannot present certificates and cannot live beside the TCP one in a process.
 */
import { nodeResolveHost, NodeTransport } from '@nats-io/transport-node/lib/node_transport.js';
import type { Socket } from 'node:net';
import { createWebSocketStream, WebSocket } from 'ws';
import { ProblemError } from '#shared/problem.ts';
import { checkNonce } from './login.ts';
import type { RouterUrl } from './router-url.ts';
import type { TlsMaterial } from '#platform/tls-files.ts';

/** Resolves a host name to addresses. */
export const resolveHost = nodeResolveHost;

/** What this transport needs to know; it travels among the options of the connection. */
export interface TransportOptions {
  readonly routerUrl: RouterUrl;
  readonly tlsMaterial: TlsMaterial | undefined;
  /** Told when an attempt's connection ended, with what broke it, if anything did. */
  readonly onClosed: (failure: Error | undefined) => void;
  /** Whether a key proves to the router whose it is. */
  readonly provesKey: boolean;
  /** Told once when a router is met that must get nothing signed, until a sound one is met. */
  readonly onDistrust: (failure: ProblemError) => void;
  /** Whether that was told. */
  distrusted: boolean;
}

/** One connection attempt's transport. */
export class RouterTransport extends NodeTransport {
  private get ours(): TransportOptions {
    return this.options as unknown as TransportOptions;
  }

  override async connect(...place: Parameters<NodeTransport['connect']>): Promise<void> {
    await super.connect(...place);
    void this.closed().then((failure) => this.ours.onClosed(failure instanceof Error ? failure : undefined));
  }

  /** Nothing is sent to a router whose nonce is none. The library would end a connection for good that failed any later. */
  override async peekInfo(): ReturnType<NodeTransport['peekInfo']> {
    const information = await super.peekInfo();
    const { ours } = this;
    if (!ours.provesKey) return information;
    try {
      checkNonce(information.nonce, ours.routerUrl.text);
      ours.distrusted = false;
      return information;
    } catch (failure) {
      if (failure instanceof ProblemError && !ours.distrusted) ours.onDistrust(failure);
      ours.distrusted = true;
      throw failure;
    }
  }

  /** The library leaves the socket of an attempt open that got no INFO in time; waiting for a router would gather them. */
  override async close(failure?: Error): Promise<void> {
    if (!this.connected) {
      this.done = true;
      // Not there while the socket is still being opened; "done" ends it then.
      (this.socket as Socket | undefined)?.destroy();
    }
    return super.close(failure);
  }

  override async dial(place: { hostname: string; port: number }): Promise<Socket> {
    const { routerUrl, tlsMaterial } = this.ours;
    return routerUrl.webSocket ? dialWebSocket(routerUrl, tlsMaterial) : super.dial(place);
  }

  /** A wss socket is encrypted already; what INFO says of TLS concerns the layer below it. */
  override async startTLS(): ReturnType<NodeTransport['startTLS']> {
    return this.ours.routerUrl.webSocket ? (this.socket as Awaited<ReturnType<NodeTransport['startTLS']>>) : super.startTLS();
  }
}

function dialWebSocket(url: RouterUrl, tls: TlsMaterial | undefined): Promise<Socket> {
  const webSocket = new WebSocket(`${url.encrypted ? 'wss' : 'ws'}://${url.bracketedHost}:${url.port}${url.path}`, {
    perMessageDeflate: false,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.key !== undefined && { key: tls.key }),
  });
  return new Promise((resolve, reject) => {
    webSocket.once('error', reject);
    webSocket.once('open', () => {
      webSocket.off('error', reject);
      // The transport takes listeners off, also the stream's own that would end it after the WebSocket. What came last is read first.
      webSocket.once('close', () => setImmediate(() => stream.destroy()));
      // The stream has all that the transport uses of a socket: data, end, close, error, write, end, destroy.
      const stream = Object.assign(createWebSocketStream(webSocket), { encrypted: url.encrypted, setNoDelay: () => undefined });
      resolve(stream as unknown as Socket);
    });
  });
}
