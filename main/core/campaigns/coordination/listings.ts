/**
 * Suites that are being listed: before anything of a suite is executed, a worker that could execute it says which tests it has. Nothing of that
 * stands in the ledger but the result, so a new coordinator just asks once more.
 */
import { randomInt } from 'node:crypto';
import { listedTestSchema, type ListedTest } from '#shared/campaign/plan.ts';
import type { Evidence } from '#shared/campaign/records.ts';
import type { CampaignId, SuiteName } from '#shared/campaign/words.ts';
import { ProblemError } from '#shared/problem.ts';

/** Attempts at listing a suite. */
const attempts = 3;
/** Bytes that a list may have; 100,000 tests have about 20 MB. */
const longestList = 256 * 1024 * 1024;
/** Name of the evidence that holds a list. */
export const listName = 'tests.ndjson';

export interface Listing {
  readonly campaign: CampaignId;
  readonly suite: SuiteName;
  /** Above every fence of a ledger, and of no other coordinator. */
  readonly fence: number;
  readonly worker: string;
  readonly epoch: string;
  readonly attempt: number;
  /** What the worker listed is being read: its end was told. */
  reading: boolean;
}

export class Listings {
  private readonly current = new Map<number, Listing>();
  /** Attempts that failed, and the workers that failed them. */
  private readonly failures = new Map<string, string[]>();
  private next = 2 ** 45 + randomInt(2 ** 40) * 32;

  get(campaign: CampaignId, fence: number): Listing | undefined {
    const listing = this.current.get(fence);
    return listing?.campaign === campaign ? listing : undefined;
  }

  of(campaign: CampaignId): readonly Listing[] {
    return [...this.current.values()].filter((each) => each.campaign === campaign);
  }

  ofWorker(worker: string): readonly Listing[] {
    return [...this.current.values()].filter((each) => each.worker === worker);
  }

  isListed(campaign: CampaignId, suite: SuiteName): boolean {
    return this.of(campaign).some((each) => each.suite === suite);
  }

  /** Whether this worker has failed at it before, so that another one is asked first. */
  hasFailedOn(campaign: CampaignId, suite: SuiteName, worker: string): boolean {
    return this.failures.get(`${campaign} ${suite}`)?.includes(worker) ?? false;
  }

  begin(campaign: CampaignId, suite: SuiteName, worker: string, epoch: string): Listing {
    const attempt = (this.failures.get(`${campaign} ${suite}`)?.length ?? 0) + 1;
    const listing: Listing = { campaign, suite, fence: this.next++, worker, epoch, attempt, reading: false };
    this.current.set(listing.fence, listing);
    return listing;
  }

  end({ fence }: Listing): void {
    this.current.delete(fence);
  }

  /** @returns whether it may be tried once more */
  fail(listing: Listing): boolean {
    this.end(listing);
    const key = `${listing.campaign} ${listing.suite}`;
    const failed = [...(this.failures.get(key) ?? []), listing.worker];
    this.failures.set(key, failed);
    return failed.length < attempts;
  }

  forget(campaign: CampaignId): void {
    for (const each of this.of(campaign)) this.end(each);
    for (const key of this.failures.keys()) if (key.startsWith(`${campaign} `)) this.failures.delete(key);
  }
}

export type ReadBlob = (hash: string, offset: number, length: number) => Promise<Uint8Array>;

/** Decodes a list of tests. Rejects with a ProblemError that says what is wrong with which line. */
export async function readList({ hash, bytes }: Evidence, read: ReadBlob): Promise<readonly ListedTest[]> {
  if (bytes > longestList)
    throw new ProblemError({ code: 'list-too-long', message: `Its list of tests has ${bytes} bytes; ${longestList} are allowed.` });
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < bytes;) {
    const part = await read(hash, offset, Math.min(1024 * 1024, bytes - offset));
    if (part.length === 0) break;
    parts.push(part);
    offset += part.length;
  }
  const lines = Buffer.concat(parts).toString('utf8').split('\n');
  return lines.flatMap((line, index) => (line.trim() === '' ? [] : [listedTest(line, index)]));
}

function listedTest(line: string, index: number): ListedTest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = null;
  }
  const decoded = listedTestSchema.safeParse(value);
  if (decoded.success) return decoded.data;
  throw new ProblemError({ code: 'list-damaged', message: `Line ${index + 1} of its list of tests describes no test.` });
}
