/**
 * A scripted daemon: follows the protocol exactly, numbers and spools what a test lets it tell, and can be told to lose
 * what it publishes, to be deaf, or to answer strangely.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { connectToRouter } from '#network/bus/connect.ts';
import type { CommandId, ComponentName, DaemonName, EnvironmentName, Epoch } from '#shared/identifiers.ts';
import { commandOrderSchema, orderVersion, signedCommandSchema, type CommandOrder, type CommandReply } from '#shared/protocol/commands.ts';
import {
  spoolKindHeader,
  spoolRequestSchema,
  type Catalogue,
  type CommandOutcome,
  type ComponentCommand,
  type DaemonEvent,
  type Presence,
  type SpoolEnd,
} from '#shared/protocol/observations.ts';
import { encodeSampleFrame } from '#shared/protocol/sample-frame.ts';
import { subject } from '#shared/protocol/subjects.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';

export const environment = 'TEST' as EnvironmentName;
export const daemonName = (name: string): DaemonName => name as DaemonName;
export const componentName = (name: string): ComponentName => name as ComponentName;
export const commandId = (text: string): CommandId => text as CommandId;

let starts = 0;
/** Later calls give later epochs. */
export function newEpoch(startedAt = Date.now()): Epoch {
  starts++;
  return (startedAt.toString(16).padStart(12, '0') + starts.toString(16).padStart(4, '0')) as Epoch;
}

interface Spooled {
  readonly kind: 'samples' | 'events';
  readonly bytes: Uint8Array;
}
/** What stays on a daemon's disk over its restarts. */
export type SpoolStore = Map<Epoch, Map<number, Spooled>>;

export interface FakeDaemonOptions {
  readonly url: string;
  readonly name: string;
  readonly epoch?: Epoch;
  readonly spool?: SpoolStore;
  readonly components?: readonly string[];
  /** What each of them allows; absent: to be killed. */
  readonly commands?: readonly ComponentCommand[];
  /** ms */
  readonly presenceInterval?: number;
  /** ms that its clock is ahead. */
  readonly clockAhead?: number;
  /** Records per answer of the spool. */
  readonly page?: number;
  /** Version of the orders that it takes; null: of before there was more than one. */
  readonly orderVersion?: number | null;
}

export const success: CommandOutcome = {
  status: 'completed',
  exitStatus: 0,
  signal: null,
  success: true,
  result: 'done',
  duration: 1,
};

export class FakeDaemon {
  readonly name: DaemonName;
  readonly epoch: Epoch;
  readonly bootNonce: string;
  readonly spool: SpoolStore;
  readonly connection: NatsConnection;
  sequence = 0;
  series: SeriesDeclaration[] = [];
  columns: { id: number; series: number[] }[] = [];
  states: Catalogue['states'] = [];
  actions: Catalogue['actions'] = [];
  /** Records for which this is true are spooled but not published. */
  loses: (sequence: number) => boolean = () => false;
  /** Hears nothing and says no presence. */
  deaf = false;
  /** Its catalogue does not tell the series. */
  hidesSeries = false;
  /** Orders it received, in order. */
  readonly orders: CommandOrder[] = [];
  /** Requests to its spool. */
  readonly spoolRequests: { epoch: Epoch; from: number; to: number }[] = [];
  /** What it does with an order; by default it accepts and finishes at once. */
  onOrder: (order: CommandOrder, reply: (reply: CommandReply) => void) => void = (order, reply) => {
    reply({ kind: 'accepted', command: order.id });
    reply({ kind: 'finished', command: order.id, outcome: success });
  };
  private readonly options: FakeDaemonOptions;
  private readonly timer: NodeJS.Timeout;
  private readonly subscriptions: Subscription[] = [];

  static async start(options: FakeDaemonOptions): Promise<FakeDaemon> {
    const connection = await connectToRouter({ url: options.url, name: options.name, user: options.name, reconnectWait: 20 });
    const daemon = new FakeDaemon(options, connection);
    await connection.flush();
    return daemon;
  }

  private constructor(options: FakeDaemonOptions, connection: NatsConnection) {
    this.options = options;
    this.connection = connection;
    this.name = daemonName(options.name);
    this.epoch = options.epoch ?? newEpoch();
    this.bootNonce = `nonce-${this.epoch}`;
    this.spool = options.spool ?? new Map();
    if (!this.spool.has(this.epoch)) this.spool.set(this.epoch, new Map());
    const answer = (kind: 'describe' | 'spool' | 'command', handle: (message: Msg) => void): void => {
      const subscription = connection.subscribe(subject(environment, kind, this.name), {
        callback: (failure, message) => {
          if (failure === null && !this.deaf) handle(message);
        },
      });
      this.subscriptions.push(subscription);
    };
    answer('describe', (message) => message.respond(JSON.stringify(this.catalogue())));
    answer('spool', (message) => this.answerSpool(message));
    answer('command', (message) => this.takeOrder(message));
    this.timer = setInterval(() => this.tellPresence(), options.presenceInterval ?? 50);
  }

  now(): number {
    return Date.now() + (this.options.clockAhead ?? 0);
  }

