/** What is told of campaigns, tests, leases, servers and workers: in words, with a sign and a colour, never by colour alone. */
import type { CampaignSummary, CampaignView, LaneLease, TestRow } from '#shared/contract/campaigns.ts';
import { doneCount } from '#shared/campaign/result-counts.ts';
import { isRed, testResults, type CampaignOutcome, type TestResult } from '#shared/campaign/words.ts';
import { countText, counted, shareText } from '#shared/wording/counts.ts';
import { listed } from '#shared/wording/names.ts';
import { inertText } from '#shared/inert-text.ts';
import { dateAndTime, hourAndMinute, timeOfDay } from '#shared/wording/times.ts';
import type { HeadTone } from '../../components/page.tsx';

export type Tone = 'ok' | 'warn' | 'fail' | 'error' | 'paused' | 'running' | 'waiting' | 'not-live' | 'muted';

interface Look {
  readonly tone: Tone;
  /** Told apart without its colour. */
  readonly sign: string;
}

const resultLooks: Readonly<Record<TestResult, Look>> = {
  failed: { tone: 'fail', sign: '✗' },
  broken: { tone: 'error', sign: '!' },
  missing: { tone: 'error', sign: '?' },
  infrastructure: { tone: 'not-live', sign: '⚠' },
  'passed on retry': { tone: 'warn', sign: '↻' },
  passed: { tone: 'ok', sign: '✓' },
  skipped: { tone: 'muted', sign: '–' },
  'not run': { tone: 'muted', sign: '∅' },
};

/** As they are told: what is red first. */
export const resultsInOrder: readonly TestResult[] = [...testResults.filter(isRed), 'passed on retry', 'passed', 'skipped', 'not run'];

export function lookOfResult(result: TestResult): Look {
  return resultLooks[result];
}

/** What stands in the column of results: the result, or where the test stands without one. */
export function standingOf({ result, state }: Pick<TestRow, 'result' | 'state'>): Look & { readonly words: string } {
  if (state === 'running') return { tone: 'running', sign: '▶', words: result === null ? 'running' : `running again, was ${result}` };
  if (result !== null) return { ...lookOfResult(result), words: state === 'waiting' ? `${result}, tried again` : result };
  return { tone: 'waiting', sign: '·', words: 'waiting' };
}

const laneEnds = {
  'runner-lost': '⚠',
  'worker-lost': '⚠',
  'server-lost': '⚠',
  'set-up-failed': '⚠',
  refused: '⚠',
  stopped: '■',
  done: '∅',
};

/** How an attempt looks on a lane: by its verdict, else by how it ended. */
export function lookOfLease({ end, verdict }: Pick<LaneLease, 'end' | 'verdict'>): Look & { readonly words: string } {
  if (end === null) return { tone: 'running', sign: '▶', words: 'running' };
  if (end !== 'done') return { tone: end === 'stopped' ? 'paused' : 'not-live', sign: laneEnds[end], words: end.replace('-', ' ') };
  return verdict === null ? { tone: 'muted', sign: laneEnds.done, words: 'no verdict' } : { ...lookOfResult(verdict), words: verdict };
}

export const outcomeLooks: Readonly<Record<CampaignOutcome, Look & { readonly head: HeadTone }>> = {
  passed: { tone: 'ok', sign: '✓', head: 'ok' },
  failed: { tone: 'fail', sign: '✗', head: 'fail' },
  stopped: { tone: 'paused', sign: '■', head: 'warn' },
  'not executed': { tone: 'warn', sign: '∅', head: 'warn' },
};

type Counted = Pick<CampaignSummary, 'results' | 'tests'>;

/** `3 failed, 120 passed`; what nothing is of is left out. */
export function countsText({ results }: Pick<CampaignSummary, 'results'>): string {
  const parts = resultsInOrder.filter((result) => results[result] > 0).map((result) => `${countText(results[result])} ${result}`);
  return parts.join(', ') || 'no result yet';
}

export function progressText(of: Counted): string {
  const decided = doneCount(of.results);
  return `${countText(decided)} of ${counted(of.tests, 'test')} (${of.tests === 0 ? '0 %' : shareText(decided / of.tests)})`;
}

/** ms before the end from which seconds are of interest. */
const nearEnd = 600_000;

/** `ends about 14:32, at the latest 14:40`. */
export function forecastText(forecast: CampaignView['forecast'], now: number): string | null {
  if (!forecast) return null;
  const told = forecast.p90 - now < nearEnd ? timeOfDay : hourAndMinute;
  const [likely, latest] = [told(forecast.p50), told(forecast.p90)];
  return likely === latest ? `ends about ${likely}` : `ends about ${likely}, at the latest ${latest}`;
}

type Standing = Pick<CampaignSummary, 'outcome' | 'endedAt' | 'asOf'>;

/** What a campaign is in a word: its outcome, or where it stands; of a copy that was left behind, when it stood so. */
export function stateWord({ outcome, endedAt, asOf }: Standing): string {
  if (asOf !== null) return `as of ${hourAndMinute(asOf)}`;
  return outcome ?? (endedAt === null ? 'running' : 'over');
}

export function lookOfCampaign({ outcome, asOf }: Standing): Look {
  if (asOf !== null) return { tone: 'not-live', sign: '?' };
  return outcome === null ? { tone: 'running', sign: '▶' } : outcomeLooks[outcome];
}

/** Why what is shown of a campaign is not how it stands. */
export function copyText(asOf: number): string {
  return `This is a copy as of ${dateAndTime(asOf)}, which nothing keeps current: open its environment to follow it.`;
}

/** Servers on which nothing can be executed, where there is no other: each with its reason. */
export function serversOutText(servers: CampaignView['servers']): string | null {
  const out = servers.filter(({ state }) => state === 'out' || state === 'lost');
  if (out.length === 0 || out.length < servers.length) return null;
  const told = out.slice(0, 3).map(({ server, state, reason }) => `server ${server} is ${state}${reason === null ? '' : ` (${reason})`}`);
  const more = out.length > told.length ? `, and ${countText(out.length - told.length)} more` : '';
  return `Nothing can be executed on a server: ${told.join('; ')}${more}`;
}

export function coordinatorText({ coordinator, endedAt }: Pick<CampaignView, 'coordinator' | 'endedAt'>): string {
  if (coordinator === null) return endedAt === null ? 'No core decides at present: nothing new begins.' : 'No core had begun to decide.';
  return endedAt === null ? `Coordinated by ${coordinator}.` : `It was coordinated by ${coordinator}.`;
}

const stateMeanings = {
  waiting: 'warn',
  deploying: 'warn',
  ready: 'ok',
  lost: 'fail',
  out: 'fail',
  present: 'ok',
  leaving: 'warn',
} as const;

export function meaningOfPlace(state: keyof typeof stateMeanings): 'ok' | 'warn' | 'fail' {
  return stateMeanings[state];
}

/** What a worker executes now. */
export function runningText(running: CampaignView['workers'][number]['running']): string {
  return running.length === 0
    ? 'nothing'
    : listed(
        running.map(({ suite, test }) => `${suite}: ${test}`),
        3,
      );
}

/** Who has looked at what is red. */
export function lookText(look: CampaignSummary['lookedAt']): string {
  return look ? `looked at by ${inertText(look.operator)}, ${dateAndTime(look.at)}` : 'nobody has looked yet';
}
