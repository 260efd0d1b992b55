/**
 * The core's connection to one environment: listens to its daemons, brings their records into order without loss or
 * repetition, keeps the present values, and sends signed commands. It knows nothing of runs.
 */
import { randomBytes } from 'node:crypto';
import type { Msg, NatsConnection, Status } from '@nats-io/nats-core';
import { Emitter, Ownership } from '#shared/disposable.ts';
import { daemonNameSchema, type CommandId, type DaemonName, type EnvironmentName } from '#shared/identifiers.ts';
import { ProblemError, problemOf, type Problem } from '#shared/problem.ts';
import { orderVersion, signCommand, type CommandOrder, type Signer } from '#shared/protocol/commands.ts';
import { catalogueSchema, presenceSchema } from '#shared/protocol/observations.ts';
import { publishedKinds, subject } from '#shared/protocol/subjects.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';
import { afterAwake, isLate } from '#platform/awake-time.ts';
import type { CommandWatch, DaemonView, Link, LinkNews, RecallRequest } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { DaemonPeer } from './daemon-peer.ts';
import { defaultLimits, maximumDaemons, type LinkLimits } from './limits.ts';
import type { LinkContext } from './link-context.ts';
import { ProblemDamper } from './problem-damper.ts';
import { Readings } from './readings.ts';
import { decodeEvents, decodeMessage, decodeSamples, type Decoded } from './record-decoding.ts';
import { Recall } from './recall.ts';
import { ReplyInbox } from './reply-inbox.ts';
import { roundTrip } from './round-trip.ts';
import { routerRefusal } from './router-refusal.ts';
import { RunningCommand, type CommandRoute, type DaemonStart } from './running-command.ts';

export interface LinkOptions {
  readonly environment: EnvironmentName;
  /** Connected to the environment's router; the link closes it when it is disposed. */
  readonly connection: NatsConnection;
  /** Who commands. The name is also the router's user, under whose inbox replies arrive. */
  readonly operator: { readonly name: string; readonly signer: Signer };
  /** Daemons to ask for at once; others are noticed when they speak. */
  readonly expected: readonly DaemonName[];
  readonly clock: Clock;
  readonly limits?: Partial<LinkLimits>;
  /** How a daemon of this environment that is away is started, as a sentence; absent: as usual. */
  readonly howToStart?: string;
}

