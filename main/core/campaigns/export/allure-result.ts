/**
 * Attempts at tests as Allure results (https://allurereport.org). Each attempt is a result of its own; those of one test have the same identity, so
 * that Allure takes the earlier ones for retries, and campaigns for its history. Names of files come of the campaign, the test and the fence: a
 * result that is written twice is one, and no name of a test gets into the name of a file.
 */
import type { AttemptFact, CampaignState } from '#shared/campaign/campaign-state.ts';
import type { QuarantineEntry } from '#shared/campaign/plan.ts';
import type { Evidence } from '#shared/campaign/records.ts';
import { isTriedAgain, type TestResult, type Verdict } from '#shared/campaign/words.ts';
import { inertLines, inertText } from '#shared/inert-text.ts';
import { json, propertiesText, uuidOf, type AllureStatus } from '../../reports/open-formats/allure.ts';
import { digest } from '../../reports/report-output.ts';

export interface AllureResultFile {
  readonly name: string;
  readonly text: string;
}

/** What is known beside the attempt itself. */
export interface AttemptSurroundings {
  readonly quarantined: QuarantineEntry | undefined;
  /** What it comes of, as {@link causeText} has it; null: not known, or not yet. */
  readonly cause: string | null;
  /** Evidence of the attempt that is attached. */
  readonly attached: readonly Evidence[];
  /** Names of evidence that is not kept any more. */
  readonly gone: readonly string[];
}

const severities = new Set(['blocker', 'critical', 'normal', 'minor', 'trivial']);

const statuses: Readonly<Record<Verdict, AllureStatus>> = {
  passed: 'passed',
  failed: 'failed',
  broken: 'broken',
  skipped: 'skipped',
  // Nobody said that it passed, nor what went wrong.
  missing: 'broken',
};

/** Name of the file that an attempt is written into; `fence` null: of a test that never came to a verdict. */
export function resultName(state: CampaignState, number: number, fence: number | null): string {
  return `${uuidFor(state, number, fence)}-result.json`;
}

/** Name of the file that evidence is attached as: its content names it, and only a harmless ending is taken from its own name. */
export function attachmentName({ hash, name }: Evidence): string {
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0].toLowerCase() ?? '';
  return `${hash}-attachment${ending}`;
}

export function allureResult(
  state: CampaignState,
  number: number,
  attempt: AttemptFact,
  { quarantined, cause, attached, gone }: AttemptSurroundings,
): AllureResultFile {
  const { lease, verdict } = attempt;
  const start = (lease.takenUpAt ?? lease.leasedAt) + verdict.offset;
  const isBad = isTriedAgain(verdict.verdict);
  const attempts = state.tests.attemptsOf(number);
  const trace = [verdict.details, isBad ? cause : null].filter((each) => typeof each === 'string').join('\n\n');
  const isFlaky =
    verdict.verdict === 'passed' && attempts.some((each) => each.lease.fence < lease.fence && isTriedAgain(each.verdict.verdict));
  const details = {
    ...(verdict.message !== undefined && { message: inertLines(verdict.message) }),
    ...(trace !== '' && { trace: inertLines(trace) }),
    ...(isFlaky && { flaky: true }),
    ...(quarantined && { known: true, muted: true }),
  };
  const parameters = {
    attempt: String(lease.attempt),
    worker: lease.worker,
    ...(lease.server !== null && { server: lease.server }),
    revision: state.plan?.revision ?? '',
    campaign: state.plan?.campaign ?? '',
  };
  return written(state, number, lease.fence, {
    status: statuses[verdict.verdict],
    statusDetails: details,
    start: Math.round(start),
    stop: Math.round(start + verdict.duration),
    place: { host: state.workers.get(lease.worker)?.host ?? lease.worker, thread: lease.worker },
    parameters,
    attachments: attached.map((each) => ({ name: inertText(each.name), type: each.type, source: attachmentName(each) })),
    description: [quarantineText(quarantined), goneText(gone)].filter((each) => each !== '').join('\n\n'),
  });
}

/** A test that came to no verdict: its infrastructure failed it, or the campaign ended before it. */
export function resultWithoutVerdict(
  state: CampaignState,
  number: number,
  result: TestResult,
  { quarantined, cause }: Pick<AttemptSurroundings, 'quarantined' | 'cause'>,
): AllureResultFile {
  const time = Math.round(state.end?.time ?? state.time ?? 0);
  const message = result === 'infrastructure' ? 'It could not be executed.' : 'The campaign ended before it was run.';
  return written(state, number, null, {
    status: result === 'infrastructure' ? 'broken' : 'skipped',
    statusDetails: { message, ...(cause !== null && { trace: inertLines(cause) }), ...(quarantined && { known: true, muted: true }) },
    start: time,
    stop: time,
    place: {},
    parameters: { revision: state.plan?.revision ?? '', campaign: state.plan?.campaign ?? '' },
    attachments: [],
    description: quarantineText(quarantined),
  });
}

