/**
 * Drives one run: feeds the machine its inputs one after the other, carries out what it asks for, and writes every record
 * of it into the journal. What is written down comes before what is done: a command is sent after its record is on disk,
 * and a promised undo is on disk before the step that promised it ends.
 */
import type { Limit } from './limit-watch.ts';
import { LimitWatch } from './limit-watch.ts';
import { DrySurroundings } from './dry-surroundings.ts';
import { LiveSurroundings } from './live-surroundings.ts';
import { NewsRecording } from './news-recording.ts';
import { refusalOf } from './operator-actions.ts';
import { Recorder } from './recorder.ts';
import { RunScript, type PreparedEdit } from './run-script.ts';
import { StepLog } from './step-log.ts';
import type { CommandResolver, NewCommandId, OutwardEffect, Surroundings } from './surroundings.ts';
import type { Link, LinkNews, PluginHost, RunJournal } from '#main/core/ports.ts';
import type { Clock } from '#platform/clock.ts';
import { Emitter } from '#shared/disposable.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { OperatorAction, RecordBody } from '#shared/run/records.ts';
import type { MachineEffect, MachineInput } from '#shared/scenario/machine-contract.ts';
import type { RunOutcome } from '#shared/scenario/machine-words.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';
import { advance } from '#shared/scenario/machine.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import type { RunMode } from '#shared/run/run-words.ts';

export interface RunEngineParts {
  readonly program: Program;
  /** Texts of the program's scenarios; without them the run cannot be edited. */
  readonly texts?: Readonly<Record<string, string>>;
  /** A machine that has not begun. */
  readonly state: MachineState;
  readonly journal: RunJournal;
  readonly clock: Clock;
  /** Null in a dry run. */
  readonly link: Link | null;
  readonly plugins: PluginHost | null;
  readonly resolve: CommandResolver;
  readonly newCommandId: NewCommandId;
  readonly limits: readonly Limit[];
  readonly mode: RunMode;
  /** Whether somebody can answer prompts. */
  readonly attended: boolean;
  /** Who started the run. */
  readonly operator: string;
  /** Of an interrupted run whose promises are kept: ms that it lasted until its core died, which remains its duration. */
  readonly lasted?: number;
}

export interface RunEnd {
  readonly outcome: RunOutcome;
  readonly reason: string;
  /** ms */
  readonly duration: number;
  /** ms since 1970. */
  readonly finishedAt: number;
}

type Inbox =
  | { readonly kind: 'input'; readonly input: MachineInput }
  | { readonly kind: 'action'; readonly operator: string; readonly action: OperatorAction; readonly done: PromiseWithResolvers<void> }
  | { readonly kind: 'edit'; readonly operator: string; readonly edit: PreparedEdit; readonly done: PromiseWithResolvers<void> };

/** ms for which steps are executed before operators and I/O get their turn. */
const turn = 5;

/** Inputs that may wait before further readings and events of the same watch are merged. */
const crowded = 10_000;

export class RunEngine {
  /** Resolves at the end of the run, when its last record is on disk; null when the run was suspended before. */
  readonly finished: Promise<RunEnd | null>;
  private readonly parts: RunEngineParts;
  private readonly recorder: Recorder;
  private readonly news: NewsRecording;
  private readonly steps: StepLog;
  private readonly surroundings: Surroundings;
  private readonly live: LiveSurroundings | null;
  private limits: LimitWatch | null = null;
  private readonly problems = new Emitter<Problem>();
  private readonly inbox: Inbox[] = [];
  private readonly stops: (() => void)[] = [];
  private readonly conclusion = Promise.withResolvers<RunEnd | null>();
  private state: MachineState;
  private script: RunScript;
  private end: { readonly outcome: RunOutcome; readonly reason: string } | null = null;
  private wake: (() => void) | null = null;
  private full = false;
  private suspended = false;
  private concluded = false;
  private began = 0;

  constructor(parts: RunEngineParts) {
    this.parts = parts;
    this.state = parts.state;
    this.script = new RunScript(parts.program, parts.texts ?? {});
    this.finished = this.conclusion.promise;
    this.recorder = new Recorder(parts.journal, (failure) => this.breakDown(failure));
    this.news = new NewsRecording(this.recorder);
    this.steps = new StepLog(this.recorder, parts.clock, parts.operator);
    const { journal, state, newCommandId, resolve, link, plugins, clock } = parts;
    const common = { recorder: this.recorder, resolve, newCommandId, feed: (input: MachineInput) => this.feed(input) };
    this.live =
      parts.mode === 'dry' ? null : new LiveSurroundings({ ...common, link, plugins, clock, run: journal.run, release: state.release });
    this.surroundings = this.live ?? new DrySurroundings({ ...common, program: () => this.script.program, given: state.variables });
  }

