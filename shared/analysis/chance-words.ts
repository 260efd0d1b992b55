/** What the statistics of a finding mean, in words: p and q for those who never heard of them. */
import { countText } from '#shared/wording/counts.ts';

/** `1 in 5,000`, rounded to one digit. */
function oneIn(share: number): string {
  const times = 1 / share;
  const power = 10 ** Math.floor(Math.log10(times));
  return `1 in ${countText(times < 10 ? times : Math.round(times / power) * power)}`;
}

/** What p means. */
export function chanceText(p: number | null): string | null {
  if (p === null || !Number.isFinite(p)) return null;
  if (p >= 0.4) return 'If nothing had changed, every second run would be as far off as this one.';
  if (p < 1e-9) return 'If nothing had changed, practically no run would be as far off as this one.';
  return `If nothing had changed, about ${oneIn(p)} runs would be as far off as this one.`;
}

/** What q means: the share of false alarms among everything that is at least as strong. */
export function falseAlarmText(q: number | null): string | null {
  if (q === null || !Number.isFinite(q)) return null;
  if (q >= 0.4) return 'So many numbers were tested that this is most likely chance.';
  if (q < 1e-6) return 'Although so many numbers were tested, this is practically no chance find.';
  return `With all numbers that were tested, at most about ${oneIn(q)} findings as strong as this is a false alarm.`;
}
