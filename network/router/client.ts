/** One client of the router: its greeting, its key, its subscriptions, and every operation that it sends. */
import type { Exchange, Message, Subscriber, Subscription } from './exchange.ts';
import { Message as RoutedMessage } from './exchange.ts';
import type { Greeting } from './greeting.ts';
import { isProofOfKey, readConnect } from './greeting.ts';
import type { ConnectOptions } from './greeting.ts';
import { Body, Outbox } from './outbox.ts';
import { Gatekeeper } from './permissions.ts';
import { ProtocolParser, readSize } from './protocol-parser.ts';
import type { ControlOperation, ParserFault, ProtocolReader } from './protocol-parser.ts';
import type { RouterLimits, RouterLogger, RouterUser } from './router-options.ts';
import { AnswerWatch } from './single-keys.ts';
import type { KeyHolder, SingleKeys } from './single-keys.ts';
import type { RouterStatistics } from './statistics.ts';
import { covers, hasWildcard, isLiteralSubject, isValidPattern } from './subject-matching.ts';
import type { Wire } from './wires.ts';

/** What a client needs of its router. */
export interface ClientSurroundings {
  readonly exchange: Exchange;
  readonly statistics: RouterStatistics;
  readonly limits: RouterLimits;
  readonly logger: RouterLogger;
  /** By public key; undefined: everyone may do everything. */
  readonly users: ReadonlyMap<string, RouterUser> | undefined;
  readonly singleKeys: SingleKeys;
  readonly now: () => number;
  readonly left: (client: RouterClient) => void;
}

/** ms that a client has to take its last bytes after the router closed the connection. */
const farewell = 1_000;
/** ms that a fast sender pauses at most for a strained receiver; a dead receiver must not hold the others up for long. */
const longestPause = 10;
/** Unanswered pings after which a client counts as gone. */
const pingsUnanswered = 2;
const maximumTokens = 32;
const maximumPatternLength = 1_024;

const faultTexts: Record<ParserFault, string> = {
  'unknown operation': 'Unknown Protocol Operation',
  'control line too long': 'maximum control line exceeded',
  'bad arguments': 'Parser Error',
  'payload too large': 'Maximum Payload Violation',
  'headers not supported': 'message headers not supported',
};

export class RouterClient implements Subscriber, ProtocolReader, KeyHolder {
  private readonly wire: Wire;
  private readonly around: ClientSurroundings;
  private readonly greeting: Greeting;
  private readonly parser: ProtocolParser;
  private readonly outbox: Outbox;
  private readonly subscriptions = new Map<string, Subscription>();
  private options: ConnectOptions | undefined;
  private gatekeeper: Gatekeeper | undefined;
  private name = '';
  private admitted: boolean;
  private closed = false;
  private pings = 0;
  private active = true;
  private readonly pingTimer: NodeJS.Timeout;
  private authenticationTimer: NodeJS.Timeout | undefined;
  private pauseTimer: NodeJS.Timeout | undefined;
  private farewellTimer: NodeJS.Timeout | undefined;
  private readonly lifeSign = new AnswerWatch(() => this.cutOffSilent());
  /** The key that no other connection may have. */
  private singleKey: string | undefined;

  constructor(wire: Wire, greeting: Greeting, around: ClientSurroundings) {
    this.wire = wire;
    this.greeting = greeting;
    this.around = around;
    this.admitted = around.users === undefined;
    this.parser = new ProtocolParser(this, around.limits.maximumPayload);
    this.outbox = new Outbox(wire, around.limits.maximumPending, () => this.cutOffSlow());
    this.pingTimer = setInterval(() => this.ping(), around.limits.pingInterval);
    if (!this.admitted)
      this.authenticationTimer = setTimeout(() => this.refuse('Authentication Timeout'), around.limits.authenticationTimeout);
  }

  /** Begins to read; from now on the client tells its router when it has left. */
  start(): void {
    this.wire.listen({ data: (chunk) => this.receive(chunk), closed: () => this.gone() });
  }

  get echo(): boolean {
    return this.options?.echo ?? true;
  }

  get waitingBytes(): number {
    return this.outbox.waiting;
  }

  /** Who this is, for logs. */
  get label(): string {
    return [this.wire.remote, this.name].filter((part) => part !== '').join(' ');
  }

  /** Sends bytes that are not an answer: INFO. */
  send(line: string): void {
    this.outbox.append(line);
    this.outbox.flush();
  }

  private receive(chunk: Buffer): void {
    if (this.closed) return;
    this.active = true;
    this.lifeSign.end();
    this.parser.push(chunk);
    this.around.exchange.flush();
  }

  // ----------------------------------------------------------------------------------------------- what the parser reads

  admits(operation: ControlOperation | 'PUB' | 'HPUB'): boolean {
    if (this.admitted || operation === 'CONNECT') return true;
    this.refuse('Authorization Violation');
    return false;
  }

