/** Rows of the log out of the records of a run and the events of daemons: everything that can be told as one line. */
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import { presenceInWords } from '#shared/run/presence-words.ts';
import type { OperatorAction, RecordOf, RunRecord } from '#shared/run/records.ts';
import { inertText } from '#shared/inert-text.ts';
import type { LogRow, RowKind, RowSeverity } from './log-rows.ts';
import { durationText } from '#shared/wording/durations.ts';

type Emit = (row: LogRow) => void;

/** Severity of how a step ended. */
const stepSeverity = {
  waiting: 'info',
  running: 'info',
  passed: 'info',
  failed: 'error',
  error: 'error',
  'timed out': 'error',
  skipped: 'warning',
} as const;

const problemSeverity = { error: 'error', warning: 'warning', information: 'info' } as const;

export class RowMaker {
  private readonly emit: Emit;
  /** Step that runs, and steps of commands in flight: output belongs to them. */
  private running: number | null = null;
  private readonly commandSteps = new Map<string, { readonly execution: number | null; readonly words: string }>();
  private readonly clockOffsets = new Map<string, number>();
  private readonly presences = new Map<string, RecordOf<'presence'>>();

  constructor(emit: Emit) {
    this.emit = emit;
  }

  /** Forgets the run; what comes next is of another one. */
  reset(): void {
    this.running = null;
    this.commandSteps.clear();
    this.clockOffsets.clear();
    this.presences.clear();
  }

  /** Rows of the next record of a run. */
  take(record: RunRecord): void {
    const { time } = record;
    const row = (kind: RowKind, severity: RowSeverity, text: string, component = '', execution: number | null = this.running): void =>
      this.emit({ time, kind, severity, component, execution, text: inertText(text) });
    switch (record.kind) {
      case 'run-started': {
        const { run, scenario, environment, release, operator, mode } = record;
        const dry = mode === 'dry' ? ', dry run' : '';
        return row('run', 'info', `run ${run}: ${scenario} on ${environment}, release ${release}, by ${operator}${dry}`);
      }
      case 'step-started':
        this.running = record.step.execution;
        return row('step', 'info', `▶ ${record.step.number}  ${record.step.text}`, record.step.scenario);
      case 'step-finished':
        return this.finishStep(record, row);
      case 'echo':
        return row('echo', 'info', record.text, '', record.execution);
      case 'note':
        return row('note', 'info', record.text, record.author, record.execution);
      case 'variable':
        return row('step', 'debug', `${record.name} = ${record.value}`, '', record.execution);
      case 'condition':
        return row('condition', conditionSeverity(record), conditionText(record), '', record.execution);
      case 'command-sent': {
        const words = [record.action, ...record.arguments].join(' ');
        this.commandSteps.set(record.command, { execution: record.execution, words });
        return row('command', 'info', `${words} → ${record.daemon ?? 'plugin'}`, record.daemon ?? '', record.execution);
      }
      case 'output':
        return row('output', record.stream === 'stderr' ? 'warning' : 'info', record.text, '', this.stepOf(record.command));
      case 'command-finished':
        return this.finishCommand(record.command, record.outcome, row);
      case 'command-failed':
        return row('command', 'error', record.message, '', record.execution);
      case 'deferred':
        return row('step', 'info', `deferred to the end: ${record.text}`);
      case 'handler-fired':
        return row('condition', 'warning', `${record.condition}: goto ${record.label}`);
      case 'prompt':
        return row('operator', 'warning', `question: ${record.question}`);
      case 'operator':
        return row('operator', 'info', operatorText(record.action), record.operator);
      case 'paused':
        return row('run', record.reason === 'failure' || record.reason === 'disk' ? 'error' : 'info', pauseText(record));
      case 'resumed':
        return row('run', 'info', 'resumed');
      case 'observation':
        for (const event of record.events) this.takeEvent(record.daemon, event);
        return;
      case 'gap': {
        const { daemon, from, to, state, reason } = record;
        return row(
          'network',
          state === 'filled' ? 'info' : state === 'open' ? 'warning' : 'error',
          `records ${from}–${to} ${gapWord[state]}: ${reason}`,
          daemon,
        );
      }
      case 'presence': {
        const { daemon, clockOffset, state, lastSign } = record;
        if (clockOffset !== null) this.clockOffsets.set(daemon, clockOffset);
        const before = this.presences.get(daemon);
        this.presences.set(daemon, record);
        const severity = state === 'lost' ? 'error' : lastSign !== undefined || before?.state === 'lost' ? 'warning' : 'debug';
        return row('network', severity, presenceInWords(record, before), daemon);
      }
      case 'link':
        return row(
          'network',
          record.state === 'connected' ? 'info' : 'error',
          `router ${record.state}${record.message ? `: ${record.message}` : ''}`,
        );
      case 'problem':
        return row('problem', problemSeverity[record.severity], record.tip === null ? record.message : `${record.message} ${record.tip}`);
      case 'edited':
        return row('operator', 'warning', editText(record), record.operator);
      case 'control':
        return row('operator', 'info', `control ${record.change} to ${record.to}`, record.operator);
      case 'recovered':
        return row('run', 'warning', `recovered: ${record.message}`);
      case 'run-finished':
        return row('run', record.outcome === 'passed' ? 'info' : 'error', `run ${record.outcome}: ${record.reason}`);
    }
  }

