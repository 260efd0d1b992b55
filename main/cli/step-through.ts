/**
 * The terminal step-through: asks what to do whenever the run is paused, turns the answer into an operator action, and
 * answers the prompts of a scenario. Knows only the contract.
 */
import { createInterface, type Interface } from 'node:readline';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { formatProblem, problemOf } from '#shared/problem.ts';
import type { OperatorAction, RecordOf, RunRecord } from '#shared/run/records.ts';
import { readBreakpoint } from '#shared/scenario/breakpoint.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';
import { inert, type Terminal } from './terminal.ts';

const help = `  n         next: execute one step (so does an empty line)
  o         step over a call
  c         continue
  b N       breakpoint at line N of the file on or off; of a called scenario: b inner:3
            with a condition, a number of times: b 12 if #{status} == FAIL hits 3
  r         retry the failed step
  s         skip the step
  g N       go to line N of the file
  set N V   change the variable N
  p         print the variables
  note T    a note on the time axis
  q         stop the run (deferred commands run)`;

export type Answer =
  | { readonly kind: 'act'; readonly action: OperatorAction }
  | { readonly kind: 'print' }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

/** What a typed line means. `scenario` is the one that the run began with, `breakpoints` are those that are set now. */
export function readAnswer(typed: string, scenario: string, breakpoints: readonly Breakpoint[]): Answer {
  const [word = '', ...rest] = typed.trim().split(/\s+/);
  const act = (action: OperatorAction): Answer => ({ kind: 'act', action });
  switch (word) {
    case '':
    case 'n':
      return act({ kind: 'step' });
    case 'o':
      return act({ kind: 'step-over' });
    case 'c':
      return act({ kind: 'continue' });
    case 'r':
      return act({ kind: 'retry' });
    case 's':
      return act({ kind: 'skip' });
    case 'q':
      return act({ kind: 'stop' });
    case 'p':
      return { kind: 'print' };
    case 'h':
    case '?':
      return { kind: 'help' };
    case 'b':
      return readBreakpointAnswer(typed.trim().slice(1), scenario, breakpoints);
    case 'g': {
      const line = Number(rest[0]);
      if (!Number.isInteger(line) || line < 1) return { kind: 'mistake', message: 'Say which line: g 4.' };
      return act({ kind: 'goto', line: line - 1 });
    }
    case 'set':
      if (!rest[0] || rest.length < 2) return { kind: 'mistake', message: 'Say the name and the value: set smoke_status PASS.' };
      return act({ kind: 'set-variable', name: rest[0], value: rest.slice(1).join(' ') });
    case 'note':
      return rest.length > 0
        ? act({ kind: 'note', text: rest.join(' ') })
        : { kind: 'mistake', message: 'Say what to note: note gateway looks slow.' };
    default:
      return { kind: 'mistake', message: `${word} is no command here; h lists them.` };
  }
}

/** A line without more goes on and off; with a condition or a number of times it is set so. */
function readBreakpointAnswer(text: string, scenario: string, breakpoints: readonly Breakpoint[]): Answer {
  if (text.trim() === '') return { kind: 'mistake', message: 'Say which line: b 4.' };
  const read = readBreakpoint(text, scenario);
  if ('problem' in read) return { kind: 'mistake', message: formatProblem(read.problem) };
  const { breakpoint } = read;
  const others = breakpoints.filter((each) => each.scenario !== breakpoint.scenario || each.line !== breakpoint.line);
  const plain = breakpoint.condition === undefined && breakpoint.hits === undefined;
  const after = plain && others.length < breakpoints.length ? others : [...others, breakpoint];
  const inOrder = after.toSorted((left, right) => left.scenario.localeCompare(right.scenario) || left.line - right.line);
  return { kind: 'act', action: { kind: 'set-breakpoints', breakpoints: inOrder } };
}

/** What happens next at a pause, as the scenario's text says it; undefined where that is not known. */
export type NextStep = (position: { readonly scenario: string; readonly line: number }) => Promise<string | undefined>;

export class StepThrough {
  private readonly core: Core;
  private readonly run: RunId;
  private readonly terminal: Terminal;
  private readonly nextStep: NextStep;
  private readonly lines: Interface;
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private readonly typed: string[] = [];
  private inputEnded = false;
  private disposed = false;
  private asking = false;
  private pause: RecordOf<'paused'> | undefined;
  private scenario = '';
  private readonly variables = new Map<string, string>();
  private breakpoints: readonly Breakpoint[];

  /** `breakpoints` are those that the run was started with. */
  constructor(
    core: Core,
    run: RunId,
    terminal: Terminal,
    nextStep: NextStep,
    breakpoints: readonly Breakpoint[] = [],
    input: NodeJS.ReadableStream = process.stdin,
  ) {
    this.breakpoints = breakpoints;
    this.core = core;
    this.run = run;
    this.terminal = terminal;
    this.nextStep = nextStep;
    input.on('error', () => this.endInput());
    this.lines = createInterface({ input });
    this.lines.on('line', (line) => {
      const next = this.waiting.shift();
      if (next) next(line);
      else this.typed.push(line);
    });
    this.lines.on('close', () => this.endInput());
  }

