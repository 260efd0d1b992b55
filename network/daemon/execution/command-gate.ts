/**
 * The gate: nothing is executed on this host that did not pass every check here, in this order. An order must be
 * signed by a trusted key, be meant for this daemon and this start of it, be fresh, be new, and be allowed by the
 * local policy. Every refusal is answered with a code and a reason, and recorded.
 */
import { z } from 'zod';
import { commandIdSchema, epochSchema } from '#shared/identifiers.ts';
import type { DaemonName, EnvironmentName, Epoch } from '#shared/identifiers.ts';
import { claimedOrderVersion, commandOrderSchema, orderVersion, signedCommandSchema, verifyCommand } from '#shared/protocol/commands.ts';
import type { CommandOrder, CommandReply, SignedCommand, Verifier } from '#shared/protocol/commands.ts';
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import { problemOf } from '#shared/problem.ts';
import { outcomeOf } from './command-outcome.ts';
import type { Policy } from './policy.ts';
import { RefusalLog } from './refusal-log.ts';
import type { Refusal } from './refusal-log.ts';
import { digest, ReplayMemory } from './replay-memory.ts';
import type { SeenOrder } from './replay-memory.ts';
import { durationText } from '#shared/wording/durations.ts';

/** An order ready to be executed. */
export interface PreparedCommand {
  /** Starts it. What fails then is told by the outcome; only what nobody foresaw rejects. */
  execute(command: string): Promise<CommandOutcome>;
}

/** What the gate needs of the executor. */
export interface CommandExecution {
  /** The component that a component command is about; undefined for actions. */
  componentOf(action: string, words: readonly string[]): string | undefined;
  /** Checks everything that can be checked before anything happens. */
  prepare(action: string, words: readonly string[]): PreparedCommand | Refusal;
  /** Ends a running command and its descendants; undefined when no such command runs. */
  cancel(command: string): Promise<CommandOutcome> | undefined;
}

export interface CommandGateOptions {
  readonly environment: EnvironmentName;
  readonly daemon: DaemonName;
  readonly epoch: Epoch;
  /** Whether another epoch was an earlier start of this very daemon, with its state folder; it is over then. */
  readonly succeeds: (epoch: string) => boolean;
  readonly bootNonce: string;
  readonly policy: Policy;
  /** ms */
  readonly clockTolerance: number;
  /** ms since 1970 */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly verify: Verifier;
  readonly execution: CommandExecution;
  readonly report: (event: DaemonEvent) => void;
}

export type Reply = (reply: CommandReply) => void;

const maximumMessageBytes = 1024 * 1024;
const looselySigned = z.object({ key: z.string().optional(), signature: z.string().optional() });

