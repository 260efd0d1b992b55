/** The doors of the router: TCP (which may go on in TLS after the greeting) and WebSocket. Each hands over wires. */
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { WebSocketServer } from 'ws';
import { ProblemError } from '#shared/problem.ts';
import type { ListenerTls } from './router-options.ts';
import { remoteOf, SocketWire, WebSocketWire } from './wires.ts';
import type { Wire } from './wires.ts';

export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ListenerTls | undefined;
  /** ms for the TLS handshake or the WebSocket upgrade. */
  readonly handshakeTimeout: number;
  /** Sockets at one time, those that have not said anything yet included; further ones are closed without a word. */
  readonly maximumSockets: number;
  /** False refuses a connection before anything is read from it. */
  readonly admits: () => boolean;
}

/** One connection before its client exists: the greeting goes out in clear, then TLS may start. */
export interface TcpVisitor<Greeted> {
  /** Writes the greeting to the bare socket, and returns what the client will need to know of it. */
  greet(write: (line: string) => void, address: string): Greeted;
  enter(wire: Wire, greeted: Greeted): void;
  /** The handshake failed or the visitor left before it was done. */
  lost(reason: string): void;
}

const keepAlive = 30_000;
/** Sockets that have not finished their handshake, at one time. */
export const maximumHandshakes = 256;

function tlsOptions(tls: ListenerTls, handshakeTimeout: number): TlsOptions {
  return {
    minVersion: 'TLSv1.2',
    handshakeTimeout,
    requestCert: tls.mutual === true,
    rejectUnauthorized: tls.mutual === true,
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.key !== undefined && { key: tls.key }),
    ...(tls.ca !== undefined && { ca: tls.ca }),
  };
}

/** TLS settings that cannot work are told before anything listens. */
function guarded<T>(make: () => T, host: string): T {
  try {
    return make();
  } catch (failure) {
    const why = failure instanceof Error ? failure.message.split('\n')[0] : String(failure);
    throw new ProblemError({
      code: 'router-tls',
      message: `The TLS certificate for ${host} cannot be used: ${why}.`,
      tip: 'Certificate and key must be PEM files that belong together.',
    });
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (failure: NodeJS.ErrnoException) => reject(listenProblem(failure, host, port)));
    server.listen(port, host, resolve);
  });
  // An error after the start (too many open files) concerns one visitor, not the router.
  server.on('error', () => undefined);
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
}

function listenProblem(failure: NodeJS.ErrnoException, host: string, port: number): ProblemError {
  const reasons: Record<string, [string, string]> = {
    EADDRINUSE: ['the port is in use', 'Stop what uses it, or choose another port.'],
    EACCES: ['this user may not', 'Choose a port above 1023.'],
    EADDRNOTAVAIL: ['this machine has no such address', 'Choose an address of this machine.'],
    ENOTFOUND: ['the host name cannot be resolved', 'Choose an address of this machine.'],
  };
  const [why, tip] = reasons[failure.code ?? ''] ?? [failure.message, 'Choose another address or port.'];
  return new ProblemError({ code: 'router-cannot-listen', message: `The router cannot listen on ${host}:${port}: ${why}.`, tip });
}

function closed(server: Server | HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** TCP, with TLS after the greeting where configured. */
export async function openTcpDoor<Greeted>(options: DoorOptions, visitor: TcpVisitor<Greeted>): Promise<Door> {
  const tls = options.tls && secureStep(options.tls, options, visitor);
  const bare = new Set<Socket>();
  const server = createTcpServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive }, (socket) => {
    socket.on('error', () => undefined);
    if (!options.admits() || bare.size >= maximumHandshakes) {
      socket.end("-ERR 'maximum connections exceeded'\r\n", () => socket.destroy());
      return;
    }
    const greeted = visitor.greet((line) => socket.write(line), socket.remoteAddress ?? '');
    if (!tls) return visitor.enter(new SocketWire(socket), greeted);
    bare.add(socket);
    socket.once('close', () => bare.delete(socket));
    tls.start(socket, greeted, () => bare.delete(socket));
  });
  server.maxConnections = options.maximumSockets;
  const port = await listen(server, options.host, options.port);
  return {
    port,
    close: async () => {
      const ended = closed(server);
      for (const socket of bare) setTimeout(() => socket.destroy(), 1_000).unref();
      await ended;
    },
  };
}

/** Takes a greeted socket through the handshake. */
function secureStep<Greeted>(
  tls: ListenerTls,
  options: DoorOptions,
  visitor: TcpVisitor<Greeted>,
): { start(socket: Socket, greeted: Greeted, finished: () => void): void } {
  // The TLS server never listens; it is given sockets, and names them by where they come from.
  const handshaking = new Map<string, { readonly greeted: Greeted; readonly finished: () => void }>();
  const server = guarded(() => createTlsServer(tlsOptions(tls, options.handshakeTimeout)), options.host);
  server.on('secureConnection', (socket) => {
    const key = remoteOf(socket);
    const started = handshaking.get(key);
    handshaking.delete(key);
    started?.finished();
    if (started) visitor.enter(new SocketWire(socket), started.greeted);
    else socket.destroy();
  });
  server.on('tlsClientError', (failure, socket) => {
    visitor.lost(failure.message);
    socket.destroy();
  });
  return {
    start: (socket, greeted, finished) => {
      const key = remoteOf(socket);
      handshaking.set(key, { greeted, finished });
      socket.once('close', () => handshaking.delete(key));
      server.emit('connection', socket);
    },
  };
}

export interface WebSocketDoorOptions extends DoorOptions {
  readonly origins: readonly string[];
  readonly maximumFrame: number;
}

/** WebSocket, with TLS from the first byte where configured. */
export async function openWebSocketDoor(options: WebSocketDoorOptions, enter: (wire: Wire, address: string) => void): Promise<Door> {
  const { tls, handshakeTimeout } = options;
  const timeouts = {
    headersTimeout: handshakeTimeout,
    requestTimeout: handshakeTimeout,
    connectionsCheckingInterval: Math.max(100, Math.min(1_000, handshakeTimeout / 2)),
    keepAliveTimeout: 1_000,
  };
  const server = tls
    ? guarded(() => createHttpsServer({ ...tlsOptions(tls, handshakeTimeout), ...timeouts }), options.host)
    : createHttpServer(timeouts);
  server.maxConnections = options.maximumSockets;
  server.on('request', (_request, response) => {
    response
      .writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
      .end('A router of TestOps Console; connect with a WebSocket.\n');
  });
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAlive);
  });
  const sockets = new WebSocketServer({
    server,
    maxPayload: options.maximumFrame,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: IncomingMessage }) => mayEnter(req, options),
  });
  sockets.on('error', () => undefined);
  sockets.on('connection', (webSocket, request) => {
    enter(new WebSocketWire(webSocket, remoteOf(request.socket)), request.socket.remoteAddress ?? '');
  });
  const port = await listen(server, options.host, options.port);
  return {
    port,
    close: async () => {
      sockets.close();
      const ended = closed(server);
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await ended;
    },
  };
}

/** A web page that the operator's browser shows can reach loopback too: pages must be named to be let in. */
function mayEnter(request: IncomingMessage, options: WebSocketDoorOptions): boolean {
  const { origin } = request.headers;
  return (origin === undefined || options.origins.includes(origin)) && options.admits();
}
