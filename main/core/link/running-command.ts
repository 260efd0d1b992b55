/**
 * One command on its way: signed, sent, sent again while nothing answers, until its end is known. The daemon executes it
 * once, because every sending carries the same id. Its end is told by a reply and by an event; the first one counts.
 */
import type { Msg } from '@nats-io/nats-core';
import type { CommandId, DaemonName, Epoch } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { commandReplySchema, type CommandOrder, type CommandReply } from '#shared/protocol/commands.ts';
import type { Catalogue, CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import type { Clock } from '#platform/clock.ts';
import type { LinkLimits } from './limits.ts';
import { decodeMessage } from './record-decoding.ts';
import { versionProblem } from './order-version.ts';
import { isNobodyThere, type Replies } from './reply-inbox.ts';
import { afterAwake } from '#platform/awake-time.ts';
import { secondsText } from '#shared/wording/durations.ts';

/** One start of a daemon, for which alone an order is good. */
export type DaemonStart = Pick<Catalogue, 'bootNonce' | 'epoch'>;

/** What a command needs to know of its daemon and may do. */
export interface CommandRoute {
  readonly clock: Clock;
  readonly limits: LinkLimits;
  readonly environment: string;
  catalogue(): Catalogue | null;
  /** ms since the daemon's last sign of life; Infinity when there was none. */
  silence(): number;
  /** Whether the daemon is known to be away: lost while the router was there. */
  isMissing(): boolean;
  /** How it is started, where that is not as usual. */
  readonly howToStart: string | null;
  connected(): boolean;
  /** Whether everything that can be had of an epoch has been received. */
  epochEnded(epoch: Epoch): boolean;
  /** Whether an epoch was heard to be present lately. */
  speaks(epoch: Epoch): boolean;
  /** ms since then. */
  silenceOf(epoch: Epoch): number;
  /** Why the daemon is not to be commanded now; null: it may be. */
  obstacle(): Problem | null;
  /** Whether all who bear the daemon's name have had time to say so. */
  settled(): boolean;
  describe(): void;
  openReplies(handler: (message: Msg) => void): Replies;
  /** Signs and publishes an order to a start of the daemon; false when that is not possible now. */
  publish(order: CommandOrder['order'], id: CommandId, start: DaemonStart, replyTo: string): boolean;
  /** A fresh id for the order that cancels. */
  newId(): CommandId;
  report(problem: Problem): void;
}

/** What is to be done, and where. */
export interface CommandToRun {
  readonly daemon: DaemonName;
  readonly action: string;
  readonly commandArguments: readonly string[];
  readonly command: CommandId;
  /** Given by hand: whoever gave it does not want it carried out at some later time, so it is given up when the router is away. */
  readonly onlyNow?: boolean;
}

/** ms for which the last records of an ended epoch may still tell how a command ended. */
const patienceForTail = 5_000;
/** ms for which a daemon that the link does not know may take to answer. */
const patienceForStranger = 2_000;
/**
 * Refusals as expired that are borne, the order being sent anew after each: when a clock was set or this machine has slept,
 * the difference between the clocks is known again with the daemon's next presences. Such an order was executed by nobody.
 */
const expiriesBorne = 4;

export class RunningCommand {
  readonly daemon: DaemonName;
  readonly command: CommandId;
  readonly finished: Promise<CommandOutcome>;
  private readonly action: string;
  private readonly commandArguments: readonly string[];
  private readonly onlyNow: boolean;
  private readonly route: CommandRoute;
  private readonly replies: Replies;
  private readonly resolvers = Promise.withResolvers<CommandOutcome>();
  /** From when on the present start of the daemon is waited for; ms, monotonic. */
  private startedAt: number;
  private sentTo: DaemonStart | undefined;
  private sentAt = -Infinity;
  private sendings = 0;
  /** Sendings that reached nobody. */
  private undelivered = 0;
  /** Set while a missing daemon may still answer that it is back. */
  private cancelGrace: (() => void) | undefined;
  private accepted = false;
  private arrived = false;
  /** Boot nonce of a start of the daemon that is known to be over. */
  private outdated: string | undefined;
  private restartSeenAt: number | undefined;
  /** A later start, which took the state of the addressed one over, has refused the order for this reason. */
  private successor: { readonly code: string; readonly reason: string; readonly at: number } | undefined;
  private expiries = 0;
  private cancelling = false;
  private ended = false;

  constructor({ daemon, action, commandArguments, command, onlyNow = false }: CommandToRun, route: CommandRoute) {
    this.onlyNow = onlyNow;
    this.daemon = daemon;
    this.command = command;
    this.action = action;
    this.commandArguments = commandArguments;
    this.route = route;
    this.startedAt = route.clock.monotonic();
    this.finished = this.resolvers.promise;
    // Whoever never looks at the end must not bring the process down.
    this.finished.catch(() => undefined);
    this.replies = route.openReplies((message) => this.takeReply(message));
    if (!this.givenUpWithoutRouter()) this.transmit();
  }

  get isOver(): boolean {
    return this.ended;
  }

  takeEvents(events: readonly DaemonEvent[]): void {
    for (const event of events) {
      if (!('command' in event) || event.command !== this.command) continue;
      if (event.kind === 'command-accepted') this.accepted = true;
      // Refusals of orders that nobody signed may name any id, so only the reply to our own order counts for those.
      if (event.kind === 'command-refused' && !unproven.has(event.code)) this.refused(event.code, event.reason);
      if (event.kind === 'command-finished') this.finish(event.outcome);
    }
  }

  takeCatalogue(catalogue: Catalogue): void {
    if (this.sentTo && catalogue.bootNonce !== this.sentTo.bootNonce) this.restartSeenAt ??= this.route.clock.monotonic();
    if (!this.sentTo) this.transmit();
  }

  /** Looks whether it is time to send again or to give up. */
  tick(): void {
    const { clock, limits } = this.route;
    if (this.ended || this.givenUpWithoutRouter()) return;
    // While the start that has the order speaks, it alone says how it went, whoever else speaks under its name.
    const isOver = this.sentTo !== undefined && !this.route.speaks(this.sentTo.epoch);
    if (this.successor && this.awaitSilence(this.successor, isOver)) return;
    if (this.restartSeenAt !== undefined && isOver) return this.awaitTail(this.restartSeenAt);
    const waited = clock.monotonic() - this.startedAt;
    if (this.awaitsReturn()) return;
    if (!this.sentTo) return this.awaitFirstSending(waited);
    const silence = Math.min(this.route.silence(), waited);
    if (silence > limits.commandPatience) return this.failLost(silence);
    if (!this.accepted && !this.arrived && clock.monotonic() - this.sentAt >= limits.resendAfter) this.transmit();
  }

  /** Asks the daemon to end it. Resolves when the command is over, or the daemon has answered. */
  async cancel(): Promise<void> {
    if (this.ended) return;
    this.cancelling = true;
    const target = this.sentTo;
    if (!target) return this.fail('command-cancelled', `${this.action} was cancelled before it was sent to ${this.daemon}.`);
    const { promise, resolve } = Promise.withResolvers<void>();
    const id = this.route.newId();
    const replies = this.route.openReplies((message) => {
      const decoded = decodeMessage(commandReplySchema, message.data, `an answer of ${this.daemon}`);
      if (!isNobodyThere(message) && 'value' in decoded && isOwnAnswer(decoded.value, target)) resolve();
    });
    let cancelTimer = (): void => undefined;
    const ask = (): void => {
      this.route.publish({ kind: 'cancel', command: this.command }, id, target, replies.subject);
      cancelTimer = this.route.clock.after(this.route.limits.resendAfter, ask);
    };
    ask();
    await Promise.race([promise, this.finished.then(ignore, ignore)]);
    cancelTimer();
    replies.close();
    if (this.ended || this.accepted) return;
    // The daemon was asked to cancel what it never accepted: it will not be sent again.
    this.fail('command-cancelled', `${this.action} was cancelled before ${this.daemon} accepted it.`);
  }

  /** Ends the wait; the command itself goes on where it runs. */
  abandon(): void {
    this.fail('link-closed', `The connection was closed while ${this.action} was running on ${this.daemon}.`);
  }

  /** Whether a command that is for now or never was given up, since it cannot be said that it arrives now. */
  private givenUpWithoutRouter(): boolean {
    if (!this.onlyNow || this.route.connected() || this.accepted || this.arrived) return false;
    if (this.sentTo) {
      this.fail(
        'daemon-lost',
        `The router went out of reach before ${this.daemon} had accepted ${this.action}; it is not sent again.`,
        'Whether it was carried out is not known. Look at the state of the environment first.',
      );
    } else {
      this.fail(
        'router-unreachable',
        `${this.action} was not sent to ${this.daemon}: the router is out of reach. It is not sent later either.`,
        'Check whether the router runs, then give the command again.',
      );
    }
    return true;
  }

  private awaitFirstSending(waited: number): void {
    const { limits } = this.route;
    const isStranger = this.route.silence() === Infinity && this.route.connected();
    if (waited <= (isStranger ? Math.min(patienceForStranger, limits.commandPatience) : limits.commandPatience)) return this.transmit();
    if (this.route.connected()) return this.failAbsent();
    this.fail(
      'router-unreachable',
      `${this.action} could not be sent to ${this.daemon}: the router has been out of reach for ${secondsText(waited)}.`,
      'Check whether the router runs.',
    );
  }

  /** Whether nobody has the order, and its daemon is known to be away: one that is just coming back has the time of an answer. */
  private awaitsReturn(): boolean {
    const { clock, limits } = this.route;
    if (!this.isMissed) {
      this.cancelGrace?.();
      this.cancelGrace = undefined;
      return false;
    }
    this.route.describe();
    this.cancelGrace ??= afterAwake(clock, limits.describeTimeout, () => this.isMissed && this.failMissing());
    return true;
  }

  private get isMissed(): boolean {
    return !this.accepted && !this.arrived && this.sendings <= this.undelivered && this.route.isMissing();
  }

  private transmit(): void {
    const catalogue = this.route.catalogue();
    if (this.ended || this.cancelling || this.awaitsReturn()) return;
    if (!catalogue || catalogue.bootNonce === this.outdated) return this.route.describe();
    // Only what no earlier start of the daemon can have seen may be sent to another start.
    if (this.sentTo && this.sentTo.bootNonce !== catalogue.bootNonce) return;
    const outdated = versionProblem(catalogue);
    const obstacle = outdated ?? (this.sentTo ? null : this.route.obstacle());
    if (obstacle) return this.fail(obstacle.code, `${withoutStop(obstacle.message)}; ${this.action} was not sent.`, obstacle.tip);
    if (!this.sentTo && !this.route.settled()) return;
    const order: CommandOrder['order'] = { kind: 'execute', action: this.action, arguments: [...this.commandArguments] };
    if (!this.route.publish(order, this.command, catalogue, this.replies.subject)) return;
    this.sentTo = { bootNonce: catalogue.bootNonce, epoch: catalogue.epoch };
    this.sentAt = this.route.clock.monotonic();
    this.sendings++;
  }

  private takeReply(message: Msg): void {
    if (this.ended) return;
    if (isNobodyThere(message)) return this.nobodyThere();
    const decoded = decodeMessage(commandReplySchema, message.data, `an answer of ${this.daemon}`);
    if ('problem' in decoded) return this.route.report(decoded.problem);
    const reply = decoded.value;
    if (reply.command !== this.command) return;
    switch (reply.kind) {
      case 'accepted':
        this.accepted = true;
        return;
      case 'refused':
        if (this.sentTo && !isOwnAnswer(reply, this.sentTo)) return this.refusedByAnother(reply);
        return this.refused(reply.code, reply.reason);
      case 'finished':
        return this.finish(reply.outcome);
    }
  }

  private nobodyThere(): void {
    this.undelivered++;
    // A daemon that was there a moment ago is most likely on its way back; `tick` sends again, or gives up.
    if (this.route.silence() > this.route.limits.commandPatience) this.failAbsent();
  }

  private refused(code: string, reason: string): void {
    if (this.accepted || this.ended) return;
    // An earlier sending arrived, only its answer did not: how it went is told by an event, so none is sent any more.
    if (code === 'replayed') {
      this.arrived = true;
      return;
    }
    if (code === 'expired' && !this.cancelling && ++this.expiries <= expiriesBorne) return;
    this.fail(`refused-${code}`, `${this.daemon} refused ${this.action}: ${withoutStop(reason)}.`, refusalTips[code]);
  }

  /** What another daemon says of an order says nothing of what the addressed one does, unless that one is over. */
  private refusedByAnother({ code, reason, succeeds = false }: Extract<CommandReply, { kind: 'refused' }>): void {
    if (succeeds) this.successor ??= { code, reason, at: this.route.clock.monotonic() };
    else this.route.describe();
  }

  /** Whether there is nothing to do but to wait until the addressed start is silent for sure. */
  private awaitSilence({ code, reason, at }: NonNullable<RunningCommand['successor']>, isOver: boolean): boolean {
    const heardSince = this.sentTo && this.route.silenceOf(this.sentTo.epoch) < this.route.clock.monotonic() - at;
    if (!this.accepted && !heardSince && !isOver) return true;
    this.successor = undefined;
    if (isOver && !this.accepted) this.refusedBySuccessor(code, reason);
    return false;
  }

  private refusedBySuccessor(code: string, reason: string): void {
    if (code === 'stale-boot' && this.sendings === 1) return this.sendToNewStart();
    if (code === 'stale-boot') this.restartSeenAt ??= this.route.clock.monotonic();
    else this.refused(code, reason);
  }

  /** The one sending was refused by the daemon's next start, and the addressed one is silent, so none executed it. */
  private sendToNewStart(): void {
    this.outdated = this.sentTo?.bootNonce;
    this.sentTo = undefined;
    this.restartSeenAt = undefined;
    this.sendings = 0;
    this.undelivered = 0;
    this.startedAt = this.route.clock.monotonic();
    // The new catalogue may be here already.
    this.transmit();
  }

  private awaitTail(since: number): void {
    const waited = this.route.clock.monotonic() - since;
    const epoch = this.sentTo?.epoch;
    if (epoch && !this.route.epochEnded(epoch) && waited < patienceForTail) return;
    this.fail(
      'daemon-restarted',
      `${this.daemon} was restarted while ${this.action} was running; whether it was carried out is not known.`,
      'Look at the state of the environment, then repeat the step if need be.',
    );
  }

  private failAbsent(): void {
    this.fail(
      'daemon-absent',
      `No daemon ${this.daemon} is connected to the environment ${this.route.environment}.`,
      this.route.howToStart ?? howToStart,
    );
  }

  private failMissing(): void {
    this.fail(
      'daemon-absent',
      `${this.daemon} is lost: it has been silent for ${secondsText(this.route.silence())} and does not answer. ${this.action} was not carried out.`,
      this.route.howToStart ?? howToStart,
    );
  }

  private failLost(silence: number): void {
    const cause = this.route.connected() ? 'the daemon has been silent' : 'the router has been out of reach';
    this.fail(
      'daemon-lost',
      `${this.daemon} was lost while ${this.action} was running: ${cause} for ${secondsText(silence)}.`,
      'Whether the command goes on there is not known.',
    );
  }

  private finish(outcome: CommandOutcome): void {
    if (this.ended) return;
    this.end();
    this.resolvers.resolve(outcome);
  }

  private fail(code: string, message: string, tip?: string): void {
    if (this.ended) return;
    this.end();
    this.resolvers.reject(new ProblemError({ code, message, ...(tip !== undefined && { tip }) }));
  }

  private end(): void {
    this.ended = true;
    this.cancelGrace?.();
    this.replies.close();
  }
}

/** Whether an answer is that of the start which has the order. */
function isOwnAnswer(reply: CommandReply, start: DaemonStart): boolean {
  return reply.kind !== 'refused' || reply.epoch === undefined || reply.epoch === start.epoch;
}

const howToStart = 'Start it on its host (testops daemon --config …), or check its router URL and its name.';
const ignore = (): void => undefined;
const withoutStop = (sentence: string): string => sentence.replace(/[.\s]+$/, '');

/** Codes of refusals that say nothing about the latest order that we signed: anybody can bring them about for any id. */
const unproven: ReadonlySet<string> = new Set([
  'unsigned',
  'unknown-key',
  'bad-signature',
  'malformed',
  'misdirected',
  'stale-boot',
  'expired',
]);

const refusalTips: Readonly<Record<string, string>> = {
  'unknown-key': "Add the operator's public key to the trusted operators in the daemon's configuration.",
  'not-allowed': "Allow it in the daemon's configuration, which alone decides.",
  'bad-signature': 'Check that the daemon is of the version of this console.',
  'unknown-action': "Check the name, or add the action to the daemon's configuration.",
  expired: 'Check the clocks of this machine and of the daemon.',
};
