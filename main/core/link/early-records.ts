/** Records of epochs whose catalogue is not known yet, within bounds; what is dropped here is asked of the spool later. */
import type { Epoch } from '#shared/identifiers.ts';
import type { ObservedRecord } from './record-decoding.ts';
import { bookkeepingBytes, type ByteBudget } from './sequence-tracker.ts';

/** Epochs that are heard of while their catalogue is still being asked for. */
const maximumEpochs = 4;
/** Bytes of records that wait for the catalogue of their epoch. */
const maximumBytes = 16 * 1024 * 1024;

const costOf = (record: ObservedRecord): number => record.bytes + bookkeepingBytes;

export class EarlyRecords {
  private readonly budget: ByteBudget;
  private readonly records = new Map<Epoch, ObservedRecord[]>();
  private bytes = 0;

  constructor(budget: ByteBudget) {
    this.budget = budget;
  }

  /** Whether the very first record of an epoch is here. */
  hasFirst(epoch: Epoch): boolean {
    return this.records.get(epoch)?.some((record) => record.sequence === 1) ?? false;
  }

  keep(record: ObservedRecord): void {
    const { budget } = this;
    const cost = costOf(record);
    if (!this.records.has(record.epoch) && this.records.size >= maximumEpochs) this.drop();
    if (this.bytes + cost > maximumBytes || budget.used + cost > budget.limit) this.drop();
    if (budget.used + cost > budget.limit) return;
    const list = this.records.get(record.epoch) ?? [];
    list.push(record);
    this.records.set(record.epoch, list);
    this.bytes += cost;
    budget.used += cost;
  }

  /** Gives the records of an epoch away, in the order in which they came. */
  release(epoch: Epoch, take: (record: ObservedRecord) => void): void {
    const records = this.records.get(epoch) ?? [];
    this.records.delete(epoch);
    for (const record of records) {
      this.bytes -= costOf(record);
      this.budget.used -= costOf(record);
      take(record);
    }
  }

  drop(): void {
    this.records.clear();
    this.budget.used -= this.bytes;
    this.bytes = 0;
  }
}
