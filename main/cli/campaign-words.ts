/** What is said of campaigns, tests and workers in a line of the terminal. */
import { relative } from 'node:path';
import type { CampaignOutcome, TestResult } from '#shared/campaign/words.ts';
import { testResults } from '#shared/campaign/words.ts';
import type { CampaignSummary, CampaignView, TestRow } from '#shared/contract/campaigns.ts';
import { counted, countText } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { inert, type Colours } from './terminal.ts';

type Results = CampaignSummary['results'];

export function exitCodeOfCampaign(outcome: CampaignOutcome): ExitCode {
  switch (outcome) {
    case 'passed':
      return exitCodes.passed;
    case 'failed':
      return exitCodes.failed;
    case 'stopped':
      return exitCodes.interrupted;
    // Nothing is known of what was to be tested.
    case 'not executed':
      return exitCodes.noHistory;
  }
}

export function outcomeText(outcome: CampaignOutcome, colours: Colours): string {
  const colour = { passed: colours.green, failed: colours.red, stopped: colours.yellow, 'not executed': colours.yellow }[outcome];
  return colours.bold(colour(outcome.toUpperCase()));
}

/** `97 passed, 2 failed, 1 passed on retry`. */
export function resultsText(results: Results): string {
  const said = testResults.flatMap((result) => (results[result] > 0 ? [`${countText(results[result])} ${result}`] : []));
  return said.length === 0 ? 'no results' : said.join(', ');
}

export function resultMark(result: TestResult | null, { green, red, magenta, yellow, dim }: Colours): string {
  switch (result) {
    case null:
      return dim('·');
    case 'passed':
      return green('✓');
    case 'passed on retry':
      return yellow('✓');
    case 'failed':
      return red('✗');
    case 'broken':
    case 'missing':
    case 'infrastructure':
      return magenta('✗');
    case 'skipped':
    case 'not run':
      return yellow('–');
  }
}

export function waitText({ reason, units }: CampaignView['waits'][number]): string {
  return `${counted(units, 'unit')} ${units === 1 ? 'waits' : 'wait'}: ${reason}`;
}

/** Where a test was executed: `on W1, server A`. */
export function placeText({ worker, server }: Pick<TestRow, 'worker' | 'server'>): string {
  if (worker === null) return server === null ? '' : `server ${server}`;
  return server === null ? `on ${worker}` : `on ${worker}, server ${server}`;
}

/** A failed test in two lines: what, where; and its message. */
export function failureLines(row: TestRow, colours: Colours): string[] {
  const { suite, test, result, duration, message, quarantined } = row;
  const facts = [
    ...(result === 'failed' ? [] : [String(result)]),
    placeText(row),
    ...(duration === null ? [] : [durationText(duration)]),
    ...attemptText(row),
    ...(quarantined ? ['in quarantine'] : []),
  ].filter((fact) => fact !== '');
  const head = `${resultMark(result, colours)} ${suite}  ${inert(test)}  ${colours.dim(facts.join(', '))}`;
  return message === null ? [head] : [head, ...message.split('\n').slice(0, 5).map((line) => `    ${colours.red(inert(line))}`)]; // prettier-ignore
}

/** Which attempt failed, and whether there is another one; nothing where there is only one. */
function attemptText({ attempts, triesLeft, state }: TestRow): readonly string[] {
  const failed = state === 'running' ? attempts - 1 : attempts;
  if (triesLeft > 0) return [`attempt ${failed} of ${failed + triesLeft}, is tried again`];
  return failed > 1 ? [`attempt ${failed}, final`] : [];
}

/** Any other test in a line; where it was executed, too. */
export function testLine(row: TestRow, colours: Colours): string {
  const facts = [row.result ?? row.state, placeText(row), ...(row.duration === null ? [] : [durationText(row.duration)])];
  const told = facts.filter((fact) => fact !== '').join(', ');
  return `${resultMark(row.result, colours)} ${row.suite}  ${inert(row.test)}  ${colours.dim(told)}`;
}

type WorkerView = CampaignView['workers'][number];

/** What a worker had when it was lost, and that others get it. */
export function lossText({ worker, lost, state }: WorkerView): string {
  const { tests = 0, examples = [] } = lost?.latest ?? {};
  if (state !== 'lost' || tests === 0) return `worker ${worker} is ${state}`;
  const named = examples.map(({ suite, test }) => `${suite} ${inert(test)}`).join(', ');
  const more = tests > examples.length ? ` and ${countText(tests - examples.length)} more` : '';
  return `worker ${worker} is lost; it had ${named}${more}, which ${tests === 1 ? 'goes' : 'go'} elsewhere`;
}

/** A line for each worker that was ever lost. */
export function lossLines(workers: CampaignView['workers']): string[] {
  return workers.flatMap(({ worker, state, lost }) => {
    if (lost === null) return state === 'lost' ? [`worker ${worker} was lost`] : [];
    const open = lost.tests === 0 ? '' : `, of them ${counted(lost.tests, 'test')} without a verdict`;
    return [`worker ${worker} was lost with ${counted(lost.attempts, 'attempt')}${open}`];
  });
}

/** `testops campaign <words> <id>`, with the environment where the campaign is known only there. */
export function commandText(words: string, { campaign, elsewhere, plan }: CampaignView, options = ''): string {
  const named = elsewhere ? ` -e ${shellWord(relative('', plan.environmentFile) || plan.environmentFile)}` : '';
  return `testops campaign ${words} ${campaign}${options}${named}`;
}

function shellWord(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** What is said of a copy of a campaign that may have gone on since. */
export function copyText(asOf: number): string {
  return `This machine has only a copy, as of ${dateAndTimeUtc(asOf)}`;
}

/** Messages of failed tests that are alike, the most frequent first. */
export function failureGroupLines(groups: CampaignView['failures'], colours: Colours, most = 20): string[] {
  const { bold, dim } = colours;
  const shown = groups.slice(0, most).flatMap(({ message, tests, examples, servers }) => {
    const where = servers.length > 0 ? dim(`  on ${servers.slice(0, 5).join(', ')}`) : '';
    const named = examples.slice(0, 3).map(({ suite, test }) => dim(`      ${suite}  ${inert(test)}`));
    const more = tests > named.length ? [dim(`      and ${countText(tests - named.length)} more`)] : [];
    return [`  ${bold(counted(tests, 'test'))}  ${inert(message.split('\n')[0] ?? '')}${where}`, ...named, ...more];
  });
  return groups.length > most ? [...shown, dim(`  and ${groups.length - most} other messages`)] : shown;
}
