/**
 * How an adapter speaks with a runner that we brought: lines of JSON over the channel of its process. A runner lists tests, then says `ready`;
 * told to run some, it says of each that it started and how it finished, and `idle` when nothing more is to come. What came to its end says nothing
 * more: a test of which nothing was told is `missing`, however its process ended.
 */
import { z } from 'zod';
import { ProblemError } from '#shared/problem.ts';
import { listedTestSchema, type ListedTest } from '#shared/campaign/plan.ts';
import { testIdSchema, verdictSchema, type TestId } from '#shared/campaign/words.ts';
import type { GuardedProcess, Runner, RunListener } from './adapter.ts';

const fileSchema = z.object({
  name: z.string(),
  type: z.string(),
  from: z.union([z.object({ path: z.string() }), z.object({ text: z.string() })]),
});

const messageSchema = z.discriminatedUnion('kind', [
  listedTestSchema.extend({ kind: z.literal('listed') }),
  /** `warm`: it can execute again and again. */
  z.object({ kind: z.literal('ready'), warm: z.boolean() }),
  /** The suite cannot be listed or executed as it is. */
  z.object({ kind: z.literal('problem'), message: z.string() }),
  z.object({ kind: z.literal('started'), test: testIdSchema }),
  z.object({
    kind: z.literal('finished'),
    test: testIdSchema,
    verdict: verdictSchema.exclude(['missing']),
    duration: z.number().min(0),
    message: z.string().optional(),
    details: z.string().optional(),
    files: z.array(fileSchema).optional(),
  }),
  z.object({ kind: z.literal('idle') }),
]);
type Message = z.infer<typeof messageSchema>;
const listedKind = z.object({ kind: z.literal('listed') });

/** What a line of a runner says; undefined for a line that is not one of its own. No test is lost by what cannot be read. */
function messageIn(line: string): Message | undefined {
  try {
    const told: unknown = JSON.parse(line);
    const { data, error } = messageSchema.safeParse(told);
    if (data || !listedKind.safeParse(told).success) return data;
    return {
      kind: 'problem',
      message: `A test cannot be listed: ${error?.issues[0]?.path.join('.')} ${error?.issues[0]?.message}: ${line.slice(0, 300)}`,
    };
  } catch {
    return undefined;
  }
}

/** Reads what a runner says, and keeps the last of what its process printed, for the case that it says nothing. */
export class RunnerChannel {
  readonly #process: GuardedProcess;
  readonly #listeners = new Set<(message: Message) => void>();
  readonly #printed: string[] = [];
  #problem: string | undefined;
  #over = false;

  constructor(process: GuardedProcess) {
    this.#process = process;
    // What a test printed before its end was said is in another pipe, which is read in the same turn of the event loop, but maybe after it.
    process.onLine('channel', (line) => setImmediate(() => this.#take(line)));
    for (const stream of ['stdout', 'stderr'] as const) process.onLine(stream, (line) => this.#keep(line));
    void process.ended.finally(() => (this.#over = true));
  }

  get process(): GuardedProcess {
    return this.#process;
  }

  /** Whether its process has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** What the runner said is wrong with the suite as a whole. */
  get problem(): string | undefined {
    return this.#problem;
  }

  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  say(request: object): void {
    if (!this.#over) this.#process.write(`${JSON.stringify(request)}\n`);
  }

  /** Resolves with the first message of a kind, or with undefined when the process ends without one. */
  async next<Kind extends Message['kind']>(kind: Kind): Promise<Extract<Message, { kind: Kind }> | undefined> {
    const { promise, resolve } = Promise.withResolvers<Extract<Message, { kind: Kind }> | undefined>();
    const stop = this.listen((message) => {
      if (message.kind === kind) resolve(message as Extract<Message, { kind: Kind }>);
    });
    void this.#process.ended.finally(() => resolve(undefined));
    try {
      return await promise;
    } finally {
      stop();
    }
  }

  /** Why it came to its end without having said what was asked: its own words, else the last lines that it printed. */
  async whyItEnded(what: string): Promise<ProblemError> {
    const { exitStatus, signal } = await this.#process.ended;
    if (this.#problem !== undefined) return new ProblemError({ code: 'suite-problem', message: this.#problem });
    const how = signal === null ? `exit status ${exitStatus}` : `signal ${signal}`;
    const printed = this.#printed.join('\n').trim();
    return new ProblemError({ code: 'suite-problem', message: `${what} (${how})${printed === '' ? '.' : `: ${printed}`}` });
  }

  #take(line: string): void {
    const message = messageIn(line);
    if (!message) return;
    if (message.kind === 'problem') this.#problem ??= message.message;
    for (const listener of this.#listeners) listener(message);
  }

  #keep(line: string): void {
    this.#printed.push(line.slice(0, 1_000));
    if (this.#printed.length > 20) this.#printed.shift();
  }
}

/** Passes on what is said of tests that were asked for, each end once; what is said of any other is dropped. */
export function onlyAsked(tests: readonly TestId[], listener: RunListener): RunListener & { readonly open: ReadonlySet<TestId> } {
  const open = new Set(tests);
  return {
    open,
    started: (test) => open.has(test) && listener.started(test),
    finished: (finished) => open.delete(finished.test) && listener.finished(finished),
  };
}

/** Lists the tests of a suite through a runner that was started for nothing else. */
export async function listThrough(process: GuardedProcess, what: string): Promise<readonly ListedTest[]> {
  const channel = new RunnerChannel(process);
  const listed: ListedTest[] = [];
  channel.listen((message) => {
    if (message.kind === 'listed') {
      const { kind: _, ...test } = message;
      listed.push(test);
    }
  });
  const ready = await channel.next('ready');
  await process.ended;
  if (!ready || channel.problem !== undefined) throw await channel.whyItEnded(what);
  return listed;
}

/** Hands what a runner says of tests to a listener. */
export function tell(message: Message, listener: RunListener): void {
  if (message.kind === 'started') listener.started(message.test);
  if (message.kind !== 'finished') return;
  const { kind: _, message: sentence, details, files, ...finished } = message;
  listener.finished({
    ...finished,
    ...(sentence === undefined ? {} : { message: sentence }),
    ...(details === undefined ? {} : { details }),
    ...(files === undefined ? {} : { files }),
  });
}

/** A runner of ours in a process that stays: it is asked over its channel, again and again while it says that it is warm. */
export class ChannelRunner implements Runner {
  readonly #channel: RunnerChannel;
  readonly #warm: boolean;

  private constructor(channel: RunnerChannel, warm: boolean) {
    this.#channel = channel;
    this.#warm = warm;
  }

  /** Resolves when it is ready; rejects with the reason when its process ends before. */
  static async open(process: GuardedProcess, what: string): Promise<ChannelRunner> {
    const channel = new RunnerChannel(process);
    const ready = await channel.next('ready');
    if (!ready) throw await channel.whyItEnded(what);
    return new ChannelRunner(channel, ready.warm);
  }

  get warm(): boolean {
    return this.#warm && !this.#channel.over;
  }

  async run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void> {
    const asked = onlyAsked(tests, listener);
    const stop = this.#channel.listen((message) => tell(message, asked));
    try {
      const idle = this.#channel.next('idle');
      this.#channel.say({ run: tests, variables });
      await idle;
    } finally {
      stop();
    }
  }

  async close(): Promise<void> {
    if (!this.#channel.over) this.#channel.process.endInput();
    await this.#channel.process.ended;
  }
}
