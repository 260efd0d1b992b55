/**
 * The engine's pen: writes records into the journal in order, without waiting for each, but never with more than a
 * bounded number under way.
 */
import type { RunJournal, SampleBatch } from '#main/core/ports.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';

/** Records that may be under way to the disk before the engine waits. */
export const maximumUnacknowledged = 4_096;

export class Recorder {
  private readonly journal: RunJournal;
  private readonly onFailure: (failure: Error) => void;
  private unacknowledged = 0;
  private waitingForRoom: PromiseWithResolvers<void> | null = null;
  private closed = false;

  /** `onFailure` is told when the journal refuses a record for good; a full disk is no such failure. */
  constructor(journal: RunJournal, onFailure: (failure: Error) => void) {
    this.journal = journal;
    this.onFailure = onFailure;
  }

  /** Writes a record; does not wait for the disk. */
  record(body: RecordBody): void {
    void this.durable(body);
  }

  /** Writes a record and resolves when it is on disk. Never rejects; a failing journal is told once to whoever made this. */
  async durable(body: RecordBody): Promise<RunRecord | null> {
    if (this.closed) return null;
    this.unacknowledged++;
    try {
      return await this.journal.append(body);
    } catch (thrown) {
      this.close();
      this.onFailure(thrown instanceof Error ? thrown : new Error(String(thrown)));
      return null;
    } finally {
      this.unacknowledged--;
      if (this.unacknowledged <= maximumUnacknowledged / 2) this.giveRoom();
    }
  }

  samples(batch: SampleBatch): void {
    if (!this.closed) this.journal.appendSamples(batch);
  }

  /** Null while there is room for more; otherwise resolves when there is. */
  room(): Promise<void> | null {
    if (this.unacknowledged < maximumUnacknowledged || this.closed) return null;
    this.waitingForRoom ??= Promise.withResolvers();
    return this.waitingForRoom.promise;
  }

  /** Writes nothing more. */
  close(): void {
    this.closed = true;
    this.giveRoom();
  }

  private giveRoom(): void {
    this.waitingForRoom?.resolve();
    this.waitingForRoom = null;
  }
}
