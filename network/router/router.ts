/**
 * The embedded router: speaks the NATS client protocol, passes messages on, and decides nothing. It keeps no message and
 * no state beyond its connections, so it may be ended and started at any time.
 */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { isPublicKey } from '#platform/keys.ts';
import { ProblemError } from '#shared/problem.ts';
import { RouterClient } from './client.ts';
import type { ClientSurroundings } from './client.ts';
import { Exchange } from './exchange.ts';
import { infoLine, newGreeting } from './greeting.ts';
import type { Greeting, RouterIdentity } from './greeting.ts';
import { maximumHandshakes, openTcpDoor, openWebSocketDoor } from './listeners.ts';
import type { Door, DoorOptions } from './listeners.ts';
import { completeLimits } from './router-options.ts';
import type { ListenerTls, RouterLimits, RouterOptions, RouterUser } from './router-options.ts';
import { SingleKeys } from './single-keys.ts';
import { newStatistics } from './statistics.ts';
import type { RouterStatistics } from './statistics.ts';

export interface Router {
  /** `nats://127.0.0.1:4222`, or `tls://…`. */
  readonly url: string;
  readonly port: number;
  readonly webSocketUrl: string | undefined;
  readonly webSocketPort: number | undefined;
  statistics(): RouterStatistics;
  /** Ends every connection and frees the ports. */
  close(): Promise<void>;
}

/** Whether an address is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function checkOptions(options: RouterOptions, host: string): void {
  const hosts = [host, ...(options.webSocket ? [options.webSocket.host ?? host] : [])];
  const open = hosts.find((each) => !isLoopback(each));
  if (!options.users && open !== undefined) {
    throw new ProblemError({
      code: 'router-open-to-all',
      message: `The router has no users and would be open to everyone who reaches ${open}.`,
      tip: 'Configure users in router.yaml, or listen on 127.0.0.1.',
    });
  }
  for (const user of options.users ?? []) {
    if (isPublicKey(user.key)) continue;
    throw new ProblemError({
      code: 'router-user-key',
      message: `The key of the router's user "${user.name}" is not the public key of a user (U…).`,
      tip: 'Make a key with "testops keys new" and name its public part.',
    });
  }
}

function usersByKey(users: readonly RouterUser[] | undefined): ReadonlyMap<string, RouterUser> | undefined {
  return users && new Map(users.map((user) => [user.key, user]));
}

/** Starts a router; rejects with a {@link ProblemError} when it cannot listen as told. */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const host = options.host ?? '127.0.0.1';
  checkOptions(options, host);
  const running = new RunningRouter(options, host);
  try {
    await running.open();
  } catch (failure) {
    await running.close();
    throw failure;
  }
  return running;
}

class RunningRouter implements Router {
  private readonly options: RouterOptions;
  private readonly host: string;
  private readonly limits: RouterLimits;
  private readonly counters = newStatistics();
  private readonly clients = new Set<RouterClient>();
  private readonly around: ClientSurroundings;
  private readonly serverId = randomBytes(16).toString('hex').toUpperCase();
  private doors: Door[] = [];
  private lastClientId = 0;
  private ending = false;
  private emptied: () => void = () => undefined;
  port = 0;
  webSocketPort: number | undefined;

  constructor(options: RouterOptions, host: string) {
    this.options = options;
    this.host = host;
    this.limits = completeLimits(options);
    const logger = options.logger ?? { information: () => undefined, warning: () => undefined };
    const now = options.now ?? Date.now;
    this.around = {
      exchange: new Exchange(this.counters, options.random ?? Math.random),
      statistics: this.counters,
      limits: this.limits,
      logger,
      users: usersByKey(options.users),
      singleKeys: new SingleKeys(now, this.counters, logger),
      now,
      left: (client) => this.forget(client),
    };
  }

  get url(): string {
    return `${this.options.tls ? 'tls' : 'nats'}://${bracketed(this.host)}:${this.port}`;
  }

  get webSocketUrl(): string | undefined {
    const { webSocket } = this.options;
    if (!webSocket || this.webSocketPort === undefined) return undefined;
    return `${webSocket.tls ? 'wss' : 'ws'}://${bracketed(webSocket.host ?? this.host)}:${this.webSocketPort}`;
  }

  async open(): Promise<void> {
    const { tls, webSocket } = this.options;
    const common = {
      handshakeTimeout: this.limits.authenticationTimeout,
      maximumSockets: this.limits.maximumConnections + maximumHandshakes,
      admits: () => this.admits(),
    };
    const door = await openTcpDoor<Greeting>(
      { ...common, host: this.host, port: this.options.port, tls },
      {
        greet: (write, address) => {
          const greeting = newGreeting(++this.lastClientId);
          write(this.info(greeting, address, tls));
          return greeting;
        },
        enter: (wire, greeting) => this.enter(new RouterClient(wire, greeting, this.around)),
        lost: (reason) => this.around.logger.warning(`A TLS handshake failed: ${reason}.`),
      },
    );
    this.doors.push(door);
    this.port = door.port;
    if (webSocket) await this.openWebSocket(webSocket, common);
  }

  private async openWebSocket(
    webSocket: NonNullable<RouterOptions['webSocket']>,
    common: Pick<DoorOptions, 'handshakeTimeout' | 'maximumSockets' | 'admits'>,
  ): Promise<void> {
    const door = await openWebSocketDoor(
      {
        ...common,
        host: webSocket.host ?? this.host,
        port: webSocket.port,
        tls: webSocket.tls,
        origins: webSocket.origins ?? [],
        // A frame may carry several messages.
        maximumFrame: 2 * this.limits.maximumPayload + 65_536,
      },
      (wire, address) => {
        const greeting = newGreeting(++this.lastClientId);
        const client = new RouterClient(wire, greeting, this.around);
        this.enter(client);
        client.send(this.info(greeting, address, undefined));
      },
    );
    this.doors.push(door);
    this.webSocketPort = door.port;
  }

  private info(greeting: Greeting, address: string, tls: ListenerTls | undefined): string {
    const identity: RouterIdentity = {
      serverId: this.serverId,
      name: 'testops-router',
      host: this.host,
      port: this.port,
      maximumPayload: this.limits.maximumPayload,
      authenticationRequired: this.around.users !== undefined,
    };
    return infoLine(identity, greeting, { address, tls: tls !== undefined, mutual: tls?.mutual === true });
  }

  private admits(): boolean {
    if (!this.ending && this.counters.connections < this.limits.maximumConnections) return true;
    this.counters.connectionsRefused++;
    return false;
  }

  private enter(client: RouterClient): void {
    this.clients.add(client);
    this.counters.connections = this.clients.size;
    this.counters.connectionsAccepted++;
    client.start();
    if (this.ending) client.close('');
  }

  private forget(client: RouterClient): void {
    this.clients.delete(client);
    this.counters.connections = this.clients.size;
    if (this.clients.size === 0) this.emptied();
  }

  statistics(): RouterStatistics {
    let waitingBytes = 0;
    for (const client of this.clients) waitingBytes += client.waitingBytes;
    return { ...this.counters, waitingBytes };
  }

  async close(): Promise<void> {
    this.ending = true;
    const empty = new Promise<void>((resolve) => {
      this.emptied = resolve;
      if (this.clients.size === 0) resolve();
    });
    for (const client of this.clients) client.close('');
    await Promise.all([empty, ...this.doors.map((door) => door.close())]);
    this.doors = [];
  }
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
