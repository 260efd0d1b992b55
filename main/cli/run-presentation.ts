/**
 * A run as a person reads it in a terminal: one line per step with its result and duration, what commands printed, what
 * happened in the environment meanwhile, and at the end the trace in the deck's numbered form and the verdict.
 */
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { doubtInWords, presenceInWords } from '#shared/run/presence-words.ts';
import type { OperatorAction, RecordOf, RunRecord } from '#shared/run/records.ts';
import { entriesOf, foldRecord, initialRunState } from '#shared/run/run-state.ts';
import { stateWords } from '#shared/run/step-trouble.ts';
import { breakpointText } from '#shared/scenario/breakpoint.ts';
import type { StepReference } from '#shared/scenario/machine-contract.ts';
import { inert, lastWritten, type Terminal } from './terminal.ts';
import { Trace, withoutDefer } from './trace.ts';
import { durationText } from '#shared/wording/durations.ts';
import { counted } from '#shared/wording/counts.ts';

/** ms after which a step that still runs is printed where no status line can show it. */
const patience = 500;

export class RunPresentation {
  private readonly terminal: Terminal;
  private current: { readonly step: StepReference; readonly since: number; printed: boolean } | undefined;
  private readonly trace = new Trace();
  private state = initialRunState();
  /** Problems that were told before the run began stand in its log, too. */
  private readonly told: ReadonlySet<string>;
  private ended = false;
  private readonly commands = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  /** `replayed`: nothing of it happens now, so no step is said to be running. */
  constructor(terminal: Terminal, told: ReadonlySet<string> = new Set(), replayed = false) {
    this.terminal = terminal;
    this.told = told;
    this.timer = setInterval(() => replayed || this.tick(), 100);
    this.timer.unref();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.terminal.clearStatus();
  }

  present(record: RunRecord): void {
    this.state = foldRecord(this.state, record);
    const { dim, bold, yellow, cyan, red } = this.terminal.colours;
    switch (record.kind) {
      case 'run-started':
        this.terminal.line(
          `${bold(record.scenario)} on ${record.environment}, release ${bold(record.release || 'unknown')}${record.mode === 'dry' ? yellow(' (dry run: nothing is executed)') : ''}`,
        );
        return this.terminal.line(dim(`run ${record.run}, operator ${record.operator}, on error ${record.policy}`));
      case 'step-started':
        this.current = { step: record.step, since: performance.now(), printed: false };
        this.trace.add(record.step);
        return;
      case 'step-finished':
        return this.stepFinished(record);
      case 'echo':
        return this.detail(inert(record.text));
      case 'note':
        return this.detail(cyan(`note: ${inert(record.text)}`));
      case 'output':
        return this.detail(dim(`│ ${inert(lastWritten(record.text))}`));
      case 'observation':
        for (const event of record.events) this.presentEvent(event);
        return;
      case 'command-sent':
        this.commands.add(record.command);
        return;
      case 'handler-fired':
        return this.detail(yellow(`→ handler fired, going to ${record.label}`));
      case 'paused':
        // Step by step, the question what to do next says all there is to say.
        if (record.reason === 'step') return;
        this.printCurrent();
        // Why a step failed stands in the line of that step.
        return this.terminal.line(
          yellow(`paused (${record.reason})${record.message && record.reason !== 'failure' ? `: ${inert(record.message)}` : ''}`),
        );
      case 'resumed':
        return;
      case 'condition':
        return this.condition(record);
      case 'gap':
        return this.detail(
          yellow(
            `records ${record.from}–${record.to} of ${record.daemon} ${record.state === 'open' ? 'are missing, asking for them' : record.state}`,
          ),
        );
      case 'presence':
        // Whoever only reads the steps must know that something is not known any more.
        if (record.state === 'lost' || record.lastSign !== undefined) this.terminal.line(yellow(inert(presenceInWords(record))));
        return;
      case 'link':
        return this.detail(
          record.state === 'connected'
            ? dim('connected to the router')
            : yellow(`disconnected from the router${record.message ? `: ${record.message}` : ''}`),
        );
      case 'problem':
        if (this.told.has(record.message)) return;
        return this.terminal.problem({ ...record, ...(record.tip === null ? { tip: '' } : { tip: record.tip }) });
      case 'edited': {
        const { operator, scenario, line, removed, added } = record;
        const what = `${counted(removed.length, 'line')} became ${added.length}`;
        return this.detail(cyan(`${inert(operator)} changed ${scenario} from line ${line + 1} on: ${what}`));
      }
      case 'control':
        return this.detail(cyan(`${inert(record.to)} has control now (${record.change} by ${inert(record.operator)})`));
      case 'recovered':
        return this.terminal.line(yellow(record.message));
      case 'run-finished':
        return this.runFinished(record);
      case 'command-failed':
        return this.detail(red(inert(record.message)));
      case 'prompt':
        return this.detail(cyan(`? ${inert(record.question)}`));
      case 'operator':
        return this.operator(record);
      case 'variable':
      case 'command-finished':
      case 'deferred':
        return;
    }
  }

