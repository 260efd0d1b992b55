/**
 * The daemon's side of the router. Records are published live while the router takes them; while it does not, they are
 * only spooled, and whoever misses them asks the spool. The daemon runs as well without a router, for ever.
 */
import { AuthorizationError, headers } from '@nats-io/nats-core';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { connectToRouter } from '#network/bus/connect.ts';
import { connectionProblem } from '#network/bus/connection-problem.ts';
import { parseRouterUrl } from '#network/bus/router-url.ts';
import type { RouterConnectionOptions } from '#network/bus/connect.ts';
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import type { Catalogue, Presence } from '#shared/protocol/observations.ts';
import { isInbox, subject, type askedKinds } from '#shared/protocol/subjects.ts';
import { encodeCatalogue } from './catalogue.ts';
import type { CommandGate } from '../execution/command-gate.ts';
import type { SpoolRecord } from '../spool/spool-segment.ts';
import type { SpoolService } from '../spool/spool-service.ts';

export interface PublisherOptions {
  readonly environment: EnvironmentName;
  readonly daemon: DaemonName;
  readonly router: Omit<RouterConnectionOptions, 'waitOnFirstConnect' | 'onWaiting' | 'signal'>;
  readonly gate: CommandGate;
  readonly spoolService: SpoolService;
  readonly catalogue: () => Catalogue;
  readonly presence: () => Presence;
  /** Grows whenever the catalogue has something new to offer. */
  readonly catalogueVersion: () => number;
  /** Told at each change of the connection. */
  readonly onConnection: (connected: boolean) => void;
  /** Told what keeps the daemon from its router, once per kind of trouble. */
  readonly onProblem: (problem: Problem) => void;
}

export interface Question {
  /** ms */
  readonly timeout: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** ms between presences. */
export const presenceInterval = 1_000;
/** Bytes that may be on their way to the router before live publishing pauses. */
const windowBytes = 16 * 1024 * 1024;
/** Bytes after which the router is asked whether it has taken them. */
const askBytes = 256 * 1024;
/** ms before a router that refused the daemon is tried again. */
const refusedRetry = 2_000;
/** ms for which a catalogue may be given again as it is. */
const catalogueAge = 100;

export class Publisher implements Owned {
  private readonly options: PublisherOptions;
  private readonly stopping = new AbortController();
  private connection: NatsConnection | undefined;
  private live = false;
  /** Distinguishes answers of the router that belong to a connection that is gone. */
  private generation = 0;
  private onTheWay = 0;
  private unasked = 0;
  private readonly presenceTimer: NodeJS.Timeout;
  private publishedVersion = -1;
  private encoded: { readonly bytes: Uint8Array; readonly time: number } | undefined;
  private lastProblem = '';
  private readonly ended: Promise<void>;
  private retry: { readonly timer: NodeJS.Timeout; readonly resolve: () => void } | undefined;

  constructor(options: PublisherOptions) {
    this.options = options;
    this.presenceTimer = setInterval(() => this.beat(), presenceInterval);
    this.ended = this.stayConnected();
  }

  get connected(): boolean {
    return this.live;
  }

  /** Where the router sees this daemon. */
  get address(): string | undefined {
    return this.connection?.info?.client_ip;
  }

  /** Publishes a record, if the router keeps up; otherwise it is in the spool alone. */
  publish(record: SpoolRecord): void {
    if (!this.live || this.onTheWay > windowBytes) return;
    this.send(subject(this.options.environment, record.kind, this.options.daemon), record.bytes);
  }

  /** Asks the core. Rejects at once without a router, or with one at which no core listens, and when no answer comes in time. */
  async ask(kind: (typeof askedKinds)[number], payload: Uint8Array | string, question: Question): Promise<Msg> {
    const { connection } = this;
    if (!connection || !this.live) throw new ProblemError({ code: 'router-unreachable', message: 'The router is out of reach.' });
    const header = headers();
    for (const [name, value] of Object.entries(question.headers ?? {})) header.set(name, value);
    const to = subject(this.options.environment, kind, this.options.daemon);
    return connection.request(to, payload, { timeout: question.timeout, ...(question.headers && { headers: header }) });
  }

  /** Bytes that a message may have. */
  get longestMessage(): number {
    return this.connection?.info?.max_payload ?? 1_048_576;
  }

  async dispose(): Promise<void> {
    clearInterval(this.presenceTimer);
    this.stopping.abort();
    clearTimeout(this.retry?.timer);
    this.retry?.resolve();
    const { connection } = this;
    // What was published last (the end of commands, of components) still leaves, if the router takes it.
    if (connection && this.live) {
      await Promise.race([connection.flush().catch(() => undefined), pause(1_000)]);
    }
    this.setLive(false);
    await connection?.close().catch(() => undefined);
    await this.ended;
  }