  dispose(): void {
    this.disposed = true;
    this.lines.close();
  }

  follow(record: RunRecord): void {
    switch (record.kind) {
      case 'run-started':
        this.scenario = record.scenario;
        for (const [name, value] of Object.entries(record.variables)) this.variables.set(name, value);
        return;
      case 'variable':
        this.variables.set(record.name, record.value);
        return;
      case 'operator':
        this.followAction(record.action);
        return;
      case 'paused':
        if (record.reason === 'disk') return;
        this.pause = record;
        void this.askWhilePaused();
        return;
      case 'resumed':
        this.pause = undefined;
        return;
      case 'prompt':
        void this.askPrompt(record);
        return;
      default:
    }
  }

  private followAction(action: OperatorAction): void {
    if (action.kind === 'set-breakpoints') this.breakpoints = action.breakpoints;
    if (action.kind !== 'goto' || !this.pause?.position) return;
    this.pause = { ...this.pause, reason: 'operator', position: { scenario: this.pause.position.scenario, line: action.line } };
  }

  private endInput(): void {
    this.inputEnded = true;
    for (const next of this.waiting.splice(0)) next(undefined);
  }

  /** One typed line; undefined when the input has ended. */
  private async nextLine(question: string): Promise<string | undefined> {
    this.terminal.ask(question);
    const ready = this.typed.shift();
    const line =
      ready !== undefined || this.inputEnded ? ready : await new Promise<string | undefined>((resolve) => this.waiting.push(resolve));
    if (!this.disposed) this.terminal.answered(question, line);
    return line;
  }

  private async act(action: OperatorAction): Promise<boolean> {
    try {
      await this.core.request('run.act', { run: this.run, action });
      return true;
    } catch (failure) {
      if (!this.disposed) this.terminal.problem(problemOf(failure));
      return false;
    }
  }

  private async askWhilePaused(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    while (this.pause && !this.disposed) {
      const asked = this.pause;
      const line = await this.nextLine(await this.questionAt(asked));
      const moved = line === undefined ? await this.act({ kind: 'stop' }) : await this.obey(line);
      // The record of the next pause may come before the answer to what moved on to it.
      if ((moved && this.pause === asked) || (line === undefined && !moved)) this.pause = undefined;
    }
    this.asking = false;
  }

  private async questionAt({ reason, position }: RecordOf<'paused'>): Promise<string> {
    const next = position && (await this.nextStep(position).catch(() => undefined));
    if (!position || next === undefined) return position || reason === 'failure' ? `(h for help) ` : 'at the end (h for help) ';
    const place = position.scenario === this.scenario ? '' : `${position.scenario} `;
    return `${reason === 'failure' ? 'failed' : 'next'}: ${place}line ${position.line + 1}: ${inert(next)}  (h for help) `;
  }

  /** Does what was typed; true when the run moves on by it. */
  private async obey(line: string): Promise<boolean> {
    const answer = readAnswer(line, this.scenario, this.breakpoints);
    switch (answer.kind) {
      case 'help':
        this.terminal.line(help);
        return false;
      case 'mistake':
        this.terminal.line(inert(answer.message));
        return false;
      case 'print':
        if (this.variables.size === 0) this.terminal.line('  no variables yet');
        for (const [name, value] of this.variables) this.terminal.line(`  ${name} = ${inert(value)}`);
        return false;
      case 'act': {
        const done = await this.act(answer.action);
        return done && !['set-breakpoints', 'set-variable', 'note', 'goto'].includes(answer.action.kind);
      }
    }
  }

  /** Asks until an answer is taken. Where nobody can answer any more the default is, and without one the run is stopped. */
  private async askPrompt({ reference, question, choices, fallback }: RecordOf<'prompt'>): Promise<void> {
    const among = choices.length > 0 ? ` [${choices.join('/')}]` : '';
    const otherwise = fallback === null ? '' : ` (${fallback})`;
    for (let taken = false; !taken && !this.disposed;) {
      const line = await this.nextLine(`${inert(question + among + otherwise)} `);
      if (this.disposed) return;
      if (line === undefined && fallback === null) {
        this.terminal.line('Nobody can answer: the input has ended.');
        await this.act({ kind: 'stop' });
        return;
      }
      const answer = (line === undefined || line.trim() === '' ? fallback : null) ?? line?.trim() ?? '';
      taken = await this.act({ kind: 'answer', reference, answer });
      if (!taken && this.inputEnded && this.typed.length === 0) {
        await this.act({ kind: 'stop' });
        return;
      }
    }
  }
}
