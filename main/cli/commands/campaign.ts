/** `testops campaign list|show|tests|test|stop|retry|prioritise|compare|export|delete`: campaigns that go on, and those that are over. */
import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import { doneCount, redCount } from '#shared/campaign/result-counts.ts';
import { isRed, testIdSchema, testResults, type SuiteName, type TestId } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView } from '#shared/contract/campaigns.ts';
import type { Core, MethodRequest, MethodResponse } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { counted, countText } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';
import { statusText } from '../campaign-presentation.ts';
import {
  commandText,
  copyText,
  exitCodeOfCampaign,
  failureGroupLines,
  failureLines,
  lossLines,
  outcomeText,
  resultsText,
  testLine,
  waitText,
} from '../campaign-words.ts';
import { withCore } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { findCampaign } from '../named-campaign.ts';
import { formatTable, inert, type Terminal } from '../terminal.ts';
import { followCampaign, type Following } from './campaign-run.ts';

interface Options {
  readonly archive: string | undefined;
  /** Whose campaigns are looked for, beside those that are kept on this machine. */
  readonly environment?: string;
  readonly json?: boolean;
  readonly trust?: boolean;
}

type Action = MethodRequest<'campaign.act'>['action'];

/** Works with a core that knows the campaigns of the environment that was named, too. */
function withCampaigns(options: Options, work: (core: Core, terminal: Terminal) => Promise<void>): Promise<void> {
  return withCore({ ...options, makesArchive: true }, async (core, terminal) => {
    if (options.environment !== undefined) await core.request('campaigns.list', { environmentFile: resolve(options.environment) });
    await work(core, terminal);
  });
}

export function listCampaigns(options: Options): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const { campaigns } = await core.request('campaigns.list', {});
    if (options.json) {
      for (const campaign of campaigns) terminal.line(JSON.stringify(campaign));
      return;
    }
    if (campaigns.length === 0)
      return terminal.line(
        'No campaigns here yet; testops campaign run starts one, and -e environment.yaml looks for those of other machines.',
      );
    const rows = campaigns.map((each) => [each.campaign, each.environment, each.revision, standing(each), `${countText(doneCount(each.results))}/${countText(each.tests)}`, countText(redCount(each.results)), countText(each.results['not run']), each.operator]); // prettier-ignore
    for (const line of formatTable([['CAMPAIGN', 'ENVIRONMENT', 'REVISION', 'OUTCOME', 'TESTS', 'RED', 'NOT RUN', 'OPERATOR'], ...rows])) terminal.line(inert(line)); // prettier-ignore
    if (campaigns.some(({ asOf }) => asOf !== null))
      terminal.line(
        terminal.colours.yellow(
          'Of what is said as of a time this machine has only a copy; say -e environment.yaml for how it stands now.',
        ),
      );
  });
}

function standing({ outcome, endedAt, asOf }: CampaignSummary): string {
  if (asOf !== null) return `as of ${dateAndTimeUtc(asOf)}`;
  return outcome ?? (endedAt === null ? 'goes on' : 'ended');
}

/** Says of a copy that it is one. */
function tellCopy(view: CampaignView, words: string, terminal: Terminal): void {
  if (view.asOf === null) return;
  terminal.line(terminal.colours.yellow(`${copyText(view.asOf)}; ${commandText(words, view)} tells how it stands now.`));
}

export function showCampaign(named: string, options: Options & { readonly follow?: boolean }): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const campaign = await findCampaign(core, named);
    const view = await core.request('campaign.show', { campaign });
    if (options.follow) return followToEnd(core, view, { terminal, json: options.json ?? false });
    if (options.json) return terminal.line(JSON.stringify(view));
    tellCopy(view, 'show', terminal);
    showView(view, terminal);
  });
}

/** Ends as `campaign run` does. */
async function followToEnd(core: Core, view: CampaignView, following: Following): Promise<void> {
  if (view.asOf !== null)
    throw new ProblemError({
      code: 'only-a-copy',
      message: `${copyText(view.asOf)}, which cannot be followed.`,
      tip: `Say ${commandText('show', view, ' --follow')}.`,
    });
  const last = await followCampaign(core, view.campaign, following);
  process.exitCode = last?.outcome ? exitCodeOfCampaign(last.outcome) : exitCodes.interrupted;
}

