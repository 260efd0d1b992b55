/** Starts a campaign: reads its files, makes its packages, fixes what is under test, and writes the plan as the first record of a new ledger. */
import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import type { z } from 'zod';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import { campaignFormatVersion, type CampaignPlan, type PackageReference, type SuitePlan } from '#shared/campaign/plan.ts';
import { campaignIdSchema, isRed, serverNameSchema, type CampaignId, type SuiteName, type TestId } from '#shared/campaign/words.ts';
import type { campaignMethods } from '#shared/contract/campaigns.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { listed } from '#shared/wording/names.ts';
import { pathFrom, readCampaign, readQuarantine, suitesOf, throwFirst, workspaceOf } from './files/campaign-files.ts';
import type { CampaignFile, SuiteFile } from './files/suite-schema.ts';

export type CampaignStartRequest = z.output<(typeof campaignMethods)['campaign.start']['request']>;

/** A campaign file that was read and is sound, with the environment of its workers. */
export interface ReadCampaignFile {
  readonly file: string;
  readonly workspace: string;
  readonly content: CampaignFile;
  /** Absolute path of the workers' environment file. */
  readonly environmentFile: string;
}

export interface PlanParts {
  readonly now: number;
  readonly operator: string;
  readonly environment: EnvironmentName;
  readonly softwareVersion: string;
  readonly workspaceCommit: string | null;
  /** What the environment says is under test, where the request says nothing. */
  readonly revision: string | null;
  /** The state of the campaign whose failures are wanted. */
  readonly failedOf: CampaignState | null;
  readonly makePackage: (suite: SuiteFile, file: string) => Promise<PackageReference | null>;
}

/** @param environmentFile of the workers, instead of the one that it names */
export async function readCampaignFile(campaignFile: string, environmentFile?: string): Promise<ReadCampaignFile> {
  const { file, content, problems } = await readCampaign(campaignFile);
  throwFirst(problems);
  if (!content) throw new ProblemError({ code: 'bad-campaign', message: 'The campaign file cannot be used.', file });
  return { file, workspace: workspaceOf(file), content, environmentFile: environmentFile ?? pathFrom(file, content.environment) };
}

export interface MadePlan {
  readonly plan: CampaignPlan;
  readonly problems: readonly Problem[];
}

export async function makePlan(campaign: ReadCampaignFile, request: CampaignStartRequest, parts: PlanParts): Promise<MadePlan> {
  const { file, workspace, content } = campaign;
  const revision = request.revision ?? parts.revision;
  if (revision === null) {
    throw new ProblemError({
      code: 'no-revision',
      message: 'It is not known what is under test.',
      tip: 'Name the revision, or write release into the environment file.',
    });
  }
  const only = onlyOf(request, parts.failedOf);
  const suites = await chosenSuites(campaign, request, only);
  const planned: SuitePlan[] = [];
  for (const suite of suites) planned.push(await planOfSuite(suite.content, suite.file, parts));
  const { entries, problems } = await readQuarantine(workspace);
  throwFirst(problems);
  const needsServer = planned.find(({ usesServer }) => usesServer && Object.keys(content.servers).length === 0);
  const id = newCampaignId(parts.now, content.campaign);
  const plan: CampaignPlan = {
    format: campaignFormatVersion,
    campaign: id,
    name: content.campaign,
    title: content.title ?? content.campaign,
    environment: parts.environment,
    environmentFile: campaign.environmentFile,
    revision,
    operator: parts.operator,
    startedAt: parts.now,
    // Where there are no servers at all, whatever the tests work with is not ours to divide.
    suites: needsServer ? planned.map((each) => ({ ...each, usesServer: false })) : planned,
    ...(request.suites && { chosen: true }),
    servers: Object.entries(content.servers).map(([name, { environment, slots, deploy, variables }]) => ({
      server: serverNameSchema.parse(name),
      slots,
      environmentFile: environment === undefined ? null : pathFrom(file, environment),
      deploy: deploy === undefined ? null : pathFrom(file, deploy),
      variables,
    })),
    serverPatience: content.serverPatience,
    capacities: content.capacities,
    quarantine: [...entries],
    ...(content.results && { results: placesOfResults(campaign, id) }),
    only,
    repeats: request.failedOf ?? null,
    softwareVersion: parts.softwareVersion,
    workspaceCommit: parts.workspaceCommit,
  };
  refuseUnknownCapacities(plan, relative(workspace, file));
  return { plan, problems: [] };
}