  /** Rows of an event of a daemon. Its time is brought to the core's clock. */
  takeEvent(daemon: string, event: DaemonEvent): void {
    const time = event.time - (this.clockOffsets.get(daemon) ?? 0);
    const row = (kind: RowKind, severity: RowSeverity, text: string, component: string = daemon, execution = this.running): void =>
      this.emit({ time, kind, severity, component, execution, text: inertText(text) });
    switch (event.kind) {
      case 'log':
        return row('log', event.severity, event.text, event.component ?? daemon);
      case 'state':
        return row('state', 'info', `${event.previous === null ? '' : `${event.previous} → `}${event.state}`, event.component);
      case 'component-started':
        return row('state', 'info', `started, PID ${event.pid}`, event.component);
      case 'component-stopped':
        return row('state', 'warning', `stopped, PID ${event.pid}`, event.component);
      case 'component-crashed': {
        const how = event.signal === null ? `exit status ${event.exitStatus ?? 'unknown'}` : `signal ${event.signal}`;
        return row('crash', 'fatal', `CRASHED (${how}), PID ${event.pid}`, event.component);
      }
      case 'command-output':
        return row('output', event.stream === 'stderr' ? 'warning' : 'info', event.text, daemon, this.stepOf(event.command));
      case 'command-refused':
        return row('command', 'error', `${event.action} refused: ${event.reason}`, daemon);
      case 'command-accepted':
        return row(
          'command',
          'debug',
          `${[event.action, ...event.arguments].join(' ')} accepted, by ${event.operator}`,
          daemon,
          this.stepOf(event.command),
        );
      case 'command-finished':
        return this.finishCommand(event.command, event.outcome, row, daemon);
      case 'notice':
        return row('network', event.severity, `${event.code}: ${event.text}`, event.component ?? daemon);
      case 'epoch-started':
        return row('network', 'info', `daemon started, version ${event.softwareVersion}`, daemon);
      case 'series-declared':
      case 'columns-declared':
        return;
    }
  }

  private stepOf(command: string): number | null {
    return this.commandSteps.get(command)?.execution ?? this.running;
  }

  private finishStep(record: RecordOf<'step-finished'>, row: RowOf): void {
    const { step, state, message, result, duration } = record;
    const what = [message, result === null ? null : `result ${result}`].filter((part) => part !== null).join(', ');
    row(
      'step',
      stepSeverity[state],
      `■ ${step.number}  ${state} in ${durationText(duration)}${what === '' ? '' : `: ${what}`}`,
      step.scenario,
      step.execution,
    );
    if (this.running === step.execution) this.running = null;
  }

  private finishCommand(command: string, outcome: CommandOutcome, row: RowOf, component = ''): void {
    const words = this.commandSteps.get(command)?.words ?? 'command';
    // A command that goes on in the background, or never began, has no exit status.
    const exit = outcome.exitStatus === null ? '' : ` (exit status ${outcome.exitStatus})`;
    const how = outcome.signal === null ? exit : ` (signal ${outcome.signal})`;
    const message = outcome.message === undefined ? '' : `: ${outcome.message}`;
    row('command', outcome.success ? 'info' : 'error', `${words} ${outcome.status}${how}${message}`, component, this.stepOf(command));
    this.commandSteps.delete(command);
  }
}

type RowOf = (kind: RowKind, severity: RowSeverity, text: string, component?: string, execution?: number | null) => void;

const gapWord = { open: 'are missing', filled: 'were filled in', lost: 'are lost' } as const;

function conditionSeverity({ form, state, lost }: RecordOf<'condition'>): RowSeverity {
  if (lost !== undefined) return form === 'on' || form === 'limit' ? 'warning' : 'error';
  if (state !== 'not met') return 'info';
  return form === 'expect' ? 'error' : form === 'limit' ? 'warning' : 'info';
}

function conditionText({ form, text, state, values, lost }: RecordOf<'condition'>): string {
  if (lost !== undefined) return `${form} ${text}: cannot be judged: ${lost}`;
  const readings = Object.entries(values).map(([name, value]) => `${name} = ${value ?? 'unknown'}`);
  return `${form} ${text}: ${state}${readings.length === 0 ? '' : ` (${readings.join(', ')})`}`;
}

function operatorText(action: OperatorAction): string {
  switch (action.kind) {
    case 'answer':
      return `answered ${action.answer}`;
    case 'note':
      return `note: ${action.text}`;
    case 'goto':
      return `goto line ${action.line + 1}`;
    case 'set-variable':
      return `set ${action.name} = ${action.value}`;
    case 'set-breakpoints':
      return `breakpoints: ${action.breakpoints.length}`;
    default:
      return action.kind;
  }
}

function pauseText({ reason, message }: RecordOf<'paused'>): string {
  return `paused (${reason})${message === null ? '' : `: ${message}`}`;
}

/** What an edit of a paused run changed: its first lines, and how many there are. */
function editText({ scenario, line, removed, added }: RecordOf<'edited'>): string {
  const some = [...removed.map((text) => `- ${text}`), ...added.map((text) => `+ ${text}`)].slice(0, 6).join('\n');
  return `edited ${scenario} from line ${line + 1} (${removed.length} removed, ${added.length} added)\n${some}`;
}
