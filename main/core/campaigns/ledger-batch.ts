/**
 * A batch: the records that are committed at once, as both engines keep them. It names the record that it follows, so where two writers
 * believe, the first batch behind a record is part of the ledger and any other is none; and its writer, who so knows its own again.
 */
import { z } from 'zod';
import { campaignRecordSchema, type CampaignRecord } from '#shared/campaign/records.ts';

export interface Batch {
  /** Sequence of the record before its first. */
  readonly after: number;
  /** Different for each batch. */
  readonly writer: string;
  readonly records: readonly CampaignRecord[];
}

const batchSchema = z.object({ after: z.int().min(0), writer: z.string().max(64), records: z.array(campaignRecordSchema).min(1) });

/** Records as they stand in a batch. */
export function recordsText(records: readonly CampaignRecord[]): string {
  return records.map((record) => JSON.stringify(record)).join(',');
}

/** One line, without its end. `text`: its records, where somebody has written them down already. */
export function batchText({ after, writer, records }: Batch, text = recordsText(records)): string {
  return `{"after":${after},"writer":${JSON.stringify(writer)},"records":[${text}]}`;
}

/** The batch of a text, or why it is none. */
export function readBatch(text: string): { readonly batch: Batch } | { readonly damage: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { damage: 'it is not JSON' };
  }
  const parsed = batchSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { damage: `it holds no records of a campaign (${issue?.path.join('.') || 'whole line'}: ${issue?.message ?? 'unknown'})` };
  }
  const { after, writer, records } = parsed.data;
  const wrong = records.findIndex((record, index) => record.sequence !== after + 1 + index);
  if (wrong >= 0) return { damage: `its record ${records[wrong]?.sequence} stands where ${after + 1 + wrong} should` };
  return { batch: { after, writer, records } };
}

export function lastOf({ after, records }: Pick<Batch, 'after' | 'records'>): number {
  return after + records.length;
}

/** Whether nothing may follow these records. */
export function endsCampaign(records: readonly CampaignRecord[]): boolean {
  return records.at(-1)?.kind === 'campaign-ended';
}