function placesOfResults({ file, content }: ReadCampaignFile, id: CampaignId): CampaignPlan['results'] {
  const { traces, allurectl, ...paths } = content.results ?? {};
  const named = (text: string): string => text.replaceAll('{campaign}', id);
  const placed = Object.entries(paths).filter((place): place is [string, string] => place[1] !== undefined);
  return {
    ...Object.fromEntries(placed.map(([format, path]) => [format, pathFrom(file, named(path))])),
    ...(traces && { traces: withFile(traces, 'headersFile', file) }),
    ...(allurectl && { allurectl: { ...withFile(allurectl, 'tokenFile', file), launch: named(allurectl.launch ?? '{campaign}') } }),
  };
}

/** The file that holds its secret, where it names one, by its whole path. */
function withFile<Key extends string, Target extends { readonly [K in Key]?: string | undefined }>(target: Target, key: Key, file: string) {
  const { [key]: named, ...others } = target;
  return { ...others, ...(named !== undefined && { [key]: pathFrom(file, named) }) };
}

/** `20261120T221735Z-nightly-3f9a1c0b`. */
export function newCampaignId(now: number, name: string): CampaignId {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return campaignIdSchema.parse(`${stamp}-${name}-${randomBytes(4).toString('hex')}`);
}

async function chosenSuites(campaign: ReadCampaignFile, request: CampaignStartRequest, only: CampaignPlan['only']) {
  const { file, content } = campaign;
  const all = await suitesOf({ file, content, problems: [] });
  const named = request.suites ?? (only === null ? null : (Object.keys(only) as SuiteName[]));
  const unknown = named?.filter((name) => !all.some((suite) => suite.content?.suite === name)) ?? [];
  if (unknown.length > 0) {
    const known = all.flatMap((suite) => suite.content?.suite ?? []);
    throw new ProblemError({
      code: 'unknown-suite',
      message: `The campaign ${content.campaign} has no suite ${listed(unknown)}.`,
      tip: `It has ${listed(known)}.`,
    });
  }
  return all.flatMap(({ file, content }) => (content && (named === null || named.includes(content.suite)) ? [{ file, content }] : []));
}

/** Which tests are wanted; null: all. */
function onlyOf({ only, failedOf }: CampaignStartRequest, failed: CampaignState | null): CampaignPlan['only'] {
  if (failedOf === undefined) return only ?? null;
  const bySuite: Record<string, TestId[]> = {};
  for (let number = 0; number < (failed?.tests.size ?? 0); number++) {
    const result = failed?.tests.resultOf(number) ?? null;
    const named = result !== null && isRed(result) ? failed?.testAt(number) : undefined;
    if (named) (bySuite[named.suite] ??= []).push(named.test);
  }
  // None failed means none, and never all.
  if (Object.keys(bySuite).length > 0) return bySuite;
  throw new ProblemError({
    code: 'nothing-failed',
    message: `Nothing failed in the campaign ${failedOf}, so there is nothing to execute again.`,
  });
}

async function planOfSuite(suite: SuiteFile, file: string, { makePackage }: PlanParts): Promise<SuitePlan> {
  const { adapter, settings, tags, serial, labels, slots, needs, priority, retries, timeout, usesServer, optional, variables } = suite;
  const made = await makePackage(suite, file);
  return {
    suite: suite.suite,
    adapter,
    package: made,
    settings,
    tags,
    serial,
    labels,
    slots,
    needs,
    priority,
    retries,
    timeout,
    usesServer,
    ...(optional && { optional }),
    variables,
  };
}

/** What nobody has slots of would wait for ever. */
function refuseUnknownCapacities({ suites, capacities, servers }: CampaignPlan, file: string): void {
  for (const { suite, needs, slots, usesServer } of suites) {
    for (const [name, needed] of Object.entries(needs)) {
      const has = capacities[name];
      if (has !== undefined && has >= needed) continue;
      const what = has === undefined ? 'of which the campaign says nothing' : `of which there are ${has}`;
      throw new ProblemError({
        code: 'capacity-unknown',
        message: `The suite ${suite} needs ${needed} of the capacity ${name}, ${what}.`,
        tip: `Write it under capacities in ${file}.`,
      });
    }
    const largest = Math.max(0, ...servers.map((server) => server.slots));
    if (usesServer && servers.length > 0 && slots > largest) {
      throw new ProblemError({
        code: 'server-too-small',
        message: `One unit of the suite ${suite} takes ${slots} slots of a server, and the largest has ${largest}.`,
        tip: `Give a server more slots in ${file}, or the suite fewer.`,
      });
    }
  }
}
