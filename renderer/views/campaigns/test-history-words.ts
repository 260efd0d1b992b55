/** What is told of the past of a test, in words, with a sign and a colour. */
import type { Verdict } from '#shared/campaign/words.ts';
import { countText, counted, shareText } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';
import { listed } from '#shared/wording/names.ts';
import { day } from '#shared/wording/times.ts';
import { inertText } from '../../components/inert-text.ts';
import type { TestPast } from '../../stores/campaigns/test-history.ts';
import { lookOfResult, type Tone } from './campaign-words.ts';

type PastCampaign = TestPast['campaigns'][number];

const signs: Readonly<Record<Verdict, string>> = { passed: '✓', failed: '✗', broken: '!', skipped: '–', missing: '?' };

/** How it ended in one campaign: a sign for each attempt. */
export function lookOfPast({ verdicts, storm }: Pick<PastCampaign, 'verdicts' | 'storm'>): {
  readonly tone: Tone;
  readonly sign: string;
  readonly words: string;
} {
  const last = verdicts.at(-1);
  if (last === undefined) return { tone: 'muted', sign: '∅', words: 'no verdict' };
  const isRetried = last === 'passed' && verdicts.some((verdict) => verdict !== 'passed');
  const words = isRetried ? 'passed on retry' : last;
  const spoilt = storm ? ', in a storm of failures' : '';
  return { tone: lookOfResult(words).tone, sign: verdicts.map((verdict) => signs[verdict]).join(''), words: words + spoilt };
}

export function pastLabel(campaigns: readonly PastCampaign[]): string {
  const counts = Map.groupBy(campaigns, (each) => lookOfPast({ ...each, storm: false }).words);
  return `${counted(campaigns.length, 'campaign')}: ${listed([...counts].map(([words, some]) => `${countText(some.length)} ${words}`))}`;
}

/** How often it disagreed with itself, with the 95 % interval of that. */
export function flakinessTold({ judgement, failures, attempts, rate, low, high }: TestPast['flakiness']): {
  readonly tone: Tone;
  readonly text: string;
} {
  if (rate === null) return { tone: 'muted', text: 'Nothing tells yet how intermittent it is' };
  const interval = `95 % interval ${shareText(low)} to ${shareText(high)}`;
  const of = `${countText(Math.round(failures))} of ${counted(Math.round(attempts), 'attempt')}`;
  switch (judgement) {
    case 'steady':
      return { tone: 'ok', text: `✓ steady; ${interval}, ${counted(Math.round(attempts), 'attempt')}` };
    case 'suspected':
      return { tone: 'warn', text: `↻ disagreed with itself once: ${shareText(rate)}, ${interval}, ${of}` };
    case 'intermittent':
      return { tone: 'fail', text: `↻ intermittent: ${shareText(rate)}, ${interval}, ${of}` };
  }
}

export function durationTrendText({ expected, drift }: TestPast['duration']): string {
  if (expected === null) return 'It never came to its end';
  const takes = `Takes about ${durationText(expected)}`;
  if (!drift) return takes;
  return `${takes}, ${drift.direction === 'up' ? 'slower' : 'faster'} by ${durationText(Math.abs(drift.perRun))} a campaign (by chance with ${shareText(drift.p)})`;
}

/** null: it is past that. */
export function burnInText({ passes, wanted, over }: TestPast['burnIn']): string | null {
  return over ? null : `New: passed ${countText(passes)} of ${countText(wanted)} times in a row that show it to be steady`;
}

/** @param now ms since 1970 */
export function quarantineTold(
  { owner, expires }: NonNullable<TestPast['quarantine']>,
  now: number,
): { readonly text: string; readonly isOver: boolean } {
  const isOver = expires <= now;
  const until = isOver
    ? `was in quarantine until ${day(expires)}, which is over: campaigns fail for it`
    : `in quarantine until ${day(expires)}`;
  return { text: `⚑ ${until}; ${inertText(owner)} mends it`, isOver };
}
