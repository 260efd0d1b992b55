/**
 * Which commands took something down. That a command was given says nothing: its daemon may have been lost or may refuse it, and
 * the process may not be there. A fault is one that is known to have been carried out, or that a daemon had accepted when it was
 * lost from sight. Everything that marks or times faults reads them from here. Pure; a state is plain JSON.
 */
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import { emptyTable, entriesOf, valueOf, withoutName, withValue, type NameTable } from './name-table.ts';
import { append, emptyList, itemsOf, type RecentList } from './recent-list.ts';
import type { RecordOf, RunRecord } from './records.ts';

export interface InjectedFault {
  /** Sequence and time (ms since 1970) of the record that says that the command was given. */
  readonly sequence: number;
  readonly time: number;
  /** `kill -9 MatchingEnginePrimary`: what was sent, aliases resolved. */
  readonly text: string;
  readonly execution: number | null;
}

interface GivenCommand extends InjectedFault {
  /** Its daemon said that it executes it. */
  readonly accepted: boolean;
  /** Nobody waits for its end any more. */
  readonly givenUp: boolean;
}

export interface FaultCommands {
  /** In a dry run nothing is carried out. */
  readonly dry: boolean;
  /** Commands of which it is not known yet whether they were carried out, by their id. */
  readonly open: NameTable<GivenCommand>;
  readonly injected: RecentList<InjectedFault>;
}

export const noFaults: FaultCommands = { dry: false, open: emptyTable, injected: emptyList };

const faultActions: ReadonlySet<string> = new Set(['kill', 'signal', 'stop']);
const kept = { open: 1_000, injected: 20_000 } as const;

/** The words of a command that takes something down when it is carried out; null for every other one. */
export function faultText({ action, arguments: words }: Pick<RecordOf<'command-sent'>, 'action' | 'arguments'>): string | null {
  return faultActions.has(action) ? [action, ...words].join(' ') : null;
}

/** What is known of the fault commands after one more record. */
export function followFaults(faults: FaultCommands, record: RunRecord): FaultCommands {
  switch (record.kind) {
    case 'run-started':
      return { ...faults, dry: record.mode === 'dry' };
    case 'command-sent':
      return give(faults, record);
    case 'observation':
      return record.events.reduce(takeEvent, faults);
    case 'command-finished':
      return finish(faults, record.command, record.outcome);
    case 'command-failed':
      return record.command === null ? faults : change(faults, record.command, { givenUp: true });
    case 'step-finished':
      return record.state === 'passed' ? settle(faults, ({ execution }) => execution === record.step.execution) : faults;
    case 'run-finished':
      return settle(faults, ({ accepted }) => accepted);
    default:
      return faults;
  }
}

/** The faults that became known between two states of this, the older one first. */
export function newFaults(before: FaultCommands, after: FaultCommands): readonly InjectedFault[] {
  const count = after.injected.total - before.injected.total;
  return count === 0 ? [] : itemsOf(after.injected).slice(-count);
}

function give(faults: FaultCommands, record: RecordOf<'command-sent'>): FaultCommands {
  const text = faultText(record);
  if (text === null || faults.dry || faults.open.size >= kept.open) return faults;
  const { sequence, time, execution, command } = record;
  const given = { sequence, time, text, execution, accepted: false, givenUp: false };
  return { ...faults, open: withValue(faults.open, command, given) };
}

function takeEvent(faults: FaultCommands, event: DaemonEvent): FaultCommands {
  switch (event.kind) {
    case 'command-accepted':
      return change(faults, event.command, { accepted: true });
    case 'command-finished':
      return finish(faults, event.command, event.outcome);
    default:
      return faults;
  }
}

/** One that was called off or took too long had begun: something was signalled. */
function finish(faults: FaultCommands, command: string, { success, status }: CommandOutcome): FaultCommands {
  const carriedOut = success || status === 'timed out' || status === 'cancelled';
  return carriedOut ? inject(faults, command) : { ...faults, open: withoutName(faults.open, command) };
}

/** Even one that was given up may still be told to have been carried out: what a daemon observed comes late where there was a gap. */
function change(faults: FaultCommands, command: string, news: Partial<GivenCommand>): FaultCommands {
  const known = valueOf(faults.open, command);
  if (!known) return faults;
  const given = { ...known, ...news };
  const changed = { ...faults, open: withValue(faults.open, command, given) };
  return given.accepted && given.givenUp ? inject(changed, command) : changed;
}

function settle(faults: FaultCommands, isCarriedOut: (given: GivenCommand) => boolean): FaultCommands {
  if (faults.open.size === 0) return faults;
  return entriesOf(faults.open).reduce((next, [command, given]) => (isCarriedOut(given) ? inject(next, command) : next), faults);
}

function inject(faults: FaultCommands, command: string): FaultCommands {
  const known = valueOf(faults.open, command);
  if (!known) return faults;
  const { sequence, time, text, execution } = known;
  const injected = append(faults.injected, { sequence, time, text, execution }, kept.injected);
  return { ...faults, open: withoutName(faults.open, command), injected };
}