  fault(fault: ParserFault, detail: string): void {
    this.around.statistics.protocolErrors++;
    this.around.logger.warning(`${this.label} was cut off: ${fault}${detail === '' ? '' : ` (${JSON.stringify(detail)})`}.`);
    this.close(faultTexts[fault]);
  }

  control(operation: ControlOperation, argument: string): void {
    switch (operation) {
      case 'CONNECT':
        return this.connect(argument);
      case 'PING':
        return this.answer('PONG\r\n');
      case 'PONG':
        this.pings = 0;
        return;
      case 'SUB':
        return this.subscribe(argument.split(/[ \t]+/));
      case 'UNSUB':
        return this.unsubscribe(argument.split(/[ \t]+/));
      case '+OK':
      case '-ERR':
        return;
    }
  }

  publish(subject: string, reply: string, headerBytes: number, bytes: Buffer, owned: boolean): void {
    const { statistics, exchange } = this.around;
    statistics.messagesIn++;
    statistics.bytesIn += bytes.length - 2;
    if (headerBytes > 0 && !this.options?.headers) {
      this.parser.stop();
      this.fault('headers not supported', '');
      return;
    }
    if (this.options?.pedantic && !isLiteralSubject(subject)) this.error('Invalid Publish Subject');
    if (this.gatekeeper && !this.gatekeeper.canPublish(subject)) {
      this.violation(`Permissions Violation for Publish to ${quoted(subject)}`);
      return;
    }
    this.confirm();
    const taken = exchange.publish(this, new RoutedMessage(subject, reply, headerBytes, new Body(bytes, owned)));
    if (!taken && reply !== '' && this.options?.noResponders) this.tellNoResponders(reply);
  }

  // ------------------------------------------------------------------------------------------------------ who this is

  private connect(argument: string): void {
    const options = readConnect(argument);
    if (!options) {
      this.parser.stop();
      this.fault('bad arguments', 'CONNECT');
      return;
    }
    if (!this.authenticate(options)) return;
    if (options.noResponders && !options.headers) {
      this.parser.stop();
      this.close('no responders requires headers support');
      return;
    }
    clearTimeout(this.authenticationTimer);
    this.options = options;
    this.admitted = true;
    this.confirm();
  }

  private authenticate(options: ConnectOptions): boolean {
    const { users, now } = this.around;
    this.name = options.name;
    if (!users) return true;
    const user = users.get(options.key);
    if (!user || !isProofOfKey(options, this.greeting)) {
      this.refuse('Authorization Violation');
      return false;
    }
    this.name = `${user.name}${options.name === '' || options.name === user.name ? '' : ` (${options.name})`}`;
    this.gatekeeper = new Gatekeeper(user.permissions, now);
    return user.single !== true || this.takeKey(user.key);
  }

  /** Takes a key that only one connection may have; false: another one has it, and this one was refused. */
  private takeKey(key: string): boolean {
    const refusal = this.around.singleKeys.claim(key, this);
    this.singleKey = key;
    if (refusal !== undefined) this.close(refusal);
    return refusal === undefined;
  }

  mustAnswer(): void {
    if (!this.closed && this.lifeSign.begin()) this.send('PING\r\n');
  }

  private cutOffSilent(): void {
    this.around.statistics.staleConnections++;
    this.around.logger.warning(`${this.label} was cut off: it does not answer.`);
    this.close('Stale Connection');
  }

  private refuse(reason: string): void {
    this.around.statistics.authenticationFailures++;
    this.around.logger.warning(`${this.label} was refused: ${reason}.`);
    this.close(reason);
  }

  // ----------------------------------------------------------------------------------------------------- subscriptions

  /** `SUB pattern [queue] id` */
  private subscribe(words: readonly string[]): void {
    const [pattern, second, third] = words;
    const id = words.length === 3 ? third : second;
    const queue = words.length === 3 ? second : undefined;
    if (pattern === undefined || id === undefined || id === '' || words.length > 3) return this.badArguments('SUB');
    if (!isValidPattern(pattern) || pattern.length > maximumPatternLength) return this.error('Invalid Subject');
    if (pattern.split('.').length > maximumTokens) return this.error('subject has exceeded number of tokens limit');
    if (this.gatekeeper && !this.gatekeeper.canSubscribe(pattern)) {
      return this.violation(
        `Permissions Violation for Subscription to ${quoted(pattern)}${queue === undefined ? '' : ` using queue ${quoted(queue)}`}`,
      );
    }
    if (!this.subscriptions.has(id)) {
      if (this.subscriptions.size >= this.around.limits.maximumSubscriptions) return this.error('maximum subscriptions exceeded');
      const wildcard = hasWildcard(pattern);
      const subscription: Subscription = { pattern, queue, id, wildcard, subscriber: this, delivered: 0, maximum: 0, ended: false };
      this.subscriptions.set(id, subscription);
      this.around.exchange.subscribe(subscription);
    }
    this.confirm();
  }