  private async stayConnected(): Promise<void> {
    const { signal } = this.stopping;
    const onWaiting = (problem: Problem): void => this.tell(problem);
    while (!signal.aborted) {
      try {
        const connection = await connectToRouter({ ...this.options.router, waitOnFirstConnect: true, onWaiting, signal });
        await this.serve(connection);
      } catch (failure) {
        if (!signal.aborted) this.tell(problemOf(failure));
      }
      if (!signal.aborted) await this.pauseBeforeRetry();
    }
  }

  /** Lives with one connection, which comes back by itself, until it is closed for good. */
  private async serve(connection: NatsConnection): Promise<void> {
    if (this.stopping.signal.aborted) return connection.close();
    this.connection = connection;
    this.listen(connection);
    this.setLive(true);
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'close') this.setLive(false);
      if (status.type === 'reconnect') this.setLive(true);
      if (status.type === 'error') this.tell(this.problemOfStatus(status.error));
    }
    this.setLive(false);
  }

  /** A refusal while the connection comes back is told as at first; anything else in the router's words. */
  private problemOfStatus(failure: Error): Problem {
    if (!(failure instanceof AuthorizationError)) return problemOf(failure, 'router-error');
    return connectionProblem(failure, parseRouterUrl(this.options.router.url));
  }

  private listen(connection: NatsConnection): void {
    const { environment, daemon, gate, spoolService } = this.options;
    // A daemon's answers are believed to be its own: none goes where another one speaks, whatever a request asks for.
    const answerable = (message: Msg): boolean => !message.reply || isInbox(message.reply);
    connection.subscribe(subject(environment, 'describe', daemon), {
      callback: (failure, message) => {
        if (!failure && message.reply && answerable(message)) message.respond(this.catalogueBytes());
      },
    });
    connection.subscribe(subject(environment, 'spool', daemon), {
      callback: (failure, message) => {
        if (!failure && answerable(message)) spoolService.handle(connection, message);
      },
    });
    connection.subscribe(subject(environment, 'command', daemon), {
      callback: (failure, message) => {
        if (failure || !answerable(message)) return;
        gate.handle(message.data, message.reply ?? '', (reply) => {
          if (!connection.isClosed()) message.respond(JSON.stringify(reply));
        });
      },
    });
  }

  private setLive(live: boolean): void {
    if (live === this.live) return;
    this.live = live;
    this.generation++;
    this.onTheWay = 0;
    this.unasked = 0;
    if (live) {
      this.lastProblem = '';
      this.publishCatalogue();
      this.beat();
    }
    this.options.onConnection(live);
  }

  private beat(): void {
    if (!this.live) return;
    if (this.options.catalogueVersion() !== this.publishedVersion) this.publishCatalogue();
    this.send(this.subject('presence'), Buffer.from(JSON.stringify(this.options.presence())));
  }

  private publishCatalogue(): void {
    this.publishedVersion = this.options.catalogueVersion();
    this.send(this.subject('catalogue'), this.catalogueBytes());
  }

  private subject(kind: 'presence' | 'catalogue'): string {
    return subject(this.options.environment, kind, this.options.daemon);
  }

  private catalogueBytes(): Uint8Array {
    const time = performance.now();
    if (this.encoded && time - this.encoded.time < catalogueAge) return this.encoded.bytes;
    const limit = (this.connection?.info?.max_payload ?? 1_048_576) - 4_096;
    const { bytes, cut } = encodeCatalogue(this.options.catalogue(), limit);
    if (cut > 0) {
      const message = `The catalogue is longer than the router's messages may be; ${cut} series are missing in it.`;
      this.tell({ severity: 'warning', code: 'catalogue-cut', message, tip: 'Raise the payload limit of the router.' });
    }
    this.encoded = { bytes, time };
    return bytes;
  }

  private send(to: string, bytes: Uint8Array): void {
    try {
      this.connection?.publish(to, bytes);
    } catch (failure) {
      this.tell(problemOf(failure, 'router-error'));
      return;
    }
    this.onTheWay += bytes.length;
    this.unasked += bytes.length;
    if (this.unasked >= askBytes) this.askWhetherTaken();
  }

  /** The router answers a ping after it took everything before it. */
  private askWhetherTaken(): void {
    const { generation, unasked } = this;
    this.unasked = 0;
    this.connection?.flush().then(
      () => {
        if (generation === this.generation) this.onTheWay -= unasked;
      },
      () => undefined,
    );
  }

  private tell(problem: Problem): void {
    if (problem.code === this.lastProblem) return;
    this.lastProblem = problem.code;
    this.options.onProblem(problem);
  }

  private pauseBeforeRetry(): Promise<void> {
    return new Promise((resolve) => {
      this.retry = { timer: setTimeout(resolve, refusedRetry), resolve };
    });
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