  /** Takes a record into account without printing anything: what comes after it is shown as if it had been printed. */
  pass(record: RunRecord): void {
    this.state = foldRecord(this.state, record);
    if (record.kind === 'step-started') {
      this.trace.add(record.step);
      this.current = { step: record.step, since: performance.now(), printed: true };
    } else if (record.kind === 'step-finished') this.current = undefined;
    else if (record.kind === 'command-sent') this.commands.add(record.command);
  }

  /** The end of what there is to show; a log without an end is said to have none. */
  finish(): void {
    if (this.ended) return;
    this.printCurrent();
    this.conclude();
    const { bold, yellow } = this.terminal.colours;
    this.terminal.line(
      `${bold(yellow('UNFINISHED'))}  The log of this run has no end: it goes on in another console, or its console died.`,
    );
  }

  private condition(record: RecordOf<'condition'>): void {
    const { form, state, text, values, lost } = record;
    if (form !== 'limit') return;
    const { green, yellow } = this.terminal.colours;
    if (lost !== undefined) return this.detail(yellow(`! limit ${inert(text)} cannot be judged: ${inert(lost)}`));
    const seen = Object.entries(values)
      .map(([name, value]) => `${name} = ${value ?? 'unknown'}`)
      .join(', ');
    this.detail(state === 'met' ? green(`limit ${inert(text)} is kept again`) : yellow(`! limit ${inert(text)} is broken: ${inert(seen)}`));
  }

  /** What an operator did, except going on, which the next step shows. */
  private operator({ operator, action }: RecordOf<'operator'>): void {
    const said = actionText(action);
    if (said !== null) this.detail(this.terminal.colours.cyan(`» ${inert(operator)}: ${inert(said)}`));
  }

  private presentEvent(event: DaemonEvent): void {
    const { dim, red, yellow, magenta } = this.terminal.colours;
    switch (event.kind) {
      case 'command-output':
        if (this.commands.has(event.command)) this.detail(dim(`│ ${inert(lastWritten(event.text))}`));
        return;
      case 'component-crashed':
        return this.detail(
          magenta(
            `✗ ${event.component} crashed (pid ${event.pid}${event.signal ? `, ${event.signal}` : event.exitStatus === null ? '' : `, exit status ${event.exitStatus}`})`,
          ),
        );
      case 'component-started':
        return this.detail(`• ${event.component} started (pid ${event.pid})`);
      case 'component-stopped':
        return this.detail(`• ${event.component} stopped`);
      case 'state':
        return this.detail(`• ${event.component} is ${event.state}`);
      case 'log':
        if (event.severity === 'error' || event.severity === 'fatal') this.detail(red(`! ${event.component ?? ''} ${inert(event.text)}`));
        else if (event.severity === 'warning') this.detail(yellow(`! ${event.component ?? ''} ${inert(event.text)}`));
        return;
      case 'notice':
        if (event.severity !== 'debug' && event.severity !== 'info') this.detail(yellow(`! ${inert(event.text)}`));
        return;
      case 'command-refused':
        return this.detail(red(`! a command of ${event.operator} was refused: ${inert(event.reason)}`));
      case 'epoch-started':
      case 'series-declared':
      case 'columns-declared':
      case 'command-accepted':
      case 'command-finished':
        return;
    }
  }

  /** A line below the running step, which is printed first if it was not yet. */
  private detail(text: string): void {
    this.printCurrent();
    this.terminal.line(`       ${inertKeepingColours(text)}`);
  }

