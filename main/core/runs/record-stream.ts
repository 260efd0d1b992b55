/**
 * A run's records for one listener: from the disk first, then live, without gap or doubling. A listener that is slower than
 * the run holds neither the run nor other listeners: what it cannot take is let go and read again from the log later.
 */
import type { RunArchive, RunJournal } from '../ports.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { RunRecord } from '#shared/run/records.ts';

/** Records that wait in memory for one listener before it falls back to reading the log. */
export const maximumWaiting = 20_000;
/** Records in one item of the stream. */
const largestBatch = 1_000;

export interface RecordSource {
  readonly archive: RunArchive;
  /** The journal of a run that is open in this core. */
  journal(run: RunId): RunJournal | undefined;
}

type Listener = (records: RunRecord[]) => void | Promise<void>;

/** Streams records from a sequence on until `run-finished` (or the end of an interrupted run's log) was delivered, or `close`. */
export function streamRecords(
  source: RecordSource,
  run: RunId,
  from: number,
  listener: Listener,
): { readonly ended: Promise<void>; close(): void } {
  const reader = new RecordReader(from, listener);
  return { ended: reader.run(source, run), close: () => reader.close() };
}

class RecordReader {
  private next: number;
  private readonly listener: Listener;
  private closed = false;
  private over = false;
  private wake: (() => void) | null = null;

  constructor(from: number, listener: Listener) {
    this.next = from;
    this.listener = listener;
  }

  close(): void {
    this.closed = true;
    this.wake?.();
  }

  async run(source: RecordSource, run: RunId): Promise<void> {
    while (!this.closed && !this.over) {
      const journal = source.journal(run);
      if (journal) await this.follow(journal, () => source.journal(run) === journal);
      else return this.readArchived(source.archive, run);
    }
  }

  private async readArchived(archive: RunArchive, run: RunId): Promise<void> {
    for await (const records of archive.read(run, this.next)) {
      if (this.closed) return;
      await this.deliver(records);
    }
  }

  /** Takes from the journal until the run is over, or this listener has fallen too far behind and starts again from the log. */
  private async follow(journal: RunJournal, open: () => boolean): Promise<void> {
    const waiting: (readonly RunRecord[])[] = [];
    let count = 0;
    let behind = false;
    const unsubscribe = journal.subscribe(this.next, (records) => {
      if (behind) return;
      waiting.push(records);
      count += records.length;
      // From here on nothing more is kept; the log has it.
      if (count > maximumWaiting) {
        behind = true;
        queueMicrotask(() => unsubscribe());
      }
      this.wake?.();
    });
    // The journal closes some time after its last record; whoever waits then looks into the archive.
    try {
      while (!this.closed && !this.over) {
        const records = waiting.shift();
        if (records) {
          count -= records.length;
          await this.deliver(records);
        } else if (behind || !open()) {
          return;
        } else {
          await this.awakened(open);
        }
      }
    } finally {
      unsubscribe();
    }
  }

  /** Waits for news of the journal; looks by itself now and then, since a journal that closes tells nobody. */
  private awakened(open: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (!open()) done();
      }, 250);
      const done = (): void => {
        clearInterval(timer);
        this.wake = null;
        resolve();
      };
      this.wake = done;
    });
  }

  private async deliver(records: readonly RunRecord[]): Promise<void> {
    const wanted = records.filter((record) => record.sequence >= this.next);
    for (let start = 0; start < wanted.length && !this.closed; start += largestBatch) {
      const batch = wanted.slice(start, start + largestBatch);
      this.next = (batch.at(-1)?.sequence ?? this.next) + 1;
      await this.listener(batch);
      if (batch.some((record) => record.kind === 'run-finished')) this.over = true;
    }
  }
}
