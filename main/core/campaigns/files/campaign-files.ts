/**
 * The campaign files of a workspace: `suites/*.yaml`, `campaigns/*.yaml`, `quarantine.yaml`. Everything that is wrong with them is told at
 * once, each problem with its place.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { z } from 'zod';
import {
  decodeContent,
  inOrder,
  parseContent,
  readText,
  type FileContent,
  type FileKind,
} from '#platform/configuration/configuration-file.ts';
import type { Path } from '#platform/configuration/places.ts';
import type { QuarantineEntry } from '#shared/campaign/plan.ts';
import { testIdSchema, type SuiteName } from '#shared/campaign/words.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { nearestName } from '#shared/scenario/nearest-name.ts';
import { listed } from '#shared/wording/names.ts';
import { campaignFileSchema, quarantineFileSchema, suiteFileSchema, type CampaignFile, type SuiteFile } from './suite-schema.ts';

export interface ReadFile<Content> {
  readonly file: string;
  /** Null when a problem of severity `error` stands in `problems`. */
  readonly content: Content | null;
  readonly problems: readonly Problem[];
}

export type CampaignTextKind = 'suite' | 'campaign' | 'quarantine';

export const suitesFolderName = 'suites';
export const campaignsFolderName = 'campaigns';
export const quarantineName = 'quarantine.yaml';

/** Days that a test may be in quarantine; it may be extended once by as many. */
export const quarantineDays = 14;
const dayLength = 24 * 3_600_000;

const suiteKind: FileKind = {
  what: 'The suite file',
  missingTip: 'Suites stand in the folder suites of the workspace, one file each.',
  needs: 'It needs at least suite and adapter.',
  verbatim: ['variables'],
};
const campaignKind: FileKind = {
  what: 'The campaign file',
  missingTip: 'Campaigns stand in the folder campaigns of the workspace, one file each.',
  needs: 'It needs at least campaign.',
  verbatim: ['variables'],
};
const quarantineKind: FileKind = { what: 'The quarantine file', missingTip: 'It stands in the workspace as quarantine.yaml.' };

/** Reads one suite file and says all that is wrong with it; never rejects. */
export async function readSuite(file: string): Promise<ReadFile<SuiteFile>> {
  return readChecked(resolve(file), suiteKind, suiteFileSchema, checkSuite);
}

export async function readCampaign(file: string): Promise<ReadFile<CampaignFile>> {
  return readChecked(resolve(file), campaignKind, campaignFileSchema, () => []);
}

type Finding = { readonly path: Path; readonly code: string; readonly message: string; readonly tip?: string };

async function readChecked<Schema extends z.ZodType>(
  file: string,
  kind: FileKind,
  schema: Schema,
  check: (content: z.output<Schema>) => readonly Finding[],
): Promise<ReadFile<z.output<Schema>>> {
  const read = await readText(file, kind);
  if ('severity' in read) return { file, content: null, problems: [read] };
  return checkedText(read.text, file, kind, schema, check);
}

function checkedText<Schema extends z.ZodType>(
  text: string,
  file: string,
  kind: FileKind,
  schema: Schema,
  check: (content: z.output<Schema>) => readonly Finding[],
): ReadFile<z.output<Schema>> {
  const parsed = parseContent(text, file, kind);
  const { value, problems } = decodeContent(parsed, schema);
  if (value === null) return { file, content: null, problems };
  const found = check(value).map((finding) => problemAt(parsed, finding));
  return { file, content: found.length > 0 ? null : value, problems: inOrder(found) };
}

function problemAt({ file, places }: FileContent, { path, code, message, tip }: Finding): Problem {
  return { severity: 'error', code, message, file, range: places.value(path), ...(tip !== undefined && { tip }) };
}

const packageSources = ['folder', 'git', 'archive', 'onWorker'] as const;

function checkSuite(suite: SuiteFile): readonly Finding[] {
  const findings: Finding[] = [];
  if (suite.package) {
    const given = packageSources.filter((source) => suite.package?.[source] !== undefined);
    if (given.length !== 1) {
      findings.push({
        path: ['package'],
        code: 'package-source',
        message: `package names ${given.length === 0 ? 'no source' : `${given.length} sources (${listed(given)})`} of the tests; it needs exactly one.`,
        tip: `Write one of ${packageSources.join(', ')}.`,
      });
    }
  } else if (suite.adapter !== 'scenario') {
    findings.push({
      path: ['adapter'],
      code: 'package-missing',
      message: `A suite of the adapter ${suite.adapter} needs a package: where its tests come from.`,
      tip: 'Write package: { folder: tests }, or { onWorker: name } for what is on the workers already.',
    });
  }
  return findings;
}

/** All that is wrong with the text of a file that is being written, as when it is read. @param suites names that the workspace has */
export function problemsOfText(kind: CampaignTextKind, text: string, file: string, suites: readonly string[]): readonly Problem[] {
  switch (kind) {
    case 'suite':
      return checkedText(text, file, suiteKind, suiteFileSchema, checkSuite).problems;
    case 'campaign':
      return checkedText(text, file, campaignKind, campaignFileSchema, (content) => unknownSuites(content, suites)).problems;
    case 'quarantine':
      return quarantineIn(text, file).problems;
  }
}