  private printCurrent(): void {
    if (!this.current || this.current.printed) return;
    this.current.printed = true;
    this.terminal.line(this.stepText(this.current.step));
  }

  private stepText(step: StepReference): string {
    const { bold, dim } = this.terminal.colours;
    if (step.phase === 'deferred') return `${bold('   ↩')}  ${inert(withoutDefer(step.text))}${dim(' (deferred)')}`;
    return `${bold(String(step.number).padStart(4))}  ${'  '.repeat(Math.min(step.depth, 20))}${inert(step.text)}`;
  }

  private stepFinished(record: RecordOf<'step-finished'>): void {
    const details = [durationText(record.duration)];
    if (record.result !== null && record.result !== '') details.push(inert(record.result.split('\n').at(-1) ?? ''));
    if (record.message) details.push(inert(record.message));
    const mark = this.mark(record);
    if (this.current?.printed) this.terminal.line(`       ${mark} ${details.join(', ')}`);
    else this.terminal.line(`${this.stepText(record.step)}  ${mark} ${this.terminal.colours.dim(details.join(', '))}`);
    this.current = undefined;
  }

  private mark(record: RecordOf<'step-finished'>): string {
    const { state } = record;
    const { green, red, magenta, yellow } = this.terminal.colours;
    switch (state) {
      case 'passed':
        return green('✓');
      case 'failed':
        return red(`✗ ${stateWords(record)}`);
      case 'error':
        return magenta('✗ error');
      case 'timed out':
        return red('✗ timed out');
      case 'skipped':
        return yellow('– skipped');
      case 'waiting':
      case 'running':
        return state;
    }
  }

  private runFinished(record: RecordOf<'run-finished'>): void {
    const { bold, green, red, magenta, yellow } = this.terminal.colours;
    this.ended = true;
    this.printCurrent();
    this.conclude();
    const colour = { passed: green, failed: red, error: magenta, stopped: yellow, interrupted: yellow }[record.outcome];
    this.terminal.line(`${bold(colour(record.outcome.toUpperCase()))}${record.reason ? `  ${inert(record.reason)}` : ''}`);
  }

  private conclude(): void {
    const { dim, yellow } = this.terminal.colours;
    this.terminal.line();
    this.terminal.line(`Trace: ${this.trace.numbers()}`);
    for (const line of this.trace.lines()) this.terminal.line(dim(`  ${line}`));
    const { checksMet: met, checksNotMet: notMet, checksRetried: retried } = this.state.tries;
    const before = retried === 0 ? '' : `; not met before a retry: ${retried}`;
    if (met + notMet > 0) this.terminal.line(`Checks: ${met} of ${met + notMet} met${before}`);
    for (const [, { form, text, state, doubt }] of entriesOf(this.state.conditions)) {
      if (doubt && state === 'met') this.terminal.line(yellow(`? ${form} ${inert(text)} was ${doubtInWords(doubt)}`));
    }
  }

  private tick(): void {
    if (!this.current) return;
    const { step, since } = this.current;
    const elapsed = performance.now() - since;
    if (!this.terminal.interactive && elapsed > patience) this.printCurrent();
    this.terminal.showStatus(`${String(step.number).padStart(4)}  ${inert(step.text)}  … ${durationText(elapsed, 'steady')}`);
  }
}

/** What an operator's action says in a line of its own; null for going on. */
function actionText(action: OperatorAction): string | null {
  switch (action.kind) {
    case 'continue':
    case 'step':
    case 'step-over':
    case 'step-out':
    case 'note':
      return null;
    case 'goto':
      return `go to line ${action.line + 1}`;
    case 'set-variable':
      return `set ${action.name} = ${action.value}`;
    case 'set-breakpoints':
      return action.breakpoints.length === 0
        ? 'no breakpoints'
        : `breakpoints at ${action.breakpoints.map((each) => breakpointText(each)).join(', ')}`;
    case 'answer':
      return `answers ${action.answer}`;
    case 'pause':
    case 'retry':
    case 'skip':
    case 'stop':
      return action.kind;
  }
}

/** Keeps the colours that this program put there; everything else was made inert before. */
function inertKeepingColours(text: string): string {
  return text.replaceAll('\n', '\n       ');
}
