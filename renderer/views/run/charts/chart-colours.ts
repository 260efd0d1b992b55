/** Colours of a chart: lines by their order, everything else by its meaning, read from the theme in force. */

export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly stale: string;
  readonly surface: string;
  readonly selection: string;
  readonly meaning: Readonly<Record<Meaning, string>>;
  readonly lines: readonly string[];
  readonly font: string;
}

type Meaning = 'ok' | 'warn' | 'fail' | 'error' | 'paused' | 'waiting' | 'muted';

/** Hues that no meaning uses, at 3:1 or more against the surface. */
const darkLines = [
  '#5aa9ff',
  '#ffb066',
  '#b794ff',
  '#3fd6d0',
  '#ff9eb5',
  '#cdd873',
  '#9fb4ff',
  '#e3a6ff',
  '#7fd1ff',
  '#d9b38c',
  '#8be0c0',
  '#c0c8d4',
];
const lightLines = [
  '#1565c0',
  '#b35300',
  '#6a3fc4',
  '#00767a',
  '#b0305c',
  '#66700a',
  '#3d4fb8',
  '#8d2fb0',
  '#0277a8',
  '#7a5230',
  '#1c7a5a',
  '#4f5a6b',
];

const themeAttribute = 'data-mantine-color-scheme';

/** The theme that the page has now; the style sheets follow it. */
export function appliedTheme(): 'dark' | 'light' {
  return document.documentElement.getAttribute(themeAttribute) === 'light' ? 'light' : 'dark';
}

/** Tells when the page has got another theme; returns the unsubscribe. */
export function onThemeApplied(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: [themeAttribute] });
  return () => observer.disconnect();
}

/** Reads the colours that are in force now. */
export function chartColours(theme: 'dark' | 'light'): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read('--muted', '#888'),
    grid: read('--border', '#444'),
    stale: read('--stale', '#888'),
    surface: read('--surface', theme === 'dark' ? '#1a1e24' : '#fff'),
    selection: read('--accent', '#6cb2ff'),
    meaning: {
      ok: read('--ok', '#4fce8f'),
      warn: read('--warn', '#f0c33c'),
      fail: read('--fail', '#ff7b72'),
      error: read('--error', '#ff6fb1'),
      paused: read('--paused', '#74b4ff'),
      waiting: read('--waiting', '#43a872'),
      muted: read('--muted', '#a0a9b8'),
    },
    lines: theme === 'dark' ? darkLines : lightLines,
    font: `11px ${style.getPropertyValue('--font').trim() || 'sans-serif'}`,
  };
}

/** What a state of a component means, by the words that systems use for their states. */
export function stateMeaning(state: string): Meaning {
  if (/^(ready|running|up|ok|active|healthy|leader|master|primary|open)/i.test(state)) return 'ok';
  if (/^(standby|replica|passive|secondary|slave)/i.test(state)) return 'paused';
  if (/crash/i.test(state)) return 'fail';
  // Stopped is what somebody wanted.
  if (/^(stopped|not_running|idle)/i.test(state)) return 'muted';
  if (/(dead|down|fail|lost|error|unhealthy|closed)/i.test(state)) return 'fail';
  if (/(start|sync|recover|takeover|search|load|init|wait|connect)/i.test(state)) return 'warn';
  return 'muted';
}