/** A command that cannot even be begun has an outcome too: whoever gave the order waits for one, and the daemon goes on. */
async function outcomeOfStarted(started: { outcome(): Promise<CommandOutcome> }): Promise<CommandOutcome> {
  try {
    return await started.outcome();
  } catch (failure) {
    return outcomeOf({ status: 'failed to start', message: problemOf(failure).message }, 0);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an unproven order claims, so that its sender recognises the answer and knows whose it is. */
function claims(order: string): Pick<Refusal, 'claimed' | 'claimedEpoch'> {
  const content = parseJson(order);
  const { id, epoch } =
    z.object({ id: commandIdSchema.optional().catch(undefined), epoch: epochSchema.optional().catch(undefined) }).safeParse(content).data ??
    {};
  return { claimed: id, claimedEpoch: epoch };
}

/**
 * Orders of other versions are signed in other ways; whoever sent one is told which side is to be updated. A console of
 * before knows the code `malformed`, and recognises its order by the id.
 */
function versionRefusal(order: string): Refusal | undefined {
  const version = claimedOrderVersion(order);
  if (version === undefined || version === orderVersion) return undefined;
  const mend = version < orderVersion ? 'update the console that sent it' : 'update this daemon';
  const reason = `The order is of version ${version} and this daemon takes version ${orderVersion} only; ${mend}.`;
  return { code: 'malformed', reason, ...claims(order) };
}

/** What an order asks for, apart from when and how often it was sent. */
function meaningOf(order: CommandOrder): string {
  return digest(JSON.stringify([order.operator, order.order]));
}

export class CommandGate {
  private readonly options: CommandGateOptions;
  private readonly memory: ReplayMemory;
  private readonly refusals: RefusalLog;
  /** Operator's action of each running command: who may cancel it is who may run it. */
  private readonly running = new Map<string, { readonly action: string; readonly component: string | undefined }>();

  constructor(options: CommandGateOptions) {
    this.options = options;
    this.memory = new ReplayMemory(options.monotonic);
    this.refusals = new RefusalLog(options);
  }

  /** Takes one message from the network, whatever it is. Answers through `reply`; never throws. */
  handle(message: Uint8Array, replySubject: string, reply: Reply): void {
    const signed = this.signed(message);
    if ('code' in signed) return this.refuse(undefined, signed, reply);
    const order = this.order(signed);
    if ('code' in order) return this.refuse(undefined, order, reply);
    const misdirected = this.direction(order);
    if (misdirected) return this.refuse(order, misdirected, reply);
    const known = this.memory.order(order.id);
    if (known && this.isRepeat(known, order, signed, replySubject)) return this.answerAgain(known, replySubject, reply);
    const late = this.freshness(order) ?? (known && { code: 'replayed' as const, reason: 'An order with this id was given before.' });
    if (late) return this.refuse(order, late, reply);
    const admitted = this.memory.admit(signed.key, order.session, order.sequence);
    if (admitted === 'seen') return this.refuse(order, { code: 'replayed', reason: 'This order was given before.' }, reply);
    const seen = this.newOrder(order, signed, replySubject);
    if (admitted === 'full' || !this.memory.remember(order.id, seen)) {
      return this.refuse(order, { code: 'busy', reason: 'The daemon cannot remember more orders now.' }, reply);
    }
    this.carryOut(order, signed.key, seen, reply);
  }

  // ---------------------------------------------------------------------------------------------------------- checks

  /** The signed envelope, of a trusted key, with a true signature. */
  private signed(message: Uint8Array): SignedCommand | Refusal {
    const content = message.length > maximumMessageBytes ? undefined : parseJson(Buffer.from(message).toString('utf8'));
    const loose = looselySigned.safeParse(content);
    if (loose.success && (!loose.data.key || !loose.data.signature)) {
      return { code: 'unsigned', reason: 'The order is not signed.' };
    }
    const decoded = signedCommandSchema.safeParse(content);
    if (!decoded.success) return { code: 'malformed', reason: 'The message is not a signed order.' };
    if (!this.options.policy.knows(decoded.data.key)) {
      const reason = 'This daemon does not trust the key. Add it under "trust" of daemon.yaml.';
      return { code: 'unknown-key', reason, ...claims(decoded.data.order) };
    }
    const outdated = versionRefusal(decoded.data.order);
    if (outdated) return outdated;
    if (!verifyCommand(decoded.data, this.options.verify)) {
      const reason = 'The signature is not that of the key over this order.';
      return { code: 'bad-signature', reason, ...claims(decoded.data.order) };
    }
    return decoded.data;
  }

  private order(signed: SignedCommand): CommandOrder | Refusal {
    const decoded = commandOrderSchema.safeParse(parseJson(signed.order));
    if (!decoded.success) return { code: 'malformed', reason: 'The signed text is not an order.', ...claims(signed.order) };
    if (!this.options.policy.isKeyOf(signed.key, decoded.data.operator)) {
      const reason = `The key is not the one that this daemon trusts for "${decoded.data.operator}".`;
      return { code: 'unknown-key', reason, claimed: decoded.data.id, claimedEpoch: decoded.data.epoch };
    }
    return decoded.data;
  }

  private direction(order: CommandOrder): Refusal | undefined {
    const { environment, daemon, bootNonce } = this.options;
    if (order.environment !== environment || order.daemon !== daemon) {
      return { code: 'misdirected', reason: `The order is for ${order.environment}/${order.daemon}, this is ${environment}/${daemon}.` };
    }
    if (order.bootNonce === bootNonce) return undefined;
    if (this.options.succeeds(order.epoch)) return { code: 'stale-boot', reason: 'The daemon was started anew since the order was made.' };
    return { code: 'stale-boot', reason: 'The order is for a start of the daemon that this one knows nothing of.' };
  }

  private freshness(order: CommandOrder): Refusal | undefined {
    const { clockTolerance } = this.options;
    const age = this.options.now() - order.issuedAt;
    if (age > order.timeToLive + clockTolerance) {
      return { code: 'expired', reason: `The order is ${Math.round(age)} ms old and was to be valid for ${order.timeToLive} ms.` };
    }
    if (age >= -clockTolerance) return undefined;
    return { code: 'expired', reason: `The order comes from ${durationText(-age)} in the future; set the clocks right.` };
  }

  // ------------------------------------------------------------------------------------------------------- repetitions

  /**
   * A console that got no answer asks again, either with the same message to the same reply subject, or with the
   * same order signed anew in the same session. It is told again what it was told; nothing is executed twice.
   * The same message with another reply subject is somebody else's replay.
   */
  private isRepeat(known: SeenOrder, order: CommandOrder, signed: SignedCommand, replySubject: string): boolean {
    if (known.key !== signed.key || known.session !== order.session) return false;
    if (known.text === digest(signed.order)) return known.replySubject === replySubject;
    if (known.meaning !== meaningOf(order) || this.freshness(order)) return false;
    return this.memory.admit(signed.key, order.session, order.sequence) === 'new';
  }

  private answerAgain(known: SeenOrder, replySubject: string, reply: Reply): void {
    for (const each of known.replies) reply(each);
    // A few reply subjects are enough for a console that lost its connection while it waited.
    if (!known.ended && known.listeners.size < 4) known.listeners.set(replySubject, reply);
  }

  private newOrder(order: CommandOrder, signed: SignedCommand, replySubject: string): SeenOrder {
    return {
      key: signed.key,
      session: order.session,
      text: digest(signed.order),
      meaning: meaningOf(order),
      replySubject,
      replies: [],
      listeners: new Map(),
      ended: false,
    };
  }

  // --------------------------------------------------------------------------------------------------------- execution

  private carryOut(order: CommandOrder, key: string, seen: SeenOrder, reply: Reply): void {
    seen.listeners.set(seen.replySubject, reply);
    const answer = (each: CommandReply): void => {
      seen.replies.push(each);
      for (const listener of seen.listeners.values()) listener(each);
    };
    const started = order.order.kind === 'execute' ? this.start(order, order.order, key) : this.cancel(order, order.order.command, key);
    if ('code' in started) {
      this.refuse(order, started, answer);
      this.memory.end(seen);
      return;
    }
    answer({ kind: 'accepted', command: order.id });
    void outcomeOfStarted(started).then((outcome) => {
      this.running.delete(order.id);
      this.options.report({ kind: 'command-finished', time: this.options.now(), command: order.id, outcome });
      answer({ kind: 'finished', command: order.id, outcome });
      this.memory.end(seen);
    });
  }

  private start(
    order: CommandOrder,
    wanted: Extract<CommandOrder['order'], { kind: 'execute' }>,
    key: string,
  ): { outcome(): Promise<CommandOutcome> } | Refusal {
    const { execution, policy } = this.options;
    const component = execution.componentOf(wanted.action, wanted.arguments);
    if (!policy.allows(key, order.operator, wanted.action, component)) {
      return { code: 'not-allowed', reason: `"${order.operator}" may not run "${wanted.action}" here. See "trust" of daemon.yaml.` };
    }
    const prepared = execution.prepare(wanted.action, wanted.arguments);
    if ('code' in prepared) return prepared;
    this.running.set(order.id, { action: wanted.action, component });
    this.reportAccepted(order, wanted.action, wanted.arguments);
    return { outcome: () => prepared.execute(order.id) };
  }

  private cancel(order: CommandOrder, command: string, key: string): { outcome(): Promise<CommandOutcome> } | Refusal {
    const target = this.running.get(command);
    if (!target) return { code: 'bad-arguments', reason: 'No such command runs here (any more).' };
    if (!this.options.policy.allows(key, order.operator, target.action, target.component)) {
      return { code: 'not-allowed', reason: `"${order.operator}" may not run "${target.action}" here, so may not cancel it either.` };
    }
    const cancelled = this.options.execution.cancel(command);
    if (!cancelled) return { code: 'bad-arguments', reason: 'The command cannot be cancelled any more.' };
    this.reportAccepted(order, 'cancel', [command]);
    return { outcome: () => cancelled };
  }

  private reportAccepted(order: CommandOrder, action: string, words: readonly string[]): void {
    const { id: command, operator } = order;
    this.options.report({ kind: 'command-accepted', time: this.options.now(), command, operator, action, arguments: [...words] });
  }

  private refuse(order: CommandOrder | undefined, refusal: Refusal, reply: Reply): void {
    const command = order?.id ?? refusal.claimed ?? '';
    const reason = refusal.reason.slice(0, 1_000);
    const addressed = order?.epoch ?? refusal.claimedEpoch;
    const succeeds = addressed !== undefined && this.options.succeeds(addressed);
    this.refusals.record(order, { ...refusal, reason });
    reply({ kind: 'refused', command, code: refusal.code, reason, epoch: this.options.epoch, succeeds });
  }
}
