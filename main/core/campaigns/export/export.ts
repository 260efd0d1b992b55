/** Results of a campaign for others, as files: written whole or not at all, and piece by piece, since a campaign may have 100,000 tests. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { SuiteName } from '#shared/campaign/words.ts';
import { ProblemError } from '#shared/problem.ts';
import type { BlobStore } from '../../delivery/ports.ts';
import { writeReport, writeReportFolder, type FolderFile } from '../../reports/report-output.ts';
import { folded } from '../ledger-reading.ts';
import { allureFolder } from './allure-folder.ts';
import { junitSuite } from './junit-suite.ts';

export type ExportFormat = 'allure' | 'junit' | 'ndjson';

export interface ExportParts {
  /** Its ledger from the first record on, as far as it is durable. */
  readonly records: () => AsyncIterable<readonly CampaignRecord[]>;
  /** Where its evidence is; null: it cannot be reached. */
  readonly blobs: BlobStore | null;
  /** ms since 1970: entries of the quarantine expire. */
  readonly now: number;
}

export async function exportCampaign(
  { records, blobs, now }: ExportParts,
  format: ExportFormat,
  path: string,
): Promise<{ path: string; files: number }> {
  if (format === 'ndjson') {
    await writeReport(path, lines(records()));
    return { path, files: 1 };
  }
  // Of its own: one that goes on must not change while it is written.
  const state = await folded(records());
  if (!state.plan)
    throw new ProblemError({ code: 'campaign-without-plan', message: 'The ledger of this campaign does not begin with a plan.' });
  let files = 0;
  const counted = async function* (all: Iterable<FolderFile> | AsyncIterable<FolderFile>): AsyncIterable<FolderFile> {
    for await (const file of all) {
      files += 1;
      yield file;
    }
  };
  const made = format === 'allure' ? allureFolder(state, blobs, now) : junitFiles(state, now);
  await writeReportFolder(path, counted(made), { unforced: true });
  return { path, files };
}

async function* lines(records: AsyncIterable<readonly CampaignRecord[]>): AsyncIterable<string> {
  for await (const batch of records) yield batch.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** `TEST-<suite>.xml`, a file per suite. */
function* junitFiles(state: CampaignState, now: number): Iterable<FolderFile> {
  const bySuite = new Map<SuiteName, number[]>([...state.suites.keys()].map((suite) => [suite, []]));
  for (let number = 0; number < state.tests.size; number += 1) {
    const suite = state.testAt(number)?.suite;
    if (suite !== undefined) bySuite.get(suite)?.push(number);
  }
  const taken = new Set<string>();
  for (const [suite, tests] of bySuite) yield { name: fileNameOf(suite, taken), pieces: junitSuite(state, suite, tests, now) };
}

/** Where A and a are one file, the second suite of the two has a number. */
function fileNameOf(suite: SuiteName, taken: Set<string>): string {
  for (let turn = 1; ; turn += 1) {
    const name = turn === 1 ? `TEST-${suite}.xml` : `TEST-${suite}-${turn}.xml`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}