  catalogue(): Catalogue {
    const components = (this.options.components ?? []).map((name) => ({
      name: componentName(name),
      states: ['READY'],
      commands: [...(this.options.commands ?? ['kill' as const])],
      signals: ['KILL'],
      metrics: ['rss'],
    }));
    return {
      version: 1,
      daemon: this.name,
      epoch: this.epoch,
      bootNonce: this.bootNonce,
      softwareVersion: '0.1.0',
      ...(this.options.orderVersion === null ? {} : { orderVersion: this.options.orderVersion ?? orderVersion }),
      configurationHash: 'a'.repeat(64),
      host: 'localhost',
      sequence: this.sequence,
      components,
      actions: this.actions,
      series: this.hidesSeries ? [] : this.series,
      columns: this.hidesSeries ? [] : this.columns,
      states: this.states,
    };
  }

  publishCatalogue(): void {
    this.publish('catalogue', JSON.stringify(this.catalogue()));
  }

  tellPresence(time = this.now()): void {
    if (this.deaf) return;
    const presence: Presence = {
      daemon: this.name,
      epoch: this.epoch,
      bootNonce: this.bootNonce,
      configurationHash: 'a'.repeat(64),
      time,
      sequence: this.sequence,
      oldest: 1,
      interval: (this.options.presenceInterval ?? 50) / 1_000,
    };
    this.publish('presence', JSON.stringify(presence));
  }

  events(...events: DaemonEvent[]): number {
    const sequence = ++this.sequence;
    this.record('events', sequence, new TextEncoder().encode(JSON.stringify({ epoch: this.epoch, sequence, events })));
    return sequence;
  }

  notice(text: string): number {
    return this.events({ kind: 'notice', time: this.now(), severity: 'info', code: 'test', text });
  }

  declare(component: string, ...metrics: string[]): SeriesDeclaration[] {
    const declared = metrics.map((metric, index) => ({
      id: this.series.length + index,
      component: componentName(component),
      metric,
      unit: 'none' as const,
      kind: 'gauge' as const,
    }));
    this.series.push(...declared);
    this.events({ kind: 'series-declared', time: this.now(), series: declared });
    return declared;
  }

  declareColumns(id: number, series: readonly SeriesDeclaration[]): void {
    const ids = series.map((each) => each.id);
    this.columns.push({ id, series: ids });
    this.events({ kind: 'columns-declared', time: this.now(), columns: id, series: ids });
  }

  /** Values by id of series. */
  pairs(values: readonly (readonly [number, number])[], time = this.now()): number {
    const sequence = ++this.sequence;
    const series = Uint32Array.from(values, ([id]) => id);
    const frame = {
      kind: 'pairs' as const,
      epoch: this.epoch,
      sequence,
      time,
      series,
      values: Float64Array.from(values, ([, value]) => value),
    };
    this.record('samples', sequence, encodeSampleFrame(frame));
    return sequence;
  }

  dense(columns: number, values: Float64Array, time = this.now()): number {
    const sequence = ++this.sequence;
    this.record('samples', sequence, encodeSampleFrame({ kind: 'dense', epoch: this.epoch, sequence, time, columns, values }));
    return sequence;
  }

  /** Publishes something as this daemon, whatever it is. */
  publish(kind: 'catalogue' | 'presence' | 'samples' | 'events', payload: Uint8Array | string): void {
    if (!this.connection.isClosed()) this.connection.publish(subject(environment, kind, this.name), payload);
  }

  /** Ends at once, without a word. The router knows then: what is sent from now on reaches nobody, and is not lost on its way to whom it still believes there. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    if (!this.connection.isClosed()) {
      for (const subscription of this.subscriptions) subscription.unsubscribe();
      await Promise.race([this.connection.flush(), pause(1_000)]).catch(() => undefined);
    }
    await this.connection.close();
  }

  private record(kind: 'samples' | 'events', sequence: number, bytes: Uint8Array): void {
    this.spool.get(this.epoch)?.set(sequence, { kind, bytes });
    if (!this.loses(sequence)) this.publish(kind, bytes);
  }

  private answerSpool(message: Msg): void {
    const request = spoolRequestSchema.parse(message.json());
    this.spoolRequests.push(request);
    const records = this.spool.get(request.epoch);
    const last = Math.max(0, ...(records?.keys() ?? []));
    const lost: SpoolEnd['lost'] = [];
    let sent = 0;
    let sequence = request.from;
    for (; sequence <= request.to && sent < (this.options.page ?? 100); sequence++) {
      if (sequence > last) {
        lost.push({ from: sequence, to: request.to, reason: 'The daemon has no such records.' });
        sequence = request.to + 1;
        break;
      }
      const record = records?.get(sequence);
      if (!record) {
        lost.push({ from: sequence, to: sequence, reason: 'Dropped from the spool.' });
        continue;
      }
      const header = headers();
      header.set(spoolKindHeader, record.kind);
      message.respond(record.bytes, { headers: header });
      sent++;
    }
    const header = headers();
    header.set(spoolKindHeader, 'end');
    const end: SpoolEnd = { epoch: request.epoch, sent, lost, next: sequence <= request.to ? sequence : null };
    message.respond(JSON.stringify(end), { headers: header });
  }

  private takeOrder(message: Msg): void {
    const signed = signedCommandSchema.parse(message.json());
    const order = commandOrderSchema.parse(JSON.parse(signed.order));
    this.orders.push(order);
    this.onOrder(order, (reply) => message.respond(JSON.stringify(reply)));
  }
}