  /** Begins; the records that tell of the run itself were written before. */
  start(): void {
    const { journal, link, limits, clock } = this.parts;
    this.began = clock.monotonic();
    this.stops.push(journal.onFull((full, problem) => this.standStill(full, problem)));
    if (link) this.stops.push(link.subscribe((news) => this.hear(news)));
    this.limits = new LimitWatch(limits, link, this.recorder);
    this.inbox.push({ kind: 'input', input: { kind: 'begin' } });
    void this.drive();
  }

  /** The machine's state now; for consoles that want to show it and for tests. */
  get machine(): MachineState {
    return this.state;
  }

  /** Texts of the run's scenarios as they are now, edits included. */
  get texts(): Readonly<Record<string, string>> {
    return this.script.texts;
  }

  /** Problems that cannot be recorded at the moment, such as a full disk. */
  onProblem(listener: (problem: Problem) => void): () => void {
    return this.problems.subscribe(listener);
  }

  /** An operator's action: recorded, then carried out, in the order in which actions arrive here. Rejects what makes no sense now. */
  act(operator: string, action: OperatorAction): Promise<void> {
    return this.ask((done) => ({ kind: 'action', operator, action, done }));
  }

  /** Changes what is still to be executed of a paused run: recorded, then in force. Rejects what cannot be changed any more. */
  edit(operator: string, edit: PreparedEdit): Promise<void> {
    return this.ask((done) => ({ kind: 'edit', operator, edit, done }));
  }

  /** Writes down that another console has control now. */
  recordControl(record: Omit<Extract<RecordBody, { kind: 'control' }>, 'kind'>): void {
    if (!this.suspended && !this.concluded) this.recorder.record({ kind: 'control', ...record });
  }

  /** Leaves the run as it is, to be recovered later; the journal is the caller's to suspend. */
  suspend(): void {
    if (this.suspended || this.concluded) return;
    this.suspended = true;
    this.release();
    this.recorder.close();
    this.conclusion.resolve(null);
    this.wake?.();
  }

  private ask(entry: (done: PromiseWithResolvers<void>) => Inbox): Promise<void> {
    if (this.suspended || this.end) return Promise.reject(refused('The run has ended; nothing can be done to it any more.'));
    const done = Promise.withResolvers<void>();
    this.inbox.push(entry(done));
    this.wake?.();
    return done.promise;
  }

  /** Takes an answer for the machine. While the engine stands still, the newest readings replace older ones beyond a bound. */
  private feed(input: MachineInput): void {
    if (this.inbox.length >= crowded && (input.kind === 'readings' || input.kind === 'event')) {
      const { kind, reference } = input;
      const same = this.inbox.findLastIndex(
        (each) => each.kind === 'input' && each.input.kind === kind && 'reference' in each.input && each.input.reference === reference,
      );
      if (same !== -1) {
        if (kind === 'readings') this.inbox[same] = { kind: 'input', input };
        return;
      }
    }
    this.inbox.push({ kind: 'input', input });
    this.wake?.();
  }

  private hear(news: LinkNews): void {
    this.news.record(news);
    if (news.kind !== 'events' || !this.live) return;
    for (const event of news.events) this.live.observe(event, this.state.executions);
  }