function showView(view: CampaignView, terminal: Terminal): void {
  const { bold, dim, yellow } = terminal.colours;
  terminal.line(`${bold(inert(view.title))} on ${view.environment}, revision ${bold(inert(view.revision))}`);
  terminal.line(dim(`campaign ${view.campaign}, operator ${view.operator}, ${dateAndTimeUtc(view.startedAt)}${view.endedAt === null ? '' : `, ${durationText(view.endedAt - view.startedAt)}`}`)); // prettier-ignore
  if (view.outcome === null && view.coordinator !== null) terminal.line(dim(`coordinated by ${inert(view.coordinator)}`));
  if (view.outcome === null) terminal.line(statusText(view, Date.now()));
  else
    terminal.line(
      `${outcomeText(view.outcome, terminal.colours)}  ${resultsText(view.results)}${view.reason ? `  ${inert(view.reason)}` : ''}`,
    );
  terminal.line();
  const suites = view.suites.map(({ suite, adapter, tests, results, problem }) => [
    suite,
    adapter,
    countText(tests),
    // The rest of what a framework said was told when it said it.
    problem?.split('\n')[0] ?? resultsText(results),
  ]);
  for (const line of formatTable([['SUITE', 'ADAPTER', 'TESTS', 'RESULTS'], ...suites])) terminal.line(inert(line));
  const servers = view.servers.map(({ server, state, mode, used, slots, reason }) => [
    server,
    state,
    mode ?? '',
    `${used}/${slots}`,
    reason ?? '',
  ]);
  if (servers.length > 0) {
    terminal.line();
    for (const line of formatTable([['SERVER', 'STATE', 'MODE', 'SLOTS', ''], ...servers])) terminal.line(inert(line));
  }
  const workers = view.workers.map(({ worker, state, host, used, slots }) => [worker, state, host, `${used}/${slots}`]);
  if (workers.length > 0) {
    terminal.line();
    for (const line of formatTable([['WORKER', 'STATE', 'HOST', 'SLOTS'], ...workers])) terminal.line(inert(line));
  }
  for (const line of lossLines(view.workers)) terminal.line(yellow(line));
  if (view.failures.length > 0) {
    terminal.line();
    terminal.line(bold('Failures by their messages'));
    for (const line of failureGroupLines(view.failures, terminal.colours)) terminal.line(line);
  }
  if (view.quarantined > 0) terminal.line(yellow(`${counted(view.quarantined, 'test')} in quarantine failed, which does not decide.`));
  for (const wait of view.waits.slice(0, 5)) terminal.line(yellow(inert(waitText(wait))));
  for (const { message, tip = '' } of view.problems) terminal.line(yellow(inert(`${message} ${tip}`.trim())));
}

export interface TestsOptions extends Options {
  readonly suite?: string;
  readonly failed?: boolean;
  readonly text?: string;
  readonly limit: number;
}

export function listTests(named: string, options: TestsOptions): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const campaign = await findCampaign(core, named);
    const { suite, failed, text, limit } = options;
    const filter = {
      ...(suite !== undefined && { suite: suite as SuiteName }),
      ...(failed && { results: testResults.filter(isRed) }),
      ...(text !== undefined && { text }),
    };
    let [shown, total] = [0, Number.POSITIVE_INFINITY];
    while (shown < Math.min(total, limit)) {
      const page = await core.request('campaign.tests', { campaign, ...filter, offset: shown, limit: Math.min(1_000, limit - shown) });
      total = page.total;
      if (page.rows.length === 0) break;
      for (const row of page.rows) for (const line of options.json ? [JSON.stringify(row)] : rowLines(row, terminal)) terminal.line(line);
      shown += page.rows.length;
    }
    if (options.json) return;
    if (options.environment === undefined) tellCopy(await core.request('campaign.show', { campaign }), 'tests', terminal);
    if (total === 0) return terminal.line(failed ? 'Nothing failed.' : 'It has no such tests.');
    terminal.line(terminal.colours.dim(shown < total ? `${countText(shown)} of ${counted(total, 'test')}` : counted(total, 'test')));
  });
}

function rowLines(row: MethodResponse<'campaign.tests'>['rows'][number], { colours }: Terminal): string[] {
  if (row.result !== null && isRed(row.result)) return failureLines(row, colours);
  return [testLine(row, colours)];
}

export function showTest(named: string, suite: string, test: string, options: Options): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const request = { campaign: await findCampaign(core, named), suite: suite as SuiteName, test: idOf(test) };
    const told = await core.request('campaign.test', request);
    if (options.json) return terminal.line(JSON.stringify(told));
    const { row, attempts, waits } = told;
    if (options.environment === undefined) tellCopy(await core.request('campaign.show', { campaign: request.campaign }), 'show', terminal);
    for (const line of rowLines(row, terminal)) terminal.line(line);
    if (waits !== null) terminal.line(terminal.colours.yellow(`waits: ${inert(waits)}`));
    for (const { attempt, worker, server, leasedAt, end, reason, verdict } of attempts) {
      const where = server === null ? `on ${worker}` : `on ${worker}, server ${server}`;
      const ended = end === null ? 'goes on' : (verdict?.verdict ?? end);
      terminal.line();
      terminal.line(
        `attempt ${attempt} ${where}, ${dateAndTimeUtc(leasedAt)}: ${ended}${verdict ? `, ${durationText(verdict.duration)}` : ''}`,
      );
      if (reason !== null) terminal.line(`  ${inert(reason)}`);
      for (const line of (verdict?.details ?? verdict?.message ?? '').split('\n').filter((each) => each !== ''))
        terminal.line(`  ${inert(line)}`);
      for (const { name, type, bytes } of verdict?.evidence ?? [])
        terminal.line(terminal.colours.dim(`  ${inert(name)} (${inert(type)}, ${quantityText(bytes, 'bytes')})`));
    }
  });
}

