/** The editor's colours, from the same variables as all the rest of the console, for the theme that is on. */
import { readTokens, type Theme, type Token } from '../../../styles/applied-theme.ts';
import { monaco } from './monaco.ts';

const tokenVariables: Readonly<Record<string, Token>> = {
  '': '--text',
  text: '--text',
  argument: '--text',
  keyword: '--syntax-keyword',
  operator: '--syntax-operator',
  command: '--syntax-command',
  'command.dangerous': '--fail',
  'command.disruptive': '--warn',
  'command.unknown': '--syntax-command',
  component: '--syntax-component',
  reading: '--syntax-component',
  state: '--syntax-value',
  event: '--syntax-value',
  signal: '--syntax-value',
  variable: '--syntax-variable',
  parameter: '--syntax-variable',
  label: '--syntax-label',
  scenario: '--syntax-label',
  string: '--syntax-string',
  number: '--syntax-value',
  // Keys of YAML.
  type: '--syntax-component',
  comment: '--muted',
  stepNumber: '--muted',
  frontMatter: '--muted',
};

const styles: Readonly<Record<string, string>> = {
  keyword: 'bold',
  'command.dangerous': 'bold',
  comment: 'italic',
  'component.unknown': 'underline',
  'reading.unknown': 'underline',
  'command.unknown': 'underline',
  'label.definition': 'bold',
};

/** What the theme calls the colour of breakpoints beside the scroll bar. */
export const breakpointColour = 'testops.breakpoint';

/** Makes and chooses the editor's theme; call it again after the page's theme changed. */
export function applyTheme(theme: Theme): void {
  const { text } = readTokens();
  const colour = (token: Token): string => hexadecimal(text(token));
  const names = new Set([...Object.keys(tokenVariables), ...Object.keys(styles)]);
  const rules = [...names].map((token) => {
    const variable = tokenVariables[token] ?? tokenVariables[token.split('.')[0] ?? ''] ?? '--text';
    const fontStyle = styles[token];
    return { token, foreground: colour(variable).slice(1, 7), ...(fontStyle === undefined ? {} : { fontStyle }) };
  });
  monaco.editor.defineTheme('testops', {
    base: theme === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules,
    colors: {
      'editor.background': colour('--surface'),
      'editor.foreground': colour('--text'),
      'editorLineNumber.foreground': colour('--muted'),
      'editorLineNumber.activeForeground': colour('--text'),
      'editorCursor.foreground': colour('--text'),
      'editor.lineHighlightBackground': colour('--raised'),
      'editor.lineHighlightBorder': `${colour('--raised')}00`,
      [breakpointColour]: colour('--fail'),
      'editor.selectionBackground': colour('--selected'),
      'editorIndentGuide.background1': colour('--border'),
      'editorGutter.background': colour('--surface'),
      'editorError.foreground': colour('--fail'),
      'editorWarning.foreground': colour('--warn'),
      'editorInfo.foreground': colour('--accent'),
      'editorWidget.background': colour('--raised'),
      'editorWidget.foreground': colour('--text'),
      'editorWidget.border': colour('--border'),
      'editorSuggestWidget.background': colour('--raised'),
      'editorSuggestWidget.foreground': colour('--text'),
      'editorSuggestWidget.border': colour('--border'),
      'editorSuggestWidget.selectedBackground': colour('--selected'),
      'editorSuggestWidget.selectedForeground': colour('--text'),
      'editorSuggestWidget.highlightForeground': colour('--accent'),
      'editorSuggestWidget.focusHighlightForeground': colour('--accent'),
      'editorHoverWidget.background': colour('--raised'),
      'editorHoverWidget.border': colour('--border'),
      'input.background': colour('--surface'),
      'input.foreground': colour('--text'),
      'input.border': colour('--border-strong'),
      'inputOption.activeBorder': colour('--accent'),
      focusBorder: colour('--focus'),
      'list.hoverBackground': colour('--hover'),
      'list.activeSelectionBackground': colour('--selected'),
      'list.activeSelectionForeground': colour('--text'),
      'quickInput.background': colour('--raised'),
      'quickInputList.focusBackground': colour('--selected'),
      'quickInputList.focusForeground': colour('--text'),
      'menu.background': colour('--raised'),
      'menu.foreground': colour('--text'),
      'menu.selectionBackground': colour('--selected'),
      'menu.selectionForeground': colour('--text'),
      'menu.border': colour('--border'),
      'scrollbarSlider.background': `${colour('--border-strong')}55`,
      'diffEditor.insertedTextBackground': `${colour('--ok')}22`,
      'diffEditor.removedTextBackground': `${colour('--fail')}22`,
    },
  });
  monaco.editor.setTheme('testops');
}

/** A built style sheet shortens `#rrggbb` to `#rgb` where it can; the editor wants the former. */
function hexadecimal(colour: string): string {
  return colour.replace(/^#([0-9a-f])([0-9a-f])([0-9a-f])$/i, '#$1$1$2$2$3$3');
}

/** How an editor writes: the code's type of the rest of the console. */
export function editorType(): Pick<monaco.editor.IEditorOptions, 'fontFamily' | 'fontSize' | 'lineHeight'> {
  const { text, px } = readTokens();
  return { fontFamily: text('--font-code'), fontSize: px('--text-large'), lineHeight: px('--row-height-line') };
}
