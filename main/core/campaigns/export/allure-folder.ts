/** A campaign as a folder of Allure results: what is said of its tests, attempt by attempt, with the evidence that is kept. */
import type { AttemptFact, CampaignState } from '#shared/campaign/campaign-state.ts';
import { causeText } from '#shared/campaign/cause-text.ts';
import { FailureCauses } from '#shared/campaign/failure-causes.ts';
import type { Evidence } from '#shared/campaign/records.ts';
import type { BlobStore } from '../../delivery/ports.ts';
import type { FolderFile } from '../../reports/report-output.ts';
import { quarantineOf } from '../quarantine.ts';
import { allureResult, allureSurroundings, attachmentName, resultWithoutVerdict } from './allure-result.ts';

/** Bytes of evidence that are in memory at a time. */
const stretch = 512 * 1024;

/** The state must not change meanwhile. */
export async function* allureFolder(state: CampaignState, blobs: BlobStore | null, now: number): AsyncIterable<FolderFile> {
  const quarantine = quarantineOf(state, now);
  const causes = new FailureCauses(state);
  const attached = new Set<string>();
  for (let number = 0; number < state.tests.size; number += 1) {
    const result = state.tests.resultOf(number);
    const attempts = state.tests.attemptsOf(number);
    if (result === null) continue;
    const isPlain = result === 'passed' || result === 'skipped' || result === 'not run';
    const surroundings = { quarantined: quarantine.get(number), cause: isPlain ? null : causeText(causes.of(number)) };
    for (const attempt of attempts) {
      const evidence = await sorted(attempt, blobs);
      const { name, text } = allureResult(state, number, attempt, { ...surroundings, ...evidence });
      for (const each of evidence.attached) {
        const file = attachmentName(each);
        // The same bytes under the same ending are one file, however many tests leave them.
        if (attached.has(file) || !blobs) continue;
        attached.add(file);
        yield { name: file, pieces: contentOf(each, blobs) };
      }
      yield { name, pieces: [text] };
    }
    if (attempts.length > 0) continue;
    const { name, text } = resultWithoutVerdict(state, number, result, surroundings);
    yield { name, pieces: [text] };
  }
  for (const { name, text } of allureSurroundings(state)) yield { name, pieces: [text] };
}

/** The evidence of an attempt that is there, and the names of what is not. */
export async function sorted({ verdict }: AttemptFact, blobs: BlobStore | null): Promise<{ attached: Evidence[]; gone: string[] }> {
  const [attached, gone]: [Evidence[], string[]] = [[], []];
  for (const each of verdict.evidence ?? []) {
    const size = (await blobs?.size(each.hash)) ?? null;
    if (size === null) gone.push(each.name);
    else attached.push(each);
  }
  return { attached, gone };
}

export async function* contentOf({ hash, bytes }: Evidence, blobs: BlobStore): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes;) {
    const piece = await blobs.read(hash, offset, Math.min(stretch, bytes - offset));
    if (piece.length === 0) return;
    offset += piece.length;
    yield piece;
  }
}
