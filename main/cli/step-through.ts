/**
 * The terminal step-through: asks what to do whenever the run is paused, turns the answer into an operator action, and
 * answers the prompts of a scenario. Knows only the contract.
 */
import { createInterface, type Interface } from 'node:readline';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { OperatorAction, RunRecord } from '#shared/run/records.ts';
import { inert, type Terminal } from './terminal.ts';

const help = `  n            next: execute one step            o            step over a call
  c            continue                          b N          breakpoint at line N on or off
  r            retry the failed step             s            skip the step
  g N          go to line N                      set NAME V   change a variable
  p            print variables                   note TEXT    note on the time axis
  q            stop the run (deferred commands run)`;

export type Answer =
  | { readonly kind: 'act'; readonly action: OperatorAction }
  | { readonly kind: 'print' }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

/** What a typed line means. `breakpoints` are one-based lines of the root scenario that are set now. */
export function readAnswer(typed: string, scenario: string, breakpoints: ReadonlySet<number>): Answer {
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
    case 'g': {
      const line = Number(rest[0]);
      if (!Number.isInteger(line) || line < 1) return { kind: 'mistake', message: `Say which line: ${word} 4.` };
      if (word === 'g') return act({ kind: 'goto', line: line - 1 });
      const lines = new Set(breakpoints);
      if (!lines.delete(line)) lines.add(line);
      return act({
        kind: 'set-breakpoints',
        breakpoints: [...lines].sort((left, right) => left - right).map((each) => ({ scenario, line: each - 1 })),
      });
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

export class StepThrough {
  private readonly core: Core;
  private readonly run: RunId;
  private readonly terminal: Terminal;
  private readonly lines: Interface;
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private readonly typed: string[] = [];
  private ended = false;
  private asking = false;
  private paused = false;
  private scenario = '';
  private readonly variables = new Map<string, string>();
  private breakpoints = new Set<number>();

  constructor(core: Core, run: RunId, terminal: Terminal, input: NodeJS.ReadableStream = process.stdin) {
    this.core = core;
    this.run = run;
    this.terminal = terminal;
    this.lines = createInterface({ input });
    this.lines.on('line', (line) => {
      const next = this.waiting.shift();
      if (next) next(line);
      else this.typed.push(line);
    });
    this.lines.on('close', () => {
      this.ended = true;
      for (const next of this.waiting.splice(0)) next(undefined);
    });
  }

  dispose(): void {
    this.lines.close();
  }

  follow(record: RunRecord): void {
    if (record.kind === 'run-started') {
      this.scenario = record.scenario;
      for (const [name, value] of Object.entries(record.variables)) this.variables.set(name, value);
    } else if (record.kind === 'variable') {
      this.variables.set(record.name, record.value);
    } else if (record.kind === 'operator' && record.action.kind === 'set-breakpoints') {
      this.breakpoints = new Set(record.action.breakpoints.map((each) => each.line + 1));
    } else if (record.kind === 'paused' && record.reason !== 'disk') {
      this.paused = true;
      void this.askWhilePaused();
    } else if (record.kind === 'resumed') {
      this.paused = false;
    } else if (record.kind === 'prompt') {
      void this.askPrompt(record);
    }
  }

  private nextLine(question: string): Promise<string | undefined> {
    const ready = this.typed.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.ended) return Promise.resolve(undefined);
    this.terminal.showStatus(question);
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  private async act(action: OperatorAction): Promise<boolean> {
    try {
      await this.core.request('run.act', { run: this.run, action });
      return true;
    } catch (failure) {
      this.terminal.problem(problemOf(failure));
      return false;
    }
  }

  private async askWhilePaused(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    let moved = false;
    while (this.paused && !moved) {
      const line = await this.nextLine('(n c b r s g set p q, h for help) ');
      moved = line === undefined ? await this.act({ kind: 'stop' }) : await this.obey(line);
    }
    this.asking = false;
  }

  /** Does what was typed; true when the run moves on by it. */
  private async obey(line: string): Promise<boolean> {
    const answer = readAnswer(line, this.scenario, this.breakpoints);
    switch (answer.kind) {
      case 'help':
        this.terminal.line(help);
        return false;
      case 'mistake':
        this.terminal.line(answer.message);
        return false;
      case 'print':
        for (const [name, value] of this.variables) this.terminal.line(`  ${name} = ${inert(value)}`);
        return false;
      case 'act': {
        const done = await this.act(answer.action);
        return done && !['set-breakpoints', 'set-variable', 'note', 'goto'].includes(answer.action.kind);
      }
    }
  }

  private async askPrompt(record: Extract<RunRecord, { kind: 'prompt' }>): Promise<void> {
    const choices = record.choices.length > 0 ? ` [${record.choices.join('/')}]` : '';
    const fallback = record.fallback === null ? '' : ` (${record.fallback})`;
    const line = await this.nextLine(`${inert(record.question)}${choices}${fallback} `);
    const answer = line === undefined || (line === '' && record.fallback !== null) ? (record.fallback ?? '') : line;
    await this.act({ kind: 'answer', reference: record.reference, answer });
  }
}