function idOf(test: string): TestId {
  const id = testIdSchema.safeParse(test);
  if (id.success) return id.data;
  throw new ProblemError({ code: 'bad-test', message: 'That names no test.', tip: 'testops campaign tests shows them.' });
}

async function act(core: Core, named: string, action: Action) {
  const campaign = await findCampaign(core, named);
  await core.request('campaign.act', { campaign, action });
  return campaign;
}

export function stopCampaign(named: string, options: Options & { readonly reason?: string }): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const campaign = await act(core, named, { kind: 'stop', reason: options.reason ?? 'stopped at the terminal' });
    const view = await followCampaign(core, campaign, { terminal, json: options.json ?? false });
    if (view && view.outcome !== 'stopped') terminal.line(terminal.colours.dim('It had ended already.'));
  });
}

export function retryTests(named: string, tests: readonly string[], options: Options): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const wanted = tests.map((each) => {
      const at = each.indexOf(':');
      if (at < 1) throw new ProblemError({ code: 'bad-test', message: `${each} names no test.`, tip: 'Write it as suite:test.' });
      return { suite: each.slice(0, at) as SuiteName, test: idOf(each.slice(at + 1)) };
    });
    const campaign = await act(core, named, { kind: 'retry', tests: wanted });
    terminal.line(`${tests.length === 0 ? 'All that failed' : counted(tests.length, 'test')} of ${campaign} will be executed once more.`);
  });
}

export function prioritise(named: string, priority: number, options: Options & { readonly suite?: string }): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const suite = (options.suite ?? null) as SuiteName | null;
    const campaign = await act(core, named, { kind: 'prioritise', suite, priority });
    terminal.line(`${suite === null ? campaign : `The suite ${suite} of ${campaign}`} has the priority ${priority}.`);
  });
}

/** Exit status 1 when something fails that did not. */
export function compareTwo(named: string, other: string, options: Options): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const [campaign, before] = [await findCampaign(core, named), await findCampaign(core, other)];
    const { differences } = await core.request('campaigns.compare', { campaign, with: before });
    if (differences.some(({ kind }) => kind === 'newly failing')) process.exitCode = exitCodes.failed;
    if (options.json) return terminal.line(JSON.stringify(differences));
    if (differences.length === 0) return terminal.line('Nothing differs.');
    const { red, green, yellow, dim } = terminal.colours;
    const colour = { 'newly failing': red, 'newly passing': green, slower: yellow, new: dim, gone: dim };
    for (const { kind, suite, test, before: was, now, durationBefore, durationNow } of differences) {
      const change = kind === 'slower' ? `${durationText(durationBefore)} → ${durationText(durationNow)}` : `${was ?? '–'} → ${now ?? '–'}`;
      terminal.line(`${colour[kind](kind)}  ${suite}  ${inert(test)}  ${dim(change)}`);
    }
  });
}

export function exportResults(
  named: string,
  format: MethodRequest<'campaign.export'>['format'],
  path: string,
  options: Options,
): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const campaign = await findCampaign(core, named);
    const isSent = format === 'otlp' || format === 'allurectl';
    const written = await core.request('campaign.export', { campaign, format, path: isSent ? path : resolve(path) });
    terminal.line(`${inert(written.path)} (${counted(written.files, format === 'otlp' ? 'span' : 'file')})`);
  });
}

export function deleteCampaign(named: string, options: Options & { readonly yes?: boolean }): Promise<void> {
  return withCampaigns(options, async (core, terminal) => {
    const campaign = await findCampaign(core, named);
    if (!options.yes) {
      if (!terminal.interactive)
        throw new ProblemError({
          code: 'not-confirmed',
          message: `${campaign} was not deleted: nobody can be asked here.`,
          tip: 'Say --yes.',
        });
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await lines.question(`Delete ${campaign} for good? (y/n) `);
      lines.close();
      if (answer.trim().toLowerCase() !== 'y') return terminal.line('Nothing was deleted.');
    }
    await core.request('campaign.delete', { campaign });
    terminal.line(`${campaign} deleted`);
  });
}
