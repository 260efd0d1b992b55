/**
 * Plays a program on the scenario machine with scripted answers: a driver without clock, network or processes. Time
 * passes only when nothing else can happen: then the timer that is due next ends.
 */
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { advance, eventMatches, startMachine, type MachineState } from '#shared/scenario/machine.ts';
import type {
  EventTrigger,
  MachineEffect,
  MachineInput,
  MachineOptions,
  ObservedEvent,
  OperatorInput,
  Reading,
} from '#shared/scenario/machine-contract.ts';
import type { RunOutcome, StepState } from '#shared/scenario/machine-words.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program } from '#shared/scenario/syntax.ts';

export const defaultOptions: MachineOptions = {
  variables: {},
  release: 'rc1',
  uniqueSeed: '3f9a',
  failurePolicy: 'abort',
  stepBudget: 1_000,
  breakpoints: [],
  startPaused: false,
};

/** A program of texts by name; the first is the root. Texts must parse without error. */
export function programOf(texts: Readonly<Record<string, string>>): Program {
  const scenarios = Object.entries(texts).map(([name, text]) => {
    const { scenario, problems } = parseScenario(name, text);
    const errors = problems.filter((problem) => problem.severity === 'error');
    if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join(' ')}`);
    return [name, scenario] as const;
  });
  return { root: scenarios[0]![0], scenarios: new Map(scenarios) };
}

/** An outcome of a command; successful unless told otherwise. */
export function outcome(change: Partial<CommandOutcome> = {}): CommandOutcome {
  return { status: 'completed', exitStatus: 0, signal: null, success: true, result: '', duration: 1, ...change };
}

/** How the environment answers a command: an outcome, a refusal, or nothing (it runs until it is cancelled). */
export type CommandAnswer = CommandOutcome | { readonly refused: string } | 'never';

interface Listening {
  readonly reference: number;
  readonly trigger: EventTrigger;
}

export class MachineDriver {
  readonly program: Program;
  readonly effects: MachineEffect[] = [];
  readonly inputs: MachineInput[] = [];
  readonly readings: Record<string, Reading> = {};
  /** Answers by the command's first word; what is not here succeeds with an empty result. */
  readonly commands: Record<string, CommandAnswer | ((words: readonly string[]) => CommandAnswer)> = {};
  /** Answers to prompts, in order; when they run out nobody answers. */
  readonly answers: string[] = [];
  /** Events with the execution during which they came. */
  private readonly past: { readonly execution: number; readonly event: ObservedEvent }[] = [];
  state: MachineState;
  /** ms */
  time = 0;
  private readonly timers = new Map<number, number>();
  /** Timers that are held, with the ms that are left of them. */
  private readonly held = new Map<number, number>();
  /** Components whose source is lost, and why. */
  private readonly lost = new Map<string, string>();
  private readonly watches = new Map<number, readonly string[]>();
  private readonly listenings = new Map<number, Listening>();
  private readonly queue: MachineInput[] = [];
  private readonly scheduled: { readonly at: number; readonly act: () => void }[] = [];

  constructor(program: Program | string, options: Partial<MachineOptions> = {}, state?: MachineState) {
    this.program = typeof program === 'string' ? programOf({ main: program }) : program;
    this.state = state ?? startMachine(this.program, { ...defaultOptions, ...options });
  }

  /** Begins and runs until the machine is finished, paused, or waits for something that will not come. */
  run(): this {
    this.feed({ kind: 'begin' });
    return this.settle();
  }

  /** Gives an operator's input and goes on from there. */
  operate(input: OperatorInput): this {
    this.feed({ kind: 'operator', input });
    return this.settle();
  }

  /** Changes a reading, and tells those who watch it. */
  change(name: string, value: Reading): void {
    this.readings[name] = value;
    for (const [reference, names] of this.watches) {
      if (names.includes(name)) this.queue.push(this.told(reference, names));
    }
  }

  /** The source of everything that a component tells is lost for this reason; null: it is back, with this value. */
  lose(component: string, why: string | null, values: Record<string, Reading> = {}): void {
    if (why === null) this.lost.delete(component);
    else this.lost.set(component, why);
    const isIts = (name: string): boolean => name.startsWith(`${component}.`);
    for (const name of Object.keys(this.readings).filter(isIts)) this.readings[name] = null;
    Object.assign(this.readings, values);
    for (const [reference, names] of this.watches) if (names.some(isIts)) this.queue.push(this.told(reference, names));
  }

  emit(event: Partial<ObservedEvent>): void {
    const whole: ObservedEvent = { name: '', severity: 'info', component: null, text: 'it happened', ...event };
    this.past.push({ execution: this.state.executions, event: whole });
    for (const { reference, trigger } of this.listenings.values()) {
      if (eventMatches(trigger, whole)) this.queue.push({ kind: 'event', reference, event: whole });
    }
  }

  /** Does something when that much time has passed. */
  after(milliseconds: number, act: () => void): void {
    this.scheduled.push({ at: this.time + milliseconds, act });
    this.scheduled.sort((left, right) => left.at - right.at);
  }

  /** Feeds what is queued, then `proceed` while the machine is ready, then lets time pass. */
  settle(): this {
    for (let turn = 0; turn < 100_000; turn += 1) {
      const queued = this.queue.shift();
      if (queued) this.feed(queued);
      else if (this.state.status === 'ready') this.feed({ kind: 'proceed' });
      else if (this.state.status === 'finished' || !this.passTime()) return this;
    }
    throw new Error('The machine did not come to rest.');
  }

  feed(input: MachineInput): void {
    this.inputs.push(input);
    const { state, effects } = advance(this.program, this.state, input);
    this.state = state;
    for (const effect of effects) {
      this.effects.push(effect);
      this.carryOut(effect);
    }
  }

  /** Step numbers in the order of their start, deferred ones left out. */
  trace(): number[] {
    return this.of('step-started')
      .filter(({ step }) => step.phase === 'main')
      .map(({ step }) => step.number);
  }

  /** `0 start_load: passed` of every finished step. */
  steps(): string[] {
    return this.of('step-finished').map(({ step, state }) => `${step.number} ${step.text}: ${state}`);
  }

  states(): StepState[] {
    return this.of('step-finished').map(({ state }) => state);
  }

  outcome(): RunOutcome | null {
    return this.of('finished')[0]?.outcome ?? null;
  }

  echoes(): string[] {
    return this.of('echo').map(({ text }) => text);
  }

  executed(): string[] {
    return this.of('execute').map(({ words }) => words.join(' '));
  }

  of<Kind extends MachineEffect['kind']>(kind: Kind): Extract<MachineEffect, { kind: Kind }>[] {
    return this.effects.filter((effect): effect is Extract<MachineEffect, { kind: Kind }> => effect.kind === kind);
  }

  /** References still open: what the machine asked for and neither received nor gave back. */
  openReferences(): number[] {
    return [...this.timers.keys(), ...this.held.keys(), ...this.watches.keys(), ...this.listenings.keys()];
  }

  private carryOut(effect: MachineEffect): void {
    switch (effect.kind) {
      case 'execute':
        this.answerCommand(effect.reference, effect.words);
        return;
      case 'read':
        this.queue.push(this.told(effect.reference, effect.names));
        return;
      case 'watch':
        this.watches.set(effect.reference, effect.names);
        this.queue.push(this.told(effect.reference, effect.names));
        return;
      case 'unwatch':
        this.watches.delete(effect.reference);
        return;
      case 'listen':
        this.listenings.set(effect.reference, effect);
        for (const { execution, event } of this.past) {
          const seen = effect.since !== null && execution >= effect.since && eventMatches(effect.trigger, event);
          if (seen) this.queue.push({ kind: 'event', reference: effect.reference, event });
        }
        return;
      case 'unlisten':
        this.listenings.delete(effect.reference);
        return;
      case 'start-timer':
        this.timers.set(effect.reference, this.time + effect.milliseconds);
        return;
      case 'stop-timer':
        this.timers.delete(effect.reference);
        this.held.delete(effect.reference);
        return;
      case 'hold-timer':
        this.held.set(effect.reference, this.timers.get(effect.reference)! - this.time);
        this.timers.delete(effect.reference);
        return;
      case 'continue-timer':
        this.timers.set(effect.reference, this.time + this.held.get(effect.reference)!);
        this.held.delete(effect.reference);
        return;
      case 'prompt': {
        const { reference } = effect;
        const answer = this.answers.shift();
        this.queue.push(
          answer === undefined ? { kind: 'no-answer', reference, message: 'Nobody is there.' } : { kind: 'answer', reference, answer },
        );
        return;
      }
      default:
        return;
    }
  }

  private answerCommand(reference: number, words: readonly string[]): void {
    const given = Object.hasOwn(this.commands, words[0]!) ? this.commands[words[0]!]! : outcome();
    const answer = typeof given === 'function' ? given(words) : given;
    if (answer === 'never') return;
    if ('refused' in answer) this.queue.push({ kind: 'command-failed', reference, message: answer.refused });
    else this.queue.push({ kind: 'command-finished', reference, outcome: answer });
  }

  private told(reference: number, names: readonly string[]): MachineInput {
    const lost = names.flatMap((name) => {
      const why = this.lost.get(name.slice(0, name.indexOf('.')));
      return why === undefined ? [] : [[name, why] as const];
    });
    return { kind: 'readings', reference, values: this.valuesOf(names), ...(lost.length > 0 && { lost: Object.fromEntries(lost) }) };
  }

  private valuesOf(names: readonly string[]): Record<string, Reading> {
    return Object.fromEntries(names.map((name) => [name, this.readings[name] ?? null]));
  }

  private passTime(): boolean {
    const timer = [...this.timers].toSorted((left, right) => left[1] - right[1] || left[0] - right[0])[0];
    const event = this.scheduled[0];
    if (event && (!timer || event.at <= timer[1])) {
      this.scheduled.shift();
      this.time = event.at;
      event.act();
      return true;
    }
    // While paused, only what happens outside goes on: the test's own clock stands still.
    if (!timer || this.state.status === 'paused') return false;
    this.timers.delete(timer[0]);
    this.time = timer[1];
    this.queue.push({ kind: 'timer', reference: timer[0] });
    return true;
  }
}