function unknownSuites({ suites = [] }: CampaignFile, known: readonly string[]): readonly Finding[] {
  return suites.flatMap((name, index) => {
    if (known.includes(name)) return [];
    const close = nearestName(name, known);
    const tip = close ? `Did you mean ${close}?` : `The folder suites has ${known.length === 0 ? 'none' : listed(known)}.`;
    return [{ path: ['suites', index], code: 'unknown-suite', message: `There is no suite ${name}.`, tip }];
  });
}

export interface WorkspaceSuites {
  readonly suites: readonly (ReadFile<SuiteFile> & { readonly name: string })[];
  /** What is wrong between files: two of one name. */
  readonly problems: readonly Problem[];
}

/** All suites of a workspace, in the order of their files' names. */
export async function readSuites(workspace: string): Promise<WorkspaceSuites> {
  const folder = join(workspace, suitesFolderName);
  const files = await yamlFiles(folder);
  const suites = await Promise.all(
    files.map(async (file) => {
      const read = await readSuite(file);
      return { ...read, name: read.content?.suite ?? basename(file).replace(/\.ya?ml$/, '') };
    }),
  );
  const problems = suites.flatMap(({ name, file }, index) => {
    const first = suites.findIndex((each) => each.name === name);
    if (first === index) return [];
    const message = `${basename(file)} describes the suite ${name}, which ${basename(suites[first]?.file ?? '')} does already.`;
    return [{ severity: 'error' as const, code: 'suite-twice', message, tip: 'Give one of them another name.', file }];
  });
  return { suites, problems };
}

/** All campaign files of a workspace. */
export async function readCampaigns(workspace: string): Promise<readonly ReadFile<CampaignFile>[]> {
  return Promise.all((await yamlFiles(join(workspace, campaignsFolderName))).map(readCampaign));
}

async function yamlFiles(folder: string): Promise<readonly string[]> {
  // A folder that is not there holds none.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name)).map(({ name }) => name);
  return names.toSorted().map((name) => join(folder, name));
}

/** The workspace of a campaign file: the folder above `campaigns`, or its own. */
export function workspaceOf(campaignFile: string): string {
  const folder = dirname(resolve(campaignFile));
  return basename(folder) === campaignsFolderName ? dirname(folder) : folder;
}

/** Paths are relative to the file that names them. */
export function pathFrom(file: string, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}

/** The suites of a campaign, in the order in which it names them, or its first problem with the others at it. */
export async function suitesOf(campaign: ReadFile<CampaignFile>): Promise<readonly ReadFile<SuiteFile>[]> {
  const workspace = workspaceOf(campaign.file);
  const { suites, problems } = await readSuites(workspace);
  const wanted = campaign.content?.suites ?? suites.map(({ name }) => name as SuiteName);
  const all: Problem[] = [...problems];
  const chosen = wanted.flatMap((name) => {
    const suite = suites.find((each) => each.name === name);
    if (!suite) {
      all.push(
        noSuite(
          name,
          suites.map((each) => each.name),
          campaign.file,
          workspace,
        ),
      );
      return [];
    }
    all.push(...suite.problems);
    return [suite];
  });
  if (chosen.length === 0 && all.length === 0) {
    throw new ProblemError({
      code: 'no-suites',
      message: `The workspace ${workspace} has no suites.`,
      tip: `Write one into ${join(workspace, suitesFolderName)}, one file each.`,
    });
  }
  throwFirst(all);
  return chosen;
}

function noSuite(name: string, known: readonly string[], file: string, workspace: string): Problem {
  const close = nearestName(name, known);
  const tip = close ? `Did you mean ${close}?` : `${join(workspace, suitesFolderName)} has ${known.length === 0 ? 'none' : listed(known)}.`;
  return { severity: 'error', code: 'unknown-suite', message: `There is no suite ${name}.`, tip, file };
}

/** Rejects with the first error, the others at it. */
export function throwFirst(problems: readonly Problem[]): void {
  const [first, ...others] = problems.filter(({ severity }) => severity === 'error');
  if (first) throw new ProblemError({ ...first, ...(others.length > 0 && { others }) });
}

export interface Quarantine {
  readonly entries: readonly QuarantineEntry[];
  readonly problems: readonly Problem[];
}

/** The tests in quarantine; a workspace without the file has none. */
export async function readQuarantine(workspace: string): Promise<Quarantine> {
  const file = join(workspace, quarantineName);
  const read = await readText(file, quarantineKind);
  if ('severity' in read) return { entries: [], problems: read.code === 'missing-file' ? [] : [read] };
  return quarantineIn(read.text, file);
}

function quarantineIn(text: string, file: string): Quarantine {
  const parsed = parseContent(text, file, quarantineKind);
  const { value, problems } = decodeContent(parsed, quarantineFileSchema);
  if (value === null) return { entries: [], problems };
  const found: Problem[] = [];
  const entries = value.quarantine.map((entry, index): QuarantineEntry => {
    const longest = (entry.extended ? 2 : 1) * quarantineDays;
    const days = Math.round((entry.expires - entry.since) / dayLength);
    if (days > longest || days < 0) {
      found.push(
        problemAt(parsed, {
          path: ['quarantine', index, 'expires'],
          code: 'quarantine-long',
          message: `${entry.test} would be in quarantine for ${days} days; ${longest} are allowed.`,
          tip: entry.extended
            ? 'Mend the test, or take it out.'
            : `Choose an earlier day; "extended: true" allows ${2 * quarantineDays} once.`,
        }),
      );
    }
    const { suite, owner, reference, reason, expires } = entry;
    return { suite, test: testIdSchema.parse(entry.test), owner, reference, reason, expires };
  });
  return { entries, problems: found };
}
