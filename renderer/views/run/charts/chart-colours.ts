/** Colours of a chart: lines by their order, everything else by its meaning, read from the theme in force. */
import type { RunOutcome } from '#shared/scenario/machine-words.ts';
import type { StateMeaning } from '../../../components/state-meaning.ts';
import { readTokens } from '../../../styles/applied-theme.ts';

export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly stale: string;
  readonly surface: string;
  readonly selection: string;
  readonly meaning: Readonly<Record<Meaning, string>>;
  readonly verdict: Readonly<Record<RunOutcome, string>>;
  readonly state: Readonly<Record<StateMeaning, string>>;
  readonly lines: readonly string[];
  /** Of the axes; `scaledFont` has others of it. */
  readonly font: string;
  /** px */
  readonly fontSize: number;
  /** Of the labels at marks, px. */
  readonly markSize: number;
}

type Meaning = 'ok' | 'warn' | 'fail' | 'error' | 'paused' | 'waiting' | 'muted';

/** How many lines have a colour of their own: `--line-1` and so on. */
const lineCount = 12;

/** Reads the colours that are in force now. */
export function chartColours(): ChartColours {
  const { text, px } = readTokens();
  const fontSize = px('--text-small');
  return {
    text: text('--muted'),
    grid: text('--border'),
    stale: text('--stale'),
    surface: text('--surface'),
    selection: text('--accent'),
    meaning: {
      ok: text('--ok'),
      warn: text('--warn'),
      fail: text('--fail'),
      error: text('--error'),
      paused: text('--paused'),
      waiting: text('--waiting'),
      muted: text('--muted'),
    },
    verdict: {
      passed: text('--verdict-passed'),
      failed: text('--verdict-failed'),
      error: text('--verdict-error'),
      stopped: text('--verdict-stopped'),
      interrupted: text('--verdict-interrupted'),
    },
    state: {
      ok: text('--state-ok'),
      standby: text('--state-standby'),
      changing: text('--state-changing'),
      fail: text('--state-fail'),
      idle: text('--state-idle'),
      unknown: text('--state-unknown'),
    },
    lines: Array.from({ length: lineCount }, (_, index) => text(`--line-${index + 1}`)),
    font: `${fontSize}px ${text('--font')}`,
    fontSize,
    markSize: px('--text-mark'),
  };
}
