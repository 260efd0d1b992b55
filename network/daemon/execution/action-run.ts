/**
 * One run of an action's program: its output line by line, its time limit, its cancellation, its result. A background
 * action's program goes on after the run is answered, and is owned by the daemon from then on.
 */
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { LineSplitter } from '#platform/lines.ts';
import { problemOf } from '#shared/problem.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { KeptOutput, readResult } from './action-result.ts';
import type { ChildrenLedger } from './children-ledger.ts';
import { outcomeOf } from './command-outcome.ts';
import { LinearPattern } from '../configuration/pattern.ts';
import type { RunActionConfiguration } from '../configuration/types.ts';
import { OutputGate } from './output-gate.ts';
import { launch } from './process-launch.ts';
import type { Ending, Launched } from './process-launch.ts';
import { endWanted, type EndingControl } from './wanted-end.ts';

/** ms between asking the processes of a run to end and ending them. */
export const endGrace = 2_000;
/** ms that output may still arrive after the program ended; a descendant that keeps the pipe open is not waited for. */
const drainTime = 250;
/** ms for which a background program without a `ready` line must live to count as started. */
const settleTime = 100;

export interface ActionRunOptions {
  readonly action: RunActionConfiguration;
  readonly command: readonly string[];
  readonly mark: string;
  readonly ledger: ChildrenLedger;
  /** Told which components end with the program. */
  readonly control: EndingControl;
  readonly monotonic: () => number;
  readonly output: (stream: 'stdout' | 'stderr', line: string) => void;
}

type EndedBy = 'timed out' | 'cancelled';

export class ActionRun {
  private readonly options: ActionRunOptions;
  private readonly began: number;
  private readonly kept = new KeptOutput();
  private readonly gates: OutputGate[] = [];
  private readonly drained: Promise<void>[] = [];
  private readonly streams: Readable[] = [];
  private readyLine: string | undefined;
  private onReady: (() => void) | undefined;
  private launched: Launched | undefined;
  private endedBy: EndedBy | undefined;
  private ending: Promise<number> | undefined;
  /** Resolves when the program cannot even be ended, so that nobody waits for ever. */
  private readonly givenUp = Promise.withResolvers<undefined>();

  constructor(options: ActionRunOptions) {
    this.options = options;
    this.began = options.monotonic();
  }

  /** Runs the program and answers with its outcome; a background program's outcome comes when it is ready. Never rejects. */
  async run(): Promise<CommandOutcome> {
    const { action } = this.options;
    try {
      this.launched = await launch({ ...action, command: this.options.command, mark: this.options.mark });
    } catch (failure) {
      return this.outcome({ status: 'failed to start', message: problemOf(failure).message });
    }
    this.watch(this.launched, action);
    if (this.endedBy) void this.end(this.endedBy);
    const limit = action.background?.timeout ?? action.timeout;
    const timer = setTimeout(() => void this.end('timed out'), limit);
    const finished = action.background ? this.readyOrEnded(this.launched, action.background.ready) : this.launched.ended;
    const ending = await Promise.race([finished, this.givenUp.promise]);
    clearTimeout(timer);
    if (this.endedBy) return this.endedOutcome(this.endedBy, limit);
    if (!ending) return this.outcome({ status: 'completed', success: true, result: this.readyLine?.trim() ?? '' });
    await this.drain();
    return action.background ? this.notReadyOutcome(ending) : this.endOutcome(ending, action);
  }

  /** Whether the daemon ended it, rather than itself. */
  get wasEnded(): boolean {
    return this.endedBy !== undefined;
  }

  /** Resolves when the program has ended; for background programs, which outlive `run`. */
  async ended(): Promise<Ending | undefined> {
    const ending = await this.launched?.ended;
    await this.drain();
    return ending;
  }

  /** Ends the program and everything that came of it. */
  async end(by: EndedBy): Promise<void> {
    this.endedBy ??= by;
    // Still being started: `run` ends it as soon as it is known.
    if (!this.launched) return;
    this.ending ??= endWanted({ root: this.launched.identity, mark: this.options.mark }, endGrace, this.options.control);
    if ((await this.ending) > 0) this.givenUp.resolve(undefined);
  }

  private watch(launched: Launched, action: RunActionConfiguration): void {
    const { mark, ledger } = this.options;
    ledger.add({ kind: 'action', name: action.name, mark, ...launched.identity });
    void launched.ended.then(() => ledger.remove(mark));
    const ready = action.background?.ready ? new LinearPattern(action.background.ready) : undefined;
    for (const name of ['stdout', 'stderr'] as const) {
      const stream = launched.child[name];
      if (!stream) continue;
      const gate = new OutputGate(this.options.monotonic, (line) => this.options.output(name, line));
      const lines = new LineSplitter();
      const take = (line: string): void => {
        gate.line(line);
        if (name === 'stdout') this.kept.add(line);
        if (this.readyLine === undefined && ready?.test(line)) {
          this.readyLine = line;
          this.onReady?.();
        }
      };
      this.gates.push(gate);
      this.streams.push(stream);
      stream.on('data', (chunk: Buffer) => lines.push(chunk, take));
      this.drained.push(
        new Promise((resolve) => {
          stream.once('close', () => {
            lines.flush(take);
            gate.end();
            resolve();
          });
        }),
      );
    }
  }

  private async drain(): Promise<void> {
    const all = Promise.all(this.drained);
    await Promise.race([all, wait(drainTime)]);
    for (const stream of this.streams) stream.destroy();
    await all;
  }

  /** The ending, if the program ended before it was ready. */
  private async readyOrEnded(launched: Launched, ready: string | null): Promise<Ending | undefined> {
    if (ready === null) return Promise.race([launched.ended, wait(settleTime, undefined, { ref: false })]);
    const matched = new Promise<undefined>((resolve) => {
      if (this.readyLine === undefined) this.onReady = () => resolve(undefined);
      else resolve(undefined);
    });
    return Promise.race([launched.ended, matched]);
  }

  private endOutcome({ exitStatus, signal }: Ending, action: RunActionConfiguration): CommandOutcome {
    const success = exitStatus !== null && action.success.includes(exitStatus);
    const result = readResult(action.result, exitStatus, this.kept);
    const common = { status: 'completed', exitStatus, signal } as const;
    if ('problem' in result) return this.outcome({ ...common, success: false, message: result.problem });
    const message = signal === null ? {} : { message: `The program was ended by ${signal}.` };
    return this.outcome({ ...common, success, result: result.value, ...message });
  }

  private notReadyOutcome({ exitStatus, signal }: Ending): CommandOutcome {
    const how = signal === null ? `with exit status ${exitStatus ?? 'unknown'}` : `by ${signal}`;
    const message = `The program ended ${how} before it was ready.`;
    return this.outcome({ status: 'completed', exitStatus, signal, success: false, result: this.kept.lastLine, message });
  }

  private async endedOutcome(by: EndedBy, limit: number): Promise<CommandOutcome> {
    const left = (await this.ending) ?? 0;
    const ending = await Promise.race([this.launched?.ended, wait(500, undefined, { ref: false })]);
    await this.drain();
    const what = by === 'cancelled' ? 'It was cancelled' : `It took longer than ${limit} ms`;
    const rest = left === 0 ? 'and ended with all its processes' : `but ${left} of its processes could not be ended`;
    const { exitStatus = null, signal = null } = ending ?? {};
    return this.outcome({ status: by, exitStatus, signal, message: `${what} ${rest}.` });
  }

  private outcome(given: Parameters<typeof outcomeOf>[0]): CommandOutcome {
    return outcomeOf(given, this.options.monotonic() - this.began);
  }
}
