/** What a band of the radiator says: few words, told apart by sign and colour. */
import { doneCount, redCount } from '#shared/campaign/result-counts.ts';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { WallCampaign } from '#shared/contract/radiator.ts';
import { inertText } from '#shared/inert-text.ts';
import { countText, shareText } from '#shared/wording/counts.ts';
import { dateAndTime, day, hourAndMinute } from '#shared/wording/times.ts';
import type { RadiatorLine } from '../../stores/campaigns/radiator.ts';

export interface Band {
  readonly tone: 'ok' | 'fail' | 'running' | 'warn';
  readonly sign: string;
  readonly words: string;
  readonly details: readonly string[];
}

const red = ({ results }: WallCampaign): number => redCount(results);

/** Today's times without their day. */
function whenText(time: number, now: number): string {
  return day(time) === day(now) ? hourAndMinute(time) : dateAndTime(time);
}

/** @param summary its latest, as it is now */
export function bandOf(line: RadiatorLine, summary: WallCampaign, forecast: CampaignView['forecast'], now: number): Band {
  const failed = red(summary);
  const details = [...historyOf(line, now), ...(failed > 0 ? [lookText(line.lookedAt, now)] : [])];
  if (summary.asOf !== null) return { tone: 'warn', sign: '?', words: `as of ${whenText(summary.asOf, now)}`, details };
  switch (summary.outcome) {
    case null: {
      const share = shareText(doneCount(summary.results) / Math.max(1, summary.tests));
      const end = forecast ? [`ends about ${whenText(forecast.p50, now)}`] : [];
      const words = failed > 0 ? `${share}, ${countText(failed)} red` : share;
      return { tone: failed > 0 ? 'fail' : 'running', sign: '▶', words, details: [...end, ...details] };
    }
    case 'passed':
      return { tone: 'ok', sign: '✓', words: 'green', details };
    case 'failed':
      return { tone: 'fail', sign: '✗', words: `${countText(failed)} red`, details };
    case 'stopped':
    case 'not executed':
      return { tone: 'warn', sign: '■', words: summary.outcome, details };
  }
}

function lookText(look: WallCampaign['lookedAt'], now: number): string {
  return look ? `looked at by ${inertText(look.operator)}, ${whenText(look.at, now)}` : 'nobody has looked yet';
}

function historyOf({ lastGreen, redSince, latest }: RadiatorLine, now: number): readonly string[] {
  const since = redSince ? [`red since ${whenText(redSince.endedAt ?? redSince.startedAt, now)}, ${redSince.revision}`] : [];
  if (!lastGreen) return [...since, 'never green yet'];
  if (lastGreen.campaign === latest.campaign) return [`since ${whenText(lastGreen.endedAt ?? lastGreen.startedAt, now)}`];
  return [...since, `last green ${whenText(lastGreen.endedAt ?? lastGreen.startedAt, now)}, ${lastGreen.revision}`];
}

/** What is red first, then what goes on, then the rest, the latest first. */
export function inUrgency(lines: readonly RadiatorLine[]): readonly RadiatorLine[] {
  const rank = ({ latest, redSince }: RadiatorLine): number => (redSince !== null || red(latest) > 0 ? 0 : latest.outcome === null ? 1 : 2);
  return lines.toSorted((one, other) => rank(one) - rank(other) || other.latest.startedAt - one.latest.startedAt);
}