  private async drive(): Promise<void> {
    const { clock } = this.parts;
    try {
      let turnEnds = clock.monotonic() + turn;
      while (!this.end && !this.suspended) {
        const next = this.inbox.shift() ?? this.proceeding();
        if (!next) {
          await this.awakened();
        } else {
          const pending = this.take(next);
          if (pending) await pending;
          const room = this.recorder.room();
          if (room) await room;
        }
        if (clock.monotonic() >= turnEnds) {
          await new Promise((resolve) => setImmediate(resolve));
          turnEnds = clock.monotonic() + turn;
        }
      }
      if (this.end && !this.suspended) await this.conclude(this.end);
    } catch (thrown) {
      this.breakDown(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      this.refuseRest();
    }
  }

  private proceeding(): Inbox | null {
    return this.state.status === 'ready' && !this.full ? { kind: 'input', input: { kind: 'proceed' } } : null;
  }

  private awakened(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = null;
        resolve();
      };
    });
  }

  private take(next: Inbox): Promise<void> | null {
    switch (next.kind) {
      case 'input':
        return this.advance(next.input);
      case 'action':
        return this.takeAction(next);
      case 'edit':
        this.takeEdit(next);
        return null;
    }
  }

  /** What comes next is read from the program, so it is enough to put the new one in the place of the old. */
  private takeEdit({ operator, edit, done }: Extract<Inbox, { kind: 'edit' }>): void {
    const edited = this.script.edit(this.state, edit, operator);
    if (edited.kind === 'refused') return done.reject(refused(edited.message));
    this.state = edited.state;
    const written = edited.records.map((record) => this.recorder.durable(record));
    void Promise.all(written).then((records) => {
      if (records.every((record) => record !== null)) done.resolve();
      else done.reject(refused('The edit could not be recorded: the run was closed.'));
    });
    this.steps.pausedAgain(edited.position);
  }

  private takeAction({ operator, action, done }: Extract<Inbox, { kind: 'action' }>): Promise<void> | null {
    const refusal = refusalOf(action, this.state, this.script.program);
    if (refusal) {
      done.reject(refused(refusal));
      return null;
    }
    void this.recorder.durable({ kind: 'operator', operator, action }).then((written) => {
      if (written) done.resolve();
      else done.reject(refused('The action could not be recorded: the run was closed.'));
    });
    switch (action.kind) {
      case 'note':
        this.recorder.record({ kind: 'note', execution: this.steps.execution, text: action.text, author: operator });
        return null;
      case 'answer':
        return this.advance({ kind: 'answer', reference: action.reference, answer: action.answer });
      default:
        return this.advance({ kind: 'operator', input: action });
    }
  }

  private advance(input: MachineInput): Promise<void> | null {
    const { state, effects } = advance(this.script.program, this.state, input);
    this.state = state;
    for (let index = 0; index < effects.length; index++) {
      const effect = effects[index];
      if (!effect) continue;
      const durable = this.carryOut(effect);
      if (durable) return this.continueAfter(durable, effects.slice(index + 1));
    }
    return null;
  }

  /** The rest of a transition's effects, after one that had to be on disk first. */
  private async continueAfter(durable: Promise<unknown>, rest: readonly MachineEffect[]): Promise<void> {
    await durable;
    for (const effect of rest) await this.carryOut(effect);
  }

  private carryOut(effect: MachineEffect): Promise<unknown> | null {
    switch (effect.kind) {
      case 'deferred':
        return this.recorder.durable({ ...effect, words: [...effect.words] });
      case 'prompt':
        this.prompt(effect);
        return null;
      case 'finished':
        this.end = { outcome: effect.outcome, reason: effect.reason };
        return null;
      case 'execute':
      case 'cancel':
      case 'read':
      case 'watch':
      case 'unwatch':
      case 'listen':
      case 'unlisten':
      case 'start-timer':
      case 'stop-timer':
      case 'hold-timer':
      case 'continue-timer':
        this.actOutside(effect);
        return null;
      default:
        this.steps.record(effect);
        return null;
    }
  }

  private actOutside(effect: OutwardEffect): void {
    if (!this.suspended) this.surroundings.carryOut(effect, this.state, this.steps.execution);
  }

  private prompt(effect: Extract<MachineEffect, { kind: 'prompt' }>): void {
    const { reference, question, choices, fallback } = effect;
    this.recorder.record({ kind: 'prompt', reference, question, choices: [...choices], fallback });
    if (this.parts.attended && this.parts.mode === 'live') return;
    const answer = fallback ?? (this.parts.mode === 'dry' ? (choices[0] ?? '') : null);
    if (answer !== null) return this.feed({ kind: 'answer', reference, answer });
    const message = `Nobody can answer '${question}' in an unattended run; give the prompt a default.`;
    this.feed({ kind: 'no-answer', reference, message });
  }

  /** The disk is full: no step begins until there is room. The records of it are written then, in this order. */
  private standStill(full: boolean, problem: Problem): void {
    if (full === this.full || this.end) return;
    this.full = full;
    if (full) {
      const { severity, code, message, tip = null } = problem;
      this.recorder.record({ kind: 'paused', reason: 'disk', message });
      this.recorder.record({ kind: 'problem', severity, code, message, tip });
    } else {
      this.recorder.record({ kind: 'resumed' });
    }
    this.problems.emit(problem);
    this.wake?.();
  }

  private async conclude(end: { readonly outcome: RunOutcome; readonly reason: string }): Promise<void> {
    await this.surroundings.settle();
    const broken = end.outcome === 'passed' ? (this.limits?.broken ?? null) : null;
    this.release();
    const { outcome, reason } = broken ?? end;
    if (this.suspended) return;
    this.concluded = true;
    const { clock, lasted } = this.parts;
    const written = await this.recorder.durable({ kind: 'run-finished', outcome, reason, ...(lasted !== undefined && { lasted }) });
    if (!written) return;
    this.recorder.close();
    const duration = lasted ?? Math.max(0, clock.monotonic() - this.began);
    this.conclusion.resolve({ outcome, reason, duration, finishedAt: written.time });
  }

  private release(): void {
    this.surroundings.dispose();
    this.limits?.dispose();
    for (const stop of this.stops.splice(0)) stop();
  }

  /** The journal or the machine failed in a way that nothing is known about: the run is given up, not the core. */
  private breakDown(failure: Error): void {
    if (this.suspended) return;
    this.problems.emit({ severity: 'error', code: 'run-broken', message: `The run cannot go on: ${failure.message}` });
    this.suspended = true;
    this.release();
    this.conclusion.reject(failure);
    this.wake?.();
  }

  private refuseRest(): void {
    for (const each of this.inbox.splice(0)) {
      if (each.kind !== 'input') each.done.reject(refused('The run has ended; nothing can be done to it any more.'));
    }
  }
}

function refused(message: string): ProblemError {
  return new ProblemError({ code: 'action-refused', message });
}
