/** `testops campaign run`: starts a campaign, follows it to its end wherever it is coordinated, and ends as it ends. */
import { resolve } from 'node:path';
import { testIdSchema, testResults, isRed, type CampaignId, type SuiteName, type TestId } from '#shared/campaign/words.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { counted } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';
import { CampaignPresentation } from '../campaign-presentation.ts';
import { CampaignSignals } from '../campaign-signals.ts';
import { exitCodeOfCampaign } from '../campaign-words.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { findCampaign, findCampaignFile } from '../named-campaign.ts';
import { Terminal } from '../terminal.ts';

export interface CampaignRunOptions {
  readonly revision?: string;
  readonly suite?: readonly string[];
  /** As `suite:test`. */
  readonly only?: readonly string[];
  readonly failedOf?: string;
  readonly environment?: string;
  readonly json?: boolean;
  readonly trust?: boolean;
  readonly archive: string | undefined;
}

export async function runCampaign(named: string, options: CampaignRunOptions): Promise<void> {
  const only = options.only && testsBySuite(options.only);
  const terminal = new Terminal(options.json ? process.stderr : process.stdout);
  const access = await openCoreAccess(options.archive, options.trust, 'campaign run');
  const { core } = access;
  const leaving = new AbortController();
  const signals = new CampaignSignals(core, terminal, () => leaving.abort());
  try {
    const campaignFile = await findCampaignFile(core, named);
    const { campaign, problems } = await core.request('campaign.start', {
      campaignFile,
      ...(options.revision !== undefined && { revision: options.revision }),
      ...(options.suite && { suites: options.suite as SuiteName[] }),
      ...(only && { only }),
      ...(options.failedOf !== undefined && { failedOf: await findCampaign(core, options.failedOf) }),
      ...(options.environment !== undefined && { environmentFile: resolve(options.environment) }),
    });
    for (const problem of problems) terminal.problem({ ...problem, tip: problem.tip ?? '' });
    signals.began(campaign);
    const last = await followCampaign(core, campaign, { terminal, json: options.json ?? false, leaving: leaving.signal });
    if (last) await tellWhatIsLeft(core, last, terminal);
    process.exitCode = last?.outcome ? exitCodeOfCampaign(last.outcome) : exitCodes.interrupted;
  } finally {
    signals.dispose();
    await access.dispose();
  }
}

/** Other campaigns that this core coordinates: they stand still when it ends, until another one takes them. */
async function tellWhatIsLeft(core: Core, { campaign, environment, plan }: CampaignView, terminal: Terminal): Promise<void> {
  const { campaigns } = await core.request('campaigns.list', {});
  const others = campaigns.filter((each) => each.endedAt === null && each.environment === environment && each.campaign !== campaign);
  if (others.length === 0) return;
  const { coordinator } = await core.request('workers.list', { environmentFile: plan.environmentFile });
  if (coordinator !== 'this core') return;
  terminal.problem({
    severity: 'warning',
    code: 'campaigns-left',
    message: `${counted(others.length, 'other campaign')} of ${environment} ${others.length === 1 ? 'was' : 'were'} coordinated by this command too, and it ends now: ${listed(others.map((each) => each.campaign))}.`,
    tip: 'The command that started it goes on with it; where that was left, a console does, or testops serve.',
  });
}

export interface Following {
  readonly terminal: Terminal;
  /** Prints one JSON object per line instead. */
  readonly json: boolean;
  readonly leaving?: AbortSignal;
}

/** Shows a campaign until it ends or is left; gives what was known of it last. */
export async function followCampaign(
  core: Core,
  campaign: CampaignId,
  { terminal, json, leaving }: Following,
): Promise<CampaignView | null> {
  const presentation = json ? null : new CampaignPresentation(terminal);
  const print = (kind: string, value: object): void => void process.stdout.write(`${JSON.stringify({ kind, ...value })}\n`);
  let last: CampaignView | null = null;
  let progress = '';
  const live = core.listen('campaign.live', { campaign }, async ({ view, failures }) => {
    const isFirst = last === null;
    last = view;
    // What failed before this began to look is told too.
    const rows = isFirst ? await redTests(core, campaign) : failures;
    if (presentation) {
      presentation.progress(view);
      return presentation.failures(rows);
    }
    for (const row of rows) print('failure', row);
    const { tests, results, running, waiting, triedAgain, planning, forecast } = view;
    const now = JSON.stringify([tests, results, running, waiting, triedAgain, planning]);
    if (now !== progress)
      print('progress', { campaign, time: Date.now(), tests, results, running, waiting, triedAgain, planning, forecast });
    progress = now;
  });
  leaving?.addEventListener('abort', () => live.close(), { once: true });
  await live.ended.catch((failure: unknown) => {
    if (!leaving?.aborted) throw failure;
  });
  const view: CampaignView | null = last;
  if (view === null || leaving?.aborted) return leaving?.aborted ? null : view;
  if (presentation) presentation.ended(view);
  else print('ended', view);
  return view;
}

async function redTests(core: Core, campaign: CampaignId) {
  return (await core.request('campaign.tests', { campaign, results: testResults.filter(isRed), offset: 0, limit: 1_000 })).rows;
}

/** `api:tests/test_a.py::test_x`: the suite ends at the first colon. */
function testsBySuite(named: readonly string[]): Record<string, TestId[]> {
  const bySuite: Record<string, TestId[]> = {};
  for (const each of named) {
    const at = each.indexOf(':');
    const test = testIdSchema.safeParse(each.slice(at + 1));
    if (at < 1 || !test.success)
      throw new ProblemError({ code: 'bad-test', message: `--only ${each} names no test.`, tip: 'Write it as suite:test.' });
    (bySuite[each.slice(0, at)] ??= []).push(test.data);
  }
  return bySuite;
}
