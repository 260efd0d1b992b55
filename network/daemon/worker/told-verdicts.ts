/** Verdicts as they travel: a message of the router has a bound, so of very many verdicts the details, then the evidence, then the messages stay behind. */
import type { TestVerdict } from '#shared/campaign/records.ts';
import type { EndedLease, LeaseName, WorkRequest } from '#shared/protocol/work.ts';

export type EndedRecord = Omit<EndedLease, 'takenUpBefore'> & {
  /** In the worker's monotonic clock; undefined: it never was. */
  readonly takenUpAt: number | undefined;
  /** Its verdicts as they fit; made once. */
  text?: string;
};

const shortened = '… [left out: the verdicts of this unit are too many for one message]';

/** An ended lease as JSON of at most so many characters. */
export function endedText(record: EndedRecord, now: number, longest: number): string {
  const { takenUpAt, text, verdicts, ...rest } = record;
  record.text ??= text ?? fitVerdicts(verdicts, longest - 4_096);
  const head = JSON.stringify({ ...rest, takenUpBefore: takenUpAt === undefined ? 0 : Math.max(0, now - takenUpAt) });
  return `${head.slice(0, -1)},"verdicts":${record.text}}`;
}

function fitVerdicts(verdicts: readonly TestVerdict[], longest: number): string {
  const ways: readonly ((verdict: TestVerdict) => TestVerdict)[] = [
    (verdict) => verdict,
    (verdict) => cutDetails(verdict, 1_000),
    withoutDetails,
    (verdict) => ({ ...withoutDetails(verdict), evidence: [] }),
    ({ test, verdict, duration, offset }) => ({ test, verdict, duration: Math.round(duration), offset: Math.round(offset) }),
  ];
  let text = '[]';
  for (const way of ways) {
    text = JSON.stringify(verdicts.map(way));
    if (Buffer.byteLength(text) <= longest) return text;
  }
  // Beyond tens of thousands: what is left out is executed again, in a smaller unit or not at all.
  const share = Math.floor((verdicts.length * longest) / Buffer.byteLength(text));
  return share < 1 ? '[]' : fitVerdicts(verdicts.slice(0, Math.min(share, verdicts.length - 1)), longest);
}

function cutDetails(verdict: TestVerdict, length: number): TestVerdict {
  const { details } = verdict;
  return details !== undefined && details.length > length ? { ...verdict, details: `${details.slice(0, length)}${shortened}` } : verdict;
}

function withoutDetails(verdict: TestVerdict): TestVerdict {
  const bare = { ...verdict };
  delete bare.details;
  return bare;
}

/** As many of them as fit, the first ones first; details are left to the end of the lease where they are long. */
export function fitEarly(
  early: readonly { readonly name: LeaseName; readonly verdict: TestVerdict }[],
  longest: number,
): WorkRequest['early'] {
  const fitting: WorkRequest['early'] = [];
  let left = Math.min(longest, 256 * 1024);
  for (const { name, verdict } of early) {
    const each = { ...name, verdict: cutDetails(verdict, 4_000) };
    left -= Buffer.byteLength(JSON.stringify(each));
    if (left < 0 || fitting.length >= 1_000) break;
    fitting.push(each);
  }
  return fitting;
}