  /** `UNSUB id [maximum]` */
  private unsubscribe(words: readonly string[]): void {
    const [id, count] = words;
    const maximum = count === undefined ? 0 : readSize(count);
    if (id === undefined || id === '' || maximum < 0 || words.length > 2) return this.badArguments('UNSUB');
    const subscription = this.subscriptions.get(id);
    if (subscription) {
      if (maximum > subscription.delivered) subscription.maximum = maximum;
      else this.endSubscription(subscription);
    }
    this.confirm();
  }

  private endSubscription(subscription: Subscription): void {
    this.subscriptions.delete(subscription.id);
    this.around.exchange.unsubscribe(subscription);
  }

  deliver(subscription: Subscription, message: Message): boolean {
    if (this.closed) return false;
    const { gatekeeper } = this;
    if (gatekeeper?.filtersDelivery && subscription.wildcard && !gatekeeper.canHear(message.subject)) return false;
    const withHeaders = message.headerBytes > 0 && this.options?.headers === true;
    const body = withHeaders ? message.body : message.withoutHeaders();
    const reply = message.reply === '' ? '' : `${message.reply} `;
    const size = body.bytes.length - 2;
    const start = `${withHeaders ? 'HMSG' : 'MSG'} ${message.subject} ${subscription.id} ${reply}`;
    this.outbox.append(withHeaders ? `${start}${message.headerBytes} ${size}\r\n` : `${start}${size}\r\n`, body);
    if (message.reply !== '') gatekeeper?.allowAnswers(message.reply);
    subscription.delivered++;
    if (subscription.maximum > 0 && subscription.delivered >= subscription.maximum) this.endSubscription(subscription);
    return true;
  }

  /** The standard answer "503" to a request that nobody hears, on the client's own subscription for the reply. */
  private tellNoResponders(reply: string): void {
    const tokens = reply.split('.');
    for (const subscription of this.subscriptions.values()) {
      if (!covers(subscription.pattern.split('.'), tokens)) continue;
      this.answer(`HMSG ${reply} ${subscription.id} 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
      return;
    }
  }

  // ------------------------------------------------------------------------------------------------------------ answers

  private answer(line: string): void {
    this.outbox.append(line);
    this.around.exchange.touch(this);
  }

  private confirm(): void {
    if (this.options?.verbose) this.answer('+OK\r\n');
  }

  private error(text: string): void {
    this.answer(`-ERR '${text}'\r\n`);
  }

  private violation(text: string): void {
    this.around.statistics.permissionViolations++;
    this.around.logger.warning(`${this.label}: ${text}.`);
    this.error(text);
  }

  private badArguments(operation: string): void {
    this.parser.stop();
    this.fault('bad arguments', operation);
  }

  flush(): void {
    this.outbox.flush();
  }

  // --------------------------------------------------------------------------------------------------- pace and ending

  /** Stops reading from this client for a moment, because a receiver of its messages cannot follow. */
  pauseFor(receiver: Subscriber): void {
    if (this.pauseTimer || this.closed || receiver === this) return;
    const goOn = (): void => {
      if (!this.pauseTimer) return;
      clearTimeout(this.pauseTimer);
      this.pauseTimer = undefined;
      if (!this.closed) this.wire.resume();
    };
    this.wire.pause();
    this.pauseTimer = setTimeout(goOn, longestPause);
    receiver.whenRelieved(goOn);
  }

  get strained(): boolean {
    return this.outbox.strained;
  }

  whenRelieved(listener: () => void): void {
    this.outbox.whenRelieved(listener);
  }

  private ping(): void {
    if (this.closed) return;
    if (this.pings >= pingsUnanswered) return this.cutOffSilent();
    // Whoever sends something is there.
    if (this.active) this.pings = 0;
    this.active = false;
    this.pings++;
    this.send('PING\r\n');
  }

  private cutOffSlow(): void {
    if (this.closed) return;
    this.around.statistics.slowConsumers++;
    this.around.logger.warning(`${this.label} was cut off: it does not take its messages fast enough.`);
    this.close('Slow Consumer', true);
  }

  /** Ends the connection, with a reason or (empty) without one. */
  close(reason: string, dropWaiting = false): void {
    if (this.closed) return;
    this.leave();
    this.outbox.closeWith(reason === '' ? '' : `-ERR '${reason}'\r\n`, dropWaiting);
    this.wire.resume();
    this.wire.end();
    this.farewellTimer = setTimeout(() => this.wire.destroy(), farewell);
  }

  private leave(): void {
    this.closed = true;
    this.parser.stop();
    clearInterval(this.pingTimer);
    clearTimeout(this.authenticationTimer);
    clearTimeout(this.pauseTimer);
    this.lifeSign.end();
    if (this.singleKey !== undefined) this.around.singleKeys.release(this.singleKey, this);
    for (const subscription of this.subscriptions.values()) this.around.exchange.unsubscribe(subscription);
    this.subscriptions.clear();
  }

  private gone(): void {
    if (!this.closed) {
      this.leave();
      this.outbox.closeWith('', true);
    }
    clearTimeout(this.farewellTimer);
    this.around.left(this);
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