interface Written {
  readonly status: AllureStatus;
  readonly statusDetails: Readonly<Record<string, string | boolean>>;
  readonly start: number;
  readonly stop: number;
  /** Labels of where it was executed. */
  readonly place: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly source: string }[];
  readonly description: string;
}

function written(
  state: CampaignState,
  number: number,
  fence: number | null,
  { place, parameters, description, ...more }: Written,
): AllureResultFile {
  const named = state.testAt(number);
  if (!named) throw new Error('A test that has a result has a name.');
  const { suite, test, unit } = named;
  const environment = state.plan?.environment ?? '';
  const severity = unit.tags.map((tag) => tag.toLowerCase().replace(/^severity[:=]/, '')).find((tag) => severities.has(tag));
  const labels: readonly (readonly [string, string])[] = [
    ['suite', suite],
    ['subSuite', unit.group],
    ['framework', state.suites.get(suite)?.plan.adapter ?? ''],
    ['environment', environment],
    ['release', state.plan?.revision ?? ''],
    ...Object.entries(place),
    ['severity', severity ?? ''],
    ...unit.tags.map((tag) => ['tag', tag] as const),
  ];
  const { attachments, ...rest } = more;
  const text = json({
    uuid: uuidFor(state, number, fence),
    historyId: digest('campaign-history', environment, suite, test),
    testCaseId: digest('campaign-case', environment, suite, test),
    fullName: inertText(`${suite}: ${test}`),
    name: inertText(test),
    ...(description !== '' && { description: inertLines(description) }),
    ...rest,
    stage: 'finished',
    labels: labels.flatMap(([name, value]) => (value === '' ? [] : [{ name, value: inertText(value) }])),
    // Where and when it was executed is no part of what it is.
    parameters: Object.entries(parameters).map(([name, value]) => ({ name, value: inertText(value), excluded: true })),
    links: [],
    steps: [],
    attachments,
  });
  return { name: resultName(state, number, fence), text };
}

function uuidFor(state: CampaignState, number: number, fence: number | null): string {
  const { suite = '', test = '' } = state.testAt(number) ?? {};
  return uuidOf('attempt', state.plan?.campaign ?? '', suite, test, String(fence ?? 'none'));
}

function quarantineText(quarantined: QuarantineEntry | undefined): string {
  if (!quarantined) return '';
  const reference = quarantined.reference === '' ? '' : ` (${quarantined.reference})`;
  return `In quarantine by ${quarantined.owner}: ${quarantined.reason}${reference}`;
}

function goneText(gone: readonly string[]): string {
  return gone.map((name) => `${name} is not kept any more.`).join('\n');
}

/** What stands in a folder of results beside the results. */
export function allureSurroundings(state: CampaignState): readonly AllureResultFile[] {
  const { plan } = state;
  if (!plan) return [];
  const { campaign, revision, environment, operator, softwareVersion, workspaceCommit } = plan;
  const servers = plan.servers.map(({ server }) => server).join(', ');
  const packages = plan.suites.flatMap(({ suite, package: made }) => (made ? [[`package.${suite}`, made.version] as const] : []));
  const properties = { campaign, revision, environment, operator, servers, commit: workspaceCommit ?? '', testops: softwareVersion };
  const told = [...Object.entries(properties), ...packages].filter(([, value]) => value !== '');
  const executor = {
    name: 'TestOps Console',
    type: 'testops',
    buildName: campaign,
    buildOrder: Math.round(plan.startedAt),
    reportName: inertText(plan.title),
  };
  return [
    { name: 'environment.properties', text: propertiesText(Object.fromEntries(told)) },
    { name: 'executor.json', text: json(executor) },
    { name: 'categories.json', text: json(categories) },
  ];
}

/** By the sentence that ends the trace; Allure matches whole traces. */
const categories = ['Infrastructure', 'Environment', 'Product', 'Test'].map((name) => ({
  name,
  matchedStatuses: ['failed', 'broken'],
  traceRegex: `[\\s\\S]*Cause: ${name.toLowerCase()}\\.[\\s\\S]*`,
}));