/** Opens the link; resolves when its subscriptions have reached the router. Closes the connection when that fails. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const link = new OpenLink(options);
  try {
    await options.connection.flush();
  } catch (failure) {
    await link.dispose();
    throw failure;
  }
  link.begin();
  return link;
}

class OpenLink implements Link {
  private readonly options: LinkOptions;
  private readonly clock: Clock;
  private readonly limits: LinkLimits;
  private readonly news = new Emitter<LinkNews>();
  /** Told when a daemon offers something new, and when all who bear its name have had time to answer. */
  private readonly catalogueTaken = new Emitter<void>();
  private readonly ownership = new Ownership();
  private readonly damper: ProblemDamper;
  private readonly readings: Readings;
  private readonly inbox: ReplyInbox;
  private readonly context: LinkContext;
  private readonly peers = new Map<string, DaemonPeer>();
  private readonly recalls = new Set<Recall>();
  private readonly commands = new Map<CommandId, RunningCommand>();
  private readonly session = randomBytes(12).toString('hex');
  private orders = 0;
  private isConnected = true;
  /** By the monotonic clock: when the connection was lost; of no meaning while it stands. */
  private lostAt = 0;
  private reconnectedAt = -Infinity;
  /** The latest thing that the router did not let this operator do. */
  refusal: Problem | null = null;
  private cancelTick: (() => void) | undefined;
  private disposed = false;

  constructor(options: LinkOptions) {
    const { connection, clock, environment } = options;
    this.options = options;
    this.clock = clock;
    this.limits = { ...defaultLimits, ...options.limits };
    this.damper = new ProblemDamper(clock, (problem) => this.emit({ kind: 'problem', problem }));
    this.readings = new Readings(clock, this.limits.staleAfter);
    this.inbox = new ReplyInbox(connection, options.operator.name, (work) => this.guard(work));
    this.context = {
      connection,
      environment,
      clock,
      inbox: this.inbox,
      silence: this.limits.spoolSilence,
      limits: this.limits,
      budget: { limit: this.limits.heldBytes, used: 0 },
      readings: this.readings,
      openedAt: clock.now(),
      emit: (news) => this.emit(news),
      report: (problem) => this.damper.report(problem),
      connected: () => this.isConnected,
      catalogueTaken: (catalogue) => {
        this.forCommandsOf(catalogue.daemon, (command) => command.takeCatalogue(catalogue));
        this.catalogueTaken.emit();
      },
      eventsTaken: (daemon, events) => this.forCommandsOf(daemon, (command) => command.takeEvents(events)),
    };
    this.ownership.own(() => connection.close());
    this.ownership.own(this.inbox);
    this.ownership.own(this.damper);
    this.listen();
    void this.followConnection();
  }

  get connected(): boolean {
    return this.isConnected;
  }

  get unreachableFor(): number | null {
    return this.isConnected ? null : this.clock.monotonic() - this.lostAt;
  }

  answers(patience: number): Promise<boolean> {
    return roundTrip(this.context, patience);
  }

  begin(): void {
    for (const daemon of this.options.expected) this.peer(daemon)?.describe();
    this.scheduleTick();
  }

  daemons(): readonly DaemonView[] {
    return [...this.peers.values()].map((peer) => peer.view());
  }

  subscribe(listener: (news: LinkNews) => void): () => void {
    // A listener that fails must not keep the others, or the records behind this one, from being told.
    return this.news.subscribe((news) => this.guard(() => listener(news)));
  }

  reading(name: string): Reading {
    return this.readings.reading(name);
  }

  whyUnknown(name: string): string | null {
    const daemon = this.readings.absentSource(name);
    return daemon === null ? null : (this.peers.get(daemon)?.absence() ?? null);
  }

  watch(names: readonly string[], listener: () => void): () => void {
    return this.readings.watch(names, () => this.guard(listener));
  }

  send(
    daemon: DaemonName,
    action: string,
    commandArguments: readonly string[],
    id: CommandId,
    options: { readonly onlyNow?: boolean } = {},
  ): CommandWatch {
    const command = new RunningCommand({ daemon, action, commandArguments, command: id, ...options }, this.routeTo(daemon));
    this.commands.set(id, command);
    const forget = (): void => void this.commands.delete(id);
    command.finished.then(forget, forget);
    if (this.disposed) command.abandon();
    return { command: id, finished: command.finished, cancel: () => command.cancel() };
  }

  async ready(expected: readonly DaemonName[], timeout: number): Promise<{ readonly missing: readonly DaemonName[] }> {
    const missing = (): readonly DaemonName[] => expected.filter((daemon) => !this.peer(daemon)?.catalogue);
    const isReady = (): boolean => missing().length === 0 && expected.every((daemon) => this.peer(daemon)?.namesakes.settled);
    for (const daemon of missing()) this.peer(daemon)?.describe();
    if (isReady()) return { missing: [] };
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = this.catalogueTaken.subscribe(() => isReady() && resolve());
    // An answer may have come too late for its request, which is asked again then.
    const askAgain = (): void => {
      for (const daemon of missing()) this.peer(daemon)?.describe();
    };
    const cancel = afterAwake(this.clock, timeout, resolve, askAgain);
    await promise;
    unsubscribe();
    cancel();
    return { missing: missing() };
  }

  recall(requests: readonly RecallRequest[], take: (news: LinkNews) => Promise<void> | null): Promise<void> {
    const recall = new Recall(this.context, requests, (daemon, epoch) => this.peers.get(daemon)?.told(epoch) ?? null, take);
    this.recalls.add(recall);
    return recall.finished.finally(() => this.recalls.delete(recall));
  }

  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    this.cancelTick?.();
    for (const command of this.commands.values()) command.abandon();
    for (const recall of this.recalls) recall.dispose();
    for (const peer of this.peers.values()) peer.dispose();
    await this.ownership.dispose();
  }

  // ----------------------------------------------------------------------------------------------------------------- hearing

  private listen(): void {
    const { connection, environment } = this.options;
    for (const kind of publishedKinds) {
      const subscription = connection.subscribe(subject(environment, kind, '*'), {
        callback: (failure, message) => {
          if (failure === null) this.guard(() => this.take(kind, message));
        },
      });
      this.ownership.own(() => subscription.unsubscribe());
    }
  }

  private take(kind: (typeof publishedKinds)[number], message: Msg): void {
    const daemon = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    const peer = this.peers.get(daemon) ?? this.stranger(daemon);
    if (!peer || this.disposed) return;
    switch (kind) {
      case 'samples':
        return this.understood(decodeSamples(message.data), peer, (record) => peer.takeRecord(record));
      case 'events':
        return this.understood(decodeEvents(message.data), peer, (record) => peer.takeRecord(record));
      case 'presence':
        return this.understood(decodeMessage(presenceSchema, message.data, `a presence of ${daemon}`), peer, (presence) => {
          if (presence.daemon === peer.daemon) peer.takePresence(presence);
        });
      case 'catalogue':
        return this.understood(decodeMessage(catalogueSchema, message.data, `a catalogue of ${daemon}`), peer, (catalogue) => {
          if (catalogue.daemon === peer.daemon) peer.hearCatalogue(catalogue);
        });
    }
  }

  private understood<T>(decoded: Decoded<T>, peer: DaemonPeer, use: (value: T) => void): void {
    if ('value' in decoded) return use(decoded.value);
    this.damper.report({ ...decoded.problem, message: `From ${peer.daemon}: ${decoded.problem.message}` });
  }

  private stranger(name: string): DaemonPeer | undefined {
    const parsed = daemonNameSchema.safeParse(name);
    return parsed.success ? this.peer(parsed.data) : undefined;
  }

  private peer(daemon: DaemonName): DaemonPeer | undefined {
    const known = this.peers.get(daemon);
    if (known) return known;
    if (this.peers.size >= maximumDaemons) {
      this.damper.report({
        severity: 'warning',
        code: 'too-many-daemons',
        message: `More than ${maximumDaemons} daemons speak in the environment ${this.options.environment}; ${daemon} is ignored.`,
      });
      return undefined;
    }
    const peer = new DaemonPeer(daemon, this.context);
    this.peers.set(daemon, peer);
    return peer;
  }

  /** Nothing that arrives from outside may bring the core down. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (failure) {
      this.damper.report(problemOf(failure, 'link-failure'));
    }
  }

  private emit(news: LinkNews): void {
    if (!this.disposed) this.news.emit(news);
  }

  // -------------------------------------------------------------------------------------------------------------- connection

  private async followConnection(): Promise<void> {
    for await (const status of this.options.connection.status()) {
      if (this.disposed) return;
      this.guard(() => this.takeStatus(status));
    }
  }

  private takeStatus(status: Status): void {
    if (status.type === 'error') {
      this.refusal =
        status.error instanceof ProblemError
          ? status.error.problem
          : routerRefusal(status.error.message, this.options.operator.name, this.options.environment);
      this.damper.report(this.refusal);
    }
    if (status.type === 'reconnect') {
      this.refusal = null;
      this.setConnected(true, null);
    }
    if (status.type === 'disconnect') this.setConnected(false, 'The connection to the router was lost; trying again.');
    if (status.type === 'close') this.setConnected(false, 'The connection to the router was closed.');
  }

  private setConnected(connected: boolean, message: string | null): void {
    if (this.isConnected === connected) return;
    this.isConnected = connected;
    if (connected) this.reconnectedAt = this.clock.monotonic();
    else this.lostAt = this.clock.monotonic();
    this.emit({ kind: 'connection', connected, message });
    for (const peer of this.peers.values()) {
      if (connected) peer.reconnected();
      else peer.disconnected();
    }
  }

  private scheduleTick(): void {
    if (this.disposed) return;
    const began = this.clock.monotonic();
    this.cancelTick = this.clock.after(this.limits.tick, () => {
      const elapsed = this.clock.monotonic() - began;
      this.guard(() => this.tick(isLate(elapsed, this.limits.tick) ? elapsed : 0));
      this.scheduleTick();
    });
  }

  /** @param starved ms in which this process did not run: nobody's silence in that time counts */
  private tick(starved: number): void {
    for (const peer of this.peers.values()) peer.tick(starved);
    for (const command of this.commands.values()) command.tick();
    this.readings.sweep();
  }

  // ---------------------------------------------------------------------------------------------------------------- commands

  private forCommandsOf(daemon: DaemonName, use: (command: RunningCommand) => void): void {
    for (const command of this.commands.values()) if (command.daemon === daemon) use(command);
  }

  private routeTo(daemon: DaemonName): CommandRoute {
    const peer = this.peer(daemon);
    return {
      clock: this.clock,
      limits: this.limits,
      environment: this.options.environment,
      catalogue: () => peer?.catalogue ?? null,
      silence: () => peer?.silenceHeard ?? Infinity,
      // After the router came back its daemons come back too.
      isMissing: () =>
        Boolean(peer?.isLost) && this.isConnected && this.clock.monotonic() - this.reconnectedAt > this.limits.commandPatience,
      howToStart: this.options.howToStart ?? null,
      connected: () => this.isConnected,
      epochEnded: (epoch) => peer?.hasEnded(epoch) ?? true,
      speaks: (epoch) => peer?.speaks(epoch) ?? false,
      silenceOf: (epoch) => peer?.silenceOf(epoch) ?? Infinity,
      obstacle: () => peer?.namesakes.problem ?? null,
      settled: () => peer?.namesakes.settled ?? true,
      describe: () => peer?.describe(),
      openReplies: (handler) => this.inbox.open(handler),
      publish: (order, id, start, replyTo) => this.publishOrder(daemon, peer?.clockOffset ?? 0, order, id, start, replyTo),
      newId: () => randomBytes(12).toString('hex') as CommandId,
      report: (problem: Problem) => this.damper.report(problem),
    };
  }

  private publishOrder(
    daemon: DaemonName,
    clockOffset: number,
    order: CommandOrder['order'],
    id: CommandId,
    { epoch, bootNonce }: DaemonStart,
    replyTo: string,
  ): boolean {
    if (!this.isConnected || this.disposed) return false;
    const { environment, operator, connection } = this.options;
    const whole: CommandOrder = {
      version: orderVersion,
      id,
      operator: operator.name,
      environment,
      daemon,
      epoch,
      bootNonce,
      session: this.session,
      sequence: ++this.orders,
      issuedAt: this.clock.now() + clockOffset,
      timeToLive: this.limits.commandTimeToLive,
      order,
    };
    connection.publish(subject(environment, 'command', daemon), JSON.stringify(signCommand(whole, operator.signer)), { reply: replyTo });
    return true;
  }
}
