/**
 * The records of a run as a timeline keeps them: whole where folding needs them, as mere counts where a record does nothing
 * but tell log lines. So the state after any of them can be folded again, and a million log lines cost a few bytes each.
 */
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { NumberColumn } from './number-column.ts';
import type { RecordOf, RunRecord } from './records.ts';

type Observation = RecordOf<'observation'>;
type LogEvent = Extract<DaemonEvent, { kind: 'log' }>;

/** Whether a line of a log tells of an error. */
export function isTrouble(event: { readonly severity: LogEvent['severity'] }): boolean {
  return event.severity === 'error' || event.severity === 'fatal';
}

/** Whether the reducer does nothing with a record but count its log lines. */
function isQuiet(record: RunRecord): record is Observation {
  return record.kind === 'observation' && record.events.every((event) => event.kind === 'log' && !isTrouble(event));
}

const noFields: LogEvent['fields'] = {};

/** The event without what the reducer never looks at; texts are shared with whoever else keeps them. */
function slimEvent(event: DaemonEvent): DaemonEvent {
  switch (event.kind) {
    case 'series-declared':
    case 'columns-declared':
      return { ...event, series: [] };
    case 'log': {
      const { kind, time, component, severity, text } = event;
      return { kind, time, component, severity, text: isTrouble(event) ? text : '', file: '', event: null, fields: noFields };
    }
    default:
      return event;
  }
}

function slim(record: RunRecord): RunRecord {
  return record.kind === 'observation' ? { ...record, events: record.events.map(slimEvent) } : record;
}

const quietLine: LogEvent = {
  kind: 'log',
  time: 0,
  component: null,
  file: '',
  severity: 'debug',
  event: null,
  text: '',
  fields: noFields,
};

/** Lists of so many log lines that are kept for the next time. */
const rememberedLists = 256;

export class TimelineRecords {
  private readonly times = new NumberColumn('exact');
  /** Log lines of a quiet record plus one; 0: the record is kept whole. */
  private readonly quiet = new NumberColumn('small');
  /** Whole records, and for each the records up to it that are whole: its place is found by counting. */
  private readonly whole: RunRecord[] = [];
  private readonly wholeSequences = new NumberColumn('small');
  private readonly lists = new Map<number, DaemonEvent[]>();
  private template: Observation | null = null;

  get length(): number {
    return this.times.length;
  }

  /** Takes the record that comes next. */
  push(record: RunRecord): void {
    this.times.push(record.time);
    if (isQuiet(record)) {
      this.template ??= { ...record, events: [] };
      this.quiet.push(record.events.length + 1);
      return;
    }
    this.quiet.push(0);
    this.whole.push(slim(record));
    this.wholeSequences.push(this.times.length);
  }

  /** The record kept whole under a sequence; null where it was a quiet one, or is none. */
  wholeAt(sequence: number): RunRecord | null {
    if (this.quiet.at(sequence - 1) !== 0) return null;
    return this.whole[this.wholeSequences.countUpTo(sequence) - 1] ?? null;
  }

  /** Records `from` to `to` (both included), such that folding them gives what folding the originals gives. */
  *between(from: number, to: number): Generator<RunRecord> {
    let place = this.wholeSequences.countUpTo(from - 1);
    for (let sequence = Math.max(1, from); sequence <= Math.min(to, this.length); sequence++) {
      const lines = this.quiet.at(sequence - 1);
      const record = lines === 0 ? this.whole[place++] : this.quietRecord(sequence, lines - 1);
      if (record) yield record;
    }
  }

  private quietRecord(sequence: number, lines: number): RunRecord | undefined {
    return this.template ? { ...this.template, sequence, time: this.times.at(sequence - 1), events: this.linesOf(lines) } : undefined;
  }

  private linesOf(count: number): DaemonEvent[] {
    const known = this.lists.get(count);
    if (known) return known;
    const lines = Array.from({ length: count }, () => quietLine);
    if (this.lists.size < rememberedLists) this.lists.set(count, lines);
    return lines;
  }
}
