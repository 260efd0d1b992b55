/** What a state of a component means, by the words that systems use for their states: one meaning, and so one colour, wherever it is shown. */

export type StateMeaning = 'ok' | 'standby' | 'changing' | 'fail' | 'idle' | 'unknown';

export function meaningOfState(state: string): StateMeaning {
  if (/^unknown$/i.test(state)) return 'unknown';
  if (/(crash|fail|error|dead|lost|refus|unhealthy)/i.test(state)) return 'fail';
  // Stopped is what somebody wanted.
  if (/^(stopped|not_running|idle)/i.test(state)) return 'idle';
  if (/(down|closed)/i.test(state)) return 'fail';
  if (/^(standby|replica|passive|secondary|slave)/i.test(state)) return 'standby';
  if (/^(ready|running|up$|ok|active|healthy|leader|master|primary|open|connected|loaded)/i.test(state)) return 'ok';
  if (/(start|sync|recover|takeover|search|load|init|wait|connect)/i.test(state)) return 'changing';
  return 'idle';
}
