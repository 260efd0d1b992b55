/** Results of a campaign for others, as files: written whole or not at all, and piece by piece, since a campaign may have 100,000 tests. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { SuiteName } from '#shared/campaign/words.ts';
import { ProblemError } from '#shared/problem.ts';
import type { BlobStore } from '../../delivery/ports.ts';
import { writeReport, writeReportFolder, type FolderFile } from '../../reports/report-output.ts';
import { folded } from '../ledger-reading.ts';
import { uploadResults, type UploadTarget } from './allurectl.ts';
import { allureFolder } from './allure-folder.ts';
import { junitSuite } from './junit-suite.ts';
import type { TraceTarget } from './traces.ts';

/** Files and folders, and what is sent to an address. */
export type ExportFormat = 'allure' | 'junit' | 'ndjson' | 'parquet' | SentFormat;
export type SentFormat = 'otlp' | 'allurectl';

export interface ExportParts {
  /** Its ledger from the first record on, as far as it is durable. */
  readonly records: () => AsyncIterable<readonly CampaignRecord[]>;
  /** Where its evidence is; null: it cannot be reached. */
  readonly blobs: BlobStore | null;
  /** ms since 1970: entries of the quarantine expire. */
  readonly now: number;
}

/** Where to, beside the path or address. */
export type ExportDetails = Omit<TraceTarget, 'endpoint'> & Partial<Omit<UploadTarget, 'endpoint'>>;

/** @param path of the file or folder, or the address to which it is sent */
export async function exportCampaign(
  parts: ExportParts,
  format: ExportFormat,
  path: string,
  details: ExportDetails = {},
): Promise<{ path: string; files: number }> {
  const { records, blobs, now } = parts;
  if (format === 'ndjson') {
    await writeReport(path, lines(records()));
    return { path, files: 1 };
  }
  // Of its own: one that goes on must not change while it is written.
  const state = await folded(records());
  const { plan } = state;
  if (!plan) throw new ProblemError({ code: 'campaign-without-plan', message: 'The ledger of this campaign does not begin with a plan.' });
  if (format === 'parquet') {
    await (await import('./results-table.ts')).writeResultsTable(state, plan, now, path);
    return { path, files: 1 };
  }
  if (format === 'otlp')
    return { path, files: await (await import('./traces.ts')).sendTraces(state, plan, { ...details, endpoint: soundAddress(path) }) };
  if (format === 'allurectl') {
    const write = (folder: string) => exportFolder(state, { blobs, now }, 'allure', folder);
    const launch = details.launch ?? `${plan.title} ${plan.revision}`;
    return { path, files: await uploadResults({ ...details, launch, endpoint: soundAddress(path) }, write) };
  }
  return { path, files: await exportFolder(state, { blobs, now }, format, path) };
}

/** Answers with the number of its files. */
async function exportFolder(
  state: CampaignState,
  { blobs, now }: Pick<ExportParts, 'blobs' | 'now'>,
  format: 'allure' | 'junit',
  path: string,
): Promise<number> {
  let files = 0;
  const counted = async function* (all: Iterable<FolderFile> | AsyncIterable<FolderFile>): AsyncIterable<FolderFile> {
    for await (const file of all) {
      files += 1;
      yield file;
    }
  };
  const made = format === 'allure' ? allureFolder(state, blobs, now) : junitFiles(state, now);
  await writeReportFolder(path, counted(made), { unforced: true });
  return files;
}

/** Addresses stand in plans and messages, so no secret may be in one. */
export function soundAddress(text: string): string {
  const address = URL.parse(text);
  const tip = 'Write it as https://collector.example.com:4318.';
  if (!address || !['http:', 'https:'].includes(address.protocol))
    throw new ProblemError({ code: 'bad-address', message: 'Results are sent to an http or https address.', tip });
  if (address.username === '' && address.password === '' && address.search === '') return text;
  throw new ProblemError({
    code: 'secret-in-address',
    message: `The address of ${address.host} holds a user, a password or parameters, which would be seen by all who see the campaign.`,
    tip: 'Put them into a variable or a file; docs/reports.md names them.',
  });
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
